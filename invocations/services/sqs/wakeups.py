"""Wakes whoever waits for messages: one thread per process listens to Redis for all of them, on loops and in threads alike."""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from typing import Final

import redis
from django.conf import settings

from invocations import store

log = logging.getLogger(__name__)

READY_CHANNEL: Final = "sqs-ready"
"""Pub/sub: "<how many> <queue's prefix>" when messages become available that somebody may be waiting for."""
_SUBSCRIBE_SECONDS: Final = 5.0
_RECONNECT_SECONDS: Final = 0.2

Wake = Callable[[], None]
"""Must not block; called in the listening thread."""


class Listener:
    """The waiters of one process."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._waiters: dict[str, list[Wake]] = defaultdict(list)
        self._subscribed = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, prefix: str, wake: Wake) -> None:
        """Has *wake* called when messages of the queue become available, until `remove`. May block until Redis listens."""
        with self._lock:
            self._waiters[prefix].append(wake)
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen, name="sqs-wakeups", daemon=True)
                self._thread.start()
        self._subscribed.wait(_SUBSCRIBE_SECONDS)

    def remove(self, prefix: str, wake: Wake) -> None:
        """Ends the waiting."""
        with self._lock:
            waiters = self._waiters.get(prefix, [])
            if wake in waiters:
                waiters.remove(wake)
            if not waiters:
                self._waiters.pop(prefix, None)

    def _listen(self) -> None:
        while True:
            try:
                with redis.Redis.from_url(self._url) as client, client.pubsub(ignore_subscribe_messages=True) as pubsub:
                    pubsub.subscribe(READY_CHANNEL, store.CLOCK_CHANGED)
                    pubsub.get_message(timeout=_SUBSCRIBE_SECONDS)
                    self._subscribed.set()
                    self._wake_all()  # of what came before, nothing was heard
                    for message in pubsub.listen():
                        self._hear(message["channel"].decode(), message["data"].decode())
            except redis.RedisError:
                if self._subscribed.is_set():
                    log.warning("lost the connection to redis; those who wait for messages look again by themselves")
                self._subscribed.clear()
                threading.Event().wait(_RECONNECT_SECONDS)

    def _hear(self, channel: str, data: str) -> None:
        if channel == store.CLOCK_CHANGED:
            self._wake_all(f"sqs:{data}:")
            return
        count, _, prefix = data.partition(" ")
        with self._lock:
            # Those who have waited longest, and no more than there are messages; a woken one goes to the end of the line.
            waiters = self._waiters.get(prefix, [])
            woken = waiters[: int(count)]
            waiters[:] = waiters[len(woken) :] + woken
        for wake in woken:
            wake()

    def _wake_all(self, start: str = "") -> None:
        with self._lock:
            woken = [wake for prefix, waiters in self._waiters.items() if prefix.startswith(start) for wake in waiters]
        for wake in woken:
            wake()


def listener() -> Listener:
    """This process's."""
    return _listener_of(settings.REDIS_URL)


@cache
def _listener_of(url: str) -> Listener:
    return Listener(url)
