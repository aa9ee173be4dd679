"""A process shows that it lives: a key in Redis that runs out soon after the process has gone."""

import os
import threading
from collections.abc import Callable

import redis

from invocations import store

LIFETIME_SECONDS = 15
BEAT_SECONDS = 4.0


def begin(name: str) -> Callable[[], None]:
    """Shows from now on that a process called *name* lives here; the answer ends it."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.is_set():
            try:
                store.connection().set(store.alive_key(name), os.getpid(), ex=LIFETIME_SECONDS)
            except redis.RedisError:
                pass  # it will be tried again, and health says meanwhile that the process is not seen
            stop.wait(BEAT_SECONDS)

    threading.Thread(target=beat, name="sign-of-life", daemon=True).start()
    return stop.set
