"""Each account's clock: real time, faster, paused, or set forward to the next thing that is due.

Everything AWS would wait for (retries, event age, delays, visibility, schedules) has a due time on this clock, in one index
per account that can be asked what comes next. Execution, signatures and leases follow real time.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import redis

from invocations import announce, clock, due, store
from invocations.errors import ValidationException

RATES = (1, 10, 60, 600)
LATE_SECONDS = 60
"""Of real time, for which the clock knows what it showed."""


@dataclass(frozen=True, slots=True)
class ClockState:
    """A clock that runs at *rate* since it showed *shown* at *real*; both are epoch seconds."""

    rate: int = 1
    paused: bool = False
    real: float = 0.0
    shown: float = 0.0
    shown_before: float | None = None
    """What it showed LATE_SECONDS before *real*; None: it ran then as it does now."""

    def at(self, real: float) -> float:
        """What it shows at *real*."""
        return self.shown + (0.0 if self.paused else (real - self.real) * self.rate)

    def passed(self, real: float) -> float:
        """How much time passed on it in the LATE_SECONDS before *real*: what lies before its last change counts as if it had gone
        steadily."""
        speed = 0 if self.paused else self.rate
        since = min(max(real - self.real, 0.0), LATE_SECONDS)
        before = speed * LATE_SECONDS if self.shown_before is None else max(self.shown - self.shown_before, 0.0)
        return speed * since + before * (LATE_SECONDS - since) / LATE_SECONDS

    def real_time_of(self, moment: float) -> float | None:
        """When it will show *moment*; None while it is paused and that lies ahead."""
        if moment <= self.shown:
            return self.real
        return None if self.paused else self.real + (moment - self.shown) / self.rate

    @property
    def is_real(self) -> bool:
        """Whether it shows what every clock shows."""
        return self.rate == 1 and not self.paused and abs(self.shown - self.real) < 0.001


def read(account_id: str) -> ClockState:
    """The account's clock."""
    return _state(cast("dict[bytes, bytes]", store.connection().hgetall(store.clock_key(account_id))))


async def read_async(account_id: str) -> ClockState:
    """The same on a loop."""
    return _state(cast("dict[bytes, bytes]", await store.async_connection().hgetall(store.clock_key(account_id))))


_heard: dict[str, ClockState] | None = None
"""Clocks that this process knows, while it listens for their changes."""
_generation = 0
"""Rises with every change that is heard: what was read while one happened is not kept."""


async def known(account_id: str) -> ClockState:
    """The account's clock, from memory where this process listens for changes."""
    heard, generation = _heard, _generation
    if heard is None:
        return await read_async(account_id)
    state = heard.get(account_id)
    if state is None:
        state = await read_async(account_id)
        if generation == _generation:
            heard[account_id] = state
    return state


def _forget(account_id: str) -> None:
    global _generation
    _generation += 1
    if _heard is not None:
        _heard.pop(account_id, None)


async def listen(on_change: Callable[[str], None] | None = None) -> None:
    """Keeps `known` true for as long as it runs; *on_change* is called with each account whose clock was set."""
    global _heard
    while True:
        try:
            async with store.async_connection().pubsub() as pubsub:
                await pubsub.subscribe(store.CLOCK_CHANGED)
                _heard = {}
                async for message in pubsub.listen():
                    if message["type"] == "message":
                        account_id = message["data"].decode()
                        _forget(account_id)
                        if on_change is not None:
                            on_change(account_id)
        except redis.RedisError:
            await asyncio.sleep(0.2)
        finally:
            _heard = None


def now(account_id: str) -> float:
    """What the account's clock shows: epoch seconds."""
    return read(account_id).at(clock.epoch())


def next_due(account_id: str) -> float | None:
    """When the next thing is due on the account's clock; None where nothing waits. What it is: invocations/due.py."""
    found = due.upcoming(account_id, 1)
    return found[0].at if found else None


