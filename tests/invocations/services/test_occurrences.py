"""Which times of something that recurs a look fires."""

from functools import partial

import pytest

from invocations.schedule_expressions import Rate, next_of_rule
from invocations.services.occurrences import AT_ONCE, Look

MINUTE, HOUR = 60.0, 3600.0


def times(period: int, now: float, *, rate: int = 1, window: float = 0.0, scheduled: float = 0.0) -> tuple[list[float], float]:
    """What one look at *now* fires of what is due each *period* seconds from 0 on, as if no window put it off, and the time that waits."""
    next_after, fired, waits = partial(next_of_rule, Rate(period), start=0.0), [], scheduled
    for number in range(1, AT_ONCE + 1):
        if waits > now:
            break
        look = Look(now, 60.0 * rate, is_last=number == AT_ONCE)
        fired.append(look.time_to_fire(waits, next_after, window))
        following = look.following(fired[-1], next_after, window)
        assert following is not None
        waits = following
    return fired, waits


@pytest.mark.parametrize(
    ("now", "rate", "fired", "waits"),
    [
        (0.0, 1, [0.0], MINUTE),
        (59.0, 1, [0.0], MINUTE),
        (61.0, 1, [60.0], 2 * MINUTE),  # the first is more than a minute late, the second is not
        (8 * HOUR + 1, 1, [8 * HOUR], 8 * HOUR + MINUTE),  # a laptop that slept
        (4 * MINUTE, 10, [0.0, 60.0, 120.0, 180.0, 240.0], 5 * MINUTE),
        (8 * HOUR, 600, [number * 60.0 for number in range(AT_ONCE)], 8 * HOUR + MINUTE),
    ],
)
def test_what_was_missed_is_made_up_within_a_minute_of_real_time_and_a_hundred_times(
    now: float, rate: int, fired: list[float], waits: float
) -> None:
    assert times(60, now, rate=rate) == (fired, waits)


def test_a_time_that_came_too_late_is_fired_where_it_is_the_only_one() -> None:
    assert times(86_400, 8 * HOUR) == ([0.0], 24 * HOUR)


def test_within_a_flexible_window_nothing_is_late_however_many_there_are() -> None:
    assert times(300, 15 * MINUTE, window=15 * MINUTE) == ([0.0, 300.0, 600.0, 900.0], 20 * MINUTE)
    fired, waits = times(60, 24 * HOUR, window=24 * HOUR)
    assert (len(fired), waits) == (AT_ONCE, AT_ONCE * MINUTE)
