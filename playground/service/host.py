"""Opens and closes everything of the service process, in order."""

import asyncio
import logging
import os
from typing import Any

import psutil
import uvicorn
from django.conf import settings

from invocations import catalogue
from invocations.admit import Admission
from invocations.execution.environment import ExecutionEnvironment
from invocations.execution.pool import Pool
from invocations.execution.sandboxes import Sandboxes
from invocations.journal import Journal
from invocations.run import Engine, install
from playground.service.dispatch_server import DispatchServer

log = logging.getLogger(__name__)

GRACE_SECONDS = 3.5
"""How long running invocations may take to finish when the service is told to stop."""
MB_PER_ENVIRONMENT = 128
"""Memory reckoned for one environment where no capacity is set."""


class Host:
    """One service process."""

    def __init__(self) -> None:
        self.sandboxes = Sandboxes()
        self.admission = Admission(settings.RUN_DIR)
        self.journal = Journal(self._gauge)
        self.pool = Pool(
            self.sandboxes,
            capacity=settings.MAX_ENVIRONMENTS or default_capacity(),
            may_scale=self.admission.may_scale,
            on_phase=self._announce_phase,
        )
        self._dispatch = DispatchServer(settings.SERVICE_SOCKET, self.health)
        self._listening: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """After this, invocations run."""
        settings.RUN_DIR.mkdir(parents=True, exist_ok=True)
        await self.sandboxes.open()
        await self.admission.open()
        await self.journal.open()
        await self.pool.open()
        catalogue.on_change(self.pool.configuration_changed)
        self._listening = asyncio.create_task(catalogue.listen())
        install(Engine(self.admission, self.pool, self.journal))
        await self._dispatch.open()

    async def close(self) -> None:
        """Lets what runs finish for a moment, stores the journal, ends every environment."""
        await self._dispatch.close(GRACE_SECONDS)
        install(None)
        if self._listening is not None:
            self._listening.cancel()
        await self.pool.close()
        await self.journal.close()
        await self.admission.close()
        await self.sandboxes.close()

    def health(self) -> dict[str, Any]:
        """What works and what does not."""
        return {"status": "ok", "pid": os.getpid(), "environments": self.pool.count(), "isolation": self.sandboxes.describe()}

    def _gauge(self, account_id: str) -> dict[str, Any]:
        return {"used": self.admission.used(account_id), "environments": self.pool.count(account_id)}

    def _announce_phase(self, environment: ExecutionEnvironment) -> None:
        event = {
            "id": environment.environment_id,
            "function": environment.spec.function_name,
            "version": environment.spec.version,
            "phase": str(environment.phase),
        }
        self.journal.environment(environment.spec.account_id, event)


def default_capacity() -> int:
    """Environments that half the machine's memory can hold, at least 8."""
    return max(8, psutil.virtual_memory().total // 2 // (MB_PER_ENVIRONMENT * 1024 * 1024))
