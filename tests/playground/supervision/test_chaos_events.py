"""kill -9 of every process while asynchronous events go on: each that was accepted ends exactly once."""

import pytest

from invocations.lanes import YOUNG_AT_ONCE
from playground.bench import chaos
from playground.supervision.trial import Trial

EVENTS = 400


@pytest.mark.timeout(300)  # a busy machine takes its time
def test_every_accepted_event_ends_once_whatever_dies() -> None:
    with Trial() as trial:
        figures = chaos.run(trial, lambda line: None, events=EVENTS, rounds=1)
    assert figures["accepted"] >= EVENTS
    assert figures["accepted and ended"] == figures["accepted"]
    assert figures["records missing"] == 0
    assert set(figures["states"]) == {"succeeded", "function error"}
    # One service died with what ran in it: those runs are repeated, and no others.
    assert figures["runs too many"] <= YOUNG_AT_ONCE
    # A record sent again, where a worker or redis died between sending it and noting that, is the same message.
    assert figures["records too many"] == 0
