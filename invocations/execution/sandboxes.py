"""Makes execution environments on this host: knows what works here, keeps within the host's budgets, leaves nothing behind."""

import asyncio
import fcntl
import json
import logging
import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings

from invocations import limits
from invocations.errors import InvalidRuntimeException
from invocations.execution import cgroups, filesystem
from invocations.execution.capped import CappedConnections
from invocations.execution.environment import ExecutionEnvironment
from invocations.execution.launcher import ENDPOINT, RUNTIME_API, Launcher, Slot
from invocations.execution.memory import MemoryMeter
from invocations.execution.prepared import PreparedSandboxes
from invocations.execution.report import Report
from invocations.execution.runtimes import Family, Locations, RuntimeChoice, RuntimeMissing, family_of, python, resolve
from invocations.execution.sandbox import Sandbox
from invocations.execution.spec import EnvironmentSpec, RuntimeCommand, log_stream_name, new_environment_id
from invocations.execution.variables import function_variables, needs_fresh_start, system_variables
from invocations.values import LogLine

log = logging.getLogger(__name__)

PREPARED = 2
"""Sandboxes kept ready per interpreter in use."""
WATCH_SECONDS = 0.02
"""How often running functions' memory is looked at."""
IDLE_WATCH_SECONDS = 0.1
STORAGE_WATCH_SECONDS = 1.0
STORAGE_SHARE = 0.5
"""Of the memory that was free at the start, for all files in all /tmp together."""

EndpointFactory = Callable[[ExecutionEnvironment], Callable[[], asyncio.Protocol]]


