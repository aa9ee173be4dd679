"""Opens and closes everything of the service process, in order."""

import asyncio
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
from asgiref.sync import sync_to_async
from django.conf import settings

from invocations import account_clock, catalogue, load
from invocations.admit import Admission
from invocations.due_queue import install_waker
from invocations.execution.pool import Pool
from invocations.execution.provisioned import Provisioner
from invocations.execution.sandboxes import Sandboxes
from invocations.journal import Journal
from invocations.models.account import DEFAULT_ACCOUNT_ID
from invocations.resources import accounts, functions, provisioned_concurrency
from invocations.run import Engine, install
from invocations.tasks import send_wake
from playground import celery as _celery  # noqa: F401  (wake-ups are sent by its settings)
from playground.service.dispatch_server import DispatchServer
from playground.service.function_endpoint import endpoint_for
from playground.service.http_server import GRACE_SECONDS

log = logging.getLogger(__name__)

MB_PER_ENVIRONMENT = 128
"""Memory reckoned for one environment where no capacity is set."""


class Host:
    """One service process."""

    def __init__(self) -> None:
        self.sandboxes = Sandboxes()
        self.sandboxes.endpoint_factory = endpoint_for
        self.admission = Admission(settings.RUN_DIR)
        self.journal = Journal(self._gauge, settings.DATA_DIR / "journal")
        self.pool = Pool(
            self.sandboxes,
            capacity=settings.MAX_ENVIRONMENTS or default_capacity(),
            may_scale=self._may_scale,
        )
        self._provisioner = Provisioner(self.pool, sync_to_async(provisioned_concurrency.report, thread_sensitive=False))
        self._dispatch = DispatchServer(settings.SERVICE_SOCKET, self.health)
        self._listening: asyncio.Future[Any] | None = None
        self._wakers = ThreadPoolExecutor(1, thread_name_prefix="wake-up")

    async def open(self) -> None:
        """After this, invocations run."""
        settings.RUN_DIR.mkdir(parents=True, exist_ok=True)
        await self.sandboxes.open()
        await self.admission.open()
        await self.journal.open()
        await self.pool.open()
        catalogue.on_change(self.pool.configuration_changed)
        catalogue.on_change(self._provisioner.configuration_changed)
        self._listening = asyncio.gather(catalogue.listen(), account_clock.listen())
        await sync_to_async(_prepare_database, thread_sensitive=False)()
        commonest = await sync_to_async(functions.commonest_runtime, thread_sensitive=False)()
        if commonest is not None:
            await self.sandboxes.expect(commonest)
        install(Engine(self.admission, self.pool, self.journal))
        await self._provisioner.open()
        install_waker(lambda account_id: self._wakers.submit(send_wake, account_id))
        await self._dispatch.open()

    async def close(self) -> None:
        """Lets what runs finish for a moment, stores the journal, ends every environment."""
        load.stop_all()
        await self._dispatch.close(GRACE_SECONDS)
        install(None)
        install_waker(None)
        self._wakers.shutdown(wait=False)
        await self._provisioner.close()
        if self._listening is not None:
            self._listening.cancel()
        await self.pool.close()
        await self.journal.close()
        await self.admission.close()
        await self.sandboxes.close()

    def health(self) -> dict[str, Any]:
        """What works and what does not."""
        return {
            "status": "ok",
            "pid": os.getpid(),
            "running": self.journal.count_running(),
            "environments": self.pool.count(),
            "ports": {"http": settings.ENDPOINT_PORT, "https": settings.HTTPS_PORT},
            "certificate": str(settings.DATA_DIR / "tls" / "certificate.pem"),
            "isolation": self.sandboxes.describe(),
        }

    async def _may_scale(self, account_id: str, function_name: str) -> bool:
        account = await catalogue.account(account_id)
        return await self.admission.may_scale(account_id, function_name, account.scaling_rate)

    def _gauge(self, account_id: str) -> dict[str, Any]:
        return {"used": self.admission.used(account_id), "environments": self.pool.count(account_id)}


def default_capacity() -> int:
    """Environments that half the machine's memory can hold, at least 8."""
    return max(8, psutil.virtual_memory().total // 2 // (MB_PER_ENVIRONMENT * 1024 * 1024))


def _prepare_database() -> None:
    """Gives the default account its ready-made functions, and puts in force what a process that died left half done."""
    accounts.ensure(DEFAULT_ACCOUNT_ID)
    functions.finish_pending()
