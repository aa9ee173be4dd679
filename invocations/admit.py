"""Concurrency: a lease, or a throttle.

Every concurrent execution holds one permit of one pool: a provisioned one (per qualifier), the function's reserved one, or
what the account has left. Pools are counted in Redis over all hosts. A host takes permits in blocks and hands out of its
block from memory, so that a warm invocation waits for no round trip; idle permits go back each second, and at once when
another host is refused. A host's permits end with its sign of life. Synchronous requests are also bounded by their rate, pool
by pool (rates.py).
"""

import asyncio
import logging
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis
from redis.commands.core import AsyncScript

from invocations import limits, store
from invocations.catalogue import AccountSnapshot, FunctionSnapshot
from invocations.enums import InitializationType, ThrottleReason
from invocations.errors import TooManyRequestsException
from invocations.rates import Rates
from invocations.route import Routed

log = logging.getLogger(__name__)

HOLDER_LIFETIME_MS = 5_000
"""How long a dead host's permits stay taken."""
HEARTBEAT_SECONDS = 1.0
BLOCK = 16
"""Permits taken at once at the most."""
SECOND_TRY_SECONDS = 0.02
SECOND_TRIES = 4
"""How long, and how often, other hosts are waited for to give back idle permits before a refusal stands."""

_TAKE = """
-- KEYS[1] pool; ARGV: holder, wanted, limit. Returns what was granted; permits of dead holders are freed on the way.
local held = redis.call('HGETALL', KEYS[1])
local total = 0
for i = 1, #held, 2 do
  if redis.call('EXISTS', 'holder:' .. held[i]) == 1 then
    total = total + tonumber(held[i + 1])
  else
    redis.call('HDEL', KEYS[1], held[i])
  end
end
local granted = math.min(tonumber(ARGV[2]), tonumber(ARGV[3]) - total)
if granted <= 0 then return 0 end
redis.call('HINCRBY', KEYS[1], ARGV[1], granted)
return granted
"""

_GIVE_BACK = """
-- KEYS[1] pool; ARGV: holder, how many.
local left = redis.call('HINCRBY', KEYS[1], ARGV[1], -tonumber(ARGV[2]))
if left <= 0 then redis.call('HDEL', KEYS[1], ARGV[1]) end
return left
"""


@dataclass(slots=True)
class _Block:
    """This host's part of one pool."""

    granted: int = 0
    used: int = 0
    peak: int = 0
    """The most that was used since idle permits were last given back."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True)
class Lease:
    """The right to one concurrent execution. Ends by `Admission.release`, or with its holder's death."""

    pool: str
    initialization_type: InitializationType
    detail: dict[str, Any]
    """What the pages show: pool, used, limit."""


