"""Process 1 of an execution environment: opens its sockets, runs the runtime, stops and continues everything on command.

It runs inside the sandbox with the standard library alone, on any Python from 3.9. Start-up is on the path of a cold start,
hence the C modules below `socket` and `signal`, which need no enum, selectors or re.

Control messages (one per packet of a SOCK_SEQPACKET pair), service to supervisor:
    P argv…          start a runtime that waits for its variables on descriptor 3
    S generation, number of arguments, argv…, NAME=value…   start the runtime, or give the waiting one its variables
    F / C            stop / continue every process
    K                kill every process
and back:
    H                both listening sockets attached
    X generation, exit status, signal, peak memory in KB    the runtime ended, and with it everything else
    E generation, errno                                     the runtime could not be started
Fields are separated by NUL.
"""

import _signal
import _socket
import os
import resource
import select
import sys

RUNTIME_API_PORT = 9001
ENDPOINT_PORT = 4566
LARGEST_MESSAGE = 200_000
OPEN_FILES = 1024
PROCESSES = 1024
REAP_SECONDS = 0.2
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
SCM_RIGHTS = 1


def prctl(option: int, value: int) -> None:
    """prctl(2) without the weight of `ctypes`: only its C part is loaded. Does nothing where that is missing."""
    try:
        import _ctypes

        address = _ctypes.dlsym(_ctypes.dlopen(None, 0), "prctl")
        _ctypes.call_function(address, (option, value, 0, 0, 0))
    except (ImportError, AttributeError, OSError):
        return


def listen(port: int) -> "_socket.socket":
    """A listening TCP socket on our own loopback."""
    listener = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    listener.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(64)
    return listener


