"""A streamed response on its way from the runtime to its caller, chunk by chunk, at the caller's pace, no faster than AWS's."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from invocations import clock
from invocations.limits import MB, SYNC_PAYLOAD
from invocations.values import RunOutcome

FULL_SPEED = SYNC_PAYLOAD
"""Bytes of a response that go out as fast as they come."""
BYTES_PER_SECOND = 2 * MB
"""The most after that."""
BUFFERED = 1 * MB
"""With more than this under way the runtime has to wait."""


class ResponseStream:
    """One response. Chunks go to *on_chunk* in order, one at a time."""

    def __init__(self, on_chunk: Callable[[bytes], Awaitable[None]], on_content_type: Callable[[str], None] | None) -> None:
        self._on_chunk = on_chunk
        self._on_content_type = on_content_type
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._sent = 0
        self._limited_since = 0.0
        self._source: asyncio.ReadTransport | None = None
        self._pump: asyncio.Task[None] | None = None

    def begin(self, content_type: str) -> None:
        """The response's headers are known."""
        if self._on_content_type is not None:
            self._on_content_type(content_type)

    def put(self, chunk: bytes, source: asyncio.ReadTransport | None = None) -> None:
        """Takes a chunk; *source* is paused while too much is under way."""
        self._chunks.append(chunk)
        self._size += len(chunk)
        if source is not None and self._size > BUFFERED and self._source is None:
            self._source = source
            source.pause_reading()
        if self._pump is None or self._pump.done():
            self._pump = asyncio.get_running_loop().create_task(self._send())

    def put_whole(self, body: bytes, content_type: str) -> None:
        """A response that was not streamed goes out as one chunk."""
        self.begin(content_type)
        self.put(body)

    async def finish(self, outcome: RunOutcome, done: asyncio.Future[RunOutcome]) -> None:
        """Resolves *done* once every chunk is out."""
        if self._pump is not None:
            await asyncio.wait([self._pump])
        if not done.done():
            done.set_result(outcome)

    async def _send(self) -> None:
        while self._chunks:
            chunk = self._chunks.popleft()
            await self._pace(len(chunk))
            try:
                await self._on_chunk(chunk)
            except ConnectionError:  # the caller has gone; the function goes on, as on AWS
                self._on_chunk = _nowhere
            self._size -= len(chunk)
            if self._source is not None and self._size <= BUFFERED // 2:
                source, self._source = self._source, None
                if not source.is_closing():
                    source.resume_reading()

    async def _pace(self, size: int) -> None:
        self._sent += size
        if self._sent <= FULL_SPEED:
            return
        now = clock.monotonic()
        self._limited_since = self._limited_since or now
        ahead = (self._sent - FULL_SPEED) / BYTES_PER_SECOND - (now - self._limited_since)
        if ahead > 0:
            await asyncio.sleep(ahead)


async def _nowhere(_chunk: bytes) -> None:
    return
