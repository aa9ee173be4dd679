"""No more than so many connections of one environment at a time."""

import asyncio
from collections.abc import Callable
from typing import cast

MOST_CONNECTIONS = 64


class CappedConnections:
    """Stands before a protocol factory and hangs up on connections over the limit."""

    def __init__(self, factory: Callable[[], asyncio.Protocol], most: int = MOST_CONNECTIONS) -> None:
        self._factory = factory
        self._most = most
        self._open = 0

    def connection(self) -> asyncio.Protocol:
        """The protocol of a new connection."""
        return _Counted(self)

    def admit(self) -> asyncio.Protocol | None:
        """The real protocol, or None when there are too many."""
        if self._open >= self._most:
            return None
        self._open += 1
        return self._factory()

    def leave(self) -> None:
        """A connection has ended."""
        self._open -= 1


class _Counted(asyncio.Protocol):
    def __init__(self, connections: CappedConnections) -> None:
        self._connections = connections
        self._real: asyncio.Protocol | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._real = self._connections.admit()
        if self._real is not None:
            self._real.connection_made(transport)
        else:
            cast(asyncio.Transport, transport).abort()

    def data_received(self, data: bytes) -> None:
        if self._real is not None:
            self._real.data_received(data)

    def eof_received(self) -> bool | None:
        return self._real.eof_received() if self._real is not None else None

    def connection_lost(self, exc: Exception | None) -> None:
        if self._real is not None:
            self._real.connection_lost(exc)
            self._real = None
            self._connections.leave()

    def pause_writing(self) -> None:
        if self._real is not None:
            self._real.pause_writing()

    def resume_writing(self) -> None:
        if self._real is not None:
            self._real.resume_writing()