class Admission:
    """One host's leases."""

    def __init__(self, run_dir: Path) -> None:
        self._holder = uuid.uuid4().hex
        self._holder_file = run_dir / "holder"
        self._blocks: dict[str, _Block] = {}
        self._used_by_account: dict[str, int] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._take: AsyncScript
        self._give_back: AsyncScript
        self._rates: Rates

    async def open(self) -> None:
        """Frees what this host's previous life held, and starts the sign of life."""
        client = store.async_connection()
        self._take = client.register_script(_TAKE)
        self._give_back = client.register_script(_GIVE_BACK)
        self._rates = Rates()
        if self._holder_file.exists():
            await client.delete(f"holder:{self._holder_file.read_text()}")
        self._holder_file.write_text(self._holder)
        await self._beat()
        listening = asyncio.Event()
        self._tasks = [asyncio.create_task(self._keep_alive()), asyncio.create_task(self._listen_to_wants(listening))]
        await listening.wait()

    async def close(self) -> None:
        """Gives everything back."""
        for task in self._tasks:
            task.cancel()
        try:
            await store.async_connection().delete(f"holder:{self._holder}")
        except redis.ConnectionError:
            log.warning("redis is gone; the permits of this host end with its sign of life")

    def used(self, account_id: str) -> int:
        """Concurrent executions of an account on this host now."""
        return self._used_by_account.get(account_id, 0)

    def pools(self, account_id: str) -> dict[str, int]:
        """Concurrent executions by pool, on this host now: "unreserved", "reserved:<function>", "provisioned:<function>:<qualifier>"."""
        prefix = f"leases:{account_id}:"
        return {pool.removeprefix(prefix): block.used for pool, block in self._blocks.items() if pool.startswith(prefix)}

    async def admit(
        self, function: FunctionSnapshot, account: AccountSnapshot, routed: Routed, provisioned_ready: int, *, is_rated: bool = True
    ) -> Lease:
        """A lease for one execution. Raises TooManyRequestsException with AWS's reason where there is none.

        *provisioned_ready*: how many prepared environments this host has for the qualifier; what they cannot take spills
        over to on-demand concurrency. *is_rated*: whether it is a request that counts for rates; events of the queue do not.
        """
        reserved = function.reserved_concurrent_executions
        if reserved == 0:
            raise TooManyRequestsException(ThrottleReason.RESERVED_FUNCTION_CONCURRENT_INVOCATION_LIMIT_EXCEEDED)
        account_id, name = function.account_id, function.name
        factor = account.requests_per_concurrent_execution if is_rated else 0
        qualifier = routed.provisioned_qualifier
        if qualifier is not None:
            pool, limit = f"leases:{account_id}:provisioned:{name}:{qualifier}", min(function.provisioned[qualifier], provisioned_ready)
            is_slow_enough = not factor or await self._rates.spend(_rate_key(pool), function.provisioned[qualifier] * factor)
            if is_slow_enough and await self._acquire(account_id, pool, limit):
                return self._lease(pool, limit, InitializationType.PROVISIONED_CONCURRENCY)
        if reserved is not None:
            pool, limit = f"leases:{account_id}:reserved:{name}", max(reserved - function.provisioned_total, 0)
            reason = ThrottleReason.RESERVED_FUNCTION_CONCURRENT_INVOCATION_LIMIT_EXCEEDED
            rate_reason = ThrottleReason.RESERVED_FUNCTION_INVOCATION_RATE_LIMIT_EXCEEDED
        else:
            pool, limit = f"leases:{account_id}:unreserved", account.unreserved_concurrent_executions
            reason = ThrottleReason.CONCURRENT_INVOCATION_LIMIT_EXCEEDED
            rate_reason = ThrottleReason.FUNCTION_INVOCATION_RATE_LIMIT_EXCEEDED
        if factor and limit:
            if not await self._rates.spend(_rate_key(pool), limit * factor):
                raise throttled(rate_reason, limit="requests per second", requests_per_second=limit * factor)
            if not self._rates.may_grow(f"{account_id}:{name}", account.growth):
                reason = ThrottleReason.FUNCTION_INVOCATION_RATE_LIMIT_EXCEEDED
                raise throttled(reason, limit="scaling rate, in requests per second", scaling_rate=account.scaling_rate)
        if await self._acquire(account_id, pool, limit):
            return self._lease(pool, limit, InitializationType.ON_DEMAND)
        raise throttled(reason, limit="concurrent executions", pool=pool.split(":")[2], concurrent_executions=limit)

    def release(self, lease: Lease) -> None:
        """Ends a lease. The permit stays on this host until it has been idle for a second."""
        self._blocks[lease.pool].used -= 1
        self._used_by_account[lease.pool.split(":", 2)[1]] -= 1

    async def may_scale(self, account_id: str, function_name: str, scaling_rate: int = limits.SCALING_RATE) -> bool:
        """Whether the function may add an environment now: *scaling_rate* per 10 s, refilled continuously, over all hosts."""
        per_second = scaling_rate / limits.SCALING_WINDOW.total_seconds()
        return await self._rates.take_one(f"scaling:{account_id}:{function_name}", scaling_rate, per_second)

    async def _acquire(self, account_id: str, pool: str, limit: int) -> bool:
        block = self._blocks.get(pool)
        if block is None:
            block = self._blocks[pool] = _Block()
        if block.used >= min(block.granted, limit) and not await self._grow(pool, block, limit):
            return False
        block.used += 1
        block.peak = max(block.peak, block.used)
        self._used_by_account[account_id] = self._used_by_account.get(account_id, 0) + 1
        return True

    async def _grow(self, pool: str, block: _Block, limit: int) -> bool:
        """Takes more permits from Redis; True when one of them is free. One request at a time per pool."""
        if block.used >= limit:
            return False
        async with block.lock:
            if block.used < min(block.granted, limit):
                return True
            block.granted += await self._take(keys=[pool], args=[self._holder, BLOCK, limit])
            if block.used >= min(block.granted, limit):
                client = store.async_connection()
                if await client.publish("leases-wanted", f"{self._holder} {pool}") > 1:  # somebody else listens too
                    for _ in range(SECOND_TRIES):
                        await asyncio.sleep(SECOND_TRY_SECONDS)
                        block.granted += await self._take(keys=[pool], args=[self._holder, 1, limit])
                        if block.used < min(block.granted, limit):
                            break
            return block.used < min(block.granted, limit)

    def _lease(self, pool: str, limit: int, initialization_type: InitializationType) -> Lease:
        kind = pool.split(":")[2]
        return Lease(pool, initialization_type, {"pool": kind, "used": self._blocks[pool].used, "limit": limit})

    async def _beat(self) -> None:
        """Signs of life. Where the last one had run out, others may have dropped our permits: they are claimed again."""
        client = store.async_connection()
        was_alive = await client.set(f"holder:{self._holder}", 1, px=HOLDER_LIFETIME_MS, get=True)
        if was_alive is None:
            for pool, block in self._blocks.items():
                if block.granted:
                    await client.hset(pool, self._holder, str(block.granted))

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            try:
                await self._beat()
                for pool, block in list(self._blocks.items()):
                    await self._give_back_idle(pool, block, keep=block.peak)
                    block.peak = block.used
            except redis.ConnectionError:
                log.warning("redis does not answer; trying again")

    async def _listen_to_wants(self, listening: asyncio.Event) -> None:
        while True:
            try:
                async with store.async_connection().pubsub() as pubsub:
                    await pubsub.subscribe("leases-wanted")
                    async for message in pubsub.listen():
                        if message["type"] != "message":
                            listening.set()  # the answer to `subscribe`
                            continue
                        holder, _, pool = message["data"].decode().partition(" ")
                        if holder != self._holder and pool in self._blocks:
                            await self._give_back_idle(pool, self._blocks[pool], keep=0)
            except redis.ConnectionError:
                await asyncio.sleep(0.2)

    async def _give_back_idle(self, pool: str, block: _Block, keep: int) -> None:
        idle = block.granted - max(block.used, keep)
        if idle <= 0:
            return
        block.granted -= idle
        await self._give_back(keys=[pool], args=[self._holder, idle])


def throttled(reason: ThrottleReason, **detail: Any) -> TooManyRequestsException:
    """The refusal, with what records and pages tell of the limit beside AWS's reason."""
    error = TooManyRequestsException(reason)
    error.detail = detail
    return error


def _rate_key(pool: str) -> str:
    return "rates" + pool.removeprefix("leases")
