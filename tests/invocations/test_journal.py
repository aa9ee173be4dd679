"""From a running record to announcements, the stream, and the database; with a real Redis."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from invocations import announce, journal_writer, store
from invocations.enums import InvocationState, Station, ThrottleReason
from invocations.errors import TooManyRequestsException
from invocations.journal import Journal
from invocations.models import Account, Invocation, LogBatch, LogGroup
from invocations.news import ANNOUNCED_AT_ONCE, UNWATCHED_AT_ONCE, News
from invocations.record import Record
from invocations.values import InvokeRequest, LogLine, Principal, RunOutcome

ACCOUNT = "123456789012"

pytestmark = pytest.mark.usefixtures("redis_server")


def a_journal(folder: Path | None = None) -> Journal:
    return Journal(lambda account_id: {"used": 0, "environments": 0}, folder or settings.DATA_DIR / "journal")


def an_invocation(journal: Journal, **request: Any) -> Record:
    return journal.begin(InvokeRequest(ACCOUNT, "orders", **request), Principal.root(ACCOUNT))


def an_outcome(**fields: Any) -> RunOutcome:
    lines = [LogLine(1764022426.5, "START RequestId: 1 Version: $LATEST"), LogLine(1764022426.6, "NUL \x00 and ünïcode")]
    return RunOutcome(payload=b'{"ok": true}', duration_ms=3.2, billed_duration_ms=4, max_memory_used_mb=36, log=lines, **fields)


def announced() -> list[dict[str, Any]]:
    entries = store.connection().xrange(store.announcements_key(ACCOUNT))
    return [event for _, fields in entries for event in json.loads(fields[b"data"])]


def finish_one() -> str:
    async def scenario() -> str:
        journal = a_journal()
        await journal.open()
        record = an_invocation(journal, payload=b'{"order": 1}')
        record.log_group_name = "/aws/lambda/orders"
        journal.step(record, Station.ACCEPT, "ok", bytes=12)
        journal.finished(record, an_outcome())
        await journal.close()
        return record.request.request_id

    return asyncio.run(scenario())


def entries() -> list[journal_writer.Entry]:
    return store.connection().xrange(store.JOURNAL_KEY)


def test_steps_are_announced_once_and_the_last_announcement_is_final() -> None:
    async def scenario() -> None:
        journal = a_journal()
        await journal.open()
        record = an_invocation(journal)
        journal.step(record, Station.ACCEPT, "ok")
        while not announced():
            await asyncio.sleep(0.01)
        journal.step(record, Station.RUN, "success")
        journal.finished(record, an_outcome())
        await journal.close()

    asyncio.run(scenario())
    told = [event for event in announced() if event["kind"] == "invocation"]
    assert [[step["station"] for step in event["steps"]] for event in told] == [["accept"], ["run"]]
    assert [(event["final"], event["state"]) for event in told] == [(False, "queued"), (True, "succeeded")]


def test_lines_are_announced_with_their_place_in_the_log() -> None:
    async def scenario() -> None:
        journal = a_journal()
        record = an_invocation(journal)
        journal.lines(record, [LogLine(1.0, "one"), LogLine(2.0, "two")])
        await journal.close()

    asyncio.run(scenario())
    [log] = [event for event in announced() if event["kind"] == "log"]
    assert log["lines"] == [[0, 1.0, "one"], [1, 2.0, "two"]]


def test_a_crowded_batch_names_the_invocations_it_does_not_describe() -> None:
    async def scenario() -> list[str]:
        journal = a_journal()
        ids = [an_invocation(journal).request.request_id for _ in range(ANNOUNCED_AT_ONCE + 3)]
        await journal.close()
        return ids

    ids = asyncio.run(scenario())
    [more] = [event for event in announced() if event["kind"] == "more"]
    assert (more["invocations"], more["ids"]) == (3, ids[-3:])


def test_while_nobody_looks_few_invocations_are_described_and_once_somebody_does_as_many_as_ever() -> None:
    async def scenario() -> None:
        journal, news = a_journal(), News()
        for watches in (False, True):
            for _ in range(2):
                if watches:
                    await announce.watch(ACCOUNT)
                for _ in range(ANNOUNCED_AT_ONCE):
                    record = an_invocation(journal)
                    news.tell(ACCOUNT, record.request.request_id, record)
                await news.close()

    asyncio.run(scenario())
    left_out = ANNOUNCED_AT_ONCE - UNWATCHED_AT_ONCE
    assert [event["invocations"] for event in announced() if event["kind"] == "more"] == [left_out]  # the first does not know yet
    assert sum(event["kind"] == "invocation" for event in announced()) == 3 * ANNOUNCED_AT_ONCE + UNWATCHED_AT_ONCE


@pytest.mark.django_db(transaction=True)
def test_the_writer_stores_an_invocation_with_its_log_and_makes_the_log_group() -> None:
    Account.objects.create(account_id=ACCOUNT)
    request_id = finish_one()
    journal_writer.write(entries(), check_known=False)
    row = Invocation.objects.of(ACCOUNT).get(request_id=request_id)
    assert (row.state, row.status_code, bytes(row.request_payload), bytes(row.response_payload)) == (
        "succeeded",
        200,
        b'{"order": 1}',
        b'{"ok": true}',
    )
    assert [step["station"] for step in row.steps] == ["accept"]
    assert [text for _, text in LogBatch.objects.of(ACCOUNT).get(request_id=request_id).events] == [
        "START RequestId: 1 Version: $LATEST",
        "NUL \ufffd and ünïcode",
    ]
    assert LogGroup.objects.of(ACCOUNT).filter(name="/aws/lambda/orders").exists()


@pytest.mark.django_db(transaction=True)
def test_entries_that_were_committed_before_the_writer_died_are_not_written_twice() -> None:
    Account.objects.create(account_id=ACCOUNT)
    finish_one()
    journal_writer.write(entries(), check_known=False)
    finish_one()
    journal_writer.write(entries(), check_known=True)
    assert (Invocation.objects.of(ACCOUNT).count(), LogBatch.objects.of(ACCOUNT).count()) == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_pruning_keeps_the_newest() -> None:
    Account.objects.create(account_id=ACCOUNT, retained_invocations=2)
    ids = [finish_one() for _ in range(4)]
    journal_writer.write(entries(), check_known=False)
    journal_writer.prune()
    assert [row.request_id for row in Invocation.objects.of(ACCOUNT).newest(10)] == ids[:1:-1]


def test_a_throttled_invocation_is_kept_with_its_reason_and_no_outcome() -> None:
    async def scenario() -> dict[str, Any]:
        journal = a_journal()
        record = an_invocation(journal)
        error = TooManyRequestsException(ThrottleReason.CONCURRENT_INVOCATION_LIMIT_EXCEEDED)
        journal.refused(record, error, InvocationState.THROTTLED)
        found = journal.find(ACCOUNT, record.request.request_id)
        assert found is record
        assert journal.running(ACCOUNT) == []
        return record.as_json()

    stored = asyncio.run(scenario())
    assert (stored["state"], stored["status_code"], stored["error_code"], stored["duration_ms"]) == (
        "throttled",
        429,
        "TooManyRequestsException",
        None,
    )


@pytest.mark.django_db(transaction=True)
def test_a_service_hands_on_what_its_killed_predecessor_had_answered_and_nothing_twice(tmp_path: Path) -> None:
    Account.objects.create(account_id=ACCOUNT)

    async def killed_after_the_answer() -> None:
        journal = a_journal(tmp_path)
        record = an_invocation(journal)
        record.log_group_name = "/aws/lambda/orders"
        await journal.open()
        journal.finished(record, an_outcome())
        for file in tmp_path.iterdir():  # what a kill leaves
            (tmp_path / f"dead-{file.name}").write_bytes(file.read_bytes())
        await journal.close()  # and this is what reached Redis all the same

    async def successor() -> None:
        journal = a_journal(tmp_path)
        await journal.open()
        await journal.close()

    asyncio.run(killed_after_the_answer())
    asyncio.run(successor())
    assert [b"again" in fields for _, fields in entries()] == [False, True]
    journal_writer.write(entries(), check_known=True)
    assert (Invocation.objects.of(ACCOUNT).count(), LogBatch.objects.of(ACCOUNT).count()) == (1, 1)
    assert list(tmp_path.iterdir()) == []
