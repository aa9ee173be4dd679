"""Reads the body of a request, and stops before it takes too much memory."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from invocations import limits
from invocations.errors import RequestEntityTooLargeException

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

DEFAULT_LIMIT = 16 * limits.MB
LIMITS: Mapping[tuple[str, str], int] = {
    ("lambda", "CreateFunction"): limits.CREATE_FUNCTION_REQUEST,
    ("lambda", "UpdateFunctionCode"): limits.CREATE_FUNCTION_REQUEST,
    ("lambda", "PublishLayerVersion"): limits.CREATE_FUNCTION_REQUEST,
}
"""Bytes that a request may have, by service and operation. (Invoke bounds its payload itself, and keeps a record of that.)"""


SHORT = len(str(DEFAULT_LIMIT)) - 1
"""A Content-Length of so many digits is below every limit."""


class Disconnected(Exception):
    """The client went away before its request was whole."""


async def read_body(receive: Receive, headers: Mapping[str, str], service: str, operation: str) -> bytes:
    """The whole body. Raises RequestEntityTooLargeException, Disconnected."""
    limit = LIMITS.get((service, operation), DEFAULT_LIMIT)
    announced = headers.get("content-length", "")
    if len(announced) > SHORT and announced.isdigit() and int(announced[:20]) > limit:
        raise _too_large(limit, operation)
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Disconnected
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body
    pieces, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > limit:
            raise _too_large(limit, operation)
    return b"".join(pieces)


def _too_large(limit: int, operation: str) -> RequestEntityTooLargeException:
    name = operation or "requested"
    return RequestEntityTooLargeException(f"Request must be smaller than {limit} bytes for the {name} operation")
