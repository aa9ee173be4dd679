"""Invocations, errors and throttles per minute, drawn by the server as one small picture with a table behind it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncMinute

from invocations import clock
from invocations.enums import InvocationState
from invocations.models import Invocation

MINUTES = 30
HEIGHT = 64
"""Of the plot, in its own units; a minute is STEP wide."""
STEP = 10
_ERRORS = {InvocationState.FUNCTION_ERROR, InvocationState.TIMED_OUT}


@dataclass(frozen=True)
class Minute:
    """One minute."""

    at: datetime
    invocations: int
    errors: int
    throttles: int

    @property
    def others(self) -> int:
        """What went well, or was refused for another reason."""
        return self.invocations - self.errors - self.throttles


@dataclass(frozen=True)
class Bar:
    """A minute as stacked rectangles: (kind, x, y, height), from the ground up."""

    minute: Minute
    parts: list[tuple[str, float, float, float]]


@dataclass(frozen=True)
class Activity:
    """The last half hour."""

    minutes: list[Minute]

    @property
    def highest(self) -> int:
        """Most invocations in a minute; the plot's top. At least 5, so that one invocation does not fill the picture."""
        return max(5, *(minute.invocations for minute in self.minutes))

    @property
    def invocations(self) -> int:
        """All together."""
        return sum(minute.invocations for minute in self.minutes)

    @property
    def errors(self) -> int:
        """Function errors and timeouts."""
        return sum(minute.errors for minute in self.minutes)

    @property
    def throttles(self) -> int:
        """Refused for want of concurrency."""
        return sum(minute.throttles for minute in self.minutes)

    @property
    def busy(self) -> list[Minute]:
        """Minutes with anything in them, newest first: the table."""
        return [minute for minute in reversed(self.minutes) if minute.invocations]

    @property
    def sentence(self) -> str:
        """The picture in words."""
        return f"In the last {MINUTES} minutes: {self.invocations} invocations, {self.errors} errors, {self.throttles} throttles."

    @property
    def bars(self) -> list[Bar]:
        """The picture."""
        bars = []
        for index, minute in enumerate(self.minutes):
            ground, parts = float(HEIGHT), []
            for kind, count in (("ok", minute.others), ("error", minute.errors), ("throttle", minute.throttles)):
                if count:
                    height = max(2.0, round(HEIGHT * count / self.highest, 2))
                    ground -= height
                    parts.append((kind, index * STEP + 1.0, round(ground, 2), height))
            bars.append(Bar(minute, parts))
        return bars


def of(account_id: str, now: datetime | None = None) -> Activity:
    """From the database: one query over the last half hour."""
    this_minute = (now or clock.now()).replace(second=0, microsecond=0)
    first = this_minute - timedelta(minutes=MINUTES - 1)
    rows = (
        Invocation.objects.of(account_id)
        .filter(received_at__gte=first)
        .order_by()
        .annotate(minute=TruncMinute("received_at"))
        .values_list("minute", "state")
        .annotate(count=Count("id"))
    )
    counts: dict[datetime, Counter[str]] = {}
    for minute, state, count in rows:
        counts.setdefault(minute, Counter())[state] += count
    return Activity([_minute(first + timedelta(minutes=index), counts) for index in range(MINUTES)])


def _minute(at: datetime, counts: dict[datetime, Counter[str]]) -> Minute:
    states = counts.get(at, Counter())
    return Minute(at, states.total(), sum(states[state] for state in _ERRORS), states[InvocationState.THROTTLED])
