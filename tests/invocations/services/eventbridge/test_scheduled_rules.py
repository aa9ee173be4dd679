"""Rules with a schedule, on the account's clock."""

import threading

import pytest

from invocations import account_clock, store
from invocations.resources import rules
from invocations.services import eventbridge, occurrences
from invocations.services.eventbridge.batch import time_of
from tests.invocations.services.eventbridge.bus_of_tests import ACCOUNT, bodies, make_rule, owed, queue

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db]

MEMBER = "rule:default/tick"


def due() -> float:
    occurrence = occurrences.next_of(ACCOUNT, MEMBER)
    assert occurrence is not None
    assert store.connection().zscore(store.due_key(ACCOUNT), MEMBER) == occurrence.due
    assert store.connection().sismember(store.DUE_ACCOUNTS, ACCOUNT)
    return occurrence.due


def test_a_rate_begins_one_period_after_the_rule() -> None:
    before = account_clock.now(ACCOUNT)
    make_rule("tick", ScheduleExpression="rate(5 minutes)")
    assert before + 300 <= due() <= account_clock.now(ACCOUNT) + 300


def test_a_rule_that_is_due_sends_its_event_and_waits_for_its_next_time() -> None:
    make_rule("tick", queue("a"), ScheduleExpression="rate(1 minute)")
    first = due()
    eventbridge.handle_rule(ACCOUNT, "default/tick", first - 1)
    assert owed(queue("a")) == []
    eventbridge.handle_rule(ACCOUNT, "default/tick", first + 0.1)
    (event,) = bodies(queue("a"))
    assert event == {
        "version": "0",
        "id": event["id"],
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": event["time"],
        "region": "us-east-1",
        "resources": [f"arn:aws:events:us-east-1:{ACCOUNT}:rule/tick"],
        "detail": {},
    }
    assert due() == first + 60


def test_what_a_look_missed_for_less_than_a_minute_of_real_time_is_made_up_for_each_time() -> None:
    account_clock.set_rate(ACCOUNT, 60)
    store.connection().hdel(store.clock_key(ACCOUNT), "shown_before")  # as if it had run so for long
    make_rule("tick", queue("a"), ScheduleExpression="rate(1 minute)")
    first = due()
    eventbridge.handle_rule(ACCOUNT, "default/tick", first + 9 * 60 + 1)
    assert [event["time"] for event in bodies(queue("a"))] == [time_of(first + number * 60) for number in range(10)]
    assert due() == first + 600
    eventbridge.handle_rule(ACCOUNT, "default/tick", first + 599)
    assert len(owed(queue("a"))) == 10


def test_what_was_missed_for_longer_is_fired_once() -> None:
    make_rule("tick", queue("a"), ScheduleExpression="rate(1 minute)")
    first = due()
    eventbridge.handle_rule(ACCOUNT, "default/tick", first + 1000)
    assert [event["time"] for event in bodies(queue("a"))] == [time_of(first + 960)]
    assert due() == first + 1020


@pytest.mark.django_db(transaction=True)
def test_a_firing_that_two_workers_begin_happens_once() -> None:
    make_rule("tick", queue("a"), ScheduleExpression="rate(1 minute)")
    now = due() + 1
    start = threading.Barrier(4)

    def work() -> None:
        start.wait()
        eventbridge.handle_rule(ACCOUNT, "default/tick", now)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(owed(queue("a"))) == 1


def test_a_disabled_rule_rests_and_a_deleted_one_is_forgotten() -> None:
    make_rule("tick", ScheduleExpression="rate(1 minute)")
    rules.set_enabled(ACCOUNT, "tick", None, enabled=False)
    assert occurrences.next_of(ACCOUNT, MEMBER) is None
    rules.set_enabled(ACCOUNT, "tick", None, enabled=True)
    assert due()
    rules.delete(ACCOUNT, "tick")
    assert store.connection().zscore(store.due_key(ACCOUNT), MEMBER) is None


def test_what_the_due_index_has_of_a_rule_that_is_gone_is_taken_out() -> None:
    store.connection().zadd(store.due_key(ACCOUNT), {MEMBER: 1.0})
    eventbridge.handle_rule(ACCOUNT, "default/tick", 2.0)
    assert store.connection().zscore(store.due_key(ACCOUNT), MEMBER) is None


def test_a_rule_that_loses_its_schedule_is_due_no_more() -> None:
    make_rule("tick", ScheduleExpression="rate(1 minute)")
    rules.put(ACCOUNT, {"Name": "tick", "EventPattern": '{"source": ["shop"]}'})
    assert occurrences.next_of(ACCOUNT, MEMBER) is None