class Sandboxes:
    """One per service process, used on its main thread."""

    def __init__(self, data_dir: Path | None = None, *, prepared: int = PREPARED) -> None:
        data = data_dir or Path(settings.DATA_DIR)
        self.endpoint_factory: EndpointFactory | None = None
        """Makes the AWS endpoint that one environment's functions reach as 127.0.0.1:4566."""
        self._instance = f"{os.getpid()}-{os.urandom(3).hex()}"
        self._root = data / "environments"
        self._folder = self._root / self._instance
        self._merged = data / "runtimes" / "layers"
        self._lock = -1
        self._launcher = Launcher(data / "runtimes", f"playground-{self._instance}")
        self._prepared = PreparedSandboxes(self._launcher, self._folder_of, prepared)
        self._environments: set[ExecutionEnvironment] = set()
        self._watching: asyncio.Task[None] | None = None
        self._storage_budget = int(psutil.virtual_memory().available * STORAGE_SHARE)

    async def open(self) -> None:
        """Clears what a dead predecessor left, tries what works here, begins to prepare sandboxes for Python."""
        await asyncio.to_thread(self._make_folder)
        await self._launcher.open()
        if self._launcher.groups is not None:
            groups = self._launcher.groups
            (self._folder / "cgroups").write_text(json.dumps([str(groups.memory), str(groups.processes), groups.version]))
        if not self._launcher.is_isolated:
            log.warning("functions run WITHOUT isolation: %s", self._launcher.trial.why_not)
        self._prepared.open()
        self._prepared.want(python.own(), python)
        self._watching = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Ends every environment and removes every trace."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await self._prepared.close()
        await self.end_all()
        await self._launcher.close()
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    async def expect(self, runtime: str) -> None:
        """Prepares sandboxes for functions of *runtime*, so that the first cold start is a quick one too."""
        try:
            choice = await asyncio.to_thread(resolve, runtime)
        except RuntimeMissing:
            return  # its functions will say so
        self._prepared.want(choice, family_of(runtime))

    async def end_all(self) -> None:
        """Ends every environment."""
        await asyncio.gather(*(environment.close() for environment in list(self._environments)))

    def describe(self) -> dict[str, Any]:
        """What isolates functions here, and what bounds them; with reasons for what does not work."""
        launcher = self._launcher
        return {
            "isolation": "bubblewrap" if launcher.is_isolated else "none",
            "why": launcher.trial.why_not,
            "limits": f"cgroups v{launcher.groups.version}" if launcher.groups else "watchdog",
            "why_no_cgroups": launcher.why_no_groups,
            "environments": len(self._environments),
            "prepared": self._prepared.ready,
            "memory_reserved_mb": self.memory_reserved_mb,
        }

    @property
    def count(self) -> int:
        """Environments that exist, those that start included."""
        return len(self._environments)

    def of(self, account_id: str) -> list[ExecutionEnvironment]:
        """An account's environments, oldest first within each function; idle and busy ones alike."""
        found = [environment for environment in self._environments if environment.spec.account_id == account_id]
        return sorted(found, key=lambda environment: (environment.spec.function_name, environment.born))

    @property
    def memory_reserved_mb(self) -> int:
        """MemorySize of all environments together: what they may come to use."""
        return sum(environment.spec.memory_size_mb for environment in self._environments)

    async def start(
        self,
        spec: EnvironmentSpec,
        *,
        on_phase: Callable[[ExecutionEnvironment], None] | None = None,
        on_log: Callable[[list[LogLine]], None] | None = None,
        init_timeout: timedelta = limits.INIT_TIMEOUT,
    ) -> ExecutionEnvironment:
        """A new environment, its Init phase done. A failed init shows in its `init_error` and in its first invocation.

        *on_log* is told what is printed while no invocation runs. Raises InvalidRuntimeException, SandboxFailed.
        """
        try:
            choice, family = resolve(spec.runtime), family_of(spec.runtime)
        except RuntimeMissing as error:
            raise InvalidRuntimeException(str(error)) from error
        prepared = self._prepared.take(spec, choice)
        self._prepared.want(choice, family)
        environment_id = prepared.environment_id if prepared else new_environment_id()
        if prepared is not None:
            await prepared.furnish(spec)
            sandbox, locations, folder = prepared.sandbox, prepared.locations, prepared.folder
            if sandbox.group is not None:
                sandbox.group.limit_memory(spec.memory_size_mb + spec.ephemeral_storage_mb)
        else:
            folder = self._folder_of(environment_id)
            slot = Slot(
                environment_id,
                choice,
                family,
                spec.code_tree,
                await self._opt(spec),
                spec.ephemeral_storage_mb,
                spec.memory_size_mb,
            )
            sandbox, locations = await self._launcher.launch(slot)
        command = self._command(spec, choice, family, locations, sandbox, environment_id)
        if (
            prepared is not None
            and prepared.waiting
            and (prepared.waiting != command.argv or needs_fresh_start(family, dict(spec.variables)))
        ):
            sandbox.kill_runtime()
        environment = ExecutionEnvironment(
            spec,
            environment_id,
            sandbox,
            command,
            Report(spec, choice, family.version_label(choice), environment_id),
            MemoryMeter(sandbox.supervisor_pid, sandbox.group, spec.memory_size_mb),
            on_phase=on_phase,
            on_log=on_log,
            on_closed=lambda closed: self._forget(closed, folder),
        )
        self._environments.add(environment)
        factory = self.endpoint_factory
        endpoint = CappedConnections(factory(environment)).connection if factory else None
        try:
            return await environment.open(endpoint, init_timeout)
        except BaseException:
            await environment.close()
            raise

    def _command(
        self,
        spec: EnvironmentSpec,
        choice: RuntimeChoice,
        family: Family,
        locations: Locations,
        sandbox: Sandbox,
        environment_id: str,
    ) -> RuntimeCommand:
        api, endpoint = RUNTIME_API, ENDPOINT
        if not self._launcher.is_isolated:
            api, endpoint = (f"127.0.0.1:{listener.getsockname()[1]}" for listener in sandbox.listeners)
            endpoint = f"http://{endpoint}"
        variables = {
            **system_variables(family, choice, locations, api),
            **function_variables(spec, log_stream_name(spec, environment_id), endpoint),
        }
        argv = family.command(choice, locations, spec.memory_size_mb)
        if family.NAME == "provided" and not (spec.code_tree / "bootstrap").exists():
            argv = [f"{locations.opt}/bootstrap"]
        wrapper = variables.get("AWS_LAMBDA_EXEC_WRAPPER")
        return RuntimeCommand([wrapper, *argv] if wrapper else argv, variables)

    async def _opt(self, spec: EnvironmentSpec) -> Path:
        if not spec.layer_trees:
            return self._launcher.empty
        return await asyncio.to_thread(filesystem.merged, spec.layer_trees, self._merged)

    def _folder_of(self, environment_id: str) -> Path:
        return self._folder / environment_id

    def _forget(self, environment: ExecutionEnvironment, folder: Path) -> None:
        self._environments.discard(environment)
        shutil.rmtree(folder, ignore_errors=True)

    # ---- watching

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        look_at_storage = loop.time()
        while True:
            busy = [environment for environment in self._environments if environment.is_busy]
            for environment in busy:
                if environment.meter.is_over():
                    environment.kill_for_memory()
            if loop.time() >= look_at_storage:
                self._keep_storage_budget()
                look_at_storage = loop.time() + STORAGE_WATCH_SECONDS
            await asyncio.sleep(WATCH_SECONDS if busy else IDLE_WATCH_SECONDS)

    def _keep_storage_budget(self) -> None:
        """All /tmp are memory of this host. When they grow over their share, the fullest goes, an idle one first."""
        used = {environment: environment.meter.ephemeral_storage_used() for environment in self._environments}
        if not self._launcher.is_isolated or sum(used.values()) <= self._storage_budget:
            return
        fullest = max(used, key=lambda environment: (not environment.is_busy, used[environment]))
        log.warning("the files in /tmp of all environments use more than %d MB: one is ended", self._storage_budget // limits.MB)
        task = asyncio.ensure_future(fullest.close())
        task.add_done_callback(lambda _: None)

    # ---- folders

    def _make_folder(self) -> None:
        self._root.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self._merged, ignore_errors=True)
        for folder in self._root.iterdir():
            _clear_if_dead(folder)
        self._folder.mkdir()
        self._lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)


def _clear_if_dead(folder: Path) -> None:
    """Removes what another process left, unless it lives: then it holds its lock."""
    try:
        lock = os.open(folder / "lock", os.O_RDWR)
    except OSError:
        lock = -1
    try:
        if lock >= 0:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if (folder / "cgroups").exists():
            memory, processes, version = json.loads((folder / "cgroups").read_text())
            cgroups.Groups(Path(memory), Path(processes), version).remove()
        shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:
        return
    finally:
        if lock >= 0:
            os.close(lock)
