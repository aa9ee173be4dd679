"""What time brings: looks at every account's due index and hands what is due to whom it concerns.

It is also the sweep: whatever a lost wake-up, or a process that died, left behind is found by the next look.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, cast

import redis
from django.db import connection

from invocations import account_clock, clock, round_trip, store
from invocations.due_queue.queue import wake_key
from invocations.lanes import Lanes

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 0.25
"""Between two looks at the longest."""
SHORTEST_SECONDS: Final = 0.005
WAKE_SECONDS: Final = 0.02
"""Between the first two looks at an account that was woken."""
FOLLOW_SECONDS: Final = 0.05
"""Between the later looks at it: a lane that is worked on looks for itself."""
FOLLOWED_MS: Final = 1000
"""No wake-up is sent for an account that was looked at this lately and is looked at again."""
MOST_MEMBERS: Final = 500
"""Due members of one account handed out by one look."""

_LET_GO: Final = "if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('SREM', KEYS[2], ARGV[1]) end"

Handler = Callable[[str, str, float], None]
"""account id, what stands behind "kind:", the account's clock. Runs in a thread; enters its next due time, or takes its member out."""


class Ticker:
    """One worker's look at the clocks."""

    def __init__(self, lanes: Mapping[str, Lanes], handlers: Mapping[str, Handler]) -> None:
        """*lanes* and *handlers*: kind of a due member -> who takes it."""
        self._lanes = lanes
        self._handlers = handlers
        self._busy: set[tuple[str, str]] = set()
        """Members whose handler runs."""
        self._woken: set[str] = set()
        self._followed: set[str] = set()
        """Accounts looked at again and again since a wake-up."""
        self._next_round = 0.0
        """When all accounts are looked at, on the clock of this machine."""
        self._event = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()

    def wake(self, account_id: str) -> None:
        """Something was put into an account."""
        self._woken.add(account_id)
        self._event.set()

    async def run(self) -> None:
        """Looks for as long as it runs."""
        while True:
            try:
                woken, self._woken = self._woken, set()
                self._event.clear()
                for account_id in woken - self._followed:
                    self._keep(self._follow(account_id))
                if clock.monotonic() >= self._next_round:
                    members = cast("set[bytes]", await store.async_connection().smembers(store.DUE_ACCOUNTS))
                    self._next_round = clock.monotonic() + LOOK_SECONDS
                    await self._look({member.decode() for member in members})
                elif woken:
                    await self._look(woken)
            except redis.RedisError as error:
                log.warning("what is due cannot be read: %s", error)
                await asyncio.sleep(0.2)
            try:
                async with asyncio.timeout(max(self._next_round - clock.monotonic(), SHORTEST_SECONDS)):
                    await self._event.wait()
            except TimeoutError:
                pass

    async def _look(self, accounts: set[str]) -> bool:
        """Hands out what is due in *accounts*, and sees to it that the next round is there for what is due next; whether anybody
        took something."""
        wait, is_taken, idle = LOOK_SECONDS, False, []
        clocks = [(account_id, await account_clock.known(account_id)) for account_id in accounts]
        real = clock.epoch()
        questions = []
        for account_id, state in clocks:
            key, now = store.due_key(account_id), state.at(real)
            questions.append(round_trip.ask("ZRANGEBYSCORE", key, "-inf", now, "LIMIT", 0, MOST_MEMBERS))
            questions.append(round_trip.ask("ZRANGEBYSCORE", key, f"({now}", "+inf", "WITHSCORES", "LIMIT", 0, 1))
        answers = await asyncio.gather(*questions)
        for (account_id, state), due, later in zip(clocks, answers[::2], answers[1::2], strict=True):
            if not due and not later:
                idle.append(account_id)
            for member in cast("list[bytes]", due):
                is_taken |= self._hand_out(account_id, member.decode(), state.at(real))
            if later:
                at = state.real_time_of(float(later[1]))
                if at is not None:
                    wait = min(wait, max(at - clock.epoch(), SHORTEST_SECONDS))
        self._next_round = min(self._next_round, clock.monotonic() + wait)
        if idle:
            await self._let_go(idle)
        return is_taken

    async def _let_go(self, accounts: Sequence[str]) -> None:
        """Looks no more at accounts for which nothing waits; whoever enters something brings them back in the same step."""
        async with store.async_connection().pipeline(transaction=False) as pipeline:
            for account_id in accounts:
                pipeline.eval(_LET_GO, 2, store.due_key(account_id), store.DUE_ACCOUNTS, account_id)
            await pipeline.execute()

    def _hand_out(self, account_id: str, member: str, now: float) -> bool:
        """Whether anybody takes it."""
        kind, _, rest = member.partition(":")
        if kind in self._lanes:
            return self._lanes[kind].look(account_id, rest)
        if kind not in self._handlers or (account_id, member) in self._busy:
            return False
        self._busy.add((account_id, member))
        self._keep(self._handle(account_id, member, now))
        return True

    async def _follow(self, account_id: str) -> None:
        """Looks again a moment after a wake-up, and for as long as there is something to take; until then no other is sent."""
        self._followed.add(account_id)
        client, key = store.async_connection(), wake_key(account_id)
        renew_at = 0.0
        try:
            await asyncio.sleep(WAKE_SECONDS)
            while await self._look({account_id}):
                if clock.monotonic() >= renew_at:  # each is a write
                    await client.set(key, 1, px=FOLLOWED_MS)
                    renew_at = clock.monotonic() + FOLLOWED_MS / 2000
                await asyncio.sleep(FOLLOW_SECONDS)
            await client.delete(key)
            await self._look({account_id})  # what was put after the last look, and woke nobody
        except redis.RedisError as error:
            log.warning("what is due cannot be read: %s", error)
        finally:
            self._followed.discard(account_id)
            self._event.set()

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _handle(self, account_id: str, member: str, now: float) -> None:
        kind, _, rest = member.partition(":")
        try:
            await asyncio.to_thread(_in_thread, self._handlers[kind], account_id, rest, now)
        except Exception:  # outermost: the member is still due, and is handed out again
            log.exception("%s of account %s failed", member, account_id)
            await asyncio.sleep(1)
        finally:
            self._busy.discard((account_id, member))


def _in_thread(handler: Handler, account_id: str, rest: str, now: float) -> None:
    try:
        handler(account_id, rest, now)
    finally:
        connection.close_if_unusable_or_obsolete()
