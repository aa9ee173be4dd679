"""The writer's loop with a real Redis: both streams go to the database, what a dead writer had read and not written included."""

import json
import threading
import time

import pytest

from invocations import journal_writer, store
from invocations.models import Account, TrailEvent
from invocations.trail import stream
from invocations.trail.events import Happened
from invocations.values import Principal

ACCOUNT = "123456789012"


def put(name: str, account_id: str = ACCOUNT) -> None:
    stream.put_now(Happened(Principal.root(account_id), "sqs", "CreateQueue", name, "127.0.0.1", "curl", {"queueName": name}))


def announced() -> list[str]:
    entries = store.connection().xrange(store.announcements_key(ACCOUNT))
    return [each for _, fields in entries for event in json.loads(fields[b"data"]) for each in event["events"]]


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

    stop = threading.Event()
    writer = threading.Thread(target=journal_writer.JournalWriter(stop).run)
    writer.start()
    deadline = time.monotonic() + 20
    while client.xlen(store.TRAIL_KEY) or not announced():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    stop.set()
    writer.join()

    written = list(TrailEvent.objects.order_by("request_id").values_list("request_id", flat=True))
    assert written == ["fresh", "read-by-the-dead", "written-by-the-dead"]
    assert client.xlen(store.TRAIL_KEY) == 0
    assert set(announced()) <= set(TrailEvent.objects.values_list("event_id", flat=True))
