"""Execution environments of one host: a warm one, or a cold start; idle ones reaped, outdated ones retired.

Environments are kept by what makes them: function version, revision, and whether they are provisioned. The newest idle one
is used first, so that the others grow old and go.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

import psutil

from invocations import catalogue, clock
from invocations.admit import throttled
from invocations.catalogue import VersionSnapshot
from invocations.code_store import tree
from invocations.enums import InitializationType, ThrottleReason
from invocations.errors import TooManyRequestsException
from invocations.execution.environment import ExecutionEnvironment
from invocations.execution.sandboxes import Sandboxes
from invocations.execution.spec import EnvironmentSpec

log = logging.getLogger(__name__)

IDLE_LIFETIME_SECONDS = 600.0
"""How long an environment waits for its next invocation before it is shut down."""
SETTLING_SECONDS = 0.02
"""How long a new invocation waits for an environment that has answered and not yet asked for more, rather than start one."""
HOST_FULL_SECONDS = 20.0
"""How long an invocation waits for a place on a host that has all the environments it can hold."""
SHORT_OF_MEMORY = 0.06
"""Below this share of free memory, idle environments go."""


class Key(NamedTuple):
    """What environments share."""

    account_id: str
    function_name: str
    version: str
    revision_id: str
    provisioned_qualifier: str | None


@dataclass(slots=True)
class Placement:
    """The environment that an invocation gets."""

    key: Key
    environment: ExecutionEnvironment
    is_cold: bool


@dataclass(slots=True)
class _Shelf:
    """The environments of one key."""

    idle: list[ExecutionEnvironment] = field(default_factory=list)
    live: int = 0
    """Idle, busy and starting ones together."""
    settling: int = 0
    """Those that have answered and not yet asked for the next event."""
    waiters: deque[asyncio.Future[ExecutionEnvironment | None]] = field(default_factory=deque)
    retired: bool = False


class Pool:
    """All environments of one service process."""

    def __init__(
        self,
        sandboxes: Sandboxes,
        *,
        capacity: int,
        may_scale: Callable[[str, str], Awaitable[bool]],
        idle_lifetime: float = IDLE_LIFETIME_SECONDS,
    ) -> None:
        """*capacity*: environments this host holds at the most; *may_scale* asks whether a function may add one now."""
        self._sandboxes = sandboxes
        self._capacity = capacity
        self._may_scale = may_scale
        self._idle_lifetime = idle_lifetime
        self._shelves: dict[Key, _Shelf] = {}
        self._live = 0
        self._room: deque[asyncio.Future[None]] = deque()
        """Invocations that wait for any environment of a full host to end."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Starts reaping."""
        self._spawn(self._reap_for_ever())

    async def close(self) -> None:
        """Ends every environment."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(environment.close() for shelf in self._shelves.values() for environment in shelf.idle))

    async def acquire(self, version: VersionSnapshot, qualifier: str | None = None, *, fails_init: bool = False) -> Placement:
        """An environment for one invocation of *version*; *qualifier* names the provisioned concurrency it may draw on.
        *fails_init*: a fault set on purpose, which takes an environment of its own.

        Raises TooManyRequestsException when the function scales too fast, or the host stays full.
        """
        key = key_of(version, qualifier)
        shelf = self._shelf(key)
        while shelf.idle and not fails_init:
            environment = shelf.idle.pop()
            if environment.is_usable:
                return Placement(key, environment, is_cold=False)
            await self._end(key, environment)
        if shelf.settling > len(shelf.waiters) and not fails_init:
            settled = await self._settled(shelf)
            if settled is not None:
                return Placement(key, settled, is_cold=False)
        if not await self._may_scale(version.account_id, version.function_name):
            raise throttled(ThrottleReason.FUNCTION_INVOCATION_RATE_LIMIT_EXCEEDED, limit="scaling rate, in environments")
        await self._make_room()
        spec = spec_of(version, qualifier)
        if fails_init:
            spec = replace(spec, fails_init=True)
        return Placement(key, await self._start(key, spec), is_cold=True)

    def release(self, placement: Placement) -> None:
        """Takes an environment back once its invocation was answered; it is used again when it asks for the next event."""
        self._shelf(placement.key).settling += 1
        placement.environment.when_settled(partial(self._take_back, placement.key))

    def ready(self, version: VersionSnapshot, qualifier: str) -> int:
        """How many provisioned environments the host holds for *qualifier*, busy ones included."""
        shelf = self._shelves.get(key_of(version, qualifier))
        return shelf.live if shelf else 0

    async def prepare(self, version: VersionSnapshot, qualifier: str) -> bool:
        """Adds one provisioned environment; False when its init failed."""
        key = key_of(version, qualifier)
        await self._make_room()
        environment = await self._start(key, spec_of(version, qualifier))
        if environment.init_error is not None:
            await self._end(key, environment)
            return False
        self._put_back(key, self._shelf(key), environment)
        return True

    async def shrink(self, version: VersionSnapshot, qualifier: str, to: int) -> None:
        """Ends idle provisioned environments until no more than *to* are left."""
        key = key_of(version, qualifier)
        shelf = self._shelf(key)
        while shelf.live > to and shelf.idle:
            await self._end(key, shelf.idle.pop())

    def environments(self, account_id: str) -> list[ExecutionEnvironment]:
        """The account's environments: starting, idle and busy ones."""
        return self._sandboxes.of(account_id)

    def count(self, account_id: str | None = None) -> int:
        """Live environments, of one account or of all."""
        if account_id is None:
            return self._live
        return sum(shelf.live for key, shelf in self._shelves.items() if key.account_id == account_id)

    def configuration_changed(self, account_id: str, function_name: str) -> None:
        """Retires what no longer matches the function's configuration."""
        if any(key[:2] == (account_id, function_name) for key in self._shelves):
            self._spawn(self._retire_outdated(account_id, function_name))

    async def _retire_outdated(self, account_id: str, function_name: str) -> None:
        function = await catalogue.find(account_id, function_name)
        for key, shelf in list(self._shelves.items()):
            if key[:2] != (account_id, function_name):
                continue
            version = function.versions.get(key.version) if function else None
            is_current = version is not None and version.revision_id == key.revision_id
            is_wanted = key.provisioned_qualifier is None or (function is not None and key.provisioned_qualifier in function.provisioned)
            if not (is_current and is_wanted):
                shelf.retired = True
                idle, shelf.idle = shelf.idle, []
                for environment in idle:
                    await self._end(key, environment)

    async def _start(self, key: Key, spec: EnvironmentSpec) -> ExecutionEnvironment:
        shelf = self._shelf(key)
        shelf.live += 1
        self._live += 1
        try:
            return await self._sandboxes.start(spec)
        except BaseException:
            self._forget_one(key, shelf)
            raise

    def _take_back(self, key: Key, environment: ExecutionEnvironment) -> None:
        shelf = self._shelf(key)
        shelf.settling -= 1
        if shelf.retired or environment.spec.fails_init or not environment.is_usable:
            self._spawn(self._end(key, environment))
        else:
            self._put_back(key, shelf, environment)

    def _put_back(self, key: Key, shelf: _Shelf, environment: ExecutionEnvironment) -> None:
        environment.last_used = clock.monotonic()
        while shelf.waiters:
            waiter = shelf.waiters.popleft()
            if not waiter.done():
                waiter.set_result(environment)
                return
        shelf.idle.append(environment)
        if self._room:
            self._spawn(self._end_oldest_idle())

    async def _settled(self, shelf: _Shelf) -> ExecutionEnvironment | None:
        waiter: asyncio.Future[ExecutionEnvironment | None] = asyncio.get_running_loop().create_future()
        shelf.waiters.append(waiter)
        timer = asyncio.get_running_loop().call_later(SETTLING_SECONDS, _give_up, waiter)
        try:
            return await waiter
        finally:
            timer.cancel()

    async def _make_room(self) -> None:
        if self._live < self._capacity or await self._end_oldest_idle():
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._room.append(place)
        try:
            await asyncio.wait_for(place, HOST_FULL_SECONDS)
        except TimeoutError:
            message = f"Rate Exceeded. This server holds {self._capacity} execution environments at the most, and all are busy."
            raise TooManyRequestsException(ThrottleReason.CONCURRENT_INVOCATION_LIMIT_EXCEEDED, message) from None

    async def _end_oldest_idle(self) -> bool:
        candidates = [
            (environment.last_used, key, environment)
            for key, shelf in self._shelves.items()
            if key.provisioned_qualifier is None
            for environment in shelf.idle
        ]
        if not candidates:
            return False
        _, key, environment = min(candidates, key=lambda candidate: candidate[0])
        self._shelves[key].idle.remove(environment)
        await self._end(key, environment)
        return True

    async def _end(self, key: Key, environment: ExecutionEnvironment) -> None:
        self._forget_one(key, self._shelf(key))
        await environment.close()

    def _forget_one(self, key: Key, shelf: _Shelf) -> None:
        shelf.live -= 1
        self._live -= 1
        if shelf.live == 0 and not shelf.waiters:
            self._shelves.pop(key, None)
        while self._room:
            place = self._room.popleft()
            if not place.done():
                place.set_result(None)
                break

    async def _reap_for_ever(self) -> None:
        while True:
            await asyncio.sleep(5)
            oldest_allowed = clock.monotonic() - self._idle_lifetime
            for key, shelf in list(self._shelves.items()):
                if key.provisioned_qualifier is not None:
                    continue
                for environment in [one for one in shelf.idle if one.last_used < oldest_allowed or not one.is_usable]:
                    shelf.idle.remove(environment)
                    await self._end(key, environment)
            memory = psutil.virtual_memory()
            if memory.available < SHORT_OF_MEMORY * memory.total and await self._end_oldest_idle():
                log.warning("memory is short: ended the environment that was idle longest")

    def _shelf(self, key: Key) -> _Shelf:
        shelf = self._shelves.get(key)
        if shelf is None:
            shelf = self._shelves[key] = _Shelf()
        return shelf

    def _spawn(self, work: Awaitable[object]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)  # type: ignore[arg-type]
        task.add_done_callback(self._tasks.discard)


