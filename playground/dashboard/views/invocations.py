"""Invocations: the list, the page of one, and what can be done with it."""

import json
from dataclasses import replace
from urllib.parse import urlencode
from uuid import UUID

from asgiref.sync import async_to_sync
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from invocations import readable_json
from invocations.enums import InvocationState, InvocationType, LogType
from invocations.errors import ServiceException
from invocations.execution import dispatch
from invocations.models import Function
from invocations.resources import test_events
from invocations.values import InvokeRequest
from playground.dashboard import compare as comparison
from playground.dashboard import event_list, invocation_view
from playground.dashboard.call_as import Call, forms
from playground.dashboard.calling import send
from playground.dashboard.chain import chain
from playground.dashboard.explain import explain
from playground.dashboard.fire_panel import FirePanel
from playground.dashboard.flow import flow
from playground.dashboard.invocation_list import PAGE, Filters, Page, nearest, page
from playground.dashboard.invocation_models import MODELS, URL
from playground.dashboard.invocation_view import InvocationView
from playground.dashboard.query_filters import SINCE
from playground.dashboard.sender import sender_of
from playground.dashboard.sent_records import sent_by
from playground.dashboard.triggers import SOURCES
from playground.dashboard.web import DashboardRequest, endpoint_url, wants_fragment

DEPTHS = ["waterfall", "compact", "record", "raw"]
"""Of the same record; the first is what a link without depth shows."""
REPLAYED_AT_ONCE = 100
STATES = sorted(InvocationState, key=lambda state: state.is_final)
"""To filter by: first those that pass."""


@require_GET
def invocation_list(request: DashboardRequest) -> HttpResponse:
    """The list, or with ?before= the next stretch of its rows."""
    account_id = request.account.account_id
    filters = Filters.parse(request.GET)
    before = request.GET.get("before", "")
    found = page(account_id, filters, before)
    names = list(Function.objects.of(account_id).order_by("name").values_list("name", flat=True))
    context = {
        "views": ([] if before else _not_over(account_id, filters, names, found)) + found.views,
        "older": found.older,
        "before": before,
        "filters": filters,
        "functions": names,
        "states": STATES,
        "types": list(InvocationType),
        "triggers": list(SOURCES),
        "since": SINCE,
        "replayed": request.GET.get("replayed", ""),
    }
    template = "dashboard/invocations.html"
    if wants_fragment(request):
        template += "#more" if before else "#list"
    return render(request, template, context)


@require_POST
def replay_many(request: DashboardRequest) -> HttpResponse:
    """Sends the events of the ticked invocations again, to what they were sent to."""
    account_id = request.account.account_id
    sent = 0
    for request_id in request.POST.getlist("id")[:REPLAYED_AT_ONCE]:
        view = async_to_sync(invocation_view.find)(account_id, request_id)
        if view is None:
            continue
        send(repetition(view, view.qualifier), wait=False)
        sent += 1
    query = "&".join(filter(None, (Filters.parse(request.POST).query, urlencode({"replayed": sent}))))
    return redirect(f"/w/{account_id}/invocations/?{query}")


@require_GET
def invocation(request: DashboardRequest, request_id: str, depth: str = "waterfall") -> HttpResponse:
    """One invocation, in one of its depths."""
    if depth not in DEPTHS:
        raise Http404(f"An invocation has no page {depth!r}.")
    account_id = request.account.account_id
    view = async_to_sync(invocation_view.find)(account_id, request_id)
    if view is None:
        return _missing(request, request_id)
    call = Call(
        account_id,
        view.function_name,
        view.request.text,
        endpoint_url(request),
        view.qualifier,
        LogType.TAIL,
        view.invocation_type,
    )
    context = {
        "view": view,
        "flow": flow(view),
        "explanation": explain(view),
        "chain": chain(view),
        "sender": sender_of(view),
        "depth": depth,
        "depths": DEPTHS,
        "qualifiers": _qualifiers(view),
        "other_models": [model for model in MODELS.values() if model is not URL and model.invocation_type != view.invocation_type],
        "calls": forms(call),
        "others": [other for other in page(account_id, Filters(fn=view.function_name), size=8).views if other.request_id != request_id],
        "saved": request.GET.get("saved", ""),
    }
    if depth == "raw":
        context["raw"] = invocation_view.Payload(_raw(view))
    if depth == "record":
        context["sent"] = sent_by(view)
        context["destination_record"] = invocation_view.Payload(json.dumps(view.destination_record()).encode())
    template = "dashboard/invocation_detail.html"
    if wants_fragment(request):
        template += "#invocation"
    return render(request, template, context)


