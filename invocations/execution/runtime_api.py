"""The Lambda Runtime API of one execution environment, over its own sockets (Developer Guide, "Using the Lambda runtime API").

What a runtime says comes out as calls on a `RuntimeListener`. Everything a function could send here is bounded: connections,
headers, bodies; a body is kept only when its request may be answered.
"""

import asyncio
import base64
import binascii
import json
import re
from enum import StrEnum
from typing import Any, Protocol, cast

import httptools

from invocations.execution.spec import RunEvent
from invocations.limits import KB, MB, STREAMED_RESPONSE, SYNC_PAYLOAD_WITH_ALLOWANCE

MOST_CONNECTIONS = 16
LONGEST_HEAD = 1 * MB + 64 * KB
"""Request line and headers; the X-Ray cause alone may take 1 MB."""
PREFIX = "/2018-06-01/runtime/"
ACCEPTED = b'HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"status":"OK"}\n'
REASONS = {200: "OK", 202: "Accepted", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed"}
REASONS |= {413: "Request Entity Too Large", 500: "Internal Server Error"}
VALID_ERROR_TYPE = re.compile(r"(Runtime|Function)\.[A-Z][a-zA-Z]+")


class RuntimeState(StrEnum):
    """The runtime's states by the names that AWS's refusals show."""

    STARTED = "Started"
    INIT_ERROR = "InitError"
    READY = "Ready"
    RUNNING = "Running"
    INVOCATION_RESPONSE = "InvocationResponse"
    INVOCATION_ERROR_RESPONSE = "InvocationErrorResponse"
    RESPONSE_SENT = "ResponseSent"


class RuntimeListener(Protocol):
    """Who hears what the runtime says."""

    def runtime_is_ready(self) -> None:
        """It asked for the next event."""

    def runtime_responded(self, body: bytes, content_type: str) -> None:
        """The function's whole response."""

    def runtime_response_too_large(self) -> None:
        """The response went over 6 MB; the rest is thrown away."""

    def runtime_failed(self, error_type: str, body: bytes) -> None:
        """The function's error."""

    def runtime_failed_init(self, error_type: str, body: bytes) -> None:
        """Init could not be done; the runtime will exit."""

    def runtime_streams(self, content_type: str) -> bool:
        """A streamed response begins; True when its chunks are wanted one by one."""

    def runtime_streamed(self, chunk: bytes, source: asyncio.ReadTransport) -> None:
        """A chunk of it. *source* may be paused by a slow reader."""

    def runtime_streamed_all(self, error_type: str | None, error: bytes) -> None:
        """Its end, with the error met midway."""


class RuntimeApi:
    """The state that all connections of one environment share."""

    def __init__(self, listener: RuntimeListener) -> None:
        self.listener = listener
        self.state = RuntimeState.STARTED
        self.request_id = ""
        self.invocation_id = ""
        self.connections: set[Connection] = set()
        self._waiting: Connection | None = None
        self._handed_over = 0

    def connection(self) -> asyncio.Protocol:
        """A protocol for a new connection; one that hangs up when there are too many."""
        return Connection(self)

    def reset(self) -> None:
        """A new runtime starts: nothing of the old one counts."""
        self.state = RuntimeState.STARTED
        self._waiting = None
        self.request_id = ""
        for connection in list(self.connections):
            connection.abort()

    def asks_next(self, connection: "Connection") -> None:
        """GET next: the connection waits for an event."""
        if self.state not in {RuntimeState.STARTED, RuntimeState.RESPONSE_SENT, RuntimeState.READY} or self._waiting is not None:
            connection.refuse_transition(self.state, RuntimeState.READY)
            return
        self._waiting = connection
        self.state = RuntimeState.READY
        self.listener.runtime_is_ready()

    def hand_over(self, request_id: str, head: bytes, payload: bytes) -> bool:
        """Answers the waiting *next* with an event; *head* holds the event's own headers. False when nobody waits any more."""
        connection = self._waiting
        if connection is None or connection.transport is None or connection.transport.is_closing():
            return False
        self._waiting = None
        self.state = RuntimeState.RUNNING
        self.request_id = request_id
        self._handed_over += 1
        self.invocation_id = f"{self._handed_over:x}"
        own = b"Lambda-Runtime-Invocation-Id: %x\r\nContent-Length: %d\r\n\r\n" % (self._handed_over, len(payload))
        connection.transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + head + own + payload)
        return True

    def lost(self, connection: "Connection") -> None:
        """A connection ended. The runtime that waited on it is on its way out, or asks again."""
        self.connections.discard(connection)
        if self._waiting is connection:
            self._waiting = None
            self.state = RuntimeState.RESPONSE_SENT

    @property
    def is_waiting(self) -> bool:
        """True when the runtime can be handed an event."""
        return self._waiting is not None


