"""The trail: who called what, from where, and what came of it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from invocations.resources import trail_events
from playground.dashboard.api_call import ApiCall
from playground.dashboard.query_filters import SINCE
from playground.dashboard.trail_entry import find
from playground.dashboard.trail_list import RESULTS, SERVICES, SHOWN, Filters, page
from playground.dashboard.web import DashboardRequest, endpoint_url, wants_fragment

PAGE = "dashboard/trail.html"


@require_GET
def trail(request: DashboardRequest) -> HttpResponse:
    """The list, with ?before= the next stretch of its rows, with ?event= one entry beside it."""
    account_id, endpoint = request.account.account_id, endpoint_url(request)
    filters, before, wanted = Filters.parse(request.GET), request.GET.get("before", ""), request.GET.get("event", "")
    found = page(account_id, filters, before)
    entry = find(account_id, wanted) if wanted else None
    context: dict[str, Any] = {
        "filters": filters,
        "entries": found.entries,
        "older": found.older,
        "wanted": wanted,
        "entry": entry,
        "shown": SHOWN,
        "services": SERVICES,
        "results": RESULTS,
        "since": SINCE,
        "records_messages": request.account.records_messages,
        "cli": entry.forms(endpoint) if entry else ApiCall("cloudtrail", "LookupEvents", {"MaxResults": 10}).forms(account_id, endpoint),
        "first": ApiCall("lambda", "ListFunctions", {}).forms(account_id, endpoint)[0].text,
    }
    if not wants_fragment(request):
        return render(request, PAGE, context)
    return render(request, f"{PAGE}#{'more' if before else 'list'}", context)


@require_POST
def messages(request: DashboardRequest) -> HttpResponse:
    """Has what is published, put and sent recorded from now on ("record": "yes"), or no more."""
    account_id = request.account.account_id
    trail_events.record_messages(account_id, request.POST.get("record") == "yes")
    return redirect("trail", account_id)
