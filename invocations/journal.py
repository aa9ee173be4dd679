"""What happened, step by step.

Each invocation has one Record that its stations write to. While it lives, its news are announced in batches (the pages' live
view); when it is over, it goes into a Redis stream, from where the worker moves it to the database. No invocation waits for
either: until it is in the stream, a file keeps it for the case that this process is killed. An asynchronous event is in the
event queue between two tries, with its record; here it is only while it is tried.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import redis

from invocations import clock, store
from invocations.enums import InvocationState, Station
from invocations.errors import AwsError
from invocations.journal_tail import Entry, JournalTail
from invocations.news import News
from invocations.record import Record, journal_entry
from invocations.values import InvokeRequest, LogLine, Principal, RunOutcome, Step

log = logging.getLogger(__name__)

FLUSH_SECONDS = 0.02
KEPT_FINISHED = 2000
KEPT_BYTES = 64 * 1024 * 1024
"""Bounds of what the service remembers of finished invocations, which are then on their way to the database."""

_ERRORS = {InvocationState.FUNCTION_ERROR, InvocationState.TIMED_OUT}


class Journal:
    """One service's records: those running, those just finished, and those on their way out."""

    def __init__(self, gauge: Callable[[str], dict[str, Any]], folder: Path) -> None:
        """*gauge* tells an account's present concurrency for announcements; *folder* keeps what is not in Redis yet."""
        self._news = News(gauge)
        self._running: dict[str, Record] = {}
        self._finished: dict[str, Record] = {}
        self._finished_bytes = 0
        self._tail = JournalTail(folder)
        self._outbox: deque[Entry] = deque()
        self._outbox_filled = asyncio.Event()
        self._storing: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Starts to announce and to store, first what a killed predecessor had answered and not stored."""
        left = self._tail.open()
        if left:
            await _store([entry | {"again": b"1"} for entry in left])
        self._tail.forget_left()
        self._news.open()
        self._storing = asyncio.create_task(self._store_for_ever())

    async def close(self) -> None:
        """Stores and announces what is left."""
        if self._storing is not None:
            self._storing.cancel()
            await asyncio.gather(self._storing, return_exceptions=True)
        await self._store_batch()
        self._tail.close()
        await self._news.close()

    def begin(self, request: InvokeRequest, principal: Principal) -> Record:
        """A record for a new invocation."""
        record = Record(request, principal)
        self._running[request.request_id] = record
        self._tell(record)
        return record

    def step(
        self,
        record: Record,
        station: Station,
        outcome: str,
        *,
        at: float | None = None,
        duration_ms: float | None = None,
        state: InvocationState | None = None,
        **detail: Any,
    ) -> None:
        """One station reached, or left, by an invocation; *state* is what it is in from now on."""
        if record.attempts:
            detail["attempt"] = record.attempts
        record.steps.append(Step(station, clock.epoch() if at is None else at, outcome, duration_ms, detail))
        if state is not None:
            record.state = state
        self._tell(record)

    def lines(self, record: Record, lines: Sequence[LogLine]) -> None:
        """Lines that the function printed just now."""
        record.lines.extend(lines)
        self._tell(record)

    def refused(self, record: Record, error: AwsError, state: InvocationState) -> None:
        """Ends an invocation that never ran: an invocation error."""
        record.status_code, record.error_code, record.error_message = error.http_status, error.code, error.message or ""
        self._finish(record, state)

    def finished(self, record: Record, outcome: RunOutcome) -> None:
        """Ends an invocation that ran."""
        record.outcome = outcome
        record.status_code = 200
        record.error_code = outcome.error_name
        self._finish(record, outcome.state)

    def rehearsed(self, record: Record) -> None:
        """Ends a dry run: all checks passed, nothing ran."""
        record.status_code = 204
        self._finish(record, InvocationState.SUCCEEDED)

    def queued(self, record: Record) -> None:
        """An asynchronous event has left for the event queue."""
        self._running.pop(record.request.request_id, None)
        self._tell(record)

    def resumed(self, record: Record) -> None:
        """An asynchronous event has come out of the event queue to be tried."""
        record.announced_steps = len(record.steps)
        self._running[record.request.request_id] = record

    def tried(self, record: Record, state: InvocationState) -> None:
        """A try is over; *state* is what it alone came to. What becomes of the event is not known here."""
        self._running.pop(record.request.request_id, None)
        self._news.count(record.request.account_id, is_error=state in _ERRORS, is_throttle=state is InvocationState.THROTTLED)
        self._tell(record)

    def running(self, account_id: str) -> list[Record]:
        """The account's invocations that are not over."""
        return [record for record in self._running.values() if record.request.account_id == account_id]

    def count_running(self) -> int:
        """Invocations of all accounts that are not over."""
        return len(self._running)

    def find(self, account_id: str, request_id: str) -> Record | None:
        """A running or just finished invocation; older ones are in the database."""
        record = self._running.get(request_id) or self._finished.get(request_id)
        return record if record is not None and record.request.account_id == account_id else None

    def _finish(self, record: Record, state: InvocationState) -> None:
        record.ended_at = clock.epoch()
        record.state = state
        self._running.pop(record.request.request_id, None)
        self._finished[record.request.request_id] = record
        self._finished_bytes += record.size
        while len(self._finished) > KEPT_FINISHED or self._finished_bytes > KEPT_BYTES:
            oldest = self._finished.pop(next(iter(self._finished)))
            self._finished_bytes -= oldest.size
        self._news.count(record.request.account_id, is_error=state in _ERRORS, is_throttle=state is InvocationState.THROTTLED)
        entry = _entry(record)
        self._tail.append(entry)
        self._outbox.append(entry)
        self._outbox_filled.set()
        self._tell(record)

    def _tell(self, record: Record) -> None:
        self._news.tell(record.request.account_id, record.request.request_id, record)

    async def _store_for_ever(self) -> None:
        while True:
            await self._outbox_filled.wait()
            await asyncio.sleep(FLUSH_SECONDS)
            try:
                await self._store_batch()
            except redis.RedisError as error:
                log.warning("%d finished invocations wait for redis: %s", len(self._outbox), error)
                await asyncio.sleep(0.5)

    async def _store_batch(self) -> None:
        self._outbox_filled.clear()
        batch = list(self._outbox)
        if not batch:
            return
        self._tail.turn()
        try:
            await _store(batch)
        except redis.RedisError:
            self._outbox_filled.set()
            raise
        for _ in batch:
            self._outbox.popleft()
        self._tail.stored()


async def _store(batch: Sequence[Entry]) -> None:
    async with store.async_connection().pipeline(transaction=False) as pipeline:
        for entry in batch:
            pipeline.xadd(store.JOURNAL_KEY, cast("dict[Any, Any]", entry))
        await pipeline.execute()


def _entry(record: Record) -> Entry:
    response = record.outcome.payload if record.outcome else b""
    return journal_entry(record.as_json(), record.log_events(), record.request.payload, response)