class Supervisor:
    """Owns every process of the environment."""

    def __init__(self, control: "_socket.socket", is_namespace: bool) -> None:
        self.control = control
        self.is_namespace = is_namespace
        """False where there is no PID namespace: then "everyone" is our descendants."""
        self.poll = select.poll()
        self.poll.register(control.fileno(), select.POLLIN)
        self.generation = b"0"
        self.runtime_pid = 0
        self.pidfd = -1
        self.waiting = -1
        """The write end for a prepared runtime's variables."""
        self.peak_kb = 0
        self.frozen = False

    def serve(self) -> None:
        """Obeys until the service closes the socket."""
        while True:
            idle = self.frozen or not self.runtime_pid or self.waiting >= 0
            for descriptor, _ in self.poll.poll(None if idle else REAP_SECONDS * 1000) or ((-1, 0),):
                if descriptor == self.control.fileno():
                    message = self.control.recv(LARGEST_MESSAGE)
                    if not message:
                        return
                    self.obey(message[:1], message[1:])
                self.reap()

    def obey(self, command: bytes, rest: bytes) -> None:
        """One control message."""
        if command == b"C":
            self.frozen = False
            self.signal_all(_signal.SIGCONT)
        elif command == b"F":
            self.frozen = True
            self.signal_all(_signal.SIGSTOP)
        elif command == b"S":
            fields = rest.split(b"\0")
            self.generation, count = fields[0], int(fields[1])
            argv, variables = fields[2 : 2 + count], fields[2 + count :]
            self.frozen = False
            if self.waiting >= 0:
                os.write(self.waiting, b"\0".join(variables))
                os.close(self.waiting)
                self.waiting = -1
            else:
                self.spawn(argv, dict(variable.split(b"=", 1) for variable in variables), [])
        elif command == b"P":
            count, *fields = rest.split(b"\0")
            argv, variables = fields[: int(count)], fields[int(count) :]
            reader, self.waiting = os.pipe()
            self.spawn(argv, dict(variable.split(b"=", 1) for variable in variables), [(os.POSIX_SPAWN_DUP2, reader, 3)])
            os.close(reader)
        elif command == b"K":
            self.end_all()

    def spawn(self, argv: list, variables: dict, file_actions: list) -> None:
        """Starts the runtime; what it may not have (our sockets) closes by itself."""
        try:
            self.runtime_pid = os.posix_spawn(argv[0], argv, variables, file_actions=file_actions, setsigdef=range(1, 32), setsigmask=())
        except OSError as error:
            self.runtime_pid = 0
            self.tell(b"E", self.generation, error.errno)
            return
        self.peak_kb = 0
        self.pidfd = os.pidfd_open(self.runtime_pid)
        self.poll.register(self.pidfd, select.POLLIN)

    def reap(self) -> None:
        """Buries the dead. When the runtime is among them, everything it left behind goes too."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            self.peak_kb = max(self.peak_kb, usage.ru_maxrss)
            if pid == self.runtime_pid:
                self.ended(status)

    def ended(self, status: int) -> None:
        """The runtime is dead: kill the rest, tell."""
        self.runtime_pid = 0
        self.poll.unregister(self.pidfd)
        os.close(self.pidfd)
        if self.waiting >= 0:
            os.close(self.waiting)
            self.waiting = -1
        self.end_all()
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0
        signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        self.tell(b"X", self.generation, code, signal, self.peak_kb)

    def end_all(self) -> None:
        """SIGKILL for everyone, until nobody is left."""
        while True:
            self.signal_all(_signal.SIGKILL)
            try:
                pid, status, usage = os.wait4(-1, 0)
            except ChildProcessError:
                return
            self.peak_kb = max(self.peak_kb, usage.ru_maxrss)
            if pid == self.runtime_pid:
                self.ended(status)

    def signal_all(self, signal: int) -> None:
        """In a PID namespace -1 means everyone but us, in one go: nobody can fork out of it."""
        if self.is_namespace:
            try:
                os.kill(-1, signal)
            except ProcessLookupError:
                pass
            return
        for pid in descendants():
            try:
                os.kill(pid, signal)
            except ProcessLookupError:
                pass

    def tell(self, kind: bytes, *fields: object) -> None:
        """A message to the service."""
        self.control.send(kind + b"\0".join(field if isinstance(field, bytes) else b"%d" % field for field in fields))


def descendants() -> list:
    """All processes below us, found by their parents in /proc."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open("/proc/" + name + "/stat", "rb") as file:
                    parent = int(file.read().rpartition(b")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(name))
    found, ahead = [], [os.getpid()]
    while ahead:
        below = children.get(ahead.pop(), [])
        found += below
        ahead += below
    return found


def limit(kind: int, value: int) -> None:
    """Lowers a limit for good; one that is lower already stays."""
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def main() -> None:
    """argv: descriptor of the control socket, "namespace" or "plain"."""
    descriptor, is_namespace = int(sys.argv[1]), sys.argv[2] == "namespace"
    os.set_inheritable(descriptor, False)
    control = _socket.socket(fileno=descriptor)
    for signal in (_signal.SIGINT, _signal.SIGTERM, _signal.SIGHUP, _signal.SIGPIPE):
        _signal.signal(signal, _signal.SIG_IGN)
    prctl(PR_SET_DUMPABLE, 0)
    if not is_namespace:
        prctl(PR_SET_CHILD_SUBREAPER, 1)
    listeners = [listen(RUNTIME_API_PORT if is_namespace else 0), listen(ENDPOINT_PORT if is_namespace else 0)]
    for kind, value in ((resource.RLIMIT_NOFILE, OPEN_FILES), (resource.RLIMIT_NPROC, PROCESSES), (resource.RLIMIT_CORE, 0)):
        limit(kind, value)
    rights = b"".join(listener.fileno().to_bytes(4, sys.byteorder) for listener in listeners)
    control.sendmsg([b"H"], [(_socket.SOL_SOCKET, SCM_RIGHTS, rights)])
    for listener in listeners:
        listener.close()
    supervisor = Supervisor(control, is_namespace)
    try:
        supervisor.serve()
    finally:
        supervisor.end_all()


if __name__ == "__main__":
    main()
