"""Memory and process limits by control groups, version 1 or 2, where this process may make them."""

import logging
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from invocations import limits

log = logging.getLogger(__name__)

PROCESSES = limits.PROCESSES + 2
"""The function's own, the supervisor, and bwrap."""
SUPERVISOR_MB = 24
"""What the supervisor and bwrap may use beside the function."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a group's processes use now, in bytes."""

    private: int
    """Memory that belongs to processes alone."""
    shared: int
    """Files in memory: shared maps, memfds, and the files in /tmp."""


@dataclass(slots=True)
class Group:
    """The control group of one environment: one folder (version 2) or one per controller (version 1)."""

    memory: Path
    processes: Path
    version: int
    _peak: int = field(default=-1)
    """Descriptor of the file that holds the most memory ever used."""
    _current: int = field(default=-1)

    @classmethod
    def make(cls, memory: Path, processes: Path, version: int) -> "Group":
        """Raises OSError where that is not allowed."""
        for folder in {memory, processes}:
            folder.mkdir()
        group = cls(memory, processes, version)
        _write(processes / "pids.max", PROCESSES)
        if version == 2:
            _write_if_there(memory / "memory.swap.max", 0)
            _write_if_there(memory / "memory.oom.group", 0)
        names = ("memory.max_usage_in_bytes", "memory.usage_in_bytes") if version == 1 else ("memory.peak", "memory.current")
        group._current = os.open(memory / names[1], os.O_RDONLY)
        try:
            group._peak = os.open(memory / names[0], os.O_RDONLY)
        except FileNotFoundError:  # memory.peak came with Linux 5.19
            group._peak = os.dup(group._current)
        return group

    def limit_memory(self, megabytes: int) -> None:
        """The kernel kills at *megabytes* plus the supervisor's share."""
        size = (megabytes + SUPERVISOR_MB) * limits.MB
        _write(self.memory / ("memory.limit_in_bytes" if self.version == 1 else "memory.max"), size)

    def add(self, pid: int) -> None:
        """Moves a process in. May take some milliseconds: to be called off the loop."""
        for folder in {self.memory, self.processes}:
            _write(folder / "cgroup.procs", pid)

    def peak(self) -> bytes:
        """The most memory ever used, caches included, as the kernel prints it: to see cheaply whether anything changed."""
        return os.pread(self._peak, 32, 0)

    def current(self) -> int:
        """Bytes in use now, caches included."""
        return int(os.pread(self._current, 32, 0))

    def usage(self) -> Usage:
        """Bytes in use now by kind. Takes some microseconds more than `current`."""
        words = (self.memory / "memory.stat").read_text().split()
        numbers = dict(zip(words[::2], map(int, words[1::2]), strict=False))
        return Usage(numbers.get("rss" if self.version == 1 else "anon", 0), numbers.get("shmem", 0))

    def pids(self) -> list[int]:
        """The processes inside, as this process numbers them."""
        return [int(line) for line in (self.memory / "cgroup.procs").read_text().split()]

    def remove(self) -> bool:
        """Takes the folders away; False while processes are left in them."""
        for descriptor in (self._peak, self._current):
            if descriptor >= 0:
                os.close(descriptor)
        self._peak = self._current = -1
        return all(_removed(folder) for folder in {self.memory, self.processes})


@dataclass(frozen=True, slots=True)
class Groups:
    """Where environments' groups are made."""

    memory: Path
    processes: Path
    version: int

    def make(self, name: str) -> Group:
        """A group for one environment. Raises OSError."""
        return Group.make(self.memory / name, self.processes / name, self.version)

    def clear(self) -> None:
        """Removes what a dead predecessor left, its processes included."""
        for root in {self.memory, self.processes}:
            for folder in root.iterdir() if root.is_dir() else ():
                if folder.is_dir():
                    kill_all(folder)

    def remove(self) -> None:
        """Takes everything away."""
        self.clear()
        for root in {self.memory, self.processes}:
            _removed(root)