@require_POST
def replay(request: DashboardRequest, request_id: str) -> HttpResponse:
    """Sends the same event again, to the qualifier chosen."""
    account_id = request.account.account_id
    view = async_to_sync(invocation_view.find)(account_id, request_id)
    if view is None:
        return _missing(request, request_id)
    again = repetition(view, request.POST.get("qualifier", view.qualifier), request.POST.get("models", ""))
    send(again, wait=not request.htmx)
    address = f"/w/{account_id}/invocations/{again.request_id}/"
    if request.htmx:
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


@require_POST
def save_event(request: DashboardRequest, request_id: str) -> HttpResponse:
    """Keeps an invocation's event as a test event of its function."""
    account_id = request.account.account_id
    view = async_to_sync(invocation_view.find)(account_id, request_id)
    function = Function.objects.of(account_id).filter(name=view.function_name).first() if view else None
    if view is None or function is None:
        return _missing(request, request_id)
    saved = test_events.save(function, request.POST.get("name", "").strip(), view.request.text or "{}")
    return redirect(f"/w/{account_id}/invocations/{request_id}/?{urlencode({'saved': saved.name})}")


@require_GET
def compare(request: DashboardRequest, request_id: str, other_id: str = "") -> HttpResponse:
    """What differs between two invocations; ?with= is the form's way to name the other."""
    account_id = request.account.account_id
    if not other_id and request.GET.get("with"):
        return redirect(f"/w/{account_id}/invocations/{request_id}/compare/{request.GET['with'].strip()}/")
    left = async_to_sync(invocation_view.find)(account_id, request_id)
    right = async_to_sync(invocation_view.find)(account_id, other_id)
    if left is None or right is None:
        return _missing(request, request_id if left is None else other_id)
    context = {"left": left, "right": right, "figures": comparison.figures(left, right), "texts": comparison.texts(left, right)}
    return render(request, "dashboard/compare.html", context)


@require_GET
def download(request: DashboardRequest, request_id: str, what: str) -> HttpResponse:
    """A part of the record as a file. Never shown by the browser, so that nothing a function wrote acts on this origin."""
    view = async_to_sync(invocation_view.find)(request.account.account_id, request_id)
    if view is None:
        raise Http404(f"There is no invocation {request_id!r}.")
    match what:
        case "record.json":
            content = _raw(view)
        case "event.json":
            content = view.request.data
        case "response":
            content = view.response.data
        case "log.txt":
            content = "".join(f"{entry.text}\n" for entry in view.log).encode()
        case _:
            raise Http404(f"An invocation has no file {what!r}.")
    return HttpResponse(
        content,
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="{view.short_id}-{what}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


def repetition(view: InvocationView, qualifier: str, model: str = "") -> InvokeRequest:
    """A request that sends *view*'s event once more, by another *model* if one of MODELS is named."""
    invocation_type = MODELS[model].invocation_type if model in MODELS else InvocationType(view.invocation_type)
    return InvokeRequest(
        account_id=view.account_id,
        function_name=view.function_name,
        payload=view.request.data,
        qualifier=qualifier or None,
        invocation_type=invocation_type,
        log_type=LogType.TAIL,
        source="console",
        replay_of=view.request_id,
    )


def _not_over(account_id: str, filters: Filters, function_names: list[str], stored: Page) -> list[InvocationView]:
    """What runs, and the newest of what waits in event queues, as far as it is wanted and not *stored* meanwhile."""
    stored_ids = {view.request_id for view in stored.views}
    names = [filters.fn] if filters.fn else function_names
    running, waiting = _running(account_id), event_list.newest(account_id, names, PAGE)
    views = {view.request_id: view for view in [*running, *waiting]}
    views |= {view.request_id: replace(view, rules=views[view.request_id].rules) for view in running}
    return [view for view in views.values() if view.request_id not in stored_ids and filters.takes(view)]


def _running(account_id: str) -> list[InvocationView]:
    """Newest first; nothing while the service is away, which the connection pill tells."""
    try:
        overview = async_to_sync(dispatch.overview)(account_id)
    except ServiceException:
        return []
    return [InvocationView.from_record(record) for record in reversed(overview["running"])]


def _qualifiers(view: InvocationView) -> list[tuple[str, str]]:
    """What the function can be invoked by now."""
    function = Function.objects.of(view.account_id).filter(name=view.function_name).first()
    return FirePanel(view.account_id, "", fn=view.function_name, qualifier=view.qualifier, function=function).qualifiers


def _raw(view: InvocationView) -> bytes:
    return readable_json.dumps(view.as_json(), indent=2).encode()


def _missing(request: DashboardRequest, request_id: str) -> HttpResponse:
    """404, with the ids that are nearest and how long invocations are kept."""
    account_id = request.account.account_id
    context = {
        "request_id": request_id,
        "is_id": _is_id(request_id),
        "nearest": nearest(account_id, request_id),
        "retained": request.account.retained_invocations,
    }
    return render(request, "dashboard/invocation_missing.html", context, status=404)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
