"""Keeps processes up: starts them, starts the dead ones again, and ends them all."""

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from playground import settings
from playground.supervision.processes import Process

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 30.0
"""A process that has lived this long begins again with the first pause."""
START_SECONDS = 60.0
GRACE_SECONDS = 4.2
"""How long processes may take to end; the embedded Redis, which goes last, has half a second more."""
LOG_BYTES = 5_000_000
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None)


@dataclass
class _Child:
    """One process and how it has fared."""

    process: Process
    running: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    pause: float = FIRST_PAUSE_SECONDS
    due_at: float = 0.0
    """When it is to be started again."""
    last_lines: deque[str] = field(default_factory=lambda: deque(maxlen=12))


class Supervisor:
    """Owns the children. Single-threaded, so that they die with it: the kernel's parent-death signal follows a thread."""

    def __init__(
        self, processes: Sequence[Process], log_folder: Path, run_folder: Path, say: Callable[[str], None], *, verbose: bool = False
    ) -> None:
        """*run_folder* gets a file `<name>.pid` for each running process."""
        self._run_folder = run_folder
        self._children = [_Child(process) for process in processes]
        self._log_folder = log_folder
        self._say = say
        self._verbose = verbose
        self._selector = selectors.DefaultSelector()
        self._stopping = False
        self._logs: dict[str, IO[bytes]] = {}
        log_folder.mkdir(parents=True, exist_ok=True)

    def start(self) -> bool:
        """Starts everything; True once all answer. Redis first, the others side by side."""
        first, others = self._children[:1], self._children[1:]
        if self._children and self._children[0].process.name != "redis":
            first, others = [], self._children
        return self._start_together(first) and self._start_together(others)

    def watch(self) -> None:
        """Runs until `stop` was asked for, starting again what dies."""
        second_over = time.monotonic() + 1
        while not self._stopping:
            self._pump(0.2)
            self._raise_the_dead()
            if time.monotonic() >= second_over:
                for child in self._children:
                    child.process.every_second()
                second_over = time.monotonic() + 1

    def ask_to_stop(self) -> None:
        """Has `watch` end; may be called from a signal handler."""
        self._stopping = True

    def stop(self) -> None:
        """Ends everything: web, worker and service together, then Redis. Who does not end is killed."""
        self._stopping = True
        last = [child for child in self._children if child.process.name == "redis"]
        self._end([child for child in self._children if child not in last], GRACE_SECONDS)
        self._end(last, 0.6)
        self._pump(0)
        for log in self._logs.values():
            log.close()

    def _start_together(self, children: Sequence[_Child]) -> bool:
        for child in children:
            self._spawn(child)
        deadline = time.monotonic() + START_SECONDS
        waiting = list(children)
        while waiting and not self._stopping:
            self._pump(0.03)
            waiting = [child for child in waiting if not child.process.is_ready()]
            if time.monotonic() > deadline:
                names = ", ".join(child.process.name for child in waiting)
                self._say(f"{names} did not answer within {START_SECONDS:.0f} s; the reason may stand in {self._log_folder}")
                return False
            if any(child.running is not None and child.running.poll() is not None for child in waiting):
                self._raise_the_dead(give_up_after=3)
                if any(child.running is None and child.pause > FIRST_PAUSE_SECONDS * 8 for child in waiting):
                    return False
        return not waiting

    def _spawn(self, child: _Child) -> None:
        child.process.before_start()
        child.running = subprocess.Popen(
            child.process.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(child.process.environment),
            cwd=settings.BASE_DIR,  # where Python finds the packages, wherever the command was called
            pass_fds=child.process.inherited,
            preexec_fn=_die_with_parent,
            start_new_session=True,
        )
        child.started_at = time.monotonic()
        self._write_pid(child.process.name, child.running.pid)
        assert child.running.stdout is not None
        os.set_blocking(child.running.stdout.fileno(), False)
        self._selector.register(child.running.stdout, selectors.EVENT_READ, child)

    def _write_pid(self, name: str, pid: int) -> None:
        unfinished = self._run_folder / f".{name}.pid"
        unfinished.write_text(str(pid))
        unfinished.rename(self._run_folder / f"{name}.pid")

    def _raise_the_dead(self, give_up_after: int | None = None) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.running is not None and child.running.poll() is not None:
                _end_group(child.running.pid)
                status, child.running = child.running.returncode, None
                if now - child.started_at > STEADY_SECONDS:
                    child.pause = FIRST_PAUSE_SECONDS
                child.due_at = now + child.pause
                how = f"was ended by signal {-status}" if status < 0 else f"ended with exit status {status}"
                self._say(f"{child.process.name} {how}; starting it again in {child.pause:.1f} s")
                if status > 0:
                    for line in child.last_lines:
                        self._say(f"  {child.process.name}: {line}")
                child.pause = min(child.pause * 2, LONGEST_PAUSE_SECONDS)
            elif child.running is None and child.started_at and now >= child.due_at and not self._stopping:
                self._spawn(child)

    def _end(self, children: Sequence[_Child], grace: float) -> None:
        alive = [child.running for child in children if child.running is not None and child.running.poll() is None]
        for running in alive:
            running.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + grace
        while any(running.poll() is None for running in alive) and time.monotonic() < deadline:
            self._pump(0.02)
        for running in alive:
            if running.poll() is None:
                running.kill()
            running.wait()
            _end_group(running.pid)

    def _pump(self, timeout: float) -> None:
        """Moves what children print into their logs."""
        for key, _ in self._selector.select(timeout):
            child: _Child = key.data
            try:
                printed = os.read(key.fd, 65536)
            except BlockingIOError:
                continue
            if not printed:
                self._selector.unregister(key.fileobj)
                continue
            self._write_log(child.process.name, printed)
            for line in printed.decode(errors="replace").splitlines():
                child.last_lines.append(line)
                if self._verbose:
                    self._say(f"{child.process.name}: {line}")

    def _write_log(self, name: str, printed: bytes) -> None:
        log = self._logs.get(name)
        path = self._log_folder / f"{name}.log"
        if log is not None and log.tell() > LOG_BYTES:
            log.close()
            path.replace(path.with_suffix(".log.1"))
            log = None
        if log is None:
            log = self._logs[name] = path.open("ab")
        log.write(printed)
        log.flush()


def _end_group(leader: int) -> None:
    """Kills what a child that has ended had started in its own process group."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass  # nobody of ours is left


def _die_with_parent() -> None:
    """Runs in the child before it becomes its program: the kernel kills it when the supervisor dies, however that dies."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == 1 and sys.platform == "linux":
        os._exit(1)  # the supervisor died before the line above
