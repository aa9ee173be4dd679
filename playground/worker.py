"""What the worker process does besides Celery's tasks: it writes the journal to the database, and shows that it lives."""

import os
import threading
from collections.abc import Callable
from typing import Any

import redis
from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings

from invocations import journal_writer, store

ALIVE_SECONDS = 15
BEAT_SECONDS = 4.0

_ends: list[Callable[[], None]] = []


@worker_ready.connect
def begin(**_: Any) -> None:
    """Starts the background work once the worker takes tasks."""
    _ends.append(journal_writer.in_thread())
    _ends.append(_sign_of_life())
    (settings.RUN_DIR / "worker.ready").write_text(str(os.getpid()))


@worker_shutting_down.connect
def end(**_: Any) -> None:
    """Lets the background work finish what it holds."""
    while _ends:
        _ends.pop()()


def _sign_of_life() -> Callable[[], None]:
    stop = threading.Event()

    def beat() -> None:
        while not stop.is_set():
            try:
                store.connection().set(store.WORKER_ALIVE, os.getpid(), ex=ALIVE_SECONDS)
            except redis.RedisError:
                pass  # it will be tried again, and health says meanwhile that the worker is not seen
            stop.wait(BEAT_SECONDS)

    threading.Thread(target=beat, name="sign-of-life", daemon=True).start()
    return stop.set
