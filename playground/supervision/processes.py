"""The processes that make a playground: how each is started, and how one knows that it answers."""

import os
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from playground import listening, settings
from playground.supervision import redis_server

WORKER_THREADS = 4


@dataclass(frozen=True)
class Process:
    """One process to keep up."""

    name: str
    command: Sequence[str]
    is_ready: Callable[[], bool]
    environment: Mapping[str, str]
    before_start: Callable[[], None] = lambda: None
    """Called before every start: takes away what a predecessor that was killed left behind."""
    every_second: Callable[[], None] = lambda: None
    """Called about once a second while it runs; must not take long."""
    inherited: Sequence[int] = ()
    """Descriptors that stay open in it."""


def table(endpoint: Sequence[socket.socket], encrypted: Sequence[socket.socket]) -> list[Process]:
    """Redis first, unless it is somebody else's; the others need it. *endpoint* and *encrypted* are the listening sockets of the AWS
    endpoint, for HTTP and for HTTPS."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "playground.settings",
        "PYTHONUNBUFFERED": "1",
        "PLAYGROUND_DATA": str(settings.DATA_DIR),  # whole: they run in another folder than the command may have been called in
    }
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    worker_ready = settings.RUN_DIR / "worker.ready"
    processes = [
        Process(
            "service",
            [*manage, "service"],
            lambda: _is_up(settings.ENDPOINT_PORT, "/_playground/version"),
            environment | listening.handed_over(endpoint) | listening.handed_over(encrypted, listening.INHERITED_HTTPS),
            inherited=[each.fileno() for each in (*endpoint, *encrypted)],
        ),
        Process(
            "worker",
            [
                *(sys.executable, "-m", "celery", "--app", "playground.celery", "worker"),
                *("--pool", "threads", "--concurrency", str(WORKER_THREADS), "--loglevel", "WARNING"),
                *("--without-gossip", "--without-mingle", "--without-heartbeat", "--hostname", "worker@%h"),
            ],
            worker_ready.exists,
            environment,
            lambda: worker_ready.unlink(missing_ok=True),
        ),
        Process(
            "web",
            [
                *(sys.executable, "-m", "daphne", "--verbosity", "0", "--no-server-name"),
                *("--bind", _address(settings.HOST), "--port", str(settings.PORT), "playground.asgi:application"),
            ],
            lambda: _is_up(settings.PORT, "/healthz", alive_is_enough=True),
            environment,
        ),
    ]
    if settings.EMBEDDED_REDIS:
        folder = settings.DATA_DIR / "redis"
        redis = Process(
            "redis",
            redis_server.command(settings.REDIS_SOCKET, folder),
            lambda: redis_server.answers(settings.REDIS_SOCKET),
            environment,
            lambda: Path(settings.REDIS_SOCKET).unlink(missing_ok=True),
            lambda: redis_server.to_disk(folder),
        )
        processes.insert(0, redis)
    return processes


def _address(host: str) -> str:
    return "127.0.0.1" if host == "localhost" else host


def _is_up(port: int, path: str, alive_is_enough: bool = False) -> bool:
    """Whether a server on this machine answers well; with *alive_is_enough*, a 503 for others' sake will do."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=0.5) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        return alive_is_enough and error.code == 503
    except OSError:
        return False