def set_rate(account_id: str, rate: int) -> ClockState:
    """Lets it run *rate* times as fast from now on. Raises ValidationException."""
    return change(account_id, rate=rate)


def set_paused(account_id: str, paused: bool) -> ClockState:
    """Stops it, or lets it go on."""
    return change(account_id, paused=paused)


def skip_to_next(account_id: str) -> ClockState:
    """Sets it forward to the next due thing; where nothing waits, or it is due already, nothing changes."""
    return change(account_id, skip=True)


def change(account_id: str, *, rate: int | None = None, paused: bool | None = None, skip: bool = False) -> ClockState:
    """Sets what is given, at once, and tells open pages and whoever sleeps until something is due. Raises ValidationException."""
    if rate is not None and rate not in RATES:
        raise ValidationException(f"The clock runs at one of the rates {', '.join(map(str, RATES))}, not {rate}.")
    arguments = [f"{clock.epoch():.6f}", "" if rate is None else rate, "" if paused is None else int(paused), int(skip)]
    arguments.append(LATE_SECONDS)
    flat = store.connection().eval(_CHANGE, 2, store.clock_key(account_id), store.due_key(account_id), *arguments)
    tell(account_id)
    return _state(dict(zip(flat[::2], flat[1::2], strict=True)))


def tell(account_id: str) -> None:
    """Says that the clock shows something else now: to processes that know it by heart, and to open pages."""
    store.connection().publish(store.CLOCK_CHANGED, account_id)
    announce.publish(account_id, [{"kind": "clock"}])


def as_json(account_id: str) -> dict[str, Any]:
    """What GET /_playground/clock answers."""
    state = read(account_id)
    return {"rate": state.rate, "paused": state.paused, "now": state.at(clock.epoch()), "next": next_due(account_id)}


def _state(stored: dict[bytes, bytes]) -> ClockState:
    if not stored:
        real = clock.epoch()
        return ClockState(real=real, shown=real)
    before = stored.get(b"shown_before")
    return ClockState(
        int(stored[b"rate"]),
        stored[b"paused"] == b"1",
        float(stored[b"real"]),
        float(stored[b"shown"]),
        None if before is None else float(before),
    )


_CHANGE = """
-- KEYS: clock, due index; ARGV: real now, rate or '', paused or '', 1 to skip to the next due thing, seconds for which to know
-- what was shown before the change (ClockState.passed: the same in Python).
local rate = tonumber(redis.call('HGET', KEYS[1], 'rate') or '1')
local paused = redis.call('HGET', KEYS[1], 'paused') == '1'
local real = tonumber(redis.call('HGET', KEYS[1], 'real') or ARGV[1])
local shown = tonumber(redis.call('HGET', KEYS[1], 'shown') or ARGV[1])
local now, late = tonumber(ARGV[1]), tonumber(ARGV[5])
local speed = paused and 0 or rate
local known = tonumber(redis.call('HGET', KEYS[1], 'shown_before') or shown - speed * late)
local since = math.min(math.max(now - real, 0), late)
local passed = speed * since + math.max(shown - known, 0) * (late - since) / late
shown = shown + (now - real) * speed
local before = shown - passed
if ARGV[4] == '1' then
  -- Up to the next microsecond, which is as fine as the clock is kept: what is due must not be a little ahead of it.
  local due = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2]
  if due then shown = math.max(shown, math.ceil(tonumber(due) * 1e6) / 1e6) end
end
if ARGV[2] ~= '' then rate = tonumber(ARGV[2]) end
if ARGV[3] ~= '' then paused = ARGV[3] == '1' end
redis.call('HSET', KEYS[1], 'rate', rate, 'paused', paused and '1' or '0',
  'real', string.format('%.6f', now), 'shown', string.format('%.6f', shown), 'shown_before', string.format('%.6f', before))
return redis.call('HGETALL', KEYS[1])
"""
