"""How many requests a second may come: account, function or provisioned environments, ten times their concurrency on AWS.

A rate is a bucket of tokens in Redis, shared by all hosts. A host takes tokens in blocks and hands them out from memory, so
that a warm invocation waits for no round trip; what it holds when it dies is a twentieth of a second's requests at the most.
How fast a function's rate may rise is counted on each host by itself (`Growth`).
"""

import asyncio
from dataclasses import dataclass, field

from redis.commands.core import AsyncScript

from invocations import clock, store

BLOCKS_A_SECOND = 20
_KEPT_SECONDS = 10.0
"""For how long a function keeps the rate it has reached."""

_TAKE_TOKENS = """
-- KEYS[1] bucket; ARGV: now (s), capacity, refill per second, wanted. Returns how many tokens were granted.
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at', 'capacity')
local capacity, now = tonumber(ARGV[2]), tonumber(ARGV[1])
local tokens, at = tonumber(bucket[1]), tonumber(bucket[2])
if not tokens or tonumber(bucket[3]) ~= capacity then tokens, at = capacity, now end
tokens = math.min(capacity, tokens + math.max(0, now - at) * tonumber(ARGV[3]))
local granted = math.min(math.floor(tokens), tonumber(ARGV[4]))
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens - granted), 'at', ARGV[1], 'capacity', ARGV[2])
redis.call('PEXPIRE', KEYS[1], 60000)
return granted
"""


@dataclass(slots=True)
class _Share:
    """This host's tokens of one bucket."""

    rate: int
    left: int = 0
    none_before: float = 0.0
    """Monotonic: until then it is known that there is none."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Rates:
    """One host's part of all rates."""

    def __init__(self) -> None:
        self._shares: dict[str, _Share] = {}
        self._growths: dict[str, Growth] = {}
        self._take: AsyncScript = store.async_connection().register_script(_TAKE_TOKENS)

    async def spend(self, key: str, rate: int) -> bool:
        """One request of a bucket that refills by *rate* tokens a second and holds as many; False where none is left."""
        share = self._shares.get(key)
        if share is None or share.rate != rate:
            share = self._shares[key] = _Share(rate)
        if share.left <= 0 and not await self._refill(key, share):
            return False
        share.left -= 1
        return True

    async def take_one(self, key: str, capacity: int, per_second: float) -> bool:
        """One token, straight from Redis: for what is seldom asked for."""
        return bool(await self._take(keys=[key], args=[clock.epoch(), capacity, per_second, 1]))

    def may_grow(self, key: str, per_second: int) -> bool:
        """Whether one more request of *key* is no faster a rise of its rate than *per_second* requests a second each second."""
        growth = self._growths.get(key)
        if growth is None or growth.per_second != per_second:
            growth = self._growths[key] = Growth(per_second)
        return growth.admits(clock.monotonic())

    async def _refill(self, key: str, share: _Share) -> bool:
        async with share.lock:
            if share.left > 0:
                return True
            if clock.monotonic() < share.none_before:
                return False
            wanted = max(1, share.rate // BLOCKS_A_SECOND)
            share.left = await self._take(keys=[key], args=[clock.epoch(), share.rate, share.rate, wanted])
            if not share.left:
                share.none_before = clock.monotonic() + 1 / max(share.rate, BLOCKS_A_SECOND)
            return share.left > 0


class Growth:
    """The rate of one function: it may rise by ten windows' worth at once, and by as much again within the next ten seconds."""

    __slots__ = ("_at", "_count", "_peak", "_peak_at", "_room", "_second", "per_second")

    def __init__(self, per_second: int) -> None:
        """*per_second*: requests a second by which the rate may rise each second."""
        self.per_second = per_second
        self._room = float(per_second * _KEPT_SECONDS)
        self._peak = 0
        """The highest rate that was allowed and is not older than ten seconds."""
        self._peak_at = self._at = 0.0
        self._second = self._count = -1

    def admits(self, now: float) -> bool:
        """Counts one request at *now*, monotonic seconds; False where the rate would rise too fast."""
        second = int(now)
        if second != self._second:
            self._begin(second, now)
        if self._count < self._peak:
            self._count += 1
            return True
        if self._room < 1:
            return False
        self._room -= 1
        self._count += 1
        self._peak, self._peak_at = self._count, now
        return True

    def _begin(self, second: int, now: float) -> None:
        """A new second. A peak that is too old gives way to what the last second really had."""
        most = self.per_second * _KEPT_SECONDS
        self._room = min(most, self._room + (now - self._at) * self.per_second) if self._second >= 0 else most
        if self._count >= self._peak:
            self._peak_at = now
        elif now - self._peak_at > _KEPT_SECONDS:
            self._peak, self._peak_at = max(self._count, 0), now
        self._second, self._at, self._count = second, now, 0
