"""What happened, step by step.

Each invocation has one Record that its stations write to. While it lives, its news are announced in batches (the pages' live
view); when it is over, it goes into a Redis stream, from where the worker moves it to the database. No invocation waits for
either.

Kinds of announcement made here: "invocation" (new steps and the state; "final" once it is over), "log" (lines as the function
printed them), "more" (which invocations a crowded batch left out: who shows one of them asks for it),
"environment" (phase of an execution environment) and "gauge" (concurrency in use, figures per second).
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import redis

from invocations import announce, clock, fast_json, store
from invocations.enums import InvocationState, Station
from invocations.errors import AwsError
from invocations.values import InvokeRequest, LogLine, Principal, RunOutcome, Step

log = logging.getLogger(__name__)

ANNOUNCE_SECONDS = 0.04
"""A batch of news per account at this interval: one frame for many lines (a frame a line is 20 times slower in a browser)."""
ANNOUNCED_AT_ONCE = 50
"""Invocations that one batch describes; of the others it tells the number."""
LINES_AT_ONCE = 500
"""Log lines of one invocation in one batch; the rest is only in the stored log."""
FLUSH_SECONDS = 0.02
KEPT_FINISHED = 2000
KEPT_BYTES = 64 * 1024 * 1024
"""Bounds of what the service remembers of finished invocations, which are then on their way to the database."""


@dataclass(slots=True)
class Record:
    """One invocation while it happens."""

    request: InvokeRequest
    principal: Principal
    state: InvocationState = InvocationState.QUEUED
    steps: list[Step] = field(default_factory=list)
    executed_version: str = ""
    status_code: int = 0
    error_code: str = ""
    error_message: str = ""
    memory_size_mb: int | None = None
    log_group_name: str = ""
    log_stream_name: str = ""
    """Empty until it has an execution environment."""
    outcome: RunOutcome | None = None
    ended_at: float | None = None
    announced_steps: int = 0
    lines: list[LogLine] = field(default_factory=list)
    """The log so far, as it was read."""
    announced_lines: int = 0

    def as_json(self) -> dict[str, Any]:
        """The record without payloads and log; keys are the columns of models.Invocation and log_type, times are epoch seconds."""
        request, outcome = self.request, self.outcome
        return {
            "account_id": request.account_id,
            "request_id": request.request_id,
            "function_name": request.function_name,
            "qualifier": request.qualifier or "",
            "executed_version": self.executed_version,
            "invocation_type": str(request.invocation_type),
            "log_type": str(request.log_type),
            "source": request.source,
            "state": str(self.state),
            "status_code": self.status_code,
            "error_code": self.error_code,
            "error_message": self.error_message,
            "function_error": (outcome.function_error or "") if outcome else "",
            "principal_arn": self.principal.arn,
            "trace_id": request.trace_id,
            "replay_of": request.replay_of or "",
            "received_at": request.received_at,
            "ended_at": self.ended_at,
            "duration_ms": outcome.duration_ms if outcome else None,
            "billed_duration_ms": outcome.billed_duration_ms if outcome else None,
            "init_duration_ms": outcome.init_duration_ms if outcome else None,
            "memory_size_mb": self.memory_size_mb,
            "max_memory_used_mb": outcome.max_memory_used_mb if outcome else None,
            "log_group_name": self.log_group_name,
            "log_stream_name": self.log_stream_name,
            "response_content_type": outcome.content_type if outcome else "application/json",
            "steps": [step.as_json() for step in self.steps],
        }

    def log_events(self) -> list[tuple[int, str]]:
        """[(epoch milliseconds, text), …] of the whole invocation so far."""
        lines = self.outcome.log if self.outcome else self.lines
        return [(int(line.at * 1000), line.text) for line in lines]

    @property
    def size(self) -> int:
        """Roughly its bytes in memory."""
        return len(self.request.payload) + (len(self.outcome.payload) + 100 * len(self.outcome.log) if self.outcome else 0) + 2000


@dataclass(slots=True)
class _News:
    """What one account's pages are told next."""

    records: dict[str, Record] = field(default_factory=dict)
    events: list[announce.Announcement] = field(default_factory=list)
    invocations: int = 0
    errors: int = 0
    throttles: int = 0
    gauge_at: float = 0.0