class Connection(asyncio.Protocol):
    """One connection of a runtime."""

    def __init__(self, api: RuntimeApi) -> None:
        self.api = api
        self.transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._begin()

    def _begin(self) -> None:
        self._path = b""
        self._headers: dict[bytes, bytes] = {}
        self._body: list[bytes] = []
        self._size = 0
        self._head_size = 0
        self._in_head = True
        self._keeps_body = False
        self._is_too_large = False
        self._is_posting = False
        """This connection brings the current response."""
        self._streams = False
        self._refusal: tuple[int, str, str] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Counts the connection."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's are of no class of asyncio's
        if len(self.api.connections) >= MOST_CONNECTIONS:
            self.transport.abort()
            return
        self.api.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """A body that was cut is not a response."""
        self.transport = None
        if self._is_posting:
            self._is_posting = False
            self._cut()
        self.api.lost(self)

    def _cut(self) -> None:
        if self._streams:
            self.api.state = RuntimeState.RESPONSE_SENT
            error = error_json("Runtime.TruncatedResponse", "Response stream was truncated")
            self.api.listener.runtime_streamed_all("Runtime.TruncatedResponse", error)
        elif not self._is_too_large:
            self.api.state = RuntimeState.RUNNING

    def data_received(self, data: bytes) -> None:
        """Feeds the parser."""
        if self._in_head:
            self._head_size += len(data)
            if self._head_size > LONGEST_HEAD:
                self.abort()
                return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.answer(400, {"errorMessage": "Invalid HTTP request", "errorType": "InvalidRequest"})
            self.close()

    def on_url(self, url: bytes) -> None:
        """The path, maybe in pieces."""
        self._path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer."""
        self._headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        """Decides whether the body is wanted."""
        self._in_head = False
        headers = self._headers
        if headers.get(b"expect", b"").lower() == b"100-continue":
            self._write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if self._parser.get_method() != b"POST":
            return
        path = self._path.decode("latin-1")
        if path == PREFIX + "init/error":
            self._keeps_body = self.api.state is RuntimeState.STARTED
            return
        match path.removeprefix(PREFIX).split("/"):
            case ["invocation", request_id, "response" | "error" as kind]:
                self._begin_response(request_id, kind)

    def _begin_response(self, request_id: str, kind: str) -> None:
        api = self.api
        wanted = RuntimeState.INVOCATION_RESPONSE if kind == "response" else RuntimeState.INVOCATION_ERROR_RESPONSE
        invocation_id = self._headers.get(b"lambda-runtime-invocation-id")
        mode = self._headers.get(b"lambda-runtime-function-response-mode", b"")
        if api.state is not RuntimeState.RUNNING:
            self._refusal = (403, "InvalidStateTransition", transition_text(api.state, wanted))
        elif request_id != api.request_id:
            self._refusal = (400, "InvalidRequestID", "Invalid request ID")
        elif invocation_id is not None and invocation_id.decode("latin-1") != api.invocation_id:
            self._refusal = (400, "InvalidInvocationId", "Invalid invocation ID")
        elif kind == "response" and mode not in {b"", b"streaming"}:
            self._refusal = (400, "InvalidFunctionResponseMode", "Invalid function response mode")
            api.state = RuntimeState.RESPONSE_SENT
            api.listener.runtime_failed("Runtime.InvalidResponseModeHeader", b"")
        else:
            api.state = wanted
            self._keeps_body = self._is_posting = True
            if kind == "response" and mode == b"streaming":
                self._streams = api.listener.runtime_streams(self._content_type())

    def on_body(self, chunk: bytes) -> None:
        """Keeps, passes on or throws away a part of the body."""
        if not self._keeps_body:
            return
        self._size += len(chunk)
        if self._streams:
            if self._size <= STREAMED_RESPONSE and self.transport is not None:
                self.api.listener.runtime_streamed(chunk, self.transport)
        elif self._size <= SYNC_PAYLOAD_WITH_ALLOWANCE:
            self._body.append(chunk)
        elif not self._is_too_large:
            self._is_too_large = True
            self._body.clear()

    def on_message_complete(self) -> None:
        """Acts on a whole request."""
        try:
            self._dispatch()
        finally:
            keeps_alive = self._parser.should_keep_alive()
            is_waiting = self.api._waiting is self
            self._begin()
            if not keeps_alive and not is_waiting:
                self.close()

    def _dispatch(self) -> None:
        if self._refusal is not None:
            status, error_type, message = self._refusal
            self.answer(status, {"errorMessage": message, "errorType": error_type})
            return
        if self._is_posting:
            self._is_posting = False
            self._finish_response()
            return
        method, path = self._parser.get_method(), self._path.decode("latin-1").partition("?")[0]
        match method, path:
            case b"GET", "/2018-06-01/runtime/invocation/next":
                self.api.asks_next(self)
            case b"POST", "/2018-06-01/runtime/init/error":
                self._init_error()
            case b"GET", "/2018-06-01/ping":
                self._write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\npong")
            case (b"GET", "/2018-06-01/runtime/restore/next") | (b"POST", "/2018-06-01/runtime/restore/error"):
                self.answer(403, {"errorMessage": "SnapStart is not enabled", "errorType": "InvalidStateTransition"})
            case b"PUT", "/2022-07-01/telemetry":
                self.answer(202, {"errorMessage": "Telemetry API is not supported", "errorType": "Telemetry.NotSupported"})
            case b"PUT", "/2020-08-15/logs":
                self.answer(202, {"errorMessage": "Logs API is not supported", "errorType": "Logs.NotSupported"})
            case _ if path.startswith("/2020-01-01/extension/"):
                self.answer(403, {"errorMessage": "Extensions are not supported", "errorType": "Extension.NotSupported"})
            case _:
                self._not_found(path)

    def _not_found(self, path: str) -> None:
        known = ("/invocation/next", "/init/error", "/response", "/error", "/ping")
        status, text = (405, b"") if path.startswith("/2018-06-01/") and path.endswith(known) else (404, b"404 page not found\n")
        self._write(b"HTTP/1.1 %d %b\r\nContent-Length: %d\r\n\r\n%b" % (status, REASONS[status].encode(), len(text), text))

    def _finish_response(self) -> None:
        api, listener = self.api, self.api.listener
        is_error = api.state is RuntimeState.INVOCATION_ERROR_RESPONSE
        api.state = RuntimeState.RESPONSE_SENT
        if self._streams:
            error_type, error = self._trailers()
            if self._size > STREAMED_RESPONSE:
                error_type = "Function.ResponseSizeTooLarge"
                error = error_json(error_type, f"Response payload size exceeded maximum allowed payload size ({STREAMED_RESPONSE} bytes).")
            self._write(ACCEPTED)
            listener.runtime_streamed_all(error_type, error)
        elif self._is_too_large:
            message = f"Exceeded maximum allowed payload size ({SYNC_PAYLOAD_WITH_ALLOWANCE} bytes)."
            self.answer(413, {"errorMessage": message, "errorType": "RequestEntityTooLarge"})
            listener.runtime_response_too_large()
        else:
            self._write(ACCEPTED)  # first, so that the runtime goes on while we do our part
            body = b"".join(self._body)
            if is_error:
                listener.runtime_failed(self._error_type("Function.Unknown"), body)
            elif b"lambda-runtime-function-error-type" in self._headers and b"trailer" in self._headers:
                listener.runtime_failed(*self._midway_error(body))
            else:
                listener.runtime_responded(body, self._content_type())

    def _midway_error(self, body: bytes) -> tuple[str, bytes]:
        error_type, error = self._trailers()
        return error_type or "Function.Unknown", error or body

    def _trailers(self) -> tuple[str | None, bytes]:
        """The error of a stream that broke midway: its type, and the body decoded."""
        if b"lambda-runtime-function-error-type" not in self._headers:
            return None, b""
        try:
            body = base64.b64decode(self._headers.get(b"lambda-runtime-function-error-body", b""))
        except binascii.Error:
            body = b""
        return self._error_type("Function.Unknown"), body

    def _init_error(self) -> None:
        api = self.api
        if api.state is not RuntimeState.STARTED:
            self.refuse_transition(api.state, RuntimeState.INIT_ERROR)
            return
        api.state = RuntimeState.INIT_ERROR
        self._write(ACCEPTED)
        api.listener.runtime_failed_init(self._error_type("Runtime.Unknown"), b"".join(self._body))

    def _error_type(self, unknown: str) -> str:
        given = self._headers.get(b"lambda-runtime-function-error-type", b"").decode("latin-1")
        return given if VALID_ERROR_TYPE.fullmatch(given) else unknown

    def _content_type(self) -> str:
        return self._headers.get(b"content-type", b"application/json").decode("latin-1")

    def refuse_transition(self, state: RuntimeState, wanted: RuntimeState) -> None:
        """403: the call is out of order."""
        self.answer(403, {"errorMessage": transition_text(state, wanted), "errorType": "InvalidStateTransition"})

    def answer(self, status: int, body: dict[str, Any]) -> None:
        """A JSON answer."""
        text = json.dumps(body, separators=(",", ":")).encode() + b"\n"
        head = b"HTTP/1.1 %d %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        self._write(head % (status, REASONS[status].encode(), len(text)) + text)

    def close(self) -> None:
        """Hangs up once everything is written."""
        if self.transport is not None:
            self.transport.close()

    def abort(self) -> None:
        """Hangs up now."""
        if self.transport is not None:
            self.transport.abort()

    def _write(self, data: bytes) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(data)


def transition_text(state: RuntimeState, wanted: RuntimeState) -> str:
    """AWS's sentence."""
    return f"State transition from {state} to {wanted} failed for runtime. Error: State transition is not allowed"


def next_head(event: RunEvent, deadline_ms: int) -> bytes:
    """The headers of an event that say what it is; *deadline_ms* is the epoch."""
    head = (
        f"Lambda-Runtime-Aws-Request-Id: {event.request_id}\r\nLambda-Runtime-Deadline-Ms: {deadline_ms}\r\n"
        f"Lambda-Runtime-Invoked-Function-Arn: {event.invoked_function_arn}\r\nLambda-Runtime-Trace-Id: {event.trace_id}\r\n"
    )
    if event.client_context:
        head += f"Lambda-Runtime-Client-Context: {_on_one_line(event.client_context)}\r\n"
    return head.encode("latin-1", "replace")


def _on_one_line(text: str) -> str:
    try:
        return json.dumps(json.loads(text))
    except ValueError:
        return "{}"


def error_json(error_type: str, message: str) -> bytes:
    """An error of the platform's own, as callers get it."""
    return json.dumps({"errorType": error_type, "errorMessage": message}, separators=(",", ":")).encode()
