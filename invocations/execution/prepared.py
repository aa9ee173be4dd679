"""Sandboxes kept ready for a cold start: bwrap, supervisor and interpreter run already, the runtime client is loaded."""

import asyncio
import logging
import shutil
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from invocations import clock
from invocations.execution import filesystem
from invocations.execution.launcher import RUNTIME_API, Launcher, Slot
from invocations.execution.runtimes import Family, Locations, RuntimeChoice
from invocations.execution.sandbox import Sandbox, SandboxFailed
from invocations.execution.spec import EnvironmentSpec, new_environment_id
from invocations.execution.variables import system_variables
from invocations.limits import DEFAULT_EPHEMERAL_STORAGE_MB, DEFAULT_MEMORY_SIZE_MB

log = logging.getLogger(__name__)

REPLENISH_AFTER_SECONDS = 0.2
"""Cold starts under way go first."""
KEPT_SECONDS = 900.0
"""How long an interpreter that no function uses is kept ready."""


@dataclass(slots=True)
class Prepared:
    """A sandbox that waits for its function."""

    environment_id: str
    folder: Path
    sandbox: Sandbox
    locations: Locations
    waiting: list[str]
    """The command of the runtime that has been started and waits for its variables; empty where none has."""

    async def furnish(self, spec: EnvironmentSpec) -> None:
        """Puts the function's code and layers where the sandbox shows them."""
        await asyncio.to_thread(self._furnish, spec)

    def _furnish(self, spec: EnvironmentSpec) -> None:
        for layer in spec.layer_trees:
            filesystem.link_tree(layer, self.folder / "opt")
        filesystem.link_tree(spec.code_tree, self.folder / "task")


@dataclass(slots=True)
class _Shelf:
    choice: RuntimeChoice
    family: Family
    ready: deque[Prepared] = field(default_factory=deque)
    last_used: float = field(default_factory=clock.monotonic)


class PreparedSandboxes:
    """A few sandboxes per interpreter in use."""

    def __init__(self, launcher: Launcher, folder_of: Callable[[str], Path], count: int) -> None:
        self._launcher = launcher
        self._folder_of = folder_of
        self._count = count
        self._shelves: dict[Path, _Shelf] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Starts keeping the shelves full."""
        if self._count and self._launcher.is_isolated:
            self._task = asyncio.create_task(self._keep_full())

    async def close(self) -> None:
        """Ends all that wait."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await asyncio.gather(*(self._discard(prepared) for shelf in self._shelves.values() for prepared in shelf.ready))
        self._shelves.clear()

    @property
    def ready(self) -> int:
        """How many wait."""
        return sum(len(shelf.ready) for shelf in self._shelves.values())

    def want(self, choice: RuntimeChoice, family: Family) -> None:
        """From now on this interpreter is kept ready, for as long as it is used."""
        shelf = self._shelves.setdefault(choice.interpreter, _Shelf(choice, family))
        shelf.last_used = clock.monotonic()
        self._wake.set()

    def take(self, spec: EnvironmentSpec, choice: RuntimeChoice) -> Prepared | None:
        """A sandbox for *spec*, if one is ready that its code and layers can be put into quickly."""
        shelf = self._shelves.get(choice.interpreter)
        if shelf is None or not fits(spec):
            return None
        while shelf.ready:
            prepared = shelf.ready.popleft()
            if prepared.sandbox.is_alive:
                return prepared
        return None

    async def _keep_full(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await asyncio.sleep(REPLENISH_AFTER_SECONDS)
            for key, shelf in list(self._shelves.items()):
                if clock.monotonic() - shelf.last_used > KEPT_SECONDS:
                    del self._shelves[key]
                    await asyncio.gather(*(self._discard(prepared) for prepared in shelf.ready))
                    continue
                while len(shelf.ready) < self._count:
                    try:
                        shelf.ready.append(await self._prepare(shelf))
                    except SandboxFailed as error:
                        log.warning("a sandbox could not be prepared: %s", error)
                        break

    async def _prepare(self, shelf: _Shelf) -> Prepared:
        environment_id = new_environment_id()
        folder = self._folder_of(environment_id)
        for name in ("task", "opt"):
            (folder / name).mkdir(parents=True)
        size, memory = DEFAULT_EPHEMERAL_STORAGE_MB, DEFAULT_MEMORY_SIZE_MB
        slot = Slot(environment_id, shelf.choice, shelf.family, folder / "task", folder / "opt", size, memory)
        try:
            sandbox, locations = await self._launcher.launch(slot)
        except SandboxFailed:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        waiting = [] if shelf.family.NAME == "provided" else shelf.family.command(shelf.choice, locations, memory)
        if waiting:
            sandbox.prepare([*waiting, "prepared"], system_variables(shelf.family, shelf.choice, locations, RUNTIME_API))
        return Prepared(environment_id, folder, sandbox, locations, waiting)

    async def _discard(self, prepared: Prepared) -> None:
        await prepared.sandbox.close()
        await asyncio.to_thread(shutil.rmtree, prepared.folder, ignore_errors=True)


def fits(spec: EnvironmentSpec) -> bool:
    """True when *spec* can be put into a sandbox that runs already."""
    if spec.ephemeral_storage_mb != DEFAULT_EPHEMERAL_STORAGE_MB:
        return False
    return all(_is_small(tree) for tree in (spec.code_tree, *spec.layer_trees))


@lru_cache(maxsize=4096)
def _is_small(tree: Path) -> bool:
    return filesystem.is_small(tree)
