"""The error gallery: every error of Invoke, with a button that produces it."""

from botocore.exceptions import BotoCoreError, ClientError
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from invocations.errors import ServiceException
from playground.dashboard import call_as
from playground.dashboard.changes import sentence
from playground.dashboard.error_gallery.entries import ENTRIES, FUNCTION_ERRORS, INVOCATION_ERRORS
from playground.dashboard.error_gallery.produce import produce
from playground.dashboard.web import DashboardRequest, endpoint_url, wants_fragment


@require_GET
def gallery(request: DashboardRequest) -> HttpResponse:
    """All of them."""
    return _show(request)


@require_POST
def produced(request: DashboardRequest, entry_id: str) -> HttpResponse:
    """Makes one happen, and shows it: in its place for htmx, else on the whole page."""
    entry = ENTRIES.get(entry_id)
    if entry is None or entry.recipe is None:
        raise Http404(f"The gallery cannot produce an error {entry_id!r}.")
    account_id = request.account.account_id
    problem, found = "", None
    try:
        found = produce(account_id, entry)
    except (BotoCoreError, ClientError) as error:
        problem = str(error)
    except ServiceException as error:
        problem = sentence(error)
    context = {"entry": entry, "produced": found, "problem": problem}
    if wants_fragment(request):
        return render(request, "dashboard/_error_produced.html", context)
    return _show(request, shown=context)


def _show(request: DashboardRequest, shown: dict[str, object] | None = None) -> HttpResponse:
    call = call_as.Call(request.account.account_id, "error-python", '{"how": "exception"}', endpoint_url(request))
    groups = [
        ("Invocation errors", "Lambda refuses the request, the function never runs, and the SDK raises an exception.", INVOCATION_ERRORS),
        ("Function errors", "The function ran and failed. The status is 200, nothing is raised: FunctionError says so.", FUNCTION_ERRORS),
    ]
    return render(request, "dashboard/error_gallery.html", {"groups": groups, "shown": shown, "cli": call_as.forms(call)})
