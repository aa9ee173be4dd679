"""One account's announcements, read from their stream once per process, however many pages show them."""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary

from invocations import fast_json, store
from invocations.announce import Announcement

KEPT = 300
"""Entries held for pages that are a little behind; those further behind read the stream themselves."""
REPLAYED = 1000
"""A page further behind than this fetches its regions anew."""


class Trimmed(Exception):
    """The stream no longer has everything since the entry asked for."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One batch of announcements."""

    seq: str
    events: list[Announcement]


def order(seq: str) -> tuple[int, int]:
    """What stream ids are compared by. Raises ValueError for what is none."""
    milliseconds, _, number = seq.partition("-")
    return int(milliseconds), int(number or 0)


class Feed:
    """The newest entries of an account's stream."""

    def __init__(self, account_id: str) -> None:
        self._key = store.announcements_key(account_id)
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._complete_after: str | None = None
        self._lock = asyncio.Lock()

    async def newest(self) -> str:
        """The id of the last entry; "0-0" where there is none."""
        found = await store.async_connection().xrevrange(self._key, count=1)
        return found[0][0].decode() if found else "0-0"

    async def since(self, after: str) -> list[Entry]:
        """All entries behind *after*, in order. Raises Trimmed, and ValueError where *after* is no stream id."""
        order(after)
        async with self._lock:
            if self._complete_after is None:
                self._hold(await self._read(after), after)
            else:
                await self._advance()
            if order(after) < order(self._held_after()):
                return await self._read(after)
            return [entry for entry in self._entries if order(entry.seq) > order(after)]

    def _held_after(self) -> str:
        """Every entry behind this one is held."""
        return self._complete_after or "0-0"

    async def _advance(self) -> None:
        last = self._entries[-1].seq if self._entries else self._held_after()
        try:
            fresh = await self._read(last)
        except Trimmed:
            self._entries.clear()
            self._complete_after = None
            raise
        self._hold(fresh, self._held_after())

    def _hold(self, entries: list[Entry], complete_after: str) -> None:
        self._complete_after = complete_after
        for entry in entries:
            if len(self._entries) == KEPT:
                self._complete_after = self._entries[0].seq
            self._entries.append(entry)

    async def _read(self, after: str) -> list[Entry]:
        """From Redis. The entry *after* must still be there: that it is, proves that nothing behind it is gone."""
        is_beginning = after == "0-0"
        raw = await store.async_connection().xrange(self._key, after, "+", count=REPLAYED + 2)
        entries = [_parse(*item) for item in raw]
        if not is_beginning:
            if not entries or entries[0].seq != after:
                raise Trimmed
            del entries[0]
        if len(entries) > REPLAYED:
            raise Trimmed
        return entries


def _parse(seq: bytes, fields: dict[bytes, bytes]) -> Entry:
    events: list[dict[str, Any]] = fast_json.loads(fields[b"data"])
    return Entry(seq.decode(), events)


_feeds: WeakKeyDictionary[asyncio.AbstractEventLoop, WeakValueDictionary[str, Feed]] = WeakKeyDictionary()


def of(account_id: str) -> Feed:
    """The running loop's feed of that account, shared by all who hold it."""
    feeds = _feeds.setdefault(asyncio.get_running_loop(), WeakValueDictionary())
    feed = feeds.get(account_id)
    if feed is None:
        feed = feeds[account_id] = Feed(account_id)
    return feed
