"""The newest events of each bus and the rules that matched them, for pages: a bounded stream."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from redis.client import Pipeline

from invocations import store

KEPT: Final = 200
"""About how many events of a bus."""
LARGEST: Final = 65_536
"""Characters; of a larger event only what stands around its detail is kept."""
DEEPEST: Final = 200
"""Levels; the same of one that is nested deeper: a page reads it on top of a call stack of its own."""


@dataclass(frozen=True, slots=True)
class RecentEvent:
    """One event as a bus had it."""

    entry_id: str
    event: dict[str, Any]
    is_whole: bool
    """Whether its detail was kept."""
    rules: list[str]
    """Names of the rules that matched, in their order."""
    at: float
    """Epoch seconds on the account's clock."""
    came_from: str
    """The bus that passed it on; empty for one that was put."""
    parent_request_id: str = ""
    """Of the call, or of the invocation, that put it."""


def add(
    pipeline: Pipeline,
    account_id: str,
    bus_name: str,
    event: dict[str, Any],
    text: str,
    *,
    rules: Sequence[str],
    at: float,
    came_from: str,
    parent_request_id: str,
) -> None:
    """Puts the command that keeps an event into *pipeline*."""
    if len(text) > LARGEST or _is_too_deep(event, text):
        text = json.dumps({key: value for key, value in event.items() if key != "detail"})
    fields: dict[Any, Any] = {
        "event": text,
        "rules": json.dumps(list(rules)),
        "at": f"{at:.6f}",
        "from": came_from,
        "by": parent_request_id,
    }
    pipeline.xadd(key(account_id, bus_name), fields, maxlen=KEPT, approximate=True)


def newest(account_id: str, bus_name: str, limit: int = 50) -> list[RecentEvent]:
    """The newest first."""
    client: Any = store.connection()
    return [_read(*entry) for entry in client.xrevrange(key(account_id, bus_name), count=limit)]


def find(account_id: str, bus_name: str, entry_id: str) -> RecentEvent | None:
    """One of them, while it is kept."""
    client: Any = store.connection()
    found = client.xrange(key(account_id, bus_name), entry_id, entry_id)
    return _read(*found[0]) if found else None


def delete(account_id: str, bus_name: str) -> None:
    """With the bus."""
    store.connection().unlink(key(account_id, bus_name))


def key(account_id: str, bus_name: str) -> str:
    """Stream."""
    return f"events-recent:{account_id}:{bus_name}"


def _read(entry_id: bytes, fields: dict[bytes, bytes]) -> RecentEvent:
    event = json.loads(fields[b"event"])
    rules, at, came_from = json.loads(fields[b"rules"]), float(fields[b"at"]), fields[b"from"].decode()
    return RecentEvent(entry_id.decode(), event, "detail" in event, rules, at, came_from, fields.get(b"by", b"").decode())


def _is_too_deep(event: dict[str, Any], text: str) -> bool:
    if text.count("{") + text.count("[") <= DEEPEST:
        return False
    level: list[Any] = [event]
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in (each.values() if isinstance(each, dict) else each) if isinstance(inner, dict | list)]
        if not level:
            return False
    return True