class Journal:
    """One service's records: those running, those just finished, and those on their way out."""

    def __init__(self, gauge: Callable[[str], dict[str, Any]]) -> None:
        """*gauge* tells an account's present concurrency for announcements."""
        self._gauge = gauge
        self._news: dict[str, _News] = {}
        self._running: dict[str, Record] = {}
        self._finished: dict[str, Record] = {}
        self._finished_bytes = 0
        self._outbox: deque[Record] = deque()
        self._outbox_filled = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Starts to announce and to store."""
        self._tasks = [asyncio.create_task(self._announce_for_ever()), asyncio.create_task(self._store_for_ever())]

    async def close(self) -> None:
        """Stores and announces what is left."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._store_batch()
        for account_id, news in list(self._news.items()):
            await self._announce(account_id, news)

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
        record.error_code = outcome.error_type or ""
        self._finish(record, outcome.state)

    def rehearsed(self, record: Record) -> None:
        """Ends a dry run: all checks passed, nothing ran."""
        record.status_code = 204
        self._finish(record, InvocationState.SUCCEEDED)

    def environment(self, account_id: str, event: announce.Announcement) -> None:
        """News of an execution environment."""
        self._news_of(account_id).events.append({"kind": "environment", **event})

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
        news = self._news_of(record.request.account_id)
        news.invocations += 1
        news.errors += state in {InvocationState.FUNCTION_ERROR, InvocationState.TIMED_OUT}
        news.throttles += state is InvocationState.THROTTLED
        self._outbox.append(record)
        self._outbox_filled.set()
        self._tell(record)

    def _news_of(self, account_id: str) -> _News:
        news = self._news.get(account_id)
        if news is None:
            news = self._news[account_id] = _News()
        return news

    def _tell(self, record: Record) -> None:
        self._news_of(record.request.account_id).records[record.request.request_id] = record

    async def _announce_for_ever(self) -> None:
        while True:
            await asyncio.sleep(ANNOUNCE_SECONDS)
            for account_id, news in list(self._news.items()):
                try:
                    await self._announce(account_id, news)
                except redis.RedisError as error:
                    log.warning("news of account %s could not be announced: %s", account_id, error)

    async def _announce(self, account_id: str, news: _News) -> None:
        events, news.events = news.events, []
        records, news.records = news.records, {}
        described = list(records.values())[:ANNOUNCED_AT_ONCE]
        for record in described:
            events.extend(_events_of(record))
        if len(records) > len(described):
            left_out = list(records)[ANNOUNCED_AT_ONCE:]
            events.append({"kind": "more", "invocations": len(left_out), "ids": left_out[:500]})
        now = clock.monotonic()
        if (news.invocations and now - news.gauge_at >= 0.1) or (events and now - news.gauge_at >= 1.0):
            seconds = max(now - news.gauge_at, 0.1) if news.gauge_at else 1.0
            figures = {"invocations": news.invocations, "errors": news.errors, "throttles": news.throttles}
            per_second = {name: round(figure / seconds, 1) for name, figure in figures.items()}
            events.append({"kind": "gauge", "per_second": per_second, "counts": figures, **self._gauge(account_id)})
            news.invocations = news.errors = news.throttles = 0
            news.gauge_at = now
        if events:
            await announce.publish_async(account_id, events)

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
        try:
            async with store.async_connection().pipeline(transaction=False) as pipeline:
                for record in batch:
                    pipeline.xadd(store.JOURNAL_KEY, journal_entry(record))
                await pipeline.execute()
        except redis.RedisError:
            self._outbox_filled.set()
            raise
        for _ in batch:
            self._outbox.popleft()


def journal_entry(record: Record) -> dict[Any, Any]:
    """The stream entry of a finished invocation: "record" (JSON, with "log"), "request" and "response" (raw payloads)."""
    body = record.as_json()
    body["log"] = record.log_events()
    return {
        "record": fast_json.dumps(body),
        "request": record.request.payload,
        "response": record.outcome.payload if record.outcome else b"",
    }


def _events_of(record: Record) -> list[announce.Announcement]:
    request, outcome = record.request, record.outcome
    event: announce.Announcement = {
        "kind": "invocation",
        "id": request.request_id,
        "function": request.function_name,
        "qualifier": request.qualifier or "",
        "version": record.executed_version,
        "state": str(record.state),
        "type": str(request.invocation_type),
        "source": request.source,
        "received_at": request.received_at,
        "steps": [step.as_json() for step in record.steps[record.announced_steps :]],
        "final": record.ended_at is not None,
    }
    record.announced_steps = len(record.steps)
    if record.ended_at is not None:
        event |= {"status_code": record.status_code, "error_code": record.error_code}
        if outcome is not None:
            event |= {
                "duration_ms": outcome.duration_ms,
                "billed_duration_ms": outcome.billed_duration_ms,
                "init_duration_ms": outcome.init_duration_ms,
                "max_memory_used_mb": outcome.max_memory_used_mb,
            }
    events = [event]
    first = record.announced_lines
    if len(record.lines) > first:
        fresh = record.lines[first:]
        record.announced_lines = len(record.lines)
        events.append(
            {
                "kind": "log",
                "id": request.request_id,
                "function": request.function_name,
                "group": record.log_group_name,
                "stream": record.log_stream_name,
                "received_at": request.received_at,
                "lines": [[first + index, line.at, line.text] for index, line in enumerate(fresh[:LINES_AT_ONCE])],
                "dropped": max(len(fresh) - LINES_AT_ONCE, 0),
            }
        )
    return events
