"""How much memory an environment's processes use, and whether that is more than MemorySize."""

import os
from pathlib import Path

from invocations.execution.cgroups import Group
from invocations.limits import MB

KB = 1024


class MemoryMeter:
    """Watches the processes of one environment."""

    def __init__(self, supervisor_pid: int, group: Group | None, limit_mb: int) -> None:
        self._supervisor_pid = supervisor_pid
        self._group = group
        self.limit = limit_mb * MB
        self._peak = 0
        self._seen: bytes | None = None

    @property
    def peak_mb(self) -> int:
        """Max Memory Used so far: the highest resident sets of all processes that lived at one time."""
        return -(-self._peak // MB)

    def sample(self) -> bool:
        """Looks at the peaks if they can have changed; True when the function has used more than it may."""
        if self._group is not None:
            seen = self._group.peak()
            if seen == self._seen:
                return False
            self._seen = seen
        pids = self._pids()
        if len(pids) != 1:
            self._peak = max(self._peak, min(sum(_proportional(pid, (b"Pss:",)) for pid in pids), self.limit))
            return self.is_over()
        fields = _status(pids[0])
        highest = fields.get("VmHWM", 0)
        self._peak = max(self._peak, highest)
        return highest - fields.get("RssFile", 0) > self.limit

    def is_over(self) -> bool:
        """A quick look while the function runs."""
        if self._group is not None:
            if self._group.current() <= self.limit:
                return False
            usage = self._group.usage()
            used = usage.private + max(0, usage.shared - self.ephemeral_storage_used())
            self._peak = max(self._peak, min(used, self.limit))
            return used > self.limit
        fields = [_status(pid) for pid in self._pids()]
        used = sum(each.get("RssAnon", 0) + each.get("RssShmem", 0) for each in fields)
        if used > self.limit and len(fields) > 1:  # what forked processes share was counted more than once
            used = sum(_proportional(pid) for pid in self._pids())
        self._peak = max(self._peak, min(used, self.limit), max((each.get("VmHWM", 0) for each in fields), default=0))
        return used > self.limit

    def ended(self, peak_kb: int) -> None:
        """Takes in what the kernel said of a process that has ended, but no more than it could use."""
        self._peak = max(self._peak, min(peak_kb * KB, self.limit))

    def count(self) -> int:
        """Live processes of the function."""
        return len(self._pids())

    def ephemeral_storage_used(self) -> int:
        """Bytes of files in /tmp."""
        try:
            seen = os.statvfs(f"/proc/{self._supervisor_pid}/root/tmp")
        except OSError:
            return 0
        return (seen.f_blocks - seen.f_bfree) * seen.f_frsize

    def _pids(self) -> list[int]:
        if self._group is not None:
            try:
                return [pid for pid in self._group.pids() if pid != self._supervisor_pid]
            except OSError:
                return []
        return descendants(self._supervisor_pid)


def descendants(pid: int) -> list[int]:
    """Every process below *pid*."""
    found: list[int] = []
    ahead = [pid]
    while ahead:
        parent = ahead.pop()
        try:
            children = [int(child) for task in os.listdir(f"/proc/{parent}/task") for child in _children(parent, task)]
        except OSError:
            continue
        found += children
        ahead += children
    return found


def _children(pid: int, task: str) -> list[str]:
    return Path(f"/proc/{pid}/task/{task}/children").read_text().split()


def _status(pid: int) -> dict[str, int]:
    """The memory lines of /proc/PID/status in bytes; empty for a process that is gone."""
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            text = file.read()
    except OSError:
        return {}
    start = text.find(b"VmPeak:")
    if start < 0:
        return {}
    fields = {}
    for line in text[start:].split(b"\n", 16)[:16]:
        name, _, value = line.partition(b":")
        if value.endswith(b" kB"):
            fields[name.decode()] = int(value[:-3]) * KB
    return fields


def _proportional(pid: int, kinds: tuple[bytes, ...] = (b"Pss_Anon:", b"Pss_Shmem:")) -> int:
    """A process's own memory and its part of what it shares with others, in bytes; 0 for a process that is gone.

    *kinds* are lines of smaps_rollup: by default those that MemorySize bounds, which leaves out files that are mapped.
    """
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            lines = file.read().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * KB for line in lines if line.startswith(kinds))
