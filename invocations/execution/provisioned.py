"""Keeps provisioned environments as many as were asked for, and reports how far it has come."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from django.db import DatabaseError

from invocations import catalogue
from invocations.catalogue import VersionSnapshot
from invocations.errors import AwsError
from invocations.execution.pool import Pool
from invocations.models import ProvisionedConcurrencyConfig

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 10.0
"""Besides after each change: replaces environments that ended."""
AT_ONCE = 2

Report = Callable[[int, int, int, str, str], Awaitable[None]]
"""Told config id, available, allocated, status (IN_PROGRESS, READY, FAILED) and status reason."""


class Provisioner:
    """One service's share of the work: all of it, since concurrency is prepared where the functions run."""

    def __init__(self, pool: Pool, report: Report) -> None:
        self._pool = pool
        self._report = report
        self._changed = asyncio.Event()
        self._failed: dict[int, datetime] = {}
        """Config id -> its last_modified when its init failed: not tried again until somebody changes it."""
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Starts to prepare what the database asks for."""
        self._changed.set()
        self._task = asyncio.create_task(self._reconcile_for_ever())

    async def close(self) -> None:
        """Stops; the pool ends the environments."""
        if self._task is not None:
            self._task.cancel()

    def configuration_changed(self, account_id: str, function_name: str) -> None:
        """Looks again soon."""
        self._changed.set()

    async def _reconcile_for_ever(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self._changed.wait(), LOOK_EVERY_SECONDS)
            except TimeoutError:
                pass
            self._changed.clear()
            try:
                async for config in ProvisionedConcurrencyConfig.objects.select_related("function"):
                    await self._reconcile(config)
            except (DatabaseError, AwsError) as error:
                log.warning("provisioned concurrency waits: %s", error)

    async def _reconcile(self, config: ProvisionedConcurrencyConfig) -> None:
        version = await _version_of(config)
        if version is None or self._failed.get(config.pk) == config.last_modified:
            return
        ready = self._pool.ready(version, config.qualifier)
        if ready > config.requested:
            await self._pool.shrink(version, config.qualifier, config.requested)
            ready = config.requested
        while ready < config.requested:
            missing = min(config.requested - ready, AT_ONCE)
            started = await asyncio.gather(*(self._pool.prepare(version, config.qualifier) for _ in range(missing)))
            if not all(started):
                self._failed[config.pk] = config.last_modified
                await self._report(config.pk, 0, 0, "FAILED", "FUNCTION_ERROR_INIT_FAILURE")
                return
            ready += missing
            if ready < config.requested:
                await self._report(config.pk, ready, ready, "IN_PROGRESS", "")
        if (config.status, config.available) != ("READY", ready):
            await self._report(config.pk, ready, ready, "READY", "")


async def _version_of(config: ProvisionedConcurrencyConfig) -> VersionSnapshot | None:
    function = await catalogue.find(config.function.account_id, config.function.name)
    if function is None:
        return None
    alias = function.aliases.get(config.qualifier)
    return function.versions.get(alias.function_version if alias else config.qualifier)
