"""rate and at, and when rules and schedules are due next."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from invocations.schedule_expressions import At, Cron, InvalidExpression, Rate, next_of_rule, next_of_schedule, parse
from invocations.schedule_expressions.expressions import LAST_MOMENT


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("rate(1 minute)", 60), ("rate(5 minutes)", 300), ("rate(1 hour)", 3600), ("rate(2 days)", 172_800)],
)
def test_rates_that_both_services_take(text: str, seconds: int) -> None:
    assert parse(text) == parse(text, of_rule=True) == Rate(seconds)


def test_scheduler_does_not_mind_the_plural_but_rules_do() -> None:
    assert parse("rate(2 minute)") == Rate(120)
    assert parse("rate(1 minutes)") == Rate(60)
    for text in ("rate(2 minute)", "rate(1 minutes)"):
        with pytest.raises(InvalidExpression):
            parse(text, of_rule=True)


@pytest.mark.parametrize(
    "text",
    [
        "rate(10 seconds)",
        "rate(10 years)",
        "rate(0 minutes)",
        "rate()",
        "rate(10)",
        "rate(10 minutess)",
        "rate(10 MINUTES)",
        "rate(foo minutes)",
        "rate(-10 minutes)",
        "rate( 10 minutes )",
        " rate(10 minutes)",
        "rate(1000000000 days)",
        "at(2021-12-31T23:59:59Z)",
        "at(2021-12-31)",
        "at(2021-13-31T23:59:59)",
        "tomorrow",
        "",
    ],
)
def test_what_is_no_expression(text: str) -> None:
    with pytest.raises(InvalidExpression):
        parse(text)


def test_rules_know_no_at() -> None:
    assert isinstance(parse("at(2026-12-31T23:59:59)"), At)
    with pytest.raises(InvalidExpression):
        parse("at(2026-12-31T23:59:59)", of_rule=True)


def test_a_rate_keeps_its_beat_when_time_was_skipped() -> None:
    assert next_of_rule(Rate(60), 1000.0, 1060.0) == 1060.0
    assert next_of_rule(Rate(60), 1060.0, 1060.0) == 1120.0
    assert next_of_rule(Rate(60), 1999.0, 1060.0) == 2020.0


def test_a_rules_cron_is_in_utc() -> None:
    moment = datetime(2026, 7, 1, 11, 59, tzinfo=UTC).timestamp()
    assert next_of_rule(parse("cron(0 12 * * ? *)"), moment, moment) == moment + 60


def test_a_schedule_has_a_start_and_an_end() -> None:
    start, end = 1000.0, 1150.0
    found = [next_of_schedule(Rate(60), after, start, end, UTC) for after in (0.0, 999.0, 1000.0, 1060.0, 1120.0)]
    assert found == [1000.0, 1000.0, 1060.0, 1120.0, None]


def test_a_schedules_cron_begins_at_its_start_if_that_is_one_of_its_times() -> None:
    noon = datetime(2026, 11, 27, 12, tzinfo=UTC).timestamp()
    cron = parse("cron(0 12 * * ? *)")
    assert isinstance(cron, Cron)
    assert next_of_schedule(cron, noon - 90_000, noon, None, UTC) == noon
    assert next_of_schedule(cron, noon - 90_000, noon + 1, None, UTC) == noon + 86_400


def test_at_happens_once_in_its_time_zone() -> None:
    expression, zone = parse("at(2026-07-01T12:00:00)"), ZoneInfo("Europe/Berlin")
    moment = datetime(2026, 7, 1, 10, tzinfo=UTC).timestamp()
    assert next_of_schedule(expression, moment - 1, 0.0, None, zone) == moment
    assert next_of_schedule(expression, moment, 0.0, None, zone) is None


def test_nothing_is_due_after_the_last_year_of_the_calendar() -> None:
    now, behind = datetime(2026, 11, 27, tzinfo=UTC).timestamp(), ZoneInfo("Pacific/Honolulu")
    assert next_of_rule(parse("rate(99999999 days)", of_rule=True), now, now + 99_999_999 * 86_400) is None
    assert next_of_schedule(parse("rate(99999999 days)"), now, now, None, UTC) is None
    assert next_of_schedule(parse("at(9999-12-31T23:59:59)"), now, now, None, behind) is None
    assert next_of_schedule(parse("at(2199-12-31T23:59:59)"), now, now, None, UTC) == LAST_MOMENT
