"""rate(…), cron(…) and at(…): which is meant, and when it is due next."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from math import floor
from typing import Final

from invocations.schedule_expressions.cron import LAST_YEAR, Cron

_SECONDS: Final = {"minute": 60, "hour": 3600, "day": 86_400}
_RATE: Final = re.compile(r"rate\((\d{1,8}) (minute|hour|day)(s?)\)", re.ASCII)
_CRON: Final = re.compile(r"cron\(([^()]+)\)")
LAST_MOMENT: Final = datetime(LAST_YEAR, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()
"""What would be due later, as a rate of many years, never is: clocks and calendars end somewhere."""
_AT: Final = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)", re.ASCII)


class InvalidExpression(ValueError):
    """The text is no schedule expression."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Every so many seconds."""

    seconds: int

    def next_after(self, moment: float, start: float) -> float:
        """The first time later than *moment* of those at *start* and each period after it (epoch seconds)."""
        if moment < start:
            return start
        return start + (floor((moment - start) / self.seconds) + 1) * self.seconds


@dataclass(frozen=True, slots=True)
class At:
    """Once, at a local time."""

    local: datetime

    def moment(self, zone: tzinfo) -> float:
        """Epoch seconds of it in *zone*."""
        return self.local.replace(tzinfo=zone).timestamp()


Expression = Rate | Cron | At


def parse(text: str, *, of_rule: bool = False) -> Expression:
    """Reads an expression; rules know no `at` and want "1 minute", "2 minutes". Raises InvalidExpression."""
    if match := _RATE.fullmatch(text):
        value, unit, plural = int(match[1]), match[2], match[3]
        if value == 0 or (of_rule and (value == 1) == bool(plural)):
            raise InvalidExpression(text)
        return Rate(value * _SECONDS[unit])
    try:
        if match := _CRON.fullmatch(text):
            return Cron.parse(match[1])
        if not of_rule and (match := _AT.fullmatch(text)):
            return At(datetime.fromisoformat(match[1]))
    except ValueError:
        raise InvalidExpression(text) from None
    raise InvalidExpression(text)


def next_of_rule(expression: Expression, after: float, start: float) -> float | None:
    """When a rule is due next: its rate counts from *start*, its cron is in UTC."""
    if isinstance(expression, Rate):
        return _before(LAST_MOMENT, expression.next_after(after, start))
    return expression.next_after(after, UTC) if isinstance(expression, Cron) else None


def next_of_schedule(expression: Expression, after: float, start: float, end: float | None, zone: tzinfo) -> float | None:
    """When a schedule is due next, later than *after*, not before *start* and not after *end*; None when it is over.

    A rate has its first time at *start*. A one-time schedule knows neither.
    """
    if isinstance(expression, At):
        moment = expression.moment(zone)
        return _before(LAST_MOMENT, moment) if moment > after else None
    if isinstance(expression, Rate):
        found: float | None = expression.next_after(after, start)
    else:
        found = expression.next_after(max(after, start - 1e-3), zone)
    return _before(LAST_MOMENT if end is None else min(end, LAST_MOMENT), found)


def _before(end: float, moment: float | None) -> float | None:
    return None if moment is None or moment > end else moment
