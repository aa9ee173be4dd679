"""The fire panel: one event, one function, sent as a caller would send it."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from asgiref.sync import async_to_sync
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from invocations.errors import AwsError, ServiceException, ValidationException
from invocations.resources import test_events
from invocations.services import s3, sqs
from invocations.values import InvokeRequest
from playground.dashboard import bucket_objects, invocation_models, invocation_view, json_text, outcomes, url_lane
from playground.dashboard import lanes as side_by_side
from playground.dashboard.burst import Burst
from playground.dashboard.calling import Answers, ask, ask_all, send
from playground.dashboard.changes import saved
from playground.dashboard.explain import explain
from playground.dashboard.fire_panel import FirePanel, default_function, panel
from playground.dashboard.flow import flow
from playground.dashboard.forms import ConcurrencyForm
from playground.dashboard.invocation_models import ASYNC, URL, Model
from playground.dashboard.invocation_view import InvocationView
from playground.dashboard.lanes import Lanes
from playground.dashboard.queue_messages import Origin, event_of, origin_of
from playground.dashboard.recording import recorded
from playground.dashboard.views.function_changes import put_reserved
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
    earlier = _earlier(request)
    repeated = _repeat(request, earlier.first if earlier else None) or _of_message(request) or _of_object(request)
    filled = repeated or panel(request.account.account_id, endpoint_url(request), typed)
    if earlier:
        filled.models = earlier.models
    return _show(request, filled, lanes=earlier)


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
def outcome(request: DashboardRequest) -> HttpResponse:
    """The panel with an event that has the function end as asked. A function that does not read it makes way for the sample that does."""
    typed = request.POST.dict()
    filled, wanted = panel(request.account.account_id, endpoint_url(request), typed), request.POST.get("outcome", "")
    if wanted not in dict(outcomes.OUTCOMES):
        raise Http404(f"No function ends by {wanted!r}.")
    if not outcomes.obeys(filled.fn, filled.payload):
        kept = {name: typed[name] for name in ("models", "times", "log_type", "act_as", "act_source") if name in typed}
        filled = panel(filled.account_id, filled.endpoint_url, {**kept, "fn": outcomes.OBEDIENT})
    changed = outcomes.asking_for(wanted, filled.payload)
    if changed is None:
        filled.mistake = json_text.mistake_in(filled.payload)
        filled.problem = "" if filled.mistake else "Only an event that is a JSON object can say how the function is to end."
        return _show(request, filled, status=422)
    filled.payload, filled.event = changed, ""
    return _show(request, filled)


@require_POST
def reserve(request: DashboardRequest) -> HttpResponse:
    """PutFunctionConcurrency for the panel's function, or DeleteFunctionConcurrency where the field is empty."""
    typed = request.POST.get("reserved", "")
    filled = panel(request.account.account_id, endpoint_url(request), {"fn": request.POST.get("fn", "")})
    form = ConcurrencyForm(request.POST)
    if not saved(form, lambda: put_reserved(filled.account_id, filled.fn, form.cleaned_data["reserved"])):
        filled.reserved_typed, filled.reserved_problem = typed, " ".join(str(error) for found in form.errors.values() for error in found)
    elif not request.htmx:
        return redirect(f"{reverse('fire', args=[filled.account_id])}?{urlencode({'fn': filled.fn})}")
    filled = panel(filled.account_id, filled.endpoint_url, {"fn": filled.fn}) if not filled.reserved_problem else filled
    if not wants_fragment(request):
        return _show(request, filled, status=422)
    return render(request, "dashboard/_fire_reserved.html", {"fire": filled}, status=422 if filled.reserved_problem else 200)


@require_POST
def calls(request: DashboardRequest) -> HttpResponse:
    """The same call as AWS CLI, boto3 and curl, for what the panel holds now."""
    filled = panel(request.account.account_id, endpoint_url(request), request.POST.dict())
    return render(request, "dashboard/_fire.html#call_list", {"fire": filled})


def _fire(request: DashboardRequest) -> HttpResponse:
    filled = panel(request.account.account_id, endpoint_url(request), request.POST.dict())
    is_sound = filled.check()
    if not is_sound and not ("anyway" in request.POST and not filled.problem):
        return _show(request, filled, status=422)
    try:
        if len(filled.chosen) > 1:
            return _fire_side_by_side(request, filled)
        return _fire_many(request, filled) if filled.repeats > 1 else _fire_one(request, filled)
    except ServiceException as error:
        filled.problem = str(error.message)
        return _show(request, filled, status=503)


