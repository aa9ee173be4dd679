"""An answer's head and body leave in one write.

uvicorn writes them one after the other, which costs a second system call and wakes the client twice.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from playground.endpoint.wire import TLS


class OneWriteProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol over a transport that holds a head back for the body that comes in the same step."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(Corked(transport, self.loop))  # type: ignore[arg-type]


class EncryptedProtocol(OneWriteProtocol):
    """The same over TLS, whose version and cipher suite each request is told."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        connection = self.transport.get_extra_info("ssl_object")
        self.scope["extensions"] = {TLS: (connection.version(), connection.cipher()[0])}  # type: ignore[typeddict-item]


class Corked:
    """A transport whose writes of one step of the loop leave together; a body sets off those before it at once."""

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held = b""

    def write(self, data: bytes) -> None:
        """Holds the head of an answer until the next write, at the longest to the end of this step."""
        if self._held:
            data, self._held = self._held + data, b""
        elif data.endswith(b"\r\n\r\n") and data.startswith(b"HTTP/1.1 "):
            self._held = data
            self._loop.call_soon(self._flush)
            return
        self._transport.write(data)

    def close(self) -> None:
        """Closes once everything is written."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._held:
            held, self._held = self._held, b""
            self._transport.write(held)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
