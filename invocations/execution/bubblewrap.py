"""The command that starts a sandbox with bubblewrap, and whether that works on this machine."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

USER_ID, GROUP_ID = 993, 990
"""The ids that AWS's functions run under."""
TRIAL_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Mounts:
    """What a sandbox sees of the host, all of it read-only."""

    etc: Path
    empty: Path
    """An empty folder, shown where the host's own packages would be."""
    task: Path
    opt: Path
    runtime: Path
    prefixes: tuple[tuple[Path, str], ...] = ()
    """Interpreters outside /usr, and where they appear."""
    ephemeral_storage_mb: int = 512
    hidden: tuple[str, ...] = field(default=())
    """Folders inside that are shown empty."""


def arguments(
    mounts: Mounts, program: Sequence[str], *, filter_descriptor: int | None, nested_users: bool, libraries: str = ""
) -> list[str]:
    """bwrap's command line. *nested_users*: that user namespaces inside are forbidden by bwrap too, not by the filter alone."""
    command = ["bwrap", "--unshare-user", "--uid", str(USER_ID), "--gid", str(GROUP_ID)]
    command += [] if nested_users else ["--disable-userns"]
    command += [
        "--unshare-pid",
        "--unshare-ipc",
        "--unshare-uts",
        "--unshare-cgroup-try",
        "--unshare-net",
        "--hostname",
        "localhost",
    ]
    command += ["--as-pid-1", "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL"]
    command += [] if filter_descriptor is None else ["--seccomp", str(filter_descriptor)]
    command += ["--setenv", "LD_LIBRARY_PATH", libraries] if libraries else []
    command += ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        folder = Path("/") / name
        if folder.is_symlink():
            command += ["--symlink", str(folder.readlink()).lstrip("/"), str(folder)]
        elif folder.is_dir():
            command += ["--ro-bind", str(folder), str(folder)]
    command += ["--ro-bind", str(mounts.etc), "/etc"]
    for source, target in mounts.prefixes:
        command += ["--ro-bind", str(source), target]
    for target in mounts.hidden:
        command += ["--ro-bind", str(mounts.empty), target]
    command += ["--ro-bind", str(mounts.runtime), "/var/runtime", "--ro-bind", str(mounts.task), "/var/task"]
    command += ["--ro-bind", str(mounts.opt), "/opt", "--proc", "/proc", "--dev", "/dev"]
    command += ["--perms", "1777", "--size", str(mounts.ephemeral_storage_mb * 1024 * 1024), "--tmpfs", "/tmp"]
    # bwrap leaves / and /dev writable. /proc must be read-only as a whole: run by root, bwrap leaves the files below /proc/sys
    # writable to their owner, which is the function, and one of them names a program that the host runs.
    command += ["--remount-ro", "/", "--remount-ro", "/dev", "--remount-ro", "/proc", "--chdir", "/var/task", "--"]
    return [*command, *program]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a real sandbox showed."""

    works: bool
    nested_users: bool = False
    why_not: str = ""


def attempt(mounts: Mounts, filter_file: Path | None) -> Trial:
    """Starts a sandbox that does nothing: containers and some distributions forbid it even where bwrap is installed."""
    if shutil.which("bwrap") is None:
        return Trial(works=False, why_not="bubblewrap (bwrap) is not installed")
    complaint = ""
    for nested_users in (False, True):
        with open_filter(filter_file) as (descriptor, inherited):
            command = arguments(mounts, ["/bin/sh", "-c", "exit 7"], filter_descriptor=descriptor, nested_users=nested_users)
            try:
                tried = subprocess.run(
                    command,
                    pass_fds=inherited,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    timeout=TRIAL_SECONDS,
                    check=False,
                )
            except (OSError, subprocess.TimeoutExpired) as error:
                return Trial(works=False, why_not=f"bwrap could not be run: {error}")
        if tried.returncode == 7:
            return Trial(works=True, nested_users=nested_users)
        complaint = complaint or tried.stderr.strip() or f"bwrap ended with status {tried.returncode}"
    return Trial(works=False, why_not=complaint)


@contextmanager
def open_filter(file: Path | None) -> Iterator[tuple[int | None, list[int]]]:
    """A descriptor from which bwrap reads the seccomp filter, and what it must inherit; nothing for machines without a filter."""
    if file is None:
        yield None, []
        return
    descriptor = os.open(file, os.O_RDONLY)
    try:
        yield descriptor, [descriptor]
    finally:
        os.close(descriptor)
