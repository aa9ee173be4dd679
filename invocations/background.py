"""The worker's loop: asynchronous events, what services owe, and what time brings. One thread of the worker process."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

import redis
import uvloop
from django.db import DatabaseError, connection

from invocations import account_clock, catalogue, event_queue, outbox
from invocations.deliver import deliver
from invocations.due_queue import Claimed
from invocations.lanes import Lanes
from invocations.news import News
from invocations.outbox_sender import send_one
from invocations.services import eventbridge, scheduler, sqs
from invocations.services.sqs import move_tasks
from invocations.ticker import Handler, Ticker

log = logging.getLogger(__name__)

HANDLERS: Final[dict[str, Handler]] = {
    "replay": eventbridge.handle_replay,
    "rule": eventbridge.handle_rule,
    "schedule": scheduler.handle,
    "sqs": sqs.tend_queue,
}
"""Kind of a due member -> who takes it; events and the outbox go by lanes."""
SWEEP_SECONDS: Final = 1.0
GRACE_SECONDS: Final = 2.0
RESTART_SECONDS: Final = 0.5
"""Before a loop that has failed begins again."""


class Background:
    """What one worker process does by itself."""

    def __init__(self) -> None:
        self._news = News()
        self._lanes = {"events": Lanes(event_queue.QUEUE, self._deliver), "outbox": Lanes(outbox.QUEUE, send_one)}
        self._ticker = Ticker(self._lanes, HANDLERS)

    async def run(self, stop: asyncio.Event) -> None:
        """Works until *stop* is set, and then finishes what is under way for a moment."""
        self._news.open()
        for lanes in self._lanes.values():
            lanes.open()
        working = [_for_ever(loop) for loop in (self._ticker.run, self._sweep, _resume_moves)]
        listening = [_for_ever(loop) for loop in (catalogue.listen, partial(account_clock.listen, self._ticker.wake))]
        tasks = [asyncio.create_task(loop) for loop in [*working, *listening]]
        await stop.wait()
        for task in tasks[: len(working)]:
            task.cancel()
        await asyncio.gather(*(lanes.close(GRACE_SECONDS) for lanes in self._lanes.values()))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._news.close()

    def wake(self, account_id: str) -> None:
        """Something was put into an account's queues."""
        self._ticker.wake(account_id)

    async def _deliver(self, claimed: Claimed) -> None:
        await deliver(event_queue.of_claimed(claimed), self._news)

    async def _sweep(self) -> None:
        await asyncio.to_thread(_restore_due)
        while True:
            try:
                for lanes in self._lanes.values():
                    await lanes.release_expired()
            except redis.RedisError as error:
                log.warning("the sweep is put off: %s", error)
            await asyncio.sleep(SWEEP_SECONDS)


async def _resume_moves() -> None:
    """Beside the sweep, which must not wait for a thread."""
    while True:
        try:
            await asyncio.to_thread(move_tasks.resume)
        except redis.RedisError as error:
            log.warning("message move tasks are looked for later: %s", error)
        await asyncio.sleep(SWEEP_SECONDS)


async def _for_ever(loop: Callable[[], Awaitable[None]]) -> None:
    """Begins *loop* again where it has ended: a worker without it would look alive and do nothing."""
    while True:
        try:
            await loop()
        except Exception:  # outermost: nobody else would tell
            log.exception("%s of the worker failed and begins again", getattr(loop, "__qualname__", loop))
        await asyncio.sleep(RESTART_SECONDS)


def _restore_due() -> None:
    """Enters into the due indexes what the database has and a new Redis does not know."""
    try:
        eventbridge.restore_due()
        scheduler.restore_due()
    except (redis.RedisError, DatabaseError) as error:
        log.warning("what the database has of due times cannot be restored: %s", error)
    finally:
        connection.close_if_unusable_or_obsolete()


class _Running:
    """This process's, if it has one."""

    loop: asyncio.AbstractEventLoop | None = None
    background: Background | None = None


def wake(account_id: str) -> None:
    """From any thread: something was put into an account's queues. Nothing happens in a process that does not work on them."""
    loop, background = _Running.loop, _Running.background
    if loop is not None and background is not None:
        loop.call_soon_threadsafe(background.wake, account_id)


def in_thread() -> Callable[[], None]:
    """Starts it in a thread of this process; the answer ends it."""
    ready = threading.Event()
    ending: dict[str, Any] = {}

    async def work() -> None:
        stop = asyncio.Event()
        background = Background()
        _Running.loop, _Running.background = asyncio.get_running_loop(), background
        ending["stop"] = stop
        ready.set()
        try:
            await background.run(stop)
        finally:
            _Running.loop = _Running.background = None

    thread = threading.Thread(target=lambda: uvloop.run(work()), name="background", daemon=True)
    thread.start()
    ready.wait(10)

    def end() -> None:
        loop = _Running.loop
        if loop is not None:
            loop.call_soon_threadsafe(ending["stop"].set)
        thread.join(timeout=GRACE_SECONDS + 1)

    return end