def _fire_one(request: DashboardRequest, filled: FirePanel) -> HttpResponse:
    model = filled.chosen[0]
    invoke, answer = filled.request(model), None
    if model is ASYNC:
        answer = ask(invoke, filled.caller)
    else:
        _send(request, filled, model, invoke)
    if not request.htmx:
        return redirect(f"/w/{filled.account_id}/invocations/{invoke.request_id}/")
    view = _found(invoke)
    context = {"view": view, "answer": answer, "flow": flow(view), "explanation": explain(view), "fire": filled}
    return render(request, f"{PAGE}#fired", context)


def _fire_many(request: DashboardRequest, filled: FirePanel) -> HttpResponse:
    burst = Burst.new(filled.account_id, filled.repeats)
    answers = ask_all([replace(filled.request(ASYNC), request_id=request_id) for request_id in burst.ids], filled.caller)
    if not request.htmx:
        return redirect(f"{reverse('fire', args=[filled.account_id])}?{urlencode({'fn': filled.fn, 'burst': burst.name})}")
    async_to_sync(burst.load)()
    return render(request, f"{PAGE}#burst", {"burst": burst, "answers": Answers(answers), "fire": filled})


def _fire_side_by_side(request: DashboardRequest, filled: FirePanel) -> HttpResponse:
    made = {model: filled.request(model) for model in filled.chosen if model is not URL or filled.url is not None}
    for model, invoke in made.items():
        if model is ASYNC:
            ask(invoke, filled.caller)
        else:
            _send(request, filled, model, invoke)
    views = [_found(made[model]) if model in made else model for model in filled.chosen]
    lanes = side_by_side.of_views(filled.account_id, views)
    address = f"{reverse('fire', args=[filled.account_id])}?{urlencode({'runs': lanes.runs})}"
    if not request.htmx:
        return redirect(address)
    return render(request, f"{PAGE}#lanes", {"lanes": lanes, "fire": filled})


def _send(request: DashboardRequest, filled: FirePanel, model: Model, invoke: InvokeRequest) -> None:
    """Sends what a caller waits for; a page with scripts does not wait."""
    if model is URL and filled.url is not None:
        url_lane.send(invoke, filled.url, filled.endpoint_url, wait=not request.htmx, act_as=filled.act_as)
    else:
        send(invoke, wait=not request.htmx, caller=filled.caller)


def _found(invoke: InvokeRequest) -> InvocationView:
    """What was sent just now, as far as it has come."""
    return async_to_sync(invocation_view.find)(invoke.account_id, invoke.request_id) or InvocationView.queued(invoke)


def _earlier(request: DashboardRequest) -> Lanes | None:
    """Invocations to show side by side once more (?runs=)."""
    runs = request.GET.get("runs", "")
    return async_to_sync(side_by_side.find)(request.account.account_id, runs) if runs else None


def _repeat(request: DashboardRequest, view: InvocationView | None) -> FirePanel | None:
    """The panel filled from an earlier invocation, *view* or that of ?from=, to change and send again."""
    account_id, earlier = request.account.account_id, request.GET.get("from", "")
    view = view or (async_to_sync(invocation_view.find)(account_id, earlier) if earlier else None)
    if view is None:
        return None
    typed = {
        "fn": view.function_name,
        "qualifier": view.qualifier,
        "payload": view.request.pretty if not view.request.is_cut else view.request.text,
        "models": invocation_models.of_type(view.invocation_type).id,
        "replay_of": view.request_id,
    }
    chosen = {name: request.GET[name] for name in ("qualifier", "models") if name in request.GET}
    return panel(account_id, endpoint_url(request), typed | chosen)


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


def _show(request: DashboardRequest, filled: FirePanel, status: int = 200, lanes: Lanes | None = None) -> HttpResponse:
    """The page, or for htmx the panel alone. It takes the panel's place, whatever the request aimed at."""
    if not wants_fragment(request):
        context: dict[str, Any] = {"fire": filled, "view": recorded(), "flow": flow(recorded())}
        context["lanes"] = lanes or (Lanes.empty(filled.chosen) if len(filled.chosen) > 1 else None)
        context["burst"] = Burst.parse(filled.account_id, request.GET.get("burst", ""))
        if context["burst"]:
            async_to_sync(context["burst"].load)()
        return render(request, PAGE, context, status=status)
    answer = render(request, f"{PAGE}#panel", {"fire": filled}, status=status)
    answer["HX-Retarget"] = "#fire"
    answer["HX-Reswap"] = "outerMorph"
    return answer
