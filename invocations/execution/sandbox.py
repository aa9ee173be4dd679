"""One sandbox: bwrap with the supervisor in it, the control socket, the listening sockets that came out, the log's pipe."""

import asyncio
import os
import signal
import socket
import struct
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from invocations.errors import ServiceException
from invocations.execution.cgroups import Group

HELLO_SECONDS = 20.0
"""How long a sandbox may take to start before it counts as broken."""
CLOSE_SECONDS = 5.0
SO_PASSCRED = getattr(socket, "SO_PASSCRED", 16)
SCM_CREDENTIALS = 2
LARGEST_MESSAGE = 4096


class SandboxFailed(ServiceException):
    """The sandbox did not start; the message holds what bwrap or the supervisor printed."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message, code="ServiceException")


@dataclass(frozen=True, slots=True)
class RuntimeExit:
    """How a runtime ended."""

    generation: int
    exit_status: int = 0
    signal: int = 0
    peak_kb: int = 0
    errno: int = 0
    """Set when it could not be started at all."""


class Sandbox:
    """Owns the processes; knows nothing of invocations."""

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket, log_descriptor: int) -> None:
        self.process = process
        self.log_descriptor = log_descriptor
        """The reading end of the pipe that is everyone's standard output and error inside. Non-blocking."""
        self.supervisor_pid = 0
        self.listeners: list[socket.socket] = []
        """Runtime API, AWS endpoint."""
        self.group: Group | None = None
        self.generation = 0
        self.is_alive = True
        self.on_exit: Callable[[RuntimeExit], None] | None = None
        """Called when the runtime has ended, and everything it started with it."""
        self.on_end: Callable[[], None] | None = None
        """Called when the whole sandbox is gone without `close`."""
        self._control = control
        self._loop = asyncio.get_running_loop()
        self._pidfd = os.pidfd_open(process.pid)
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._hello: asyncio.Future[None] = self._loop.create_future()
        self._loop.add_reader(self._pidfd, self._process_ended)
        self._loop.add_reader(control, self._read)

    @classmethod
    async def spawn(cls, command: Callable[[int], Sequence[str]], inherited: Sequence[int], *, cwd: str | None = None) -> Self:
        """Starts *command* (made for the number of its control descriptor) and waits until its supervisor has said hello.

        Must be called on the main thread: what is inside dies with the thread that started it. Raises SandboxFailed.
        """
        sandbox = cls(*_start(command, inherited, cwd))
        try:
            await asyncio.wait_for(sandbox._hello, HELLO_SECONDS)
        except (SandboxFailed, TimeoutError, asyncio.CancelledError) as error:
            printed = sandbox._printed()
            await sandbox.close()
            if isinstance(error, asyncio.CancelledError):
                raise
            raise SandboxFailed(printed or f"the sandbox did not start within {HELLO_SECONDS:.0f} s") from error
        return sandbox

    def prepare(self, argv: Sequence[str], variables: Mapping[str, str]) -> None:
        """Starts a runtime that loads itself and waits for `start`."""
        self._send(b"P", str(len(argv)), *argv, *(f"{name}={value}" for name, value in variables.items()))

    def start(self, argv: Sequence[str], variables: Mapping[str, str]) -> int:
        """Starts the runtime, or lets the waiting one go on; the number of this start comes back in its RuntimeExit."""
        self.generation += 1
        pairs = (f"{name}={value}" for name, value in variables.items())
        self._send(b"S", str(self.generation), str(len(argv)), *argv, *pairs)
        return self.generation

    def freeze(self) -> None:
        """Stops every process inside but the supervisor."""
        self._send(b"F")

    def thaw(self) -> None:
        """Continues them. What is sent afterwards arrives afterwards."""
        self._send(b"C")

    def kill_runtime(self) -> None:
        """Kills every process inside but the supervisor; `on_exit` follows."""
        self._send(b"K")

    async def close(self) -> None:
        """Kills everything inside and takes all of it away."""
        if self.is_alive:
            self.on_end = None
            # bwrap buries the supervisor and ends by itself; killed first, it would leave a zombie to init
            _kill(self.supervisor_pid or self.process.pid)
            try:
                await asyncio.wait_for(asyncio.shield(self._ended), CLOSE_SECONDS)
            except TimeoutError:
                _kill(self.process.pid)
        if not self._hello.done():
            self._hello.cancel()
        for listener in self.listeners:
            listener.close()
        self.listeners = []
        if self._control.fileno() >= 0:
            self._loop.remove_reader(self._control)
            self._control.close()
        if self.log_descriptor >= 0:
            os.close(self.log_descriptor)
            self.log_descriptor = -1
        if self.group is not None:
            group, self.group = self.group, None
            await self._remove(group)

    async def _remove(self, group: Group) -> None:
        for _ in range(50):
            if group.remove():
                return
            await asyncio.sleep(0.02)

    def _send(self, kind: bytes, *fields: str) -> None:
        message = kind + b"\0".join(field.encode("utf-8", "surrogateescape") for field in fields)
        try:
            self._control.send(message)
        except OSError:  # it is dying, and `on_end` will say so
            self.is_alive = self.process.poll() is None

    def _read(self) -> None:
        try:
            message, ancillary, _, _ = self._control.recvmsg(LARGEST_MESSAGE, 1024)
        except BlockingIOError:
            return
        except OSError:
            message, ancillary = b"", []
        if not message:
            self._loop.remove_reader(self._control)
            return
        kind, fields = message[:1], message[1:].split(b"\0")
        if kind == b"H":
            self._take(ancillary)
            if not self._hello.done():
                self._hello.set_result(None)
        elif kind == b"X" and self.on_exit:
            self.on_exit(RuntimeExit(*(int(field) for field in fields)))
        elif kind == b"E" and self.on_exit:
            self.on_exit(RuntimeExit(int(fields[0]), errno=int(fields[1])))

    def _take(self, ancillary: list[tuple[int, int, bytes]]) -> None:
        for _, kind, data in ancillary:
            if kind == socket.SCM_RIGHTS:
                count = len(data) // 4
                self.listeners = [socket.socket(fileno=number) for number in struct.unpack(f"{count}i", data[: count * 4])]
            elif kind == SCM_CREDENTIALS:
                self.supervisor_pid = struct.unpack("iII", data[:12])[0]

    def _process_ended(self) -> None:
        self._loop.remove_reader(self._pidfd)
        os.close(self._pidfd)
        self.process.wait()
        self.is_alive = False
        if not self._ended.done():
            self._ended.set_result(None)
        if not self._hello.done():
            self._hello.set_exception(SandboxFailed())
        elif self.on_end:
            self.on_end()

    def _printed(self) -> str:
        try:
            return os.read(self.log_descriptor, 4096).decode("utf-8", "replace").strip()
        except OSError:
            return ""


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _start(
    command: Callable[[int], Sequence[str]], inherited: Sequence[int], cwd: str | None
) -> tuple[subprocess.Popen[bytes], socket.socket, int]:
    """The process, our end of its control socket, and the reading end of its output."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, SO_PASSCRED, 1)
    ours.setblocking(False)
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    try:
        process = subprocess.Popen(
            command(theirs.fileno()),
            stdin=subprocess.DEVNULL,
            stdout=writer,
            stderr=writer,
            pass_fds=[theirs.fileno(), *inherited],
            env={},
            cwd=cwd,
            start_new_session=True,
        )
    except OSError as error:
        ours.close()
        os.close(reader)
        raise SandboxFailed(str(error)) from error
    finally:
        theirs.close()
        os.close(writer)
    return process, ours, reader
