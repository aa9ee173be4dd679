"""Log events as they happen, from the account's announcements."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

from invocations import announce, clock, fast_json, store
from invocations.log_filter import Matcher
from invocations.resources import log_groups

UPDATE_SECONDS = 1.0
EVENTS_AT_ONCE = 500
SESSION_SECONDS = 3 * 3600


@dataclass(frozen=True, slots=True)
class Tailed:
    """What a session wants to see."""

    account_id: str
    groups: frozenset[str]
    streams: frozenset[str]
    prefixes: tuple[str, ...]
    matches: Matcher

    def wants(self, group: str, stream: str, message: str) -> bool:
        """Whether an event belongs to the session."""
        if group not in self.groups or (self.streams and stream not in self.streams):
            return False
        return (not self.prefixes or stream.startswith(self.prefixes)) and self.matches(message)


async def begin(account_id: str) -> str:
    """Where a session begins, for `tail`: asked before whoever asked for it is told that it has begun."""
    await announce.watch(account_id)
    newest = await store.async_connection().xrevrange(store.announcements_key(account_id), count=1)
    return newest[0][0].decode() if newest else "0-0"


async def tail(wanted: Tailed, position: str) -> AsyncIterator[tuple[list[dict[str, Any]], bool]]:
    """(events of the last second, whether some may have been left out), for up to three hours."""
    key, client = store.announcements_key(wanted.account_id), store.async_connection()
    ends_at = clock.monotonic() + SESSION_SECONDS
    while clock.monotonic() < ends_at:
        await announce.watch(wanted.account_id)
        await asyncio.sleep(UPDATE_SECONDS)
        found: list[dict[str, Any]] = []
        is_crowded = False
        for entry_id, fields in await client.xrange(key, min=f"({position}"):
            position = entry_id.decode()
            for event in fast_json.loads(fields[b"data"]):
                found += _events_of(wanted, event)
                is_crowded |= event["kind"] == "more"  # a burst, of which only some invocations were announced with their lines
        yield found[:EVENTS_AT_ONCE], is_crowded or len(found) > EVENTS_AT_ONCE


def _events_of(wanted: Tailed, event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if event["kind"] == "log":
        lines = [(int(at * 1000), text) for _, at, text in event["lines"]]
    elif event["kind"] == "log-events":
        lines = event["events"]
    else:
        return
    group, stream = event["group"], event["stream"]
    for at, text in lines:
        if wanted.wants(group, stream, text):
            yield {
                "logGroupIdentifier": log_groups.arn(wanted.account_id, group).removesuffix(":*"),
                "logStreamName": stream,
                "message": text,
                "timestamp": at,
                "ingestionTime": at,
            }
