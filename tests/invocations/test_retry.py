import pytest
from hypothesis import given
from hypothesis import strategies as st

from invocations.retry import (
    Attempt,
    Condition,
    Done,
    GiveUp,
    NextStep,
    Retry,
    Rules,
    after_attempt,
    before_attempt,
    throttle_delay,
)

ENQUEUED = 1000.0

UNCONFIGURED = Rules()


def after(attempt: Attempt, *, runs: int = 0, throttles: int = 0, age: float = 0.0, rules: Rules = UNCONFIGURED) -> NextStep:
    return after_attempt(attempt, runs=runs, throttles=throttles, enqueued_at=ENQUEUED, now=ENQUEUED + age, rules=rules)


def test_a_success_is_the_end() -> None:
    assert after(Attempt.SUCCEEDED, runs=1) == Done()


def test_a_function_error_is_tried_again_after_one_minute_then_two_then_never() -> None:
    assert after(Attempt.FUNCTION_ERROR, runs=1) == Retry(ENQUEUED + 60)
    assert after(Attempt.FUNCTION_ERROR, runs=2, age=61) == Retry(ENQUEUED + 61 + 120)
    assert after(Attempt.FUNCTION_ERROR, runs=3, age=182) == GiveUp(Condition.RETRIES_EXHAUSTED)


def test_without_retries_the_first_error_is_the_last() -> None:
    assert after(Attempt.FUNCTION_ERROR, runs=1, rules=Rules(maximum_retry_attempts=0)) == GiveUp(Condition.RETRIES_EXHAUSTED)


def test_a_retry_beyond_the_maximum_age_is_not_waited_for() -> None:
    rules = Rules(maximum_event_age_seconds=60)
    assert after(Attempt.FUNCTION_ERROR, runs=1, age=0.0, rules=rules) == Retry(ENQUEUED + 60)
    assert after(Attempt.FUNCTION_ERROR, runs=1, age=0.5, rules=rules) == GiveUp(Condition.EVENT_AGE_EXCEEDED)


def test_throttles_back_off_from_one_second_to_five_minutes_and_use_up_no_attempt() -> None:
    assert [throttle_delay(n) for n in (1, 2, 3, 9, 10, 10_000)] == [1, 2, 4, 256, 300, 300]
    assert after(Attempt.THROTTLED, runs=0, throttles=50, age=100) == Retry(ENQUEUED + 400)


def test_a_throttled_event_ends_by_its_age() -> None:
    assert after(Attempt.THROTTLED, throttles=12, age=21_500) == GiveUp(Condition.EVENT_AGE_EXCEEDED)


@pytest.mark.parametrize(
    ("attempt", "condition"),
    [
        (Attempt.ZERO_RESERVED_CONCURRENCY, Condition.ZERO_RESERVED_CONCURRENCY),
        (Attempt.RECURSIVE_LOOP, Condition.RECURSIVE_LOOP),
        (Attempt.REFUSED, Condition.FUNCTION_DELETED),
    ],
)
def test_what_waiting_cannot_help_fails_at_once(attempt: Attempt, condition: Condition) -> None:
    assert after(attempt) == GiveUp(condition)


@pytest.mark.parametrize(("age", "too_old"), [(59.9, False), (60.0, False), (60.1, True)])
def test_an_event_older_than_its_maximum_age_is_not_tried(age: float, too_old: bool) -> None:
    answer = before_attempt(ENQUEUED, ENQUEUED + age, Rules(maximum_event_age_seconds=60))
    assert answer == (GiveUp(Condition.EVENT_AGE_EXCEEDED) if too_old else None)


@given(
    attempt=st.sampled_from(Attempt),
    runs=st.integers(1, 5),
    throttles=st.integers(1, 1000),
    age=st.integers(0, 30_000),
    retries=st.integers(0, 2),
    maximum_age=st.integers(60, 21_600),
)
def test_a_retry_lies_in_the_future_and_within_the_maximum_age(
    attempt: Attempt, runs: int, throttles: int, age: int, retries: int, maximum_age: int
) -> None:
    step = after(attempt, runs=runs, throttles=throttles, age=age, rules=Rules(retries, maximum_age))
    if isinstance(step, Retry):
        assert ENQUEUED + age < step.at <= ENQUEUED + maximum_age
