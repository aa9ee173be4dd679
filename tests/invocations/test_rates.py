"""How fast a function's rate of requests may rise."""

import pytest

from invocations.rates import Growth


def served(growth: Growth, second: float, requests: int) -> int:
    """How many of that many requests of one second were admitted."""
    return sum(growth.admits(second) for _ in range(requests))


@pytest.mark.parametrize(
    ("asked", "admitted"),
    [
        ([30], [10]),
        ([10, 10, 10], [10, 10, 10]),
        ([5, 12, 12], [5, 10 + 1, 12]),
        ([10, 30, 30], [10, 11, 12]),
        ([0, 0, 30], [0, 0, 10]),
    ],
    ids=["ten windows at once", "a rate that was reached stays", "room is left for later", "then one more each second", "none is saved up"],
)
def test_a_rate_rises_by_what_new_environments_can_serve(asked: list[int], admitted: list[int]) -> None:
    growth = Growth(per_second=1)
    assert [served(growth, 100.0 + second, requests) for second, requests in enumerate(asked)] == admitted


def test_a_rate_that_was_left_ten_seconds_ago_has_to_be_reached_anew() -> None:
    growth = Growth(per_second=1)
    assert served(growth, 100, 10) == 10
    assert served(growth, 101, 1) == 1
    assert served(growth, 112, 50) == 11, "one that is being used, and ten that have come since"
