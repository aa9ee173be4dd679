"""Resources of all kinds: the overview, the list of a kind with the form for a new one, and where each one's page and changes are."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from invocations import event_queue
from invocations.errors import AwsError
from playground.dashboard.changes import is_confirmed, saved, sentence
from playground.dashboard.forms import StyledForm
from playground.dashboard.last_change import done, forget, told
from playground.dashboard.resources.kind import Kind
from playground.dashboard.resources.page import refused
from playground.dashboard.resources.registry import KINDS, find
from playground.dashboard.topology.account import topology
from playground.dashboard.web import DashboardRequest

SHOWN_OF_A_KIND = 10
"""In the overview."""
SHOWN = 200
"""In a list; more are found by their names."""


@require_GET
def overview(request: DashboardRequest) -> HttpResponse:
    """One table for each kind, and the event queues, which nobody creates; or, with `view=topology`, what is wired to what."""
    account_id = request.account.account_id
    found = [(kind, kind.rows(account_id)) for kind in KINDS]
    if request.GET.get("view") == "topology":
        return render(request, "dashboard/resources.html", {"topology": topology(account_id, found)})
    tables = []
    for kind, rows in found:
        tables.append({"kind": kind, "rows": rows[:SHOWN_OF_A_KIND], "count": len(rows), "url": kind.url(account_id)})
    said, cli = told(request)
    context = {"tables": tables, "event_queues": event_queue.overview(account_id), "said": said, "cli": cli}
    return forget(request, render(request, "dashboard/resources.html", context))


@require_http_methods(["GET", "HEAD", "POST"])
def kind_list(request: DashboardRequest, slug: str) -> HttpResponse:
    """All of a kind; a POST creates one and goes to its page."""
    kind = find(slug)
    if request.method != "POST":
        return _show_list(request, kind, kind.form())
    form, made = kind.form(request.POST), []
    account_id = request.account.account_id
    if saved(form, lambda: made.append(kind.create(account_id, form)), {f"{kind.singular.capitalize()}Name": "name"}):
        return done(request, kind.url(account_id, made[0]), f"Created the {kind.singular} {made[0]}.")
    return _show_list(request, kind, form, status=422)


@require_GET
def resource(request: DashboardRequest, slug: str, name: str) -> HttpResponse:
    """One resource."""
    kind = find(slug)
    return kind.page(request, kind, name)


@require_POST
def change(request: DashboardRequest, slug: str, name: str, change: str) -> HttpResponse:
    """One of the kind's changes."""
    kind = find(slug)
    if change not in kind.changes:
        raise Http404(f"Nothing called {change!r} can be done with a {kind.singular}.")
    return kind.changes[change](request, kind, name)


@require_POST
def delete(request: DashboardRequest, slug: str, name: str) -> HttpResponse:
    """Deletes one whose name has been typed."""
    kind, account_id = find(slug), request.account.account_id
    if not is_confirmed(request, name):
        return refused(request, kind, name, f"Nothing was deleted: type {name} to confirm.")
    try:
        kind.delete(account_id, name)
    except AwsError as error:
        return refused(request, kind, name, sentence(error))
    return done(request, kind.url(account_id), f"Deleted the {kind.singular} {name}.")


def _show_list(request: DashboardRequest, kind: Kind, form: StyledForm, status: int = 200) -> HttpResponse:
    account_id, wanted = request.account.account_id, request.GET.get("q", "").strip()
    rows = [row for row in kind.rows(account_id) if wanted.lower() in row.name.lower()]
    said, cli = told(request)
    context = {
        "kind": kind,
        "rows": rows[:SHOWN],
        "count": len(rows),
        "wanted": wanted,
        "topic": kind.topic(),
        "url": kind.url(account_id),
        "form": form,
        "said": said,
        "cli": cli,
    }
    return forget(request, render(request, "dashboard/resource/list.html", context, status=status))
