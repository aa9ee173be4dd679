"""The seconds of an account, as a plot needs them."""

import pytest

from invocations import clock, meter
from invocations.meter import Meter


def test_every_second_is_there_and_keeps_what_was_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(clock, "epoch", lambda: now)
    seen = Meter()
    seen.count("1", "arrivals")
    seen.concurrency("1", 2)
    seen.concurrency("1", 1)
    now = 1003.2
    seen.count("1", "throttles")
    seen.count("1", "injected")
    seen.concurrency("1", 0)
    now = 1004.9
    assert [second.as_list() for second in seen.since("1", 998)] == [
        [999, 0, 0, 0, 0, 0, 0],
        [1000, 1, 0, 0, 0, 2, 0],
        [1001, 0, 0, 0, 0, 1, 0],
        [1002, 0, 0, 0, 0, 1, 0],
        [1003, 0, 1, 0, 0, 1, 1],
        [1004, 0, 0, 0, 0, 0, 0],
    ]
    assert [second.at for second in seen.since("1", 1002)] == [1003, 1004]
    assert [second.arrivals for second in seen.since("2", 1003)] == [0]
    assert len(seen.since("1", 0)) == meter.KEPT_SECONDS
