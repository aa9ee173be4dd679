"""The service's side of `invocations.execution.dispatch`: answers the web process and the worker on a Unix socket."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from invocations import catalogue, event_queue, load
from invocations.attempt import attempt
from invocations.errors import AwsError, ServiceException
from invocations.execution import dispatch
from invocations.holding import Holding
from invocations.invoke import invoke
from invocations.run import installed
from playground.service import capacity

log = logging.getLogger(__name__)

Answer = tuple[dict[str, Any], bytes]


class DispatchServer:
    """Listens on *path*; every request is a task of its own."""

    def __init__(self, path: Path, health: Callable[[], dict[str, Any]]) -> None:
        self._path = path
        self._health = health
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._holding = Holding(event_queue.QUEUE, event_queue.LEASE_SECONDS)
        self._operations: dict[str, Callable[[dict[str, Any], bytes], Awaitable[Answer]]] = {
            "invoke": self._invoke,
            "start": self._start,
            "attempt": self._attempt,
            "record": self._record,
            "overview": self._overview,
            "capacity": self._capacity,
            "start_load": self._start_load,
            "stop_load": self._stop_load,
            "health": self._tell_health,
        }

    async def open(self) -> None:
        """Takes the socket's path, a dead predecessor's included; only this user may connect."""
        self._holding.open()
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, str(self._path))
        self._path.chmod(0o600)

    async def close(self, grace_seconds: float) -> None:
        """Takes no more requests and lets those under way finish."""
        if self._server is not None:
            self._server.close()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace_seconds)
        for task in self._tasks:
            task.cancel()
        self._holding.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                meta, body = await dispatch.read_frame(reader)
                self._keep(self._answer(writer, meta, body))
        except (asyncio.IncompleteReadError, OSError):
            pass  # The other process went away; what it started goes on.
        finally:
            writer.close()

    def _keep(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, writer: asyncio.StreamWriter, meta: dict[str, Any], body: bytes) -> None:
        number = meta.pop("id")
        try:
            head, answer = await self._operations[meta.pop("operation")](meta, body)
        except AwsError as error:
            head, answer = dispatch.error_as_json(error), b""
        except Exception:  # outermost: the asking process must get an answer
            log.exception("dispatch failed")
            head, answer = dispatch.error_as_json(ServiceException("The service failed; its log says why.")), b""
        if not writer.is_closing():
            writer.write(dispatch.pack({"id": number, **head}, answer))
            try:
                await writer.drain()
            except OSError:
                log.info("the asking process went away before its answer")

    async def _invoke(self, meta: dict[str, Any], body: bytes) -> Answer:
        result = await invoke(*dispatch.request_from_json(meta, body), keys=meta["keys"])
        return dispatch.result_as_json(result), result.payload

    async def _start(self, meta: dict[str, Any], body: bytes) -> Answer:
        request, principal = dispatch.request_from_json(meta, body)

        async def run() -> None:
            try:
                await invoke(request, principal, keys=meta["keys"])
            except AwsError:
                pass  # In the journal, where the one who started it looks.

        self._keep(run())
        return {"request_id": request.request_id}, b""

    async def _attempt(self, meta: dict[str, Any], body: bytes) -> Answer:
        asked = dispatch.cut(meta["fields"], body)
        event = event_queue.of_fields(asked)
        with self._holding.of(event.account_id, event.request_id):
            await attempt(event)
        changed = {name: value for name, value in event.fields.items() if asked.get(name) is not value}
        return {"fields": {name: len(value) for name, value in changed.items()}}, b"".join(changed.values())

    async def _record(self, meta: dict[str, Any], body: bytes) -> Answer:
        record = installed().journal.find(meta["account_id"], meta["request_id"])
        if record is None:
            return {"record": None}, b""
        request, response = record.request.payload, record.outcome.payload if record.outcome else b""
        return {"record": record.as_json() | {"log": record.log_events()}, "split": len(request)}, request + response

    async def _overview(self, meta: dict[str, Any], body: bytes) -> Answer:
        return {"overview": await overview(meta["account_id"])}, b""

    async def _capacity(self, meta: dict[str, Any], body: bytes) -> Answer:
        return {"capacity": await capacity.snapshot(meta["account_id"], meta["after"])}, b""

    async def _start_load(self, meta: dict[str, Any], body: bytes) -> Answer:
        load.start(meta["account_id"], load.LoadSpec.parse(meta["spec"]))
        return {}, b""

    async def _stop_load(self, meta: dict[str, Any], body: bytes) -> Answer:
        load.stop(meta["account_id"])
        return {}, b""

    async def _tell_health(self, meta: dict[str, Any], body: bytes) -> Answer:
        return {"health": self._health()}, b""


async def overview(account_id: str) -> dict[str, Any]:
    """What runs now in an account: running invocations, environments, concurrency."""
    engine = installed()
    account = await catalogue.account(account_id)
    environments = engine.pool.environments(account_id)
    return {
        "running": [record.as_json() for record in engine.journal.running(account_id)],
        "environments": [
            {
                "id": environment.environment_id,
                "function": environment.spec.function_name,
                "version": environment.spec.version,
                "phase": str(environment.phase),
            }
            for environment in environments
        ],
        "environment_count": engine.pool.count(account_id),
        "concurrency": {"used": engine.admission.used(account_id), "limit": account.concurrent_executions},
    }
