"""Archives and replays."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from invocations import account_clock, clock, store
from invocations.models import Replay
from invocations.resources import archives, replays
from invocations.services import eventbridge
from invocations.services.eventbridge import archive_store
from invocations.services.eventbridge.replays import AT_ONCE
from tests.invocations.services.eventbridge.bus_of_tests import ACCOUNT, bodies, bus, entry, make_bus, make_rule, owed, put, queue

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db]

ARCHIVE = f"arn:aws:events:us-east-1:{ACCOUNT}:archive/kept"
NOW = 1_764_022_426.0


def make_archive(**members: Any) -> None:
    archives.create(ACCOUNT, {"ArchiveName": "kept", "EventSourceArn": bus("default"), **members})


def start(name: str = "again", **members: Any) -> None:
    now = clock.from_epoch(account_clock.now(ACCOUNT))
    given = {"EventStartTime": now - timedelta(days=1), "EventEndTime": now + timedelta(days=1), "Destination": {"Arn": bus("default")}}
    replays.start(ACCOUNT, {"ReplayName": name, "EventSourceArn": ARCHIVE, **given, **members})


def step(name: str = "again") -> str:
    """One call of the handler; the replay's state after it."""
    eventbridge.handle_replay(ACCOUNT, name, account_clock.now(ACCOUNT))
    return replays.get(ACCOUNT, name).state


def is_due(name: str = "again") -> bool:
    return store.connection().zscore(store.due_key(ACCOUNT), f"replay:{name}") is not None


def pause_at(moment: float) -> None:
    account_clock.set_paused(ACCOUNT, True)
    store.connection().hset(store.clock_key(ACCOUNT), "shown", repr(moment))


def test_an_archive_keeps_the_events_of_its_bus_that_match() -> None:
    make_bus("other")
    make_archive(EventPattern='{"detail": {"id": [1]}}')
    put(entry(), entry(Detail='{"id": 2}'), entry(EventBusName="other"))
    count, size = archive_store.totals(ACCOUNT, "kept")
    (kept,) = archive_store.page(ACCOUNT, "kept", 0, 9e9, None, 10)
    assert (count, kept[2]["detail"]) == (1, {"id": 1})
    assert size == len(str(kept[2]).replace(" ", ""))


def test_an_archive_drops_what_is_older_than_it_keeps() -> None:
    make_archive(RetentionDays=2)
    pause_at(NOW)
    put(entry(Detail='{"id": "old"}'))
    pause_at(NOW + 2 * 86_400 - 1)
    put(entry(Detail='{"id": "new"}'))
    assert archive_store.totals(ACCOUNT, "kept")[0] == 2
    pause_at(NOW + 2 * 86_400)
    put(entry(Detail='{"id": "newer"}'))
    found = archive_store.page(ACCOUNT, "kept", 0, 9e9, None, 10)
    assert [event["detail"]["id"] for _, _, event in found] == ["new", "newer"]
    assert archive_store.totals(ACCOUNT, "kept")[1] == sum(len(str(event).replace(" ", "")) for _, _, event in found)


def test_a_replay_goes_over_the_bus_and_says_so_in_the_event() -> None:
    make_archive()
    put(entry(), entry(Detail='{"id": 2}'))
    make_rule("orders", queue("a"))
    start(Description="once more")
    assert is_due()
    assert step() == "RUNNING"
    assert step() == "COMPLETED"
    assert not is_due()
    first, second = sorted(bodies(queue("a")), key=lambda event: event["detail"]["id"])  # both are of the same second
    assert [first["detail"], second["detail"]] == [{"id": 1}, {"id": 2}]
    assert list(first)[6:9] == ["region", "replay-name", "resources"]
    assert first["replay-name"] == "again"
    assert archive_store.totals(ACCOUNT, "kept")[0] == 2  # what is replayed is not archived again
    replay = replays.get(ACCOUNT, "again")
    assert replay.event_last_replayed_time is not None
    assert replay.replay_end_time is not None


def test_a_replay_may_be_for_some_rules_only() -> None:
    make_archive()
    put()
    make_rule("orders", queue("a"))
    make_rule("others", queue("b"))
    start(Destination={"Arn": bus("default"), "FilterArns": [f"arn:aws:events:us-east-1:{ACCOUNT}:rule/others"]})
    step()
    assert (len(owed(queue("a"))), len(owed(queue("b")))) == (0, 1)


def test_a_replay_takes_by_the_time_in_the_event_not_by_when_it_was_put() -> None:
    make_archive()
    make_rule("orders")
    pause_at(NOW + 1000)
    for seconds, name in ((20, "c"), (10, "b"), (0, "a")):
        put(entry(Detail=f'{{"id": "{name}"}}', Time=datetime.fromtimestamp(NOW + seconds, UTC)))
    make_rule("orders", queue("a"))
    start(EventStartTime=datetime.fromtimestamp(NOW + 5, UTC), EventEndTime=datetime.fromtimestamp(NOW + 15, UTC))
    step()
    assert step() == "COMPLETED"
    assert [event["detail"]["id"] for event in bodies(queue("a"))] == ["b"]
    last = replays.get(ACCOUNT, "again").event_last_replayed_time
    assert last == datetime.fromtimestamp(NOW + 10, UTC)


def test_a_page_goes_on_behind_an_event_of_the_same_time_that_was_dropped_while_earlier_ones_came() -> None:
    def keep(event_id: str, time: float) -> None:
        with store.connection().pipeline() as pipeline:
            archive_store.add(pipeline, ACCOUNT, "kept", event_id, f'{{"id": "{event_id}"}}', time)
            pipeline.execute()

    for event_id in "dbac":
        keep(event_id, NOW)
    keep("z", NOW - 1)
    keep("y", NOW + 1)
    first = archive_store.page(ACCOUNT, "kept", 0, 9e9, None, 3)
    assert [each[0] for each in first] == ["z", "a", "b"]
    store.connection().zrem(f"event-archive:{ACCOUNT}:kept:times", "z", "a", "b")
    keep("x", NOW - 2)
    found = archive_store.page(ACCOUNT, "kept", 0, NOW, (NOW, "b"), 3)
    assert [each[0] for each in found] == ["c", "d"]
    assert archive_store.totals(ACCOUNT, "kept")[0] == 4


def test_a_replay_goes_on_where_it_was_and_sends_nothing_twice() -> None:
    make_archive()
    pause_at(NOW)  # all of them at the same moment
    for _ in range(AT_ONCE // 10 * 2 + 1):
        put(*[entry() for _ in range(10)])
    make_rule("orders", queue("a"))
    start()
    assert [step(), step(), step(), step()] == ["RUNNING", "RUNNING", "RUNNING", "COMPLETED"]
    ids = [event["id"] for event in bodies(queue("a"))]
    assert len(ids) == len(set(ids)) == AT_ONCE * 2 + 10


def test_a_replay_is_cancelled() -> None:
    make_archive()
    put()
    make_rule("orders", queue("a"))
    start()
    replays.cancel(ACCOUNT, "again")
    assert replays.get(ACCOUNT, "again").state == "CANCELLING"
    assert step() == "CANCELLED"
    assert not is_due()
    assert owed(queue("a")) == []


def test_what_the_due_index_has_of_a_replay_that_is_gone_is_taken_out() -> None:
    make_archive()
    start()
    Replay.objects.of(ACCOUNT).delete()
    eventbridge.handle_replay(ACCOUNT, "again", NOW)
    assert not is_due()
