"""Frames of AWS's event streams (application/vnd.amazon.eventstream): answers that arrive piece by piece."""

import logging
import struct
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any
from zlib import crc32

from botocore.model import Shape, StructureShape

from invocations.errors import AwsError
from playground.endpoint.protocols.documents import DocumentShapes, to_json

log = logging.getLogger(__name__)

CONTENT_TYPE = b"application/vnd.amazon.eventstream"
BROKEN_OFF = "The server could not go on with this stream."
_STRING = 7
"""The type of a header's value."""

Event = Mapping[str, Any]
"""One event by its type's name, e.g. {"PayloadChunk": {"Payload": b"…"}}."""
Frames = Callable[[AsyncIterator[Event]], AsyncIterator[bytes]]


def frame(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One frame: lengths, their checksum, headers, payload, checksum of it all; big-endian."""
    encoded = b"".join(
        bytes((len(name),)) + name.encode() + struct.pack("!BH", _STRING, len(value.encode())) + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack("!II", 16 + len(encoded) + len(payload), len(encoded))
    message = prelude + struct.pack("!I", crc32(prelude)) + encoded + payload
    return message + struct.pack("!I", crc32(message))


def encoder(shape: Shape, shapes: DocumentShapes) -> Frames:
    """Turns the events of *shape*, an event stream, into frames. An error on the way becomes the last frame."""
    assert isinstance(shape, StructureShape)
    events = {name: _event_encoder(name, member, shapes) for name, member in shape.members.items()}

    async def frames(stream: AsyncIterator[Event]) -> AsyncIterator[bytes]:
        try:
            async for event in stream:
                for name, members in event.items():
                    yield events[name](members)
        except AwsError as error:
            yield _failure(error.code, error.message)
        except Exception:
            # The answer's head is sent long ago: the failure can only be told in a frame.
            log.exception("an event stream broke off")
            yield frame({":message-type": "error", ":error-code": "InternalFailure", ":error-message": BROKEN_OFF}, b"")

    return frames


def initial_response(payload: bytes, content_type: str) -> bytes:
    """The first frame where a protocol puts the other members of the output into one."""
    return frame({":message-type": "event", ":event-type": "initial-response", ":content-type": content_type}, payload)


def _event_encoder(name: str, shape: Shape, shapes: DocumentShapes) -> Callable[[Mapping[str, Any]], bytes]:
    assert isinstance(shape, StructureShape)
    if shape.metadata.get("exception"):
        return lambda members: _failure(name, str(members.get("message", members.get("Message", ""))))
    headers = {":message-type": "event", ":event-type": name}
    raw = next((key for key, member in shape.members.items() if member.serialization.get("eventpayload")), None)
    if raw is not None:
        headers[":content-type"] = "application/octet-stream"
        return lambda members: frame(headers, members.get(raw) or b"")
    write = shapes.writer(shape)
    headers[":content-type"] = "application/json"
    return lambda members: frame(headers, to_json(write(members)))


def _failure(code: str, message: str | None) -> bytes:
    headers = {":message-type": "exception", ":exception-type": code, ":content-type": "application/json"}
    return frame(headers, to_json({"message": message or ""}))
