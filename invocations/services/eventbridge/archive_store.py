"""Archived events, in Redis: ids by the time in the event, which replays go by and retention too; bodies, and how large all are."""

import json
from contextlib import suppress
from typing import Any, Final

from redis.client import Pipeline
from redis.exceptions import WatchError

from invocations import store

DAY: Final = 86_400
TRIMMED_AT_ONCE: Final = 500


def add(pipeline: Pipeline, account_id: str, name: str, event_id: str, text: str, time: float) -> None:
    """Puts the commands that keep an event into *pipeline*; *time*: the one in the event, epoch seconds."""
    prefix = _prefix(account_id, name)
    pipeline.zadd(f"{prefix}times", {event_id: time}, nx=True)
    pipeline.hset(f"{prefix}bodies", event_id, text)
    pipeline.hincrby(f"{prefix}size", "bytes", len(text.encode()))


def trim(account_id: str, name: str, retention_days: int, now: float) -> None:
    """Drops some of what is older than the archive keeps."""
    if not retention_days:
        return
    client: Any = store.connection()
    prefix = _prefix(account_id, name)
    old = client.zrangebyscore(f"{prefix}times", "-inf", now - retention_days * DAY, start=0, num=TRIMMED_AT_ONCE)
    if not old:
        return
    size = sum(len(body) for body in client.hmget(f"{prefix}bodies", old) if body)
    with client.pipeline() as transaction:
        transaction.watch(f"{prefix}times")
        if client.zscore(f"{prefix}times", old[0]) is None:
            return  # somebody else has dropped them
        transaction.multi()
        transaction.zrem(f"{prefix}times", *old)
        transaction.hdel(f"{prefix}bodies", *old)
        transaction.hincrby(f"{prefix}size", "bytes", -size)
        with suppress(WatchError):  # somebody else writes: the next event tries again
            transaction.execute()


def totals(account_id: str, name: str) -> tuple[int, int]:
    """(events, bytes)."""
    client: Any = store.connection()
    prefix = _prefix(account_id, name)
    return client.zcard(f"{prefix}times"), int(client.hget(f"{prefix}size", "bytes") or 0)


Cursor = tuple[float, str]
"""(time, event id) of an event: many have the same time, and one may have been dropped since."""


def page(account_id: str, name: str, start: float, end: float, after: Cursor | None, limit: int) -> list[tuple[str, float, dict[str, Any]]]:
    """Up to *limit* events (id, time, event) from *start* up to *end*, by (time, id), those behind *after* (if there is one)."""
    client: Any = store.connection()
    prefix = _prefix(account_id, name)
    if after is None:
        found = client.zrangebyscore(f"{prefix}times", start, end, start=0, num=limit, withscores=True)
    else:
        flat = client.eval(_BEHIND, 1, f"{prefix}times", repr(after[0]), after[1], limit)
        behind = [(event_id, float(at)) for event_id, at in zip(flat[::2], flat[1::2], strict=True)]
        found = [(event_id, at) for event_id, at in behind if at <= end]
    if not found:
        return []
    bodies = client.hmget(f"{prefix}bodies", [event_id for event_id, _ in found])
    return [(event_id.decode(), at, json.loads(body)) for (event_id, at), body in zip(found, bodies, strict=True) if body]


_BEHIND = """
-- KEYS: times; ARGV: time and id of the event behind which to read, how many. One that has been dropped is put in to find its place.
local is_gone = redis.call('ZADD', KEYS[1], 'NX', ARGV[1], ARGV[2]) == 1
local rank = redis.call('ZRANK', KEYS[1], ARGV[2])
local found = redis.call('ZRANGE', KEYS[1], rank + 1, rank + ARGV[3], 'WITHSCORES')
if is_gone then redis.call('ZREM', KEYS[1], ARGV[2]) end
return found
"""


def delete(account_id: str, name: str) -> None:
    """All of an archive's events."""
    prefix = _prefix(account_id, name)
    store.connection().unlink(*(f"{prefix}{part}" for part in ("times", "bodies", "size")))


def _prefix(account_id: str, name: str) -> str:
    return f"event-archive:{account_id}:{name}:"
