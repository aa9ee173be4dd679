"""The page's socket: it hears that something was announced, reads what, and tells the page as much as the page can take."""

import asyncio
import contextlib
import json
import logging
from urllib.parse import parse_qs

import redis
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from invocations import announce, clock, store
from invocations.models import Account
from playground.live import feed, topics
from playground.live.frames import Frame, Page

log = logging.getLogger(__name__)

UNACKNOWLEDGED = 32
"""Frames on their way at once. A page that is slower is told less often and more at a time, so that nothing piles up here."""
TOGETHER_SECONDS = 0.015
"""What is announced this soon after a frame goes into the next one."""
LOOK_ANYWAY_SECONDS = 5.0
"""Messages only wake; one that got lost is made good this soon."""
LOG_LINES_AT_ONCE = 1000
"""Of one invocation's log in one frame; of more, the newest half is sent and the rest is counted."""
INTERNAL_ERROR = 1011
NO_SUCH_ACCOUNT = 4404
"""Close code. The handshake is accepted first: a refused one looks like a network failure, which pages try again for ever."""


class LiveConsumer(AsyncWebsocketConsumer):
    """One page. Messages from it: {"topics": [...], "after": seq} when its regions change, {"ack": n} for frames it has shown."""

    async def connect(self) -> None:
        """Opens at `?topics=…&after=<seq>`; everything announced behind that comes at once."""
        await self.accept()
        self.account_id: str = self.scope["url_route"]["kwargs"]["account_id"]
        self._pump: asyncio.Task[None] | None = None
        if not await database_sync_to_async(Account.objects.filter(pk=self.account_id).exists)():
            await self.close(NO_SUCH_ACCOUNT)
            return
        query = parse_qs(self.scope["query_string"].decode("utf-8", "replace"))
        self._page = Page(self.account_id)
        self._feed = feed.of(self.account_id)
        self._cursor = query.get("after", [""])[0]
        self._wake = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._sent = self._acknowledged = 0
        self._asked: list[tuple[list[str], str]] = [(topics.parse(query.get("topics", [""])[0].split(",")), self._cursor)]
        self._watch_again_at = 0.0
        await self.channel_layer.group_add(store.announcements_group(self.account_id), self.channel_name)
        self._pump = asyncio.create_task(self._run())

    async def disconnect(self, code: int) -> None:
        """Ends."""
        if self._pump is None:
            return
        self._pump.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._pump
        await self.channel_layer.group_discard(store.announcements_group(self.account_id), self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """A message of the page's; what makes no sense is passed over."""
        try:
            message = json.loads(text_data or "")
        except (ValueError, RecursionError):
            return
        if self._pump is None or not isinstance(message, dict):
            return
        if isinstance(message.get("ack"), int):
            self._acknowledged = max(self._acknowledged, min(message["ack"], self._sent))
            self._room.set()
        if isinstance(message.get("topics"), list):
            wanted = topics.parse(str(name) for name in message["topics"])
            self._asked.append((wanted, str(message.get("after") or self._cursor)))
            self._wake.set()

    async def announcement(self, message: dict[str, object]) -> None:
        """The group's message: it says that there is something to read."""
        self._wake.set()

    async def _run(self) -> None:
        try:
            while True:
                await self._tell_or_wait()
        except Exception:
            log.exception("the socket of a page of account %s failed; the page opens another", self.account_id)
            await self.close(INTERNAL_ERROR)

    async def _tell_or_wait(self) -> None:
        try:
            await self._tell()
        except redis.RedisError as error:
            log.warning("a page of account %s waits for redis: %s", self.account_id, error)
            await asyncio.sleep(0.5)
        await asyncio.sleep(TOGETHER_SECONDS)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), self._page.patience or LOOK_ANYWAY_SECONDS)

    async def _tell(self) -> None:
        self._wake.clear()
        await self._have_room()
        if clock.monotonic() >= self._watch_again_at:
            await announce.watch(self.account_id)
            self._watch_again_at = clock.monotonic() + LOOK_ANYWAY_SECONDS
        while self._asked:
            known = self._page.topics
            try:
                await self._follow(*self._asked[0])
            except redis.RedisError:
                self._page.topics = known  # what was new among them still is, and is asked for again
                raise
            del self._asked[0]
        try:
            entries = await self._feed.since(self._cursor)
        except (feed.Trimmed, ValueError):
            await self._start_anew(self._page.topics)
            return
        frame = await self._page.frame(shortened([event for entry in entries for event in entry.events]))
        if entries:
            self._cursor = entries[-1].seq
        if frame or entries or not self._sent:
            await self._send(frame)

    async def _follow(self, wanted: list[str], after: str) -> None:
        """Begins with the page's new topics: as they stand, and what was announced on them since *after*."""
        fresh = [topic for topic in wanted if topic not in self._page.topics]
        frame = await self._page.follow(wanted)
        if frame:
            await self._send(frame)
        if fresh and after != self._cursor:
            try:
                entries = await self._feed.since(after)
            except (feed.Trimmed, ValueError):
                await self._send(Frame(refetch=fresh))
                return
            missed = [event for entry in entries if feed.order(entry.seq) <= feed.order(self._cursor) for event in entry.events]
            frame = await self._page.frame(shortened(missed), fresh)
            if frame:
                await self._send(frame)

    async def _start_anew(self, wanted: list[str]) -> None:
        """The page missed more than is kept: it fetches its regions, and hears what comes from now on."""
        self._cursor = await self._feed.newest()
        await self._send(Frame(refetch=wanted or ["*"]))

    async def _send(self, frame: Frame) -> None:
        self._sent += 1
        await self.send(frame.text(self._cursor))

    async def _have_room(self) -> None:
        while self._sent - self._acknowledged >= UNACKNOWLEDGED:
            self._room.clear()
            await self._room.wait()


def shortened(events: list[dict[str, object]]) -> list[dict[str, object]]:
    """*events* with no more log lines of an invocation than a page can take at once; "dropped" says how many are missing."""
    counts: dict[object, int] = {}
    for event in events:
        if event["kind"] == "log":
            counts[event["id"]] = counts.get(event["id"], 0) + len(event["lines"])  # type: ignore[arg-type]
    surplus = {request_id: count - LOG_LINES_AT_ONCE // 2 for request_id, count in counts.items() if count > LOG_LINES_AT_ONCE}
    if not surplus:
        return events
    kept = []
    for event in events:
        cut = min(surplus.get(event["id"], 0), len(event["lines"])) if event["kind"] == "log" else 0  # type: ignore[arg-type]
        if cut:
            surplus[event["id"]] -= cut
            event = {**event, "lines": event["lines"][cut:], "dropped": event.get("dropped", 0) + cut}  # type: ignore[index,operator]
        kept.append(event)
    return kept
