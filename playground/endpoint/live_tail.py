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


async def tail(wanted: Tailed) -> AsyncIterator[tuple[list[dict[str, Any]], bool]]:
    """(events of the last second, whether some were left out), for up to three hours."""
    key, position = store.announcements_key(wanted.account_id), "$"
    client = store.async_connection()
    newest = await client.xrevrange(key, count=1)
    position = newest[0][0].decode() if newest else "0-0"
    ends_at = clock.monotonic() + SESSION_SECONDS
    while clock.monotonic() < ends_at:
        await announce.watch(wanted.account_id)
        await asyncio.sleep(UPDATE_SECONDS)
        found: list[dict[str, Any]] = []
        for entry_id, fields in await client.xrange(key, min=f"({position}"):
            position = entry_id.decode()
            for event in fast_json.loads(fields[b"data"]):
                found += _events_of(wanted, event)
        yield found[:EVENTS_AT_ONCE], len(found) > EVENTS_AT_ONCE


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