def _give_up(waiter: asyncio.Future[ExecutionEnvironment | None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


def key_of(version: VersionSnapshot, qualifier: str | None) -> Key:
    """What environments of *version* share; provisioned ones are kept apart by *qualifier*."""
    return Key(version.account_id, version.function_name, version.version, version.revision_id, qualifier)


def spec_of(version: VersionSnapshot, qualifier: str | None) -> EnvironmentSpec:
    """All that makes an environment for *version*."""
    return EnvironmentSpec(
        account_id=version.account_id,
        function_name=version.function_name,
        version=version.version,
        function_arn=version.arn.rpartition(":")[0],
        revision_id=version.revision_id,
        runtime=version.runtime,
        handler=version.handler,
        memory_size_mb=version.memory_size,
        timeout_seconds=version.timeout,
        ephemeral_storage_mb=version.ephemeral_storage_size,
        variables=version.variables,
        code_tree=tree(version.code_sha256),
        layer_trees=tuple(tree(code) for code in version.layer_codes),
        role_arn=version.role,
        log_format=version.log_format,
        application_log_level=version.application_log_level,
        system_log_level=version.system_log_level,
        log_group_name=version.log_group_name,
        initialization_type=InitializationType.PROVISIONED_CONCURRENCY if qualifier else InitializationType.ON_DEMAND,
    )
