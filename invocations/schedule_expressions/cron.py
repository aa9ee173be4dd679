"""AWS's dialect of cron: six fields, `?` in one of the two for days, L, W and #, years.

Source: EventBridge User Guide, "Setting a schedule pattern"; Scheduler User Guide, "Cron-based schedules".
"""

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

FIRST_YEAR, LAST_YEAR = 1970, 2199
_MONTHS: Final = {name: number for number, name in enumerate(calendar.month_abbr) if name}
_MONTH_NUMBERS: Final = {name.upper(): number for name, number in _MONTHS.items()}
_DAY_NUMBERS: Final = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
_PART: Final = re.compile(r"(?:(\*)|(\w+)(?:-(\w+))?)(?:/(\d+))?")

Days = Callable[[int, int], set[int]]
"""Year and month -> days of that month."""


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression, read."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    months: tuple[int, ...]
    years: tuple[int, ...]
    days: Days

    @classmethod
    def parse(cls, text: str) -> "Cron":
        """Reads what stands inside `cron(…)`. Raises ValueError."""
        fields = text.split(" ")
        if len(fields) != 6:
            raise ValueError("six fields")
        minute, hour, day, month, weekday, year = fields
        if (day == "?") == (weekday == "?"):
            raise ValueError("one of day-of-month and day-of-week is ?")
        return cls(
            _numbers(minute, 0, 59),
            _numbers(hour, 0, 23),
            _numbers(month, 1, 12, _MONTH_NUMBERS),
            _numbers(year, FIRST_YEAR, LAST_YEAR),
            _days_of_month(day) if weekday == "?" else _days_of_week(weekday),
        )

    def next_after(self, moment: float, zone: tzinfo = UTC) -> float | None:
        """The first time later than *moment* (epoch seconds) in *zone*; None where there is none.

        A local time that the clocks jump over is skipped; one that they show twice counts once, the first time.
        """
        local = datetime.fromtimestamp(moment, zone).replace(tzinfo=None)
        for found in self._local_times(local):
            aware = found.replace(tzinfo=zone)
            is_shown = aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == found
            if is_shown and aware.timestamp() > moment:
                return aware.timestamp()
        return None

    def _local_times(self, after: datetime) -> Iterator[datetime]:
        """Times of the expression in the day of *after* and later, of those that are not before it."""
        for year in self.years:
            if year < after.year:
                continue
            for month in self.months:
                if (year, month) < (after.year, after.month):
                    continue
                for day in sorted(self.days(year, month)):
                    if date(year, month, day) < after.date():
                        continue
                    for hour in self.hours:
                        for minute in self.minutes:
                            found = datetime(year, month, day, hour, minute)
                            if found >= after - timedelta(minutes=1):
                                yield found


def _numbers(field: str, first: int, last: int, names: dict[str, int] | None = None) -> tuple[int, ...]:
    """The values of a field: numbers, names, ranges, steps, lists and *."""
    found: set[int] = set()
    for part in field.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"no such value: {part}")
        everything, low, high, step = match.groups()
        start = first if everything else _number(low, first, last, names or {})
        alone = last if everything or step else start
        end = _number(high, first, last, names or {}) if high else alone
        if end < start or step == "0":
            raise ValueError(f"no such range: {part}")
        found.update(range(start, end + 1, int(step or 1)))
    return tuple(sorted(found))


def _number(text: str, first: int, last: int, names: dict[str, int]) -> int:
    number = names.get(text.upper())
    if number is None:
        if not text.isdecimal():
            raise ValueError(f"no number: {text}")
        number = int(text)
    if not first <= number <= last:
        raise ValueError(f"out of range: {text}")
    return number


def _days_of_month(field: str) -> Days:
    if field == "L":
        return lambda year, month: {_length(year, month)}
    if field == "LW":
        return lambda year, month: {_nearest_weekday(year, month, _length(year, month))}
    if match := re.fullmatch(r"(\d+)W", field):
        wanted = _number(match[1], 1, 31, {})
        return lambda year, month: {_nearest_weekday(year, month, wanted)} if wanted <= _length(year, month) else set()
    numbers = _numbers(field, 1, 31)
    return lambda year, month: {day for day in numbers if day <= _length(year, month)}


def _days_of_week(field: str) -> Days:
    if field == "L":
        field = "7"
    elif match := re.fullmatch(r"(\w+)L", field):
        last = _number(match[1], 1, 7, _DAY_NUMBERS)
        return lambda year, month: {_days_that_are(year, month, {last})[-1]}
    elif match := re.fullmatch(r"(\w+)#(\d)", field):
        weekday, which = _number(match[1], 1, 7, _DAY_NUMBERS), _number(match[2], 1, 5, {})
        return lambda year, month: set(_days_that_are(year, month, {weekday})[which - 1 : which])
    numbers = set(_numbers(field, 1, 7, _DAY_NUMBERS))
    return lambda year, month: set(_days_that_are(year, month, numbers))


def _days_that_are(year: int, month: int, weekdays: set[int]) -> list[int]:
    """Days of the month whose weekday (1 is Sunday) is one of these."""
    first = (calendar.weekday(year, month, 1) + 1) % 7  # 0 is Sunday
    return [day for day in range(1, _length(year, month) + 1) if (first + day - 1) % 7 + 1 in weekdays]


def _nearest_weekday(year: int, month: int, day: int) -> int:
    """The day from Monday to Friday that is nearest to *day*, within the month."""
    weekday = calendar.weekday(year, month, day)
    if weekday == calendar.SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == calendar.SUNDAY:
        return day + 1 if day < _length(year, month) else day - 2
    return day


def _length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]
