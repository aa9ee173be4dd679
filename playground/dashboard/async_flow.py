"""An asynchronous event's way: accepted and answered with 202, queued, tried, maybe tried again, and at last to its destinations.

The stops of a try are those of the latest; their spans tell the time cursor of the earlier ones. Bars and moments have them all.
"""

from collections.abc import Sequence
from dataclasses import replace

from invocations.enums import InvocationState, Station
from invocations.values import Step
from playground.dashboard.attempts import Try, tries
from playground.dashboard.figures import seconds, size
from playground.dashboard.flow_parts import AFTER, BEFORE, DURING, NEVER, Bar, Fact, Flow, Moment, Node, Stop, facts, refusal_facts, ticks
from playground.dashboard.invocation_view import InvocationView
from playground.dashboard.sender import sender_of
from playground.dashboard.stations import ASYNC_ANSWER, ASYNC_REQUEST, ASYNC_TEXTS, DESTINATION_TEXTS, QUEUE, StopText

SHOWN_TRIES = 8
"""Tries that have bars of their own, the newest; an event that found no room may have been tried many times."""
_TRY_STATIONS = (Station.ROUTE, Station.ADMIT, Station.INIT, Station.RUN)


def flow(view: InvocationView) -> Flow:
    """The diagram, the waterfall and the moments of *view* as it stands."""
    made, sender = tries(view.steps), sender_of(view)
    name, about = (sender.noun.capitalize(), f"{sender.name} gets 202 and goes on") if sender else ("Caller", "gets 202 and goes on")
    queue = _queue_stop(view, made)
    nodes = (
        Node("caller", name, about, "", (_request_stop(view), _answer_stop(view))),
        Node("service", "Lambda service", "the Region's front door", "event", tuple(_service_stops(view))),
        Node("queue", "Event queue", "Lambda's own", "event", (queue,)),
        Node("environment", "Try", "in an execution environment", "event", tuple(_try_stops(view, made))),
        Node("destinations", "Destinations", "where the record goes", "record", tuple(_destination_stops(view))),
    )
    return Flow(nodes, tuple(_bars(view, made)), tuple(_moments(view)), ticks(view.total_ms), view.total_ms)


def _ms(view: InvocationView, at: float) -> float:
    return max((at - view.received_at) * 1000, 0.0)


def _queued(view: InvocationView) -> Step | None:
    return next((step for step in view.steps if step.station is Station.QUEUE), None)


def _request_stop(view: InvocationView) -> Stop:
    accepted = view.step(Station.ACCEPT)
    found: list[Fact] = [("Invocation type", view.invocation_type), ("Function", view.target)]
    sender = sender_of(view)
    if sender is not None:
        found.append(("Sent by", sender.words))
    if accepted is not None and "bytes" in accepted.detail:
        found.append(("Event", size(accepted.detail["bytes"])))
    return Stop("request", AFTER, "done", "sent", 0.0, 0.0, tuple(found), ASYNC_REQUEST)


def _answer_stop(view: InvocationView) -> Stop:
    queued = _queued(view)
    if queued is None:
        if not view.is_final:
            return Stop("answer", BEFORE, "done", "answered", None, None, (), ASYNC_ANSWER)
        state = str(view.state)
        return Stop("answer", AFTER, state, f"{view.status_code} answered", 0.0, view.total_ms, (("Error", view.error_code),), ASYNC_ANSWER)
    at_ms = _ms(view, queued.at)
    return Stop("answer", AFTER, "done", "202 answered", at_ms, at_ms, (("Status Code", "202"), ("Body", "empty")), ASYNC_ANSWER)


def _service_stops(view: InvocationView) -> list[Stop]:
    stops, reached_ms = [], 0.0
    for station in (Station.ACCEPT, Station.AUTHORIZE):
        step = next((step for step in view.steps if step.station is station), None)
        text = ASYNC_TEXTS[station]
        if step is None:
            phase = NEVER if view.is_final else DURING if not stops or stops[-1].phase == AFTER else BEFORE
            stops.append(Stop(station, phase, "done", text.done, reached_ms if phase == DURING else None, None, (), text))
            continue
        at_ms = _ms(view, step.at)
        is_refused = step.outcome == "refused"
        state = str(view.state) if is_refused else "done"
        about = refusal_facts(step.detail) if is_refused else facts(view, station, step)
        stops.append(Stop(station, AFTER, state, state if is_refused else text.done, min(reached_ms, at_ms), at_ms, about, text))
        reached_ms = at_ms
    return stops


