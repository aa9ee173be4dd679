"""Works through the lanes of a due queue: claims what is due and does it, many at a time, no lane at another's cost.

A lane whose work is quick is given little at a time, which keeps its environments few and warm; what takes long does not
count after a moment, so that a slow lane is given more and more, up to its bound.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

import redis

from invocations import clock
from invocations.due_queue import Claimed, DueQueue
from invocations.holding import Holding
from invocations.values import new_request_id

log = logging.getLogger(__name__)

YOUNG_SECONDS: Final = 0.2
YOUNG_AT_ONCE: Final = 32
"""Items of one lane that have been worked on for less than YOUNG_SECONDS."""
CLAIMED_AT_ONCE: Final = 16
"""Items of one lane in one claim. What is claimed together goes its way together, and keeps one process busy at a time: so there are
two such groups, and while the service tries one, the other is decided about here."""
LANE_AT_ONCE: Final = 250
AT_ONCE: Final = 1000
LEASE_SECONDS: Final = 6.0

_Key = tuple[str, str]
"""Account and lane."""


class Lanes:
    """One process's work on one queue."""

    def __init__(self, queue: DueQueue, work: Callable[[Claimed], Awaitable[None]]) -> None:
        self._queue = queue
        self._work = work
        self._holding = Holding(queue, LEASE_SECONDS)
        self._started: dict[_Key, dict[str, float]] = {}
        """Lane -> holder and item id -> since when it is worked on."""
        self._count = 0
        self._again: set[_Key] = set()
        """Lanes in which more was due than could be claimed."""
        self._looking: set[_Key] = set()
        self._tasks: set[asyncio.Task[Any]] = set()

    def open(self) -> None:
        """Begins to hold what it claims."""
        self._holding.open()

    async def close(self, seconds: float) -> None:
        """Claims nothing more, and lets what is under way finish for a moment."""
        self._count += AT_ONCE  # as if all room were taken, whatever ends now
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        for task in self._tasks:
            task.cancel()
        self._holding.close()

    def look(self, account_id: str, lane: str) -> bool:
        """Something may be due there. Whether there is room for it, now or in a moment."""
        key = (account_id, lane)
        if key in self._looking or self._room(key) <= 0:
            self._again.add(key)
        else:
            self._looking.add(key)
            self._keep(self._claim(key))
        return len(self._started.get(key, ())) < LANE_AT_ONCE and self._count < AT_ONCE

    async def release_expired(self) -> None:
        """Makes due again what dead holders held. What is worked on here is not among it, however long this process stood still."""
        await self._holding.extend()
        await self._queue.release_expired()

    def _room(self, key: _Key) -> int:
        started = self._started.get(key)
        if not started:
            return min(YOUNG_AT_ONCE, AT_ONCE - self._count)
        since = clock.monotonic() - YOUNG_SECONDS
        young = sum(1 for at in started.values() if at > since)
        return min(YOUNG_AT_ONCE - young, LANE_AT_ONCE - len(started), AT_ONCE - self._count)

    async def _claim(self, key: _Key) -> None:
        self._again.discard(key)
        room = min(max(self._room(key), 0), CLAIMED_AT_ONCE)
        try:
            # Each claim is a holder of its own: an item that was lost and claimed again has one that counts.
            claimed = await self._queue.claim(*key, new_request_id(), room, LEASE_SECONDS) if room else []
        except redis.RedisError as error:
            log.warning("nothing can be claimed from %s: %s", self._queue.kind, error)
            claimed = []
        finally:
            self._looking.discard(key)
        if claimed and len(claimed) == room:
            self._again.add(key)
        for item in claimed:
            self._started.setdefault(key, {})[_name(item)] = clock.monotonic()
            self._count += 1
            self._keep(self._do(key, item))
        self._look_again(key)

    def _look_again(self, key: _Key) -> None:
        if key in self._again and self._room(key) >= CLAIMED_AT_ONCE:
            self.look(*key)

    async def _do(self, key: _Key, item: Claimed) -> None:
        try:
            with self._holding.of(item.account_id, item.item_id):
                await self._work(item)
        except Exception:  # outermost: the item's lease runs out, and it is taken up again
            log.exception("%s %s failed", self._queue.kind, item.item_id)
        finally:
            self._count -= 1
            started = self._started[key]
            del started[_name(item)]
            if not started:
                del self._started[key]
            self._look_again(key)

    def _keep(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _name(item: Claimed) -> str:
    return f"{item.holder} {item.item_id}"
