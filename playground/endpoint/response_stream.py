"""A streamed response between the runtime, which writes it, and the client, who reads it."""

import asyncio


class ResponseStream:
    """Pieces on their way from the runtime to the caller; the runtime waits while the caller is slow."""

    def __init__(self) -> None:
        self._pieces: asyncio.Queue[bytes] = asyncio.Queue(maxsize=16)
        self._ended = asyncio.Event()
        self._is_abandoned = False

    async def write(self, piece: bytes) -> None:
        """Called by the environment for each chunk. Raises ConnectionError once nobody reads any more."""
        if self._is_abandoned:
            raise ConnectionError("the client has gone")
        await self._pieces.put(piece)

    def end(self) -> None:
        """Called when the invocation is over."""
        self._ended.set()

    def abandon(self) -> None:
        """Nobody reads any more; a chunk that waits for room goes nowhere."""
        self._is_abandoned = True
        while not self._pieces.empty():
            self._pieces.get_nowait()

    async def next_piece(self) -> bytes | None:
        """The next piece, or None at the end."""
        if not self._pieces.empty():
            return self._pieces.get_nowait()
        getting = asyncio.create_task(self._pieces.get())
        ending = asyncio.create_task(self._ended.wait())
        done, pending = await asyncio.wait({getting, ending}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        if getting in done:
            return getting.result()
        return None if self._pieces.empty() else self._pieces.get_nowait()