def _queue_stop(view: InvocationView, made: Sequence[Try]) -> Stop:
    """The queue, with a span for each time the event waited in it."""
    decisions = [step for step in view.steps if step.station is Station.QUEUE]
    if not decisions:
        return Stop("queue", NEVER if view.is_final else BEFORE, "done", "queued", None, None, (), QUEUE)
    waits = [step for step in decisions if step.outcome in {"queued", "retry"}]
    left = {id(each.queued): _ms(view, each.starts_at) for each in made}
    spans = []
    for index, step in enumerate(waits):
        later = _ms(view, waits[index + 1].at) if index + 1 < len(waits) else None
        ended = _ms(view, decisions[-1].at) if decisions[-1].outcome in {"done", "gave up"} else None
        spans.append((_ms(view, step.at), left.get(id(step), later if later is not None else ended)))
    last = decisions[-1]
    is_waiting = spans[-1][1] is None and not view.is_final
    number = (made[-1].number if made else 0) + 1 if last.outcome == "retry" and made and made[-1].run else max(view.attempts, 1)
    doing = f"waiting to retry, run {number}" if last.outcome == "retry" else "waiting for its turn"
    word = {"done": "done", "gave up": "gave up"}.get(last.outcome, "taken out")
    state = "done" if last.outcome != "gave up" else str(view.state) if view.is_final else str(InvocationState.FUNCTION_ERROR)
    due = float(last.detail["at"]) if is_waiting and last.outcome == "retry" else None
    text = replace(QUEUE, during=doing)
    starts_ms, ends_ms = spans[0][0], None if is_waiting else spans[-1][1]
    phase, about = DURING if is_waiting else AFTER, _queue_facts(view, last)
    return Stop("queue", phase, state, word, starts_ms, ends_ms, about, text, tuple(spans), due, f"run {number} in")


def _queue_facts(view: InvocationView, last: Step) -> tuple[Fact, ...]:
    found: list[Fact] = []
    if last.outcome == "retry":
        found += [
            ("Because of", str(last.detail.get("reason", ""))),
            ("Wait on the clock", seconds(round(last.detail["delay_seconds"], 1))),
        ]
    if "condition" in last.detail:
        found.append(("Condition", str(last.detail["condition"])))
    found.append(("Runs so far", str(view.attempts)))
    return tuple(found)


def _try_stops(view: InvocationView, made: Sequence[Try]) -> list[Stop]:
    stops: list[Stop] = []
    present = made[-1] if made else None
    reached_ms = _ms(view, present.starts_at) if present else 0.0
    for station in _TRY_STATIONS:
        text = ASYNC_TEXTS[station]
        spans = tuple(_span(view, each, station) for each in made if station in each.steps)
        step = present.steps.get(station) if present else None
        if step is not None:
            stops.append(_reached(view, station, step, reached_ms, spans))
            reached_ms = stops[-1].ends_ms or reached_ms
        elif present is not None and present.ends_at is None and stops[-1].phase == AFTER and not view.is_final:
            stops.append(Stop(station, DURING, "done", text.done, reached_ms, None, (), text, (*spans, (reached_ms, None))))
        else:
            phase = NEVER if view.is_final or (present and present.ends_at is not None) else BEFORE
            stops.append(Stop(station, phase, "done", text.done, None, None, (), text, spans))
    return stops


def _span(view: InvocationView, each: Try, station: Station) -> tuple[float, float]:
    step = each.steps[station]
    at_ms = _ms(view, step.at)
    if station is Station.RUN:
        return at_ms, at_ms + (step.duration_ms or 0.0)
    return max(at_ms - (step.duration_ms or 0.0), 0.0), at_ms


def _reached(view: InvocationView, station: Station, step: Step, reached_ms: float, spans: tuple[tuple[float, float | None], ...]) -> Stop:
    text, at_ms = ASYNC_TEXTS[station], _ms(view, step.at)
    if step.outcome == "refused":
        is_throttle = step.detail.get("error_code") == "TooManyRequestsException"
        state = str(InvocationState.THROTTLED if is_throttle else InvocationState.REJECTED)
        return Stop(station, AFTER, state, state, min(reached_ms, at_ms), at_ms, refusal_facts(step.detail), text, spans)
    if station is Station.RUN:
        states = {"success": "done", "timeout": str(InvocationState.TIMED_OUT)}
        state = states.get(step.outcome, str(InvocationState.FUNCTION_ERROR))
        ends_ms = at_ms + (step.duration_ms or 0.0)
        word = "returned" if state == "done" else state
        return Stop(station, AFTER, state, word, at_ms, ends_ms, facts(view, station, step), text, spans)
    word = {"cold": "cold start", "warm": "warm"}.get(step.outcome, text.done)
    return Stop(station, AFTER, "done", word, min(reached_ms, at_ms), at_ms, facts(view, station, step), text, spans)


def _destination_stops(view: InvocationView) -> list[Stop]:
    """One for each kind that was sent to; one that waits before the event's story has ended."""
    last: dict[str, Step] = {}
    first_ms: dict[str, float] = {}
    for step in view.steps:
        if step.station is Station.DESTINATION:
            last[step.detail["kind"]] = step
            first_ms.setdefault(step.detail["kind"], _ms(view, step.at))
    if not last:
        phase = NEVER if view.is_final else BEFORE
        why = (("Why", "nothing is configured for this end"),) if phase == NEVER else ()
        return [Stop("destination", phase, "done", "delivered", None, None, why, DESTINATION_TEXTS["none"])]
    return [_destination_stop(view, kind, step, first_ms[kind]) for kind, step in last.items()]


