"""AWS's cron: examples of the User Guides, and the days on which clocks change."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from invocations.schedule_expressions import InvalidExpression, parse
from invocations.schedule_expressions.cron import Cron


def times(expression: str, after: str, zone: str = "UTC", count: int = 3) -> list[str]:
    """The next *count* times after a local one, as local times with their offset from UTC."""
    tz = ZoneInfo(zone)
    moment = datetime.fromisoformat(after).replace(tzinfo=tz).timestamp()
    found = []
    for _ in range(count):
        following = Cron.parse(expression).next_after(moment, tz)
        if following is None:
            break
        moment = following
        found.append(datetime.fromtimestamp(moment, tz).strftime("%Y-%m-%d %H:%M %z"))
    return found


def days(expression: str, after: str, count: int = 3) -> list[str]:
    return [found[:10] for found in times(expression, after, count=count)]


def test_a_time_of_each_day() -> None:
    assert times("0 10 * * ? *", "2026-01-01T10:00:00") == [
        "2026-01-02 10:00 +0000",
        "2026-01-03 10:00 +0000",
        "2026-01-04 10:00 +0000",
    ]


def test_steps_ranges_and_names_of_weekdays() -> None:
    assert times("0/15 9-10 ? * MON-FRI *", "2026-11-27T10:40:00") == [
        "2026-11-27 10:45 +0000",
        "2026-11-30 09:00 +0000",
        "2026-11-30 09:15 +0000",
    ]
    assert times("*/20,7 18 ? * 2 *", "2026-11-27T10:40:00", count=4) == [
        "2026-11-30 18:00 +0000",
        "2026-11-30 18:07 +0000",
        "2026-11-30 18:20 +0000",
        "2026-11-30 18:40 +0000",
    ]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0 8 1 * ? *", ["2026-02-01", "2026-03-01", "2026-04-01"]),
        ("0 8 L * ? *", ["2026-01-31", "2026-02-28", "2026-03-31"]),
        ("0 8 31 * ? *", ["2026-01-31", "2026-03-31", "2026-05-31"]),
        ("0 8 1W * ? *", ["2026-02-02", "2026-03-02", "2026-04-01"]),
        ("0 8 31W * ? *", ["2026-01-30", "2026-03-31", "2026-05-29"]),
        ("0 8 LW * ? *", ["2026-01-30", "2026-02-27", "2026-03-31"]),
        ("0 8 ? * 6L *", ["2026-01-30", "2026-02-27", "2026-03-27"]),
        ("0 8 ? * TUE#2 *", ["2026-01-13", "2026-02-10", "2026-03-10"]),
        ("0 8 ? * 1#5 *", ["2026-03-29", "2026-05-31", "2026-08-30"]),
        ("0 8 ? * L *", ["2026-01-10", "2026-01-17", "2026-01-24"]),
        ("0 8 29 FEB ? *", ["2028-02-29", "2032-02-29", "2036-02-29"]),
        ("0 8 1 1,7 ? 2026-2027", ["2026-07-01", "2027-01-01", "2027-07-01"]),
    ],
)
def test_which_days(expression: str, expected: list[str]) -> None:
    assert days(expression, "2026-01-09T12:00:00") == expected


def test_years_end() -> None:
    assert days("0 8 1 1 ? 2026-2027", "2026-01-09T12:00:00") == ["2027-01-01"]
    assert days("0 8 30 2 ? *", "2026-01-09T12:00:00") == []


def test_a_local_time_that_the_clocks_jump_over_is_skipped() -> None:
    assert times("30 2 * * ? *", "2026-03-28T02:30:00", "Europe/Berlin", 1) == ["2026-03-30 02:30 +0200"]


def test_a_local_time_that_the_clocks_show_twice_counts_once() -> None:
    assert times("30 2 * * ? *", "2026-10-24T03:00:00", "Europe/Berlin", 2) == ["2026-10-25 02:30 +0200", "2026-10-26 02:30 +0100"]
    second_time = datetime(2026, 10, 25, 1, 10, tzinfo=UTC).timestamp()  # 02:10 for the second time in Berlin
    following = Cron.parse("30 2 * * ? *").next_after(second_time, ZoneInfo("Europe/Berlin"))
    assert following == datetime(2026, 10, 26, 1, 30, tzinfo=UTC).timestamp()


def test_noon_stays_noon_when_the_clocks_change() -> None:
    assert times("0 12 * * ? *", "2026-03-07T12:00:00", "America/New_York", 2) == ["2026-03-08 12:00 -0400", "2026-03-09 12:00 -0400"]


@pytest.mark.parametrize(
    "expression",
    [
        "cron(0 1 * * * *)",
        "cron(0 1 ? * ? *)",
        "cron(7 20 * * NOT *)",
        "cron(INVALID)",
        "cron(0 dummy ? * MON-FRI *)",
        "cron(71 8 1 * ? *)",
        "cron()",
        "cron(0 8 1 * ?)",
        "cron(0 8 0 * ? *)",
        "cron(0 8 32W * ? *)",
        "cron(0 8 ? * 8 *)",
        "cron(0 8 ? * 2#6 *)",
        "cron(0 8 1 13 ? *)",
        "cron(0 8 1 * ? 1969)",
        "cron(0 10-8 1 * ? *)",
        "cron(0/0 8 1 * ? *)",
        "cron(0  8 1 * ? *)",
        "cron(² 8 1 * ? *)",
        "cron(-1 8 1 * ? *)",
    ],
)
def test_what_is_no_cron(expression: str) -> None:
    with pytest.raises(InvalidExpression):
        parse(expression)
