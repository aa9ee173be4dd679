"""The diagram, the waterfall and the tries of asynchronous events, from their steps alone."""

from typing import Any

import pytest

from playground.dashboard.flow import flow
from playground.dashboard.flow_parts import AFTER, BEFORE, DURING, NEVER, Stop
from playground.dashboard.invocation_view import InvocationView
from tests.playground.dashboard.records import ACCEPTED, AUTHORIZED, RECEIVED_AT, step, view

QUEUED = step("queue", 1.0, "queued", clock=RECEIVED_AT)


def a_run(number: int, at_ms: float, outcome: str = "success", duration_ms: float = 10.0) -> list[dict[str, Any]]:
    """The steps of a try that ran."""
    return [
        step("route", at_ms, version="7", attempt=number),
        step("admit", at_ms, attempt=number),
        step("init", at_ms + 1, "warm", 0.1, init_duration_ms=None, attempt=number),
        step("run", at_ms + 1, outcome, duration_ms, error_type="E" if outcome == "error" else None, attempt=number),
    ]


def a_retry(at_ms: float, runs: int, delay: float, reason: str = "function error") -> dict[str, Any]:
    due = RECEIVED_AT + at_ms / 1000 + delay
    return step("queue", at_ms, "retry", clock=RECEIVED_AT, at=due, delay_seconds=delay, attempt=runs, runs=runs, reason=reason)


def an_end(at_ms: float, condition: str = "Success", runs: int = 1) -> dict[str, Any]:
    return step("queue", at_ms, "done" if condition == "Success" else "gave up", clock=RECEIVED_AT, condition=condition, runs=runs)


def sent(at_ms: float, kind: str, outcome: str = "delivered", **detail: Any) -> dict[str, Any]:
    arn = "arn:aws:sqs:us-east-1:000000000000:q"
    return step("destination", at_ms, outcome, clock=RECEIVED_AT, kind=kind, arn=arn, record="{}", tries=1, **detail)


def event(*steps: dict[str, Any], state: str = "succeeded", ended_ms: float | None = 5000.0, **columns: Any) -> InvocationView:
    columns = {"invocation_type": "Event", "status_code": 202, "attempts": 1} | columns
    return view(ACCEPTED, AUTHORIZED, *steps, state=state, ended_ms=ended_ms, seen_ms=5000.0, **columns)


def stops(seen: InvocationView) -> dict[str, Stop]:
    return {stop.id: stop for stop in flow(seen).stops}


FAILED_TWICE = [QUEUED, *a_run(1, 20, "error"), a_retry(40, 1, 60.0), *a_run(2, 1040, "timeout"), a_retry(1060, 2, 120.0)]


def test_an_event_that_succeeds_passes_queue_try_and_destination() -> None:
    found = stops(event(QUEUED, *a_run(1, 20), an_end(32), sent(35, "OnSuccess", message_id="m")))
    assert {stop.phase for stop in found.values()} == {AFTER}
    assert [(stop.id, stop.word) for stop in found.values()] == [
        ("request", "sent"),
        ("answer", "202 answered"),
        ("accept", "accepted"),
        ("authorize", "allowed"),
        ("queue", "done"),
        ("route", "routed"),
        ("admit", "admitted"),
        ("init", "warm"),
        ("run", "returned"),
        ("destination-OnSuccess", "delivered"),
    ]


def test_one_that_waits_to_be_tried_again_counts_down_to_it() -> None:
    found = stops(event(*FAILED_TWICE, state="waiting to retry", ended_ms=None, attempts=2))
    assert [stop.id for stop in found.values() if stop.phase == DURING] == ["queue"]
    queue = found["queue"]
    assert (queue.situation, queue.before_due) == ("waiting to retry, run 3", "run 3 in")
    assert queue.due == FAILED_TWICE[-1]["detail"]["at"]
    assert found["run"].state == "timed out"
    assert found["destination"].phase == BEFORE


