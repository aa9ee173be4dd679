"""The palette: one field that finds pages, functions, invocations and actions; and the legend of states."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from playground.dashboard import palette
from playground.dashboard.web import DashboardRequest, wants_fragment


@require_GET
def search(request: DashboardRequest) -> HttpResponse:
    """What ?q= finds: the list for the dialog, or a page of links."""
    typed = request.GET.get("q", "").strip()[:200]
    found = palette.find(request.account.account_id, typed)
    template = "dashboard/palette.html" + ("#found" if wants_fragment(request) else "")
    return render(request, template, {"found": found, "typed": typed})


@require_GET
def legend(request: DashboardRequest) -> HttpResponse:
    """What each state means, and the keys."""
    return render(request, "dashboard/legend.html")