def find(name: str, *, proc: Path = Path("/proc")) -> tuple[Groups | None, str]:
    """The place for groups, in a folder *name* below this process's own group, proved by a trial; else None and why not."""
    mounts, own = _mounts(proc), _own(proc)
    reasons = []
    for groups in _candidates(mounts, own, name):
        try:
            _prepare(groups)
            _try(groups)
        except OSError as error:
            reasons.append(f"{error.strerror}: {error.filename}" if error.filename else str(error))
            groups.remove()
            continue
        return groups, ""
    return None, reasons[0] if reasons else "no memory and pids controllers are mounted"


def _candidates(mounts: dict[str, tuple[Path, str]], own: dict[str, str], name: str) -> list[Groups]:
    if "memory" in mounts and "pids" in mounts:
        folders = [_inside(*mounts[controller], own.get(controller, "/")) / name for controller in ("memory", "pids")]
        return [Groups(folders[0], folders[1], 1)]
    if "" not in mounts:
        return []
    root = mounts[""][0]
    here = _inside(*mounts[""], own.get("", "/"))
    above = [here, *(parent for parent in here.parents if parent == root or root in parent.parents)]
    return [Groups(folder / name, folder / name, 2) for folder in above]


def _prepare(groups: Groups) -> None:
    if groups.version == 2:
        # A group with processes of its own cannot hand controllers down, unless it is the root: then the next one up is tried.
        _write(groups.memory.parent / "cgroup.subtree_control", "+memory +pids")
        groups.memory.mkdir(exist_ok=True)
        _write(groups.memory / "cgroup.subtree_control", "+memory +pids")
    else:
        for folder in (groups.memory, groups.processes):
            folder.mkdir(exist_ok=True)
            _write_if_there(folder / "memory.use_hierarchy", 1)


def _try(groups: Groups) -> None:
    groups.clear()
    group = groups.make("trial")
    process = subprocess.Popen(["sleep", "5"], stdin=subprocess.DEVNULL)
    try:
        group.limit_memory(64)
        group.add(process.pid)
        if process.pid not in group.pids():
            raise OSError("a process could not be moved into a control group")
    finally:
        process.kill()
        process.wait()
        group.remove()


def kill_all(folder: Path) -> None:
    """Kills what runs in a group and removes it."""
    for _ in range(100):
        for line in (folder / "cgroup.procs").read_text().split():
            try:
                os.kill(int(line), signal.SIGKILL)
            except ProcessLookupError:
                continue
        if _removed(folder):
            return
        time.sleep(0.01)
    log.warning("the control group %s could not be removed", folder)


def _mounts(proc: Path) -> dict[str, tuple[Path, str]]:
    """Controller -> mount point and the group it shows as its root. The controller of version 2 is ""."""
    found = {}
    for line in (proc / "self/mountinfo").read_text().splitlines():
        left, _, right = line.partition(" - ")
        root, point = left.split()[3:5]
        kind, _, options = right.split(maxsplit=2)
        if kind == "cgroup2" and _controllers(Path(point)) >= {"memory", "pids"}:
            found[""] = (Path(point), root)
        elif kind == "cgroup":
            for controller in set(re.split(r"[\s,]+", options)) & {"memory", "pids"}:
                found[controller] = (Path(point), root)
    return found


def _controllers(point: Path) -> set[str]:
    try:
        return set((point / "cgroup.controllers").read_text().split())
    except OSError:
        return set()


def _own(proc: Path) -> dict[str, str]:
    """Controller -> this process's group."""
    found = {}
    for line in (proc / "self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            found[controller] = path
    return found


def _inside(point: Path, root: str, path: str) -> Path:
    """Where *path* is found below *point*, a mount whose own root is the group *root*."""
    relative = os.path.relpath(path, root)
    return point if relative.startswith("..") else point / relative


def _write(file: Path, value: object) -> None:
    with file.open("w") as opened:
        opened.write(str(value))


def _write_if_there(file: Path, value: object) -> None:
    try:
        _write(file, value)
    except OSError:
        log.debug("%s cannot be set", file)


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