def test_a_stop_that_was_reached_several_times_has_a_span_for_each() -> None:
    found = stops(event(*FAILED_TWICE, *a_run(3, 3060, "error"), an_end(3080, "RetriesExhausted", 3), state="function error", attempts=3))
    assert [(round(starts), round(ends or 0)) for starts, ends in found["run"].spans] == [(21, 31), (1041, 1051), (3061, 3071)]
    assert [(round(starts), round(ends or 0)) for starts, ends in found["queue"].spans] == [(1, 20), (40, 1040), (1060, 3060)]
    assert found["queue"].spans_text == "1.000:20.000 40.000:1040.000 1060.000:3060.000"


def test_each_wait_and_each_run_has_its_bar() -> None:
    made = flow(event(*FAILED_TWICE, *a_run(3, 3060, "error"), an_end(3080, "RetriesExhausted", 3), sent(3090, "OnFailure"), attempts=3))
    assert [bar.label for bar in made.bars] == [
        *("Accepted", "Event queue", "Warm environment", "Run 1"),
        *("Wait of 1 min", "Warm environment", "Run 2"),
        *("Wait of 2 min", "Warm environment", "Run 3", "On failure"),
    ]
    assert [round(bar.duration_ms) for bar in made.bars if bar.kind == "wait"] == [19, 1000, 2000]


def test_a_try_that_found_no_room_uses_up_no_run() -> None:
    refused = step("admit", 20, "refused", error_code="TooManyRequestsException", Reason="ConcurrentInvocationLimitExceeded", attempt=1)
    seen = event(QUEUED, refused, a_retry(21, 1, 1.0, "throttled"), *a_run(1, 1021), an_end(1040))
    assert [(each.number, each.state, each.error) for each in seen.tries] == [
        (1, "throttled", "ConcurrentInvocationLimitExceeded"),
        (1, "succeeded", ""),
    ]
    assert "Throttled" in [bar.label for bar in flow(seen).bars]


def test_an_event_tried_very_often_shows_its_newest_tries() -> None:
    refused = [
        each
        for number in range(40)
        for each in (
            step("admit", 20 + number * 10, "refused", error_code="TooManyRequestsException", attempt=1),
            a_retry(21 + number * 10, 0, 1.0, "throttled"),
        )
    ]
    assert len(flow(event(QUEUED, *refused, state="waiting to retry", ended_ms=None)).bars) < 20


@pytest.mark.parametrize(("outcome", "phase", "word"), [("failed", AFTER, "failed delivery"), ("retry", DURING, "trying again")])
def test_a_delivery_that_does_not_succeed_says_so(outcome: str, phase: str, word: str) -> None:
    seen = event(QUEUED, *a_run(1, 20), an_end(32), sent(35, "OnSuccess", outcome, error_code="QueueDoesNotExist", error_message="gone"))
    stop = stops(seen)["destination-OnSuccess"]
    assert (stop.phase, stop.situation) == (phase, word)
    assert ("Error", "QueueDoesNotExist") in stop.facts


def test_without_destinations_the_end_says_that_nothing_is_configured() -> None:
    stop = stops(event(QUEUED, *a_run(1, 20), an_end(32)))["destination"]
    assert (stop.phase, stop.facts) == (NEVER, (("Why", "nothing is configured for this end"),))


def test_the_time_cursor_stops_at_every_step() -> None:
    words = [moment.what for moment in flow(event(QUEUED, *a_run(1, 20), an_end(32), sent(35, "OnSuccess"))).moments]
    assert words[0] == "Caller: sent"
    assert words[-2:] == ["Event queue: done", "On success: delivered"]
    assert "Try 1: running the handler" in words


def test_an_event_that_was_refused_has_no_202() -> None:
    refused = step("route", 1.0, "refused", error_code="ResourceNotFoundException", error_message="no")
    found = stops(event(refused, state="rejected", ended_ms=1.0, status_code=404, error_code="ResourceNotFoundException", attempts=0))
    assert found["answer"].word == "404 answered"
    assert found["queue"].phase == NEVER
