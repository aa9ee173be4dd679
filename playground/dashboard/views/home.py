"""The playground: code, event, fire, and what comes of it, on one screen."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from invocations.models.account import DEFAULT_ACCOUNT_ID
from playground.dashboard.web import DashboardRequest


@require_GET
def default_account(request: HttpRequest) -> HttpResponse:
    """`/` is the playground of the default account."""
    return redirect("playground", account_id=DEFAULT_ACCOUNT_ID)


@require_GET
def playground(request: DashboardRequest) -> HttpResponse:
    """The page."""
    return render(request, "dashboard/playground.html")
