"""Signs of life for what a process holds in a due queue: while it works on something, the lease does not run out."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from invocations.due_queue import DueQueue

log = logging.getLogger(__name__)

EVERY_SECONDS = 2.0


class Holding:
    """What one process works on, of one queue."""

    def __init__(self, queue: DueQueue, lease_seconds: float) -> None:
        self._queue = queue
        self._lease_seconds = lease_seconds
        self._held: Counter[tuple[str, str]] = Counter()
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Starts to give signs of life."""
        self._task = asyncio.create_task(self._keep_alive())

    def close(self) -> None:
        """Gives no more: what is held is another's when its lease has run out."""
        if self._task is not None:
            self._task.cancel()

    @contextmanager
    def of(self, account_id: str, item_id: str) -> Iterator[None]:
        """While the block runs, the item's lease is kept alive."""
        key = (account_id, item_id)
        self._held[key] += 1
        try:
            yield
        finally:
            self._held[key] -= 1
            if not self._held[key]:
                del self._held[key]

    async def extend(self) -> None:
        """Gives a sign of life for all that is held."""
        await self._queue.extend(list(self._held), self._lease_seconds)

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await self.extend()
            except redis.RedisError as error:
                log.warning("leases of %d %s could not be kept alive: %s", len(self._held), self._queue.kind, error)
