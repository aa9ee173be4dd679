"""Schedules on the account's clock."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from invocations import account_clock, clock, outbox, store
from invocations.errors import AwsError
from invocations.models import Role, Schedule
from invocations.outbox import RetryRule
from invocations.outbox_sender import failures, send_one
from invocations.resources import policy_holders, schedules
from invocations.services import occurrences, scheduler
from invocations.services.eventbridge import recent
from invocations.services.eventbridge.batch import time_of
from tests.invocations.services.eventbridge.bus_of_tests import ACCOUNT, bodies, bus, make_rule, owed, queue

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db]

MEMBER, REST = "schedule:default/tick", "default/tick"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/scheduler"
ARN = f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule/default/tick"
NOW = 1_764_022_426.5


@pytest.fixture(autouse=True)
def _paused_clock(redis_server: None) -> None:
    account_clock.set_paused(ACCOUNT, True)
    store.connection().hset(store.clock_key(ACCOUNT), "shown", repr(NOW))


def make(expression: str = "rate(1 minute)", target: dict[str, Any] | None = None, **members: Any) -> None:
    whole = {"Arn": queue("a"), "RoleArn": ROLE, **(target or {})}
    given = {"Name": "tick", "ScheduleExpression": expression, "Target": whole, "FlexibleTimeWindow": {"Mode": "OFF"}}
    schedules.create(ACCOUNT, {**given, **members})


def due() -> float | None:
    occurrence = occurrences.next_of(ACCOUNT, MEMBER)
    assert store.connection().zscore(store.due_key(ACCOUNT), MEMBER) == (occurrence.due if occurrence else None)
    return occurrence.due if occurrence else None


def at(moment: datetime) -> str:
    return f"at({moment:%Y-%m-%dT%H:%M:%S})"


def test_a_rate_is_due_at_once_and_then_after_each_period() -> None:
    make()
    assert due() == pytest.approx(NOW)
    scheduler.handle(ACCOUNT, REST, NOW)
    assert due() == pytest.approx(NOW + 60)
    scheduler.handle(ACCOUNT, REST, NOW + 59)
    assert len(owed(queue("a"))) == 1
    scheduler.handle(ACCOUNT, REST, NOW + 1000)  # a clock that was set forward
    assert len(owed(queue("a"))) == 2
    assert due() == pytest.approx(NOW + 1020)


def test_a_bus_gets_what_the_role_may_put_and_what_it_may_not_goes_the_way_of_refused_deliveries() -> None:
    trust = {"Statement": {"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}}
    policy_holders.create(Role, ACCOUNT, "puts", assume_role_policy_document=json.dumps(trust))
    role, target = f"arn:aws:iam::{ACCOUNT}:role/puts", bus("default")
    make(target={"Arn": target, "RoleArn": role, "EventBridgeParameters": {"Source": "shop", "DetailType": "Tick"}})
    scheduler.handle(ACCOUNT, REST, NOW)
    assert ([each.role_arn for each in owed(target)], recent.newest(ACCOUNT, "default", 10)) == ([role], [])
    allow = {"Statement": {"Effect": "Allow", "Action": "events:PutEvents", "Resource": target}}
    policy_holders.put_policy(Role, ACCOUNT, "puts", "put", json.dumps(allow))
    scheduler.handle(ACCOUNT, REST, NOW + 60)
    assert (len(owed(target)), len(recent.newest(ACCOUNT, "default", 10))) == (1, 1)


def test_a_start_and_an_end_bound_it() -> None:
    start, end = clock.from_epoch(NOW) + timedelta(hours=1), clock.from_epoch(NOW) + timedelta(hours=1, seconds=90)
    make(StartDate=start, EndDate=end)
    assert due() == start.timestamp()
    scheduler.handle(ACCOUNT, REST, start.timestamp())
    assert due() == start.timestamp() + 60
    scheduler.handle(ACCOUNT, REST, start.timestamp() + 60)
    assert due() is None
    assert schedules.find(ACCOUNT, "tick").state == "ENABLED"


def test_a_one_time_schedule_fires_once_in_its_time_zone() -> None:
    moment = datetime(2026, 7, 1, 12, tzinfo=UTC)
    make(at(moment), ScheduleExpressionTimezone="Europe/Berlin")
    assert due() == (moment - timedelta(hours=2)).timestamp()
    scheduler.handle(ACCOUNT, REST, moment.timestamp())
    assert len(owed(queue("a"))) == 1
    assert due() is None
    assert Schedule.objects.of(ACCOUNT).count() == 1


def test_a_schedule_that_is_over_is_deleted_if_it_says_so() -> None:
    moment = clock.from_epoch(NOW) + timedelta(hours=1)
    make(at(moment), ActionAfterCompletion="DELETE")
    scheduler.handle(ACCOUNT, REST, moment.timestamp())
    assert len(owed(queue("a"))) == 1
    scheduler.handle(ACCOUNT, REST, moment.timestamp())  # the step that deletes it, due at once
    assert due() is None
    assert Schedule.objects.of(ACCOUNT).count() == 0
    assert len(owed(queue("a"))) == 1


def test_a_flexible_window_puts_it_off_but_not_its_scheduled_time() -> None:
    make(
        "rate(1 hour)",
        {"Input": '"<aws.scheduler.scheduled-time>"'},
        FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 30},
        StartDate=datetime(2026, 1, 1, tzinfo=UTC),
    )
    start = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    first = due()
    assert first is not None
    assert start <= first <= start + 1800
    scheduler.handle(ACCOUNT, REST, first)
    assert bodies(queue("a")) == ["2026-01-01T00:00:00Z"]
    second = due()
    assert second is not None
    assert start + 3600 <= second <= start + 3600 + 1800


def test_a_flexible_window_longer_than_the_rate_drops_no_time() -> None:
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}
    make("rate(5 minutes)", {"Input": '"<aws.scheduler.scheduled-time>"'}, FlexibleTimeWindow=window)
    while (moment := due() or 0.0) < NOW + 4 * 3600:
        scheduler.handle(ACCOUNT, REST, max(moment, NOW))
    sent = sorted(bodies(queue("a")))
    assert sent == [time_of(NOW + 300 * number) for number in range(len(sent))]
    assert 45 <= len(sent) <= 48


def test_a_disabled_schedule_rests() -> None:
    make(State="DISABLED")
    assert due() is None
    target = {"Arn": queue("a"), "RoleArn": ROLE}
    given = {"ScheduleExpression": "rate(1 minute)", "Target": target, "FlexibleTimeWindow": {"Mode": "OFF"}}
    schedules.update(ACCOUNT, {"Name": "tick", **given})
    assert due() is not None
    schedules.update(ACCOUNT, {"Name": "tick", **given, "State": "DISABLED"})
    assert due() is None


def test_a_start_that_has_passed_stays_through_an_update_but_is_no_new_one() -> None:
    start = clock.from_epoch(NOW) - timedelta(minutes=4, seconds=10)
    make("rate(3 minutes)", StartDate=start)
    store.connection().hset(store.clock_key(ACCOUNT), "shown", repr(NOW + 3600))
    target = {"Arn": queue("a"), "RoleArn": ROLE}
    given = {"Name": "tick", "ScheduleExpression": "rate(3 minutes)", "Target": target, "FlexibleTimeWindow": {"Mode": "OFF"}}
    schedules.update(ACCOUNT, {**given, "StartDate": start})
    assert schedules.find(ACCOUNT, "tick").start_date == start
    assert due() == start.timestamp() + 22 * 180
    with pytest.raises(AwsError, match="The StartDate you specify cannot be earlier than 5 minutes ago"):
        schedules.update(ACCOUNT, {**given, "StartDate": start + timedelta(seconds=1)})


def test_a_deleted_schedule_is_forgotten() -> None:
    make()
    schedules.delete(ACCOUNT, "tick")
    assert due() is None
    store.connection().zadd(store.due_key(ACCOUNT), {MEMBER: 1.0})
    scheduler.handle(ACCOUNT, REST, NOW)
    assert store.connection().zscore(store.due_key(ACCOUNT), MEMBER) is None


def test_what_redis_has_lost_is_restored_from_the_database() -> None:
    make("rate(1 minute)", StartDate=clock.from_epoch(NOW) + timedelta(hours=1))
    store.connection().delete(store.due_key(ACCOUNT), f"occurrence:{ACCOUNT}:{MEMBER}")
    scheduler.restore_due()
    assert due() == pytest.approx(NOW + 3600)


@pytest.mark.django_db(transaction=True)
def test_context_attributes_are_filled_in_and_each_attempt_has_its_number() -> None:
    text = '{"arn": "<aws.scheduler.schedule-arn>", "time": "<aws.scheduler.scheduled-time>", "n": <aws.scheduler.attempt-number>}'
    make(target={"Input": text, "Arn": queue("gone")})
    scheduler.handle(ACCOUNT, REST, NOW + 5)

    async def send() -> None:
        (claimed,) = await outbox.QUEUE.claim(ACCOUNT, queue("gone"), "test", 1, 30.0)
        await send_one(replace(claimed, fields=claimed.fields | {"attempts": b"1"}))  # one that failed before
        await store.async_connection().aclose()

    asyncio.run(send())
    (failure,) = failures(ACCOUNT, ARN)
    assert (failure["failures"], json.loads(failure["body"])) == (2, {"arn": ARN, "time": "2025-11-24T22:13:46Z", "n": 2})


def test_without_an_input_an_event_is_sent() -> None:
    make()
    scheduler.handle(ACCOUNT, REST, NOW)
    (event,) = bodies(queue("a"))
    assert event == {
        "version": "0",
        "id": event["id"],
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": ACCOUNT,
        "time": "2025-11-24T22:13:46Z",
        "region": "us-east-1",
        "resources": [ARN],
        "detail": "{}",
    }


def test_a_delivery_knows_its_schedule_its_retries_and_its_dead_letter_queue() -> None:
    make(
        target={
            "Arn": queue("orders.fifo"),
            "SqsParameters": {"MessageGroupId": "g"},
            "RetryPolicy": {"MaximumRetryAttempts": 2},
            "DeadLetterConfig": {"Arn": queue("dead")},
        }
    )
    scheduler.handle(ACCOUNT, REST, NOW)
    (delivery,) = owed(queue("orders.fifo"))
    assert (delivery.source, delivery.origin, delivery.detail) == ("scheduler", ARN, {"message_group_id": "g"})
    assert delivery.retry == RetryRule("events", 2, 86_400)
    assert delivery.dead_letter_arn == queue("dead")
    assert delivery.dead_letter_attributes["SCHEDULE_ARN"] == {"DataType": "String", "StringValue": ARN}


def test_an_event_bus_is_given_an_event() -> None:
    make_rule("orders", queue("b"))
    parameters = {"Source": "shop", "DetailType": "closing"}
    make(target={"Arn": bus("default"), "EventBridgeParameters": parameters, "Input": json.dumps({"id": 7})})
    scheduler.handle(ACCOUNT, REST, NOW)
    (event,) = bodies(queue("b"))
    assert (event["source"], event["detail-type"], event["detail"]) == ("shop", "closing", {"id": 7})
    assert [each.rules for each in recent.newest(ACCOUNT, "default")] == [["orders"]]
    assert due() == pytest.approx(NOW + 60)
