"""The writer's loop with a real Redis: both streams go to the database, what a dead writer had read and not written included."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from invocations import fast_json, journal_writer, store
from invocations.models import Account, TrailEvent
from invocations.trail import stream
from invocations.trail.events import Happened, row_of
from invocations.values import Principal

ACCOUNT = "123456789012"


def happened(name: str, account_id: str = ACCOUNT) -> Happened:
    return Happened(Principal.root(account_id), "sqs", "CreateQueue", name, "127.0.0.1", "curl", {"queueName": name})


def put(name: str, account_id: str = ACCOUNT) -> None:
    stream.put_now(happened(name, account_id))


def announced() -> list[str]:
    entries = store.connection().xrange(store.announcements_key(ACCOUNT))
    return [each for _, fields in entries for event in json.loads(fields[b"data"]) for each in event["events"]]


@contextmanager
def a_writer() -> Iterator[None]:
    """At work."""
    stop = threading.Event()
    writer = threading.Thread(target=journal_writer.JournalWriter(stop).run)
    writer.start()
    try:
        yield
    finally:
        stop.set()
        writer.join()


def eventually(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.usefixtures("redis_server")
@pytest.mark.django_db(transaction=True)
def test_calls_are_written_once_whoever_died() -> None:
    Account.objects.create(account_id=ACCOUNT)
    client = store.connection()
    put("read-by-the-dead")
    client.xgroup_create(store.TRAIL_KEY, journal_writer.GROUP, id="0")
    client.xreadgroup(journal_writer.GROUP, "writer", {store.TRAIL_KEY: ">"})
    put("written-by-the-dead")
    read = client.xreadgroup(journal_writer.GROUP, "writer", {store.TRAIL_KEY: ">"})
    journal_writer.write(read[0][1], check_known=False)
    put("of-nobody", "999999999999")
    put("fresh")

    with a_writer():
        eventually(lambda: not client.xlen(store.TRAIL_KEY) and announced())

    written = list(TrailEvent.objects.order_by("request_id").values_list("request_id", flat=True))
    assert written == ["fresh", "read-by-the-dead", "written-by-the-dead"]
    assert client.xlen(store.TRAIL_KEY) == 0
    assert set(announced()) <= set(TrailEvent.objects.values_list("event_id", flat=True))


@pytest.mark.usefixtures("redis_server")
@pytest.mark.django_db(transaction=True)
def test_an_answer_that_was_lost_with_its_connection_is_read_again() -> None:
    Account.objects.create(account_id=ACCOUNT)
    client = store.connection()
    with a_writer():
        put("before")
        eventually(TrailEvent.objects.filter(request_id="before").exists)
        with client.pipeline() as lost:  # in one step, so that the writer, which waits, is not given it
            lost.xadd(store.TRAIL_KEY, {"trail": fast_json.dumps(row_of(happened("lost")))})
            lost.xreadgroup(journal_writer.GROUP, "writer", {store.TRAIL_KEY: ">"})
            assert lost.execute()[1]

        eventually(TrailEvent.objects.filter(request_id="lost").exists)
