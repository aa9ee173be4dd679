"""Announcements in batches: what happened to invocations within a moment goes out together, per account.

Kinds made here: "invocation" (new steps and the state; "final" once it is over), "log" (lines as the function printed them),
"more" (which invocations a crowded batch left out: who shows one of them asks for it), and "gauge" (concurrency in use,
figures per second).
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import redis

from invocations import announce, clock
from invocations.announce import Announcement

log = logging.getLogger(__name__)

ANNOUNCE_SECONDS = 0.04
"""A batch of news per account at this interval: one frame for many lines (a frame a line is 20 times slower in a browser)."""
CLOSE_SECONDS = 2.0
ANNOUNCED_AT_ONCE = 25
"""Invocations that one batch describes; of the others it tells the number."""
UNWATCHED_AT_ONCE = 5
"""The same while nobody looks: enough for a page that is just being loaded."""


class Tellable(Protocol):
    """What there may be news of."""

    def news(self) -> list[Announcement]:
        """What has not been announced of it yet."""


@dataclass(slots=True)
class _Batch:
    """What one account's pages are told next."""

    told: dict[str, Tellable] = field(default_factory=dict)
    invocations: int = 0
    errors: int = 0
    throttles: int = 0
    gauge_at: float = 0.0
    is_watched: bool = True
    """Whether anybody looked at the account when it was last announced something."""


class News:
    """One process's news of invocations."""

    def __init__(self, gauge: Callable[[str], dict[str, Any]] | None = None) -> None:
        """*gauge* tells an account's present concurrency; a process that runs nothing has none."""
        self._gauge = gauge
        self._batches: dict[str, _Batch] = {}
        self._task: asyncio.Task[None] | None = None
        self._is_closing = False

    def open(self) -> None:
        """Starts to announce."""
        self._task = asyncio.create_task(self._announce_for_ever())

    async def close(self) -> None:
        """Announces what is left."""
        self._is_closing = True
        if self._task is not None:
            # Not cancelled at once: a batch on its way through the channel layer may take that for something else.
            await asyncio.wait([self._task], timeout=CLOSE_SECONDS)
            self._task.cancel()
        for account_id, batch in list(self._batches.items()):
            await self._announce(account_id, batch)

    def tell(self, account_id: str, request_id: str, what: Tellable) -> None:
        """There is news of an invocation; what it is, is asked when the batch goes out."""
        self._of(account_id).told[request_id] = what

    def count(self, account_id: str, *, is_error: bool = False, is_throttle: bool = False) -> None:
        """One more run of a function, or refusal to run it."""
        batch = self._of(account_id)
        batch.invocations += 1
        batch.errors += is_error
        batch.throttles += is_throttle

    def _of(self, account_id: str) -> _Batch:
        batch = self._batches.get(account_id)
        if batch is None:
            batch = self._batches[account_id] = _Batch()
        return batch

    async def _announce_for_ever(self) -> None:
        while not self._is_closing:
            await asyncio.sleep(ANNOUNCE_SECONDS)
            for account_id, batch in list(self._batches.items()):
                try:
                    await self._announce(account_id, batch)
                except redis.RedisError as error:
                    log.warning("news of account %s could not be announced: %s", account_id, error)

    async def _announce(self, account_id: str, batch: _Batch) -> None:
        if len(batch.told) > UNWATCHED_AT_ONCE and not batch.is_watched:
            batch.is_watched = await announce.is_watched(account_id)  # somebody may have come since
        events: list[Announcement] = []
        told, batch.told = batch.told, {}
        at_once = ANNOUNCED_AT_ONCE if batch.is_watched else UNWATCHED_AT_ONCE
        described = list(told.values())[:at_once]
        for each in described:
            events.extend(each.news())
        if len(told) > len(described):
            left_out = list(told)[at_once:]
            events.append({"kind": "more", "invocations": len(left_out), "ids": left_out[:500]})
        if self._gauge is not None:
            self._add_gauge(account_id, batch, events, self._gauge)
        if events:
            batch.is_watched = await announce.publish_async(account_id, events)

    def _add_gauge(self, account_id: str, batch: _Batch, events: list[Announcement], gauge: Callable[[str], dict[str, Any]]) -> None:
        now = clock.monotonic()
        if (batch.invocations and now - batch.gauge_at >= 0.1) or (events and now - batch.gauge_at >= 1.0):
            seconds = max(now - batch.gauge_at, 0.1) if batch.gauge_at else 1.0
            figures = {"invocations": batch.invocations, "errors": batch.errors, "throttles": batch.throttles}
            per_second = {name: round(figure / seconds, 1) for name, figure in figures.items()}
            events.append({"kind": "gauge", "per_second": per_second, "counts": figures, **gauge(account_id)})
            batch.invocations = batch.errors = batch.throttles = 0
            batch.gauge_at = now