def _destination_stop(view: InvocationView, kind: str, step: Step, first_ms: float) -> Stop:
    detail, text = step.detail, DESTINATION_TEXTS[kind]
    at_ms = _ms(view, step.at)
    about: list[Fact] = [("To", str(detail["arn"])), ("Tries", str(detail.get("tries", 1)))]
    about += [("Message id", str(detail["message_id"]))] if detail.get("message_id") else []
    about += list(refusal_facts(detail))
    if step.outcome == "retry":
        return Stop(f"destination-{kind}", DURING, "done", "delivered", first_ms, None, tuple(about), replace(text, during="trying again"))
    state = "done" if step.outcome == "delivered" else str(InvocationState.FUNCTION_ERROR)
    word = "delivered" if state == "done" else "failed delivery"
    return Stop(f"destination-{kind}", AFTER, state, word, first_ms, at_ms, tuple(about), text)


def _bars(view: InvocationView, made: Sequence[Try]) -> list[Bar]:
    total = view.total_ms
    queued = _queued(view)
    accepted_ms = _ms(view, queued.at) if queued else total
    bars = [Bar("accepted", "Accepted", "service", 0.0, accepted_ms, queued is None and not view.is_final, "until 202 was answered", total)]
    shown = list(made)[-SHOWN_TRIES:]
    for index, each in enumerate(shown, len(made) - len(shown) + 1):
        bars += _try_bars(view, each, index, total)
    waiting = view.steps[-1] if view.steps and view.steps[-1].station is Station.QUEUE else None
    if waiting is not None and waiting.outcome in {"queued", "retry"} and not view.is_final:
        bars.append(Bar("waiting", _wait_label(waiting), "wait", _ms(view, waiting.at), total, True, "waits in the event queue", total))
    reached = max((bar.ends_ms for bar in bars), default=0.0)
    for number, step in enumerate(step for step in view.steps if step.station is Station.DESTINATION):
        at_ms = _ms(view, step.at)
        label = f"{_KINDS[step.detail['kind']]}{'' if step.outcome == 'delivered' else ', ' + step.outcome}"
        bars.append(Bar(f"destination-{number}", label, "answer", min(reached, at_ms), at_ms, False, str(step.detail["arn"]), total))
        reached = at_ms
    return bars


_KINDS = {"OnSuccess": "On success", "OnFailure": "On failure", "DeadLetterQueue": "Dead-letter queue"}


def _wait_label(step: Step) -> str:
    return "Event queue" if step.outcome == "queued" else f"Wait of {seconds(round(step.detail['delay_seconds']))}"


def _try_bars(view: InvocationView, each: Try, index: int, total: float) -> list[Bar]:
    bars = []
    starts_ms = _ms(view, each.starts_at)
    if each.queued is not None:
        label = _wait_label(each.queued)
        bars.append(Bar(f"wait-{index}", label, "wait", _ms(view, each.queued.at), starts_ms, False, "waited in the event queue", total))
    ends_ms = None if each.ends_at is None else _ms(view, each.ends_at)
    if each.refusal is not None:
        bars.append(Bar(f"try-{index}", "Throttled", "throttled", starts_ms, ends_ms or starts_ms, False, each.error, total))
        return bars
    run = each.run
    init_ends_ms = _ms(view, run.at) if run else total if ends_ms is None else ends_ms
    init = each.steps.get(Station.INIT)
    if init is not None and run is None:
        init_ends_ms = _ms(view, init.at)
    label, kind = ("Warm environment", "warm") if each.is_cold is False else ("Init", "init")
    bars.append(Bar(f"init-{index}", label, kind, starts_ms, init_ends_ms, init is None, "the environment for it", total))
    if init is not None:
        invoke_ms = _ms(view, run.at) if run else init_ends_ms
        note = str(each.state)
        bars.append(
            Bar(f"run-{index}", f"Run {each.number}", "invoke", invoke_ms, total if ends_ms is None else ends_ms, run is None, note, total)
        )
    return bars


def _moments(view: InvocationView) -> list[Moment]:
    found = [Moment(0.0, "Caller: sent")]
    for step in view.steps:
        at_ms = _ms(view, step.at)
        if step.station is Station.RUN:
            found.append(Moment(at_ms, f"Try {step.detail.get('attempt', 1)}: running the handler"))
            at_ms += step.duration_ms or 0.0
        found.append(Moment(at_ms, _what(step)))
    return sorted(found, key=lambda moment: moment.at_ms)


def _what(step: Step) -> str:
    match step.station:
        case Station.QUEUE:
            return f"Event queue: {'waiting to retry' if step.outcome == 'retry' else step.outcome}"
        case Station.DESTINATION:
            return f"{_KINDS[step.detail['kind']]}: {step.outcome}"
        case _:
            text: StopText = ASYNC_TEXTS[step.station]
            where = f"Try {step.detail['attempt']}" if "attempt" in step.detail else "Lambda service"
            return f"{where}: {text.name}, {text.done if step.outcome in {'ok', 'success'} else step.outcome}"
