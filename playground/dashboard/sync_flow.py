"""A synchronous invocation's way: the caller, the Lambda service, an execution environment, and back."""

from invocations.enums import InvocationState, Station
from invocations.values import Step
from playground.dashboard.figures import size
from playground.dashboard.flow_parts import AFTER, BEFORE, DURING, NEVER, Bar, Fact, Flow, Node, Stop, facts, moments, refusal_facts, ticks
from playground.dashboard.invocation_view import InvocationView
from playground.dashboard.stations import ANSWER, REQUEST, TEXTS


def flow(view: InvocationView) -> Flow:
    """The diagram, the waterfall and the moments of *view* as it stands."""
    stops = _stops(view)
    nodes = (
        Node("caller", "Caller", _caller(view), "", (stops["request"],)),
        Node(
            "service",
            "Lambda service",
            "the Region's front door",
            "request",
            tuple(stops[station] for station in (Station.ACCEPT, Station.AUTHORIZE, Station.ROUTE, Station.ADMIT)),
        ),
        Node("environment", "Execution environment", "in an Availability Zone", "event", (stops[Station.INIT], stops[Station.RUN])),
        Node("answer", "Answer", "packaged for the caller", "response", (stops["answer"],)),
    )
    total_ms = view.total_ms
    return Flow(nodes, _bars(stops, view), moments(nodes), ticks(total_ms), total_ms)


def _stops(view: InvocationView) -> dict[str, Stop]:
    """id -> stop, in the order of the path."""
    present = _present(view)
    stops: dict[str, Stop] = {"request": _caller_stop(view)}
    reached_ms = 0.0
    for station in (Station.ACCEPT, Station.AUTHORIZE, Station.ROUTE, Station.ADMIT, Station.INIT, Station.RUN):
        step = view.step(station)
        if step is not None:
            stop = _passed(view, station, step, reached_ms)
            reached_ms = stop.ends_ms or reached_ms
        elif station is present:
            stop = Stop(station, DURING, "done", TEXTS[station].done, reached_ms, None, (), TEXTS[station])
        else:
            phase = NEVER if view.is_final else BEFORE
            stop = Stop(
                station,
                phase,
                "done",
                TEXTS[station].done,
                None,
                None,
                _never_facts(view) if phase == NEVER else (),
                TEXTS[station],
            )
        stops[station] = stop
    stops["answer"] = _answer_stop(view, reached_ms)
    return stops


def _present(view: InvocationView) -> Station | None:
    """The station that works now."""
    if view.is_final:
        return None
    order = (Station.ACCEPT, Station.AUTHORIZE, Station.ROUTE, Station.ADMIT, Station.INIT, Station.RUN)
    return next((station for station in order if view.step(station) is None), None)


def _passed(view: InvocationView, station: Station, step: Step, reached_ms: float) -> Stop:
    at_ms = max((step.at - view.received_at) * 1000, 0.0)
    text = TEXTS[station]
    if step.outcome == "refused":
        state = str(view.state)
        return Stop(station, AFTER, state, state, min(reached_ms, at_ms), at_ms, refusal_facts(step.detail), text)
    if station is Station.RUN:
        ends_ms = at_ms + (step.duration_ms or 0.0)
        state = (
            "done"
            if view.state is InvocationState.SUCCEEDED or (not view.is_final and step.outcome == "success")
            else _run_state(view, step)
        )
        return Stop(station, AFTER, state, "returned" if state == "done" else state, at_ms, ends_ms, facts(view, station, step), text)
    starts_ms = min(reached_ms, at_ms)
    if station is Station.INIT and step.duration_ms is not None:
        starts_ms = max(at_ms - step.duration_ms, reached_ms)
    word = {"cold": "cold start", "warm": "warm"}.get(step.outcome, text.done)
    return Stop(station, AFTER, "done", word, starts_ms, at_ms, facts(view, station, step), text)


def _run_state(view: InvocationView, step: Step) -> str:
    if view.is_final:
        return str(view.state)
    return str(InvocationState.TIMED_OUT if step.outcome == "timeout" else InvocationState.FUNCTION_ERROR)


def _caller(view: InvocationView) -> str:
    return {"console": "this page", "api": "an API client", "function-url": "an HTTP client"}.get(view.source, view.source)


def _caller_stop(view: InvocationView) -> Stop:
    accepted = view.step(Station.ACCEPT)
    found: list[Fact] = [("Invocation type", view.invocation_type)]
    if view.target:
        found.append(("Function", view.target))
    if accepted is not None and "bytes" in accepted.detail:
        found.append(("Event", size(accepted.detail["bytes"])))
    return Stop("request", AFTER, "done", "sent", 0.0, 0.0, tuple(found), REQUEST)


def _answer_stop(view: InvocationView, reached_ms: float) -> Stop:
    if not view.is_final:
        is_next = view.step(Station.RUN) is not None
        return Stop("answer", DURING if is_next else BEFORE, "done", "answered", reached_ms if is_next else None, None, (), ANSWER)
    found: list[Fact] = [("Status Code", str(view.status_code))]
    if view.error_code and view.is_invocation_error:
        found.append(("Error", view.error_code))
    if view.function_error:
        found.append(("Function Error", view.function_error))
    if view.response.data:
        found.append(("Response Body", size(view.response.size)))
    ends_ms = view.total_ms
    state = "done" if view.state is InvocationState.SUCCEEDED else str(view.state)
    return Stop("answer", AFTER, state, f"{view.status_code} answered", min(reached_ms, ends_ms), ends_ms, tuple(found), ANSWER)


def _never_facts(view: InvocationView) -> tuple[Fact, ...]:
    why = "a dry run ends after the checks" if view.is_dry_run else "the invocation ended before it came here"
    return (("Why", why),)


def _bars(stops: dict[str, Stop], view: InvocationView) -> tuple[Bar, ...]:
    now_ms = view.total_ms
    service = [stops[station] for station in (Station.ACCEPT, Station.AUTHORIZE, Station.ROUTE, Station.ADMIT)]
    reached = [stop for stop in service if stop.starts_ms is not None]
    is_running = bool(reached) and reached[-1].phase == DURING
    ends_ms = now_ms if is_running or not reached else reached[-1].ends_ms or 0.0
    bars = [Bar("service", "Queued", "service", 0.0, ends_ms, is_running, "accepted, authorized, routed, admitted", now_ms)]
    for station, label, kind in (
        (Station.INIT, "Init", "init"),
        (Station.RUN, "Invoke", "invoke"),
        ("answer", "Answer", "answer"),
    ):
        stop = stops[station]
        if stop.word == "warm":
            label, kind = "Warm environment", "warm"
        is_running = stop.phase == DURING
        ends_ms = now_ms if is_running else stop.ends_ms or 0.0
        bars.append(
            Bar(
                stop.id,
                label,
                kind,
                stop.starts_ms or 0.0,
                ends_ms,
                is_running,
                stop.situation,
                now_ms,
                stop.starts_ms is not None,
            )
        )
    return tuple(bars)
