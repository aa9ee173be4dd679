"""The one way to Redis: connections, and the names of the keys."""

import asyncio
from functools import cache
from weakref import WeakKeyDictionary

import redis
import redis.asyncio
from django.conf import settings
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

RETRIES = 8
"""Enough, with the pauses between them (about 3 s in all), to sit out a restart of the embedded server."""
MOST_CONNECTIONS = 2000
"""Of one loop: the client's own bound of 100 refused what came in a burst of 200 at once."""
_BACKOFF = ExponentialBackoff(cap=0.8, base=0.02)
_of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, "redis.asyncio.Redis"] = WeakKeyDictionary()


def connection() -> redis.Redis:
    """A client for plain code; one connection pool per thread's process, safe to share."""
    return _shared(settings.REDIS_URL)


@cache
def _shared(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, health_check_interval=15, retry=Retry(_BACKOFF, RETRIES))


def async_connection() -> "redis.asyncio.Redis":
    """The running loop's client."""
    loop = asyncio.get_running_loop()
    client = _of_loop.get(loop)
    if client is None:
        client = _of_loop[loop] = redis.asyncio.Redis.from_url(
            settings.REDIS_URL, health_check_interval=15, retry=AsyncRetry(_BACKOFF, RETRIES), max_connections=MOST_CONNECTIONS
        )
    return client


def announcements_key(account_id: str) -> str:
    """Stream of what happened in an account, for pages; its entry ids are the pages' sequence numbers."""
    return f"announce:{account_id}"


def watched_key(account_id: str) -> str:
    """String: there while somebody reads the account's announcements."""
    return f"watched:{account_id}"


def announcements_group(account_id: str) -> str:
    """The Channels group of the same (group names allow no colon)."""
    return f"account.{account_id}"


JOURNAL_KEY = "journal"
"""Stream of finished invocations on their way to the database."""

TRAIL_KEY = "trail"
"""Stream of management calls on their way to the database."""

CONFIGURATION_CHANGED = "configuration-changed"
"""Pub/sub channel: "<account>:<function>" whose snapshot is out of date."""

CLOCK_CHANGED = "clock-changed"
"""Pub/sub channel: the account whose clock was set."""


def clock_key(account_id: str) -> str:
    """Hash: the account's clock."""
    return f"clock:{account_id}"


def due_key(account_id: str) -> str:
    """Sorted set: what waits in the account, by when it is due on its clock. Members say what they are:
    "events:<function>", "sqs:<queue>", "outbox:<target>", …; who enters one adds the account to DUE_ACCOUNTS in the same step."""
    return f"due:{account_id}"


DUE_ACCOUNTS = "due-accounts"
"""Set: accounts whose due index has something in it, or had a moment ago: the worker takes out those of which it is empty."""


def alive_key(process: str) -> str:
    """String: the process id of the last process of that name (worker, web) to give a sign of life; runs out when there is none."""
    return f"alive:{process}"
