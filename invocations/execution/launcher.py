"""Starts sandboxes on this host: in bubblewrap where that works, else as plain processes; in control groups where it may."""

import asyncio
import hashlib
import importlib.metadata
import logging
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from invocations.execution import bubblewrap, cgroups, filesystem, seccomp, supervisor
from invocations.execution.bubblewrap import Mounts
from invocations.execution.runtimes import Family, Locations, RuntimeChoice, python
from invocations.execution.runtimes.choice import inside_path
from invocations.execution.sandbox import Sandbox

log = logging.getLogger(__name__)

KEEPER = "/var/keeper"
"""Where the supervisor's interpreter appears in environments of other families."""
RUNTIME_API = "127.0.0.1:9001"
ENDPOINT = "http://127.0.0.1:4566"
NEEDED_FIRST = ("awslambdaric", "simplejson", "snapshot_restore_py")
"""Packages to compile before an interpreter's first start; the others can follow."""


@dataclass(slots=True)
class Slot:
    """What one sandbox is made of."""

    name: str
    """Of its control group: the environment's id."""
    choice: RuntimeChoice
    family: Family
    task: Path
    opt: Path
    ephemeral_storage_mb: int
    memory_size_mb: int


@dataclass(slots=True)
class Launcher:
    """How sandboxes are started here. Call `open` first."""

    data: Path
    """Folder for what all environments share."""
    group_name: str
    trial: bubblewrap.Trial = field(default_factory=lambda: bubblewrap.Trial(works=False, why_not="not tried yet"))
    groups: cgroups.Groups | None = None
    why_no_groups: str = ""
    _filter: Path | None = None
    _supports: dict[str, Path] = field(default_factory=dict)
    _compiled: dict[Path, asyncio.Future[None]] = field(default_factory=dict)
    _background: set[asyncio.Task[None]] = field(default_factory=set)

    async def open(self) -> None:
        """Makes the shared folders and tries everything out."""
        await asyncio.to_thread(self._open)

    def _open(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        self.empty.mkdir(exist_ok=True)
        shutil.rmtree(self.etc, ignore_errors=True)
        self.etc.mkdir()
        filesystem.make_etc(self.etc)
        self.groups, self.why_no_groups = cgroups.find(self.group_name)
        instructions = seccomp.program(platform.machine(), forbid_memfd=self.groups is None)
        if instructions:
            self._filter = self.data / "seccomp.bpf"
            self._filter.write_bytes(instructions)
        mounts = Mounts(self.etc, self.empty, self.empty, self.empty, self.empty)
        self.trial = bubblewrap.attempt(mounts, self._filter)

    async def close(self) -> None:
        """Takes the control groups away."""
        for task in list(self._background):
            task.cancel()
        if self.groups is not None:
            await asyncio.to_thread(self.groups.remove)

    @property
    def etc(self) -> Path:
        """The /etc of all environments."""
        return self.data / "etc"

    @property
    def empty(self) -> Path:
        """A folder with nothing in it."""
        return self.data / "empty"

    @property
    def is_isolated(self) -> bool:
        """True where environments are sandboxes indeed."""
        return self.trial.works

    async def launch(self, slot: Slot) -> tuple[Sandbox, Locations]:
        """A sandbox whose supervisor waits for commands, and where things are in it. Raises SandboxFailed."""
        keeper = slot.choice if slot.family.NAME == python.NAME else python.own()
        support = await self._support(slot.family)
        await self._compile(keeper.interpreter, support)
        locations = self._locations(slot, support)
        if self.is_isolated:
            sandbox = await self._in_bubblewrap(slot, keeper, support)
        else:
            program = [str(keeper.interpreter), "-I", "-S", str(supervisor_path(support, keeper))]
            sandbox = await Sandbox.spawn(lambda control: [*program, str(control), "plain"], [], cwd=str(slot.task))
        if self.groups is not None:
            await self._limit(sandbox, slot, self.groups)
        return sandbox, locations

    async def _in_bubblewrap(self, slot: Slot, keeper: RuntimeChoice, support: Path) -> Sandbox:
        lang = "/var/lang" if keeper is slot.choice else KEEPER
        prefixes = [(choice.prefix, at) for choice, at in ((slot.choice, "/var/lang"), (keeper, lang)) if choice.prefix]
        mounts = Mounts(
            self.etc,
            self.empty,
            slot.task,
            slot.opt,
            support,
            tuple(dict.fromkeys(prefixes)),
            slot.ephemeral_storage_mb,
            _hidden(keeper, lang),
        )
        interpreter = inside_path(keeper, Locations(lang=lang))
        name = supervisor_path(support, keeper).name
        program = [interpreter, "-I", "-S", f"/var/runtime/init/{name}"]
        with bubblewrap.open_filter(self._filter) as (descriptor, inherited):
            command = bubblewrap.arguments(
                mounts, program, filter_descriptor=descriptor, nested_users=self.trial.nested_users, libraries=f"{lang}/lib"
            )
            return await Sandbox.spawn(lambda control: [*command, str(control), "namespace"], inherited)

    async def _limit(self, sandbox: Sandbox, slot: Slot, groups: cgroups.Groups) -> None:
        def put() -> cgroups.Group:
            group = groups.make(slot.name)
            group.limit_memory(slot.memory_size_mb + slot.ephemeral_storage_mb)
            group.add(sandbox.supervisor_pid)
            return group

        try:
            sandbox.group = await asyncio.to_thread(put)
        except OSError as error:
            log.warning("no control group for environment %s: %s", slot.name, error)

    def _locations(self, slot: Slot, support: Path) -> Locations:
        if self.is_isolated:
            return Locations()
        return Locations(str(slot.task), str(support), str(slot.choice.prefix or "/usr"), str(slot.opt))

    async def _support(self, family: Family) -> Path:
        support = self._supports.get(family.NAME)
        if support is None:
            support = self._supports[family.NAME] = await asyncio.to_thread(self._make_support, family)
        return support

    def _make_support(self, family: Family) -> Path:
        def fill(target: Path) -> None:
            family.install(target)
            (target / "init").mkdir()
            shutil.copy2(supervisor.__file__, target / "init" / "supervisor.py")

        return filesystem.made_once(self.data / f"{family.NAME}-{_fingerprint(family)}", fill)

    async def _compile(self, interpreter: Path, support: Path) -> None:
        """Once per interpreter: byte code of what every start loads, then, in the background, of the rest."""
        key = support / interpreter.name
        done = self._compiled.get(key)
        if done is None:
            done = self._compiled[key] = asyncio.get_running_loop().create_future()
            await asyncio.to_thread(_compile_first, interpreter, support)
            done.set_result(None)
            task = asyncio.create_task(asyncio.to_thread(filesystem.compile_scripts, interpreter, support, quietly=True))
            self._background.add(task)
            task.add_done_callback(self._background.discard)
        await asyncio.shield(done)


def supervisor_path(support: Path, keeper: RuntimeChoice) -> Path:
    """The supervisor compiled for its interpreter, or its source where that failed."""
    compiled = support / "init" / f"{keeper.interpreter.name}.pyc"
    return compiled if compiled.exists() else support / "init" / "supervisor.py"


def _compile_first(interpreter: Path, support: Path) -> None:
    source, target = support / "init" / "supervisor.py", support / "init" / f"{interpreter.name}.pyc"
    if target.exists():
        return
    script = "import py_compile, sys; py_compile.compile(sys.argv[1], sys.argv[2], '/var/runtime/init/supervisor.py', doraise=True)"
    subprocess.run([interpreter, "-I", "-S", "-c", script, source, target], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    for package in NEEDED_FIRST:
        if (support / package).is_dir():
            filesystem.compile_scripts(interpreter, support / package)


def _hidden(keeper: RuntimeChoice, lang: str) -> tuple[str, ...]:
    """Folders with packages of the host's own, which no function may come to rely on."""
    hidden = [folder for folder in ("/usr/local", "/usr/lib/python3/dist-packages") if Path(folder).is_dir()]
    minor = keeper.interpreter.name
    if keeper.prefix is not None and (keeper.prefix / "lib" / minor / "site-packages").is_dir():
        hidden.append(f"{lang}/lib/{minor}/site-packages")
    return tuple(hidden)


def _fingerprint(family: Family) -> str:
    """Changes when anything that `install` copies does."""
    digest = hashlib.sha256(Path(supervisor.__file__).read_bytes())
    folder = Path(__file__).parent / "runtimes" / family.NAME
    for file in sorted(folder.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(file.read_bytes())
    if family.NAME == python.NAME:
        for name in python.DISTRIBUTIONS:
            digest.update(f"{name}={importlib.metadata.version(name)};{sys.implementation.cache_tag}".encode())
    return digest.hexdigest()[:16]
