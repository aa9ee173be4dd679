from typing import Any

import pytest

from playground.dashboard.flow import flow
from playground.dashboard.flow_parts import AFTER, BEFORE, DURING, NEVER
from tests.playground.dashboard.records import ACCEPTED, ADMITTED, AUTHORIZED, COLD, RAN, ROUTED, WARM, step, view


def test_a_finished_invocation_has_passed_every_stop() -> None:
    drawn = flow(view())

    assert {stop.phase for stop in drawn.stops} == {AFTER}
    assert [(stop.id, stop.word) for stop in drawn.stops] == [
        ("request", "sent"),
        ("accept", "accepted"),
        ("authorize", "allowed"),
        ("route", "routed"),
        ("admit", "admitted"),
        ("init", "cold start"),
        ("run", "returned"),
        ("answer", "200 answered"),
    ]


@pytest.mark.parametrize(
    ("steps", "state", "present"),
    [
        ((), "queued", "accept"),
        ((ACCEPTED,), "queued", "authorize"),
        ((ACCEPTED, AUTHORIZED, ROUTED), "queued", "admit"),
        ((ACCEPTED, AUTHORIZED, ROUTED, ADMITTED), "starting", "init"),
        ((ACCEPTED, AUTHORIZED, ROUTED, ADMITTED, WARM), "running", "run"),
    ],
)
def test_one_stop_of_a_running_invocation_is_lit(steps: tuple[dict[str, Any], ...], state: str, present: str) -> None:
    drawn = flow(view(state=state, ended_ms=None, steps=list(steps)))

    assert [stop.id for stop in drawn.stops if stop.phase == DURING] == [present]
    assert drawn.stops[-1].phase == BEFORE


def test_a_refused_invocation_never_reaches_what_comes_after() -> None:
    refused = step("admit", 2.0, "refused", error_code="TooManyRequestsException", error_message="Rate Exceeded.", Reason="R")
    drawn = flow(view(ACCEPTED, AUTHORIZED, ROUTED, refused, state="throttled", ended_ms=2.1, status_code=429))
    phases = {stop.id: stop.phase for stop in drawn.stops}

    assert phases == {
        "request": AFTER,
        "accept": AFTER,
        "authorize": AFTER,
        "route": AFTER,
        "admit": AFTER,
        "init": NEVER,
        "run": NEVER,
        "answer": AFTER,
    }
    admit = next(stop for stop in drawn.stops if stop.id == "admit")
    assert (admit.state, admit.word) == ("throttled", "throttled")
    assert ("Reason", "R") in admit.facts


def test_a_dry_run_says_why_nothing_ran() -> None:
    drawn = flow(view(ACCEPTED, AUTHORIZED, ROUTED, invocation_type="DryRun", status_code=204, ended_ms=1.2))

    assert [(stop.id, stop.facts) for stop in drawn.stops if stop.phase == NEVER] == [
        (name, (("Why", "a dry run ends after the checks"),)) for name in ("admit", "init", "run")
    ]


def test_the_handlers_failure_shows_at_its_own_stop_and_at_the_answer() -> None:
    drawn = flow(view(ACCEPTED, AUTHORIZED, ROUTED, ADMITTED, WARM, step("run", 3.0, "error", 9.0), state="function error", ended_ms=13.0))

    assert [node.state for node in drawn.nodes] == ["done", "done", "function error", "function error"]


def test_nodes_carry_the_times_of_their_stops() -> None:
    service, environment = flow(view()).nodes[1:3]

    assert (service.starts_ms, service.ends_ms) == (0.0, pytest.approx(2.0, abs=0.01))
    assert (environment.starts_ms, environment.ends_ms) == (pytest.approx(4.0, abs=0.01), pytest.approx(160.01, abs=0.01))


def test_the_waterfall_fills_the_whole_time() -> None:
    drawn = flow(view())

    assert [bar.label for bar in drawn.bars] == ["Queued", "Init", "Invoke", "Answer"]
    assert drawn.bars[-1].ends_ms == pytest.approx(drawn.total_ms)
    assert drawn.bars[1].left == pytest.approx(100 * 4 / 162, abs=0.05)
    assert drawn.bars[1].width == pytest.approx(100 * 118 / 162, abs=0.05)


def test_a_running_bar_reaches_to_now() -> None:
    drawn = flow(view(ACCEPTED, AUTHORIZED, ROUTED, ADMITTED, WARM, state="running", ended_ms=None, seen_ms=1200.0))

    assert [(bar.id, bar.is_reached, bar.is_running) for bar in drawn.bars] == [
        ("service", True, False),
        ("init", True, False),
        ("run", True, True),
        ("answer", False, False),
    ]
    assert drawn.bars[2].ends_ms == pytest.approx(1200.0, abs=0.01)


def test_a_warm_environment_has_a_bar_of_another_kind() -> None:
    assert flow(view(ACCEPTED, AUTHORIZED, ROUTED, ADMITTED, WARM, RAN)).bars[1].kind == "warm"


def test_moments_are_in_order_and_tell_the_facts() -> None:
    moments = flow(view()).moments

    assert [moment.at_ms for moment in moments] == sorted(moment.at_ms for moment in moments)
    assert any("Init Duration 110.10 ms" in moment.detail for moment in moments)


def test_the_scale_has_a_handful_of_round_marks() -> None:
    ticks = flow(view()).ticks

    assert [tick.label for tick in ticks] == ["0", "50 ms", "100 ms", "150 ms"]


def test_a_record_that_was_just_begun_draws_without_division_by_zero() -> None:
    drawn = flow(view(state="queued", ended_ms=None, seen_ms=0.0, steps=[]))

    assert drawn.total_ms == 0.0
    assert [bar.width for bar in drawn.bars] == [0.0, 0.0, 0.0, 0.0]


def test_the_sentence_for_now_names_node_and_stop() -> None:
    assert (
        flow(view(ACCEPTED, AUTHORIZED, ROUTED, ADMITTED, state="starting", ended_ms=None)).now
        == "Execution environment: preparing an environment"
    )
    assert flow(view()).now == "Answer: 200 answered"


def test_cold_figures_come_from_the_step_alone() -> None:
    init = next(stop for stop in flow(view(ACCEPTED, AUTHORIZED, ROUTED, ADMITTED, COLD, RAN)).stops if stop.id == "init")

    assert (init.starts_ms, init.ends_ms) == (pytest.approx(4.0, abs=0.01), pytest.approx(122.0, abs=0.01))
    assert init.figure == "118 ms"
