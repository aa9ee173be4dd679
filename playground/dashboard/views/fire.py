"""The fire panel: one event, one function, sent as a caller would send it."""

from urllib.parse import urlencode

from asgiref.sync import async_to_sync
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from invocations.errors import AwsError, ServiceException, ValidationException
from invocations.execution import dispatch
from invocations.resources import test_events
from invocations.services import s3, sqs
from invocations.values import InvokeRequest, Principal
from playground.dashboard import bucket_objects, invocation_view, json_text
from playground.dashboard.explain import explain
from playground.dashboard.fire_panel import FirePanel, default_function, panel
from playground.dashboard.flow import flow
from playground.dashboard.invocation_view import InvocationView
from playground.dashboard.queue_messages import Origin, event_of, origin_of
from playground.dashboard.recording import recorded
from playground.dashboard.web import DashboardRequest, endpoint_url, wants_fragment

PAGE = "dashboard/fire.html"


@require_http_methods(["GET", "HEAD", "POST"])
def fire(request: DashboardRequest) -> HttpResponse:
    """The panel, and where its button leads: with scripts to a live region at once, without them to the finished invocation."""
    if request.method == "POST":
        return _fire(request)
    typed = request.GET.dict()
    if "load" in typed:
        typed.pop("payload", None)  # Another event is asked for; what the form held goes.
    typed["fn"] = typed.get("fn") or default_function(request.account.account_id)
    repeated = _repeat(request) or _of_message(request) or _of_object(request)
    return _show(request, repeated or panel(request.account.account_id, endpoint_url(request), typed))


@require_POST
def save_event(request: DashboardRequest) -> HttpResponse:
    """Saves what is in the editor under the name typed."""
    filled = panel(request.account.account_id, endpoint_url(request), request.POST.dict())
    if not filled.check() or filled.function is None:
        return _show(request, filled, status=422)
    try:
        saved = test_events.save(filled.function, request.POST.get("save_as", "").strip(), filled.payload)
    except ValidationException as error:
        filled.problem, filled.saving = str(error.message), True
        return _show(request, filled, status=422)
    if not request.htmx:
        return redirect(f"/w/{filled.account_id}/fire/?{urlencode({'fn': filled.fn, 'event': saved.name})}")
    filled.event = filled.saved = saved.name
    return _show(request, filled)


@require_POST
def calls(request: DashboardRequest) -> HttpResponse:
    """The same call as AWS CLI, boto3 and curl, for what the panel holds now."""
    filled = panel(request.account.account_id, endpoint_url(request), request.POST.dict())
    return render(request, "dashboard/_fire.html#call_list", {"fire": filled})


def send(request: InvokeRequest, *, wait: bool) -> None:
    """Has the service run it, and waits for its end where asked to. A refusal by Lambda is in the journal and raises nothing.

    Raises ServiceException where the service could not take it at all.
    """
    principal = Principal.root(request.account_id)
    try:
        async_to_sync(dispatch.invoke if wait else dispatch.start)(request, principal)
    except AwsError as error:
        if async_to_sync(invocation_view.find)(request.account_id, request.request_id) is None:
            raise error if isinstance(error, ServiceException) else ServiceException(str(error.message)) from error


def _fire(request: DashboardRequest) -> HttpResponse:
    filled = panel(request.account.account_id, endpoint_url(request), request.POST.dict())
    is_sound = filled.check()
    if not is_sound and not ("anyway" in request.POST and not filled.problem):
        return _show(request, filled, status=422)
    invoke = filled.request()
    try:
        send(invoke, wait=not request.htmx)
    except ServiceException as error:
        filled.problem = str(error.message)
        return _show(request, filled, status=503)
    if not request.htmx:
        return redirect(f"/w/{filled.account_id}/invocations/{invoke.request_id}/")
    view = async_to_sync(invocation_view.find)(filled.account_id, invoke.request_id) or InvocationView.queued(invoke)
    context = {"view": view, "flow": flow(view), "explanation": explain(view), "fire": filled}
    return render(request, f"{PAGE}#fired", context)


def _repeat(request: DashboardRequest) -> FirePanel | None:
    """The panel filled from an earlier invocation (?from=), to change and send again."""
    account_id, earlier = request.account.account_id, request.GET.get("from", "")
    view = async_to_sync(invocation_view.find)(account_id, earlier) if earlier else None
    if view is None:
        return None
    typed = {
        "fn": view.function_name,
        "qualifier": view.qualifier,
        "payload": view.request.pretty if not view.request.is_cut else view.request.text,
        "replay_of": view.request_id,
    }
    return panel(account_id, endpoint_url(request), typed | {name: request.GET[name] for name in ("qualifier",) if name in request.GET})


def _of_message(request: DashboardRequest) -> FirePanel | None:
    """The panel filled with the event of a queue's message (?queue=&message=), for any function: ?fn=."""
    account_id, queue, message_id = request.account.account_id, request.GET.get("queue", ""), request.GET.get("message", "")
    if not queue or not message_id:
        return None
    try:
        found = sqs.look_at(account_id, queue, [message_id])
    except AwsError:
        found = []
    if not found:
        return _replayed(request, problem=f"The message {message_id} is not in the queue {queue} any more.")
    return _replayed(request, event_of(found[0]), origin_of(found[0]))


def _of_object(request: DashboardRequest) -> FirePanel | None:
    """The panel filled with the event of an invocation record in a bucket, or with an object that is JSON (?bucket=&key=)."""
    bucket, key = request.GET.get("bucket", ""), request.GET.get("key", "")
    if not bucket or not key:
        return None
    try:
        found = bucket_objects.find(s3.bucket_of(request.account.account_id, bucket), key)
    except AwsError:
        found = None
    if found is None or not found.event:
        return _replayed(request, problem=f"The bucket {bucket} has no object {key} that could be an event.")
    return _replayed(request, found.event, found.origin)


def _replayed(request: DashboardRequest, event: str = "", origin: Origin | None = None, problem: str = "") -> FirePanel:
    account_id = request.account.account_id
    typed = {"fn": request.GET.get("fn") or default_function(account_id), "qualifier": request.GET.get("qualifier", "")}
    if not problem:
        is_known = origin is not None and async_to_sync(invocation_view.find)(account_id, origin.request_id) is not None
        typed |= {"payload": json_text.pretty(event), "replay_of": origin.request_id if origin and is_known else ""}
    filled = panel(account_id, endpoint_url(request), typed)
    filled.problem = problem or filled.problem
    return filled


def _show(request: DashboardRequest, filled: FirePanel, status: int = 200) -> HttpResponse:
    """The page, or for htmx the panel alone. It takes the panel's place, whatever the request aimed at."""
    if not wants_fragment(request):
        return render(request, PAGE, {"fire": filled, "view": recorded(), "flow": flow(recorded())}, status=status)
    answer = render(request, f"{PAGE}#panel", {"fire": filled}, status=status)
    answer["HX-Retarget"] = "#fire"
    answer["HX-Reswap"] = "outerMorph"
    return answer
