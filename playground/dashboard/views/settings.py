"""Settings: how the pages look, and how programs connect."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from playground.dashboard import call_as
from playground.dashboard.appearance import CHOICES, Appearance
from playground.dashboard.web import DashboardRequest, came_from, endpoint_url


@require_GET
def settings_page(request: DashboardRequest) -> HttpResponse:
    """Appearance, and what to tell boto3, the AWS CLI and Terraform."""
    connections = call_as.connections(request.account.account_id, endpoint_url(request))
    return render(request, "dashboard/settings.html", {"choices": CHOICES, "connections": connections})


@require_POST
def appearance(request: DashboardRequest) -> HttpResponse:
    """Keeps the choices that were sent, and the earlier ones beside them; then back to the page they were made on."""
    earlier = Appearance.of(request)
    sent = {name: request.POST.get(name) or getattr(earlier, name) for name in CHOICES}
    back = came_from(request, reverse("settings", args=[request.account.account_id]))
    response = HttpResponse(status=204) if request.htmx else HttpResponseRedirect(back)
    Appearance.chosen(sent).keep(response)
    return response
