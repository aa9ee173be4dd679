"""How other processes ask the service for a run: framed JSON over its Unix socket, many requests on one connection.

A frame is two big-endian 32-bit lengths, that many bytes of JSON ("id" pairs answer and request), that many raw bytes (the payload).
"""

import asyncio
import itertools
import struct
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, cast
from weakref import WeakKeyDictionary

from django.conf import settings

from invocations import fast_json
from invocations.errors import AwsError, ServiceException, aws_error
from invocations.policies.context import Value
from invocations.values import InvokeRequest, InvokeResult, Principal


class ServiceAway(ServiceException):
    """The service was not there, or went away before it answered."""


_LENGTHS = struct.Struct(">II")
_NO_KEYS: Mapping[str, Value] = {}


def pack(meta: dict[str, Any], body: bytes = b"") -> bytes:
    """One frame."""
    head = fast_json.dumps(meta)
    return _LENGTHS.pack(len(head), len(body)) + head + body


async def read_frame(reader: asyncio.StreamReader) -> tuple[dict[str, Any], bytes]:
    """The next frame. Raises asyncio.IncompleteReadError at the end."""
    head_length, body_length = _LENGTHS.unpack(await reader.readexactly(_LENGTHS.size))
    head = fast_json.loads(await reader.readexactly(head_length))
    return head, await reader.readexactly(body_length) if body_length else b""


async def invoke(request: InvokeRequest, principal: Principal, keys: Mapping[str, Value] = _NO_KEYS) -> InvokeResult:
    """`invocations.invoke.invoke` in the service. Raises the same errors, and ServiceException while the service is away."""
    head, body = await _ask("invoke", _request_as_json(request, principal, keys), request.payload)
    log_result = head["log_result"]
    return InvokeResult(
        status_code=head["status_code"],
        request_id=head["request_id"],
        executed_version=head["executed_version"],
        payload=body,
        function_error=head["function_error"],
        log_result=None if log_result is None else log_result.encode("latin-1"),
        trace_id=head["trace_id"],
        content_type=head["content_type"],
    )


async def start(request: InvokeRequest, principal: Principal, keys: Mapping[str, Value] = _NO_KEYS) -> str:
    """Has the service run it and returns at once, with the request id; the journal and the announcements tell the rest."""
    head, _ = await _ask("start", _request_as_json(request, principal, keys), request.payload)
    return str(head["request_id"])


async def attempt(fields: dict[str, bytes]) -> dict[str, bytes]:
    """Has the service try a queued event once; those of its fields that are stored otherwise then.

    Raises ServiceAway where the service died, or was not there: whether the event was tried is then not known. Raises the service's
    own errors as AwsError, to be told apart by their codes.
    """
    names = {name: len(value) for name, value in fields.items()}
    head, body = await _ask("attempt", {"fields": names}, b"".join(fields.values()))
    return cut(head["fields"], body)


def cut(lengths: dict[str, int], body: bytes) -> dict[str, bytes]:
    """Fields that came one behind the other."""
    fields, at = {}, 0
    for name, length in lengths.items():
        fields[name] = body[at : at + length]
        at += length
    return fields


async def record(account_id: str, request_id: str) -> dict[str, Any] | None:
    """A running or just finished invocation: the columns of models.Invocation with times as epoch seconds, "log" ([[ms, text], …]),
    "request_payload" and "response_payload" (bytes). None where the service does not know it (any more)."""
    head, body = await _ask("record", {"account_id": account_id, "request_id": request_id})
    found: dict[str, Any] | None = head["record"]
    if found is not None:
        found["request_payload"], found["response_payload"] = body[: head["split"]], body[head["split"] :]
    return found


async def overview(account_id: str) -> dict[str, Any]:
    """What runs now: "running" (records without payloads), "environments", "concurrency" {"used", "limit"}."""
    head, _ = await _ask("overview", {"account_id": account_id})
    return dict(head["overview"])


async def capacity(account_id: str, after: int = 0) -> dict[str, Any]:
    """Pools, environments and load as they are now, and the seconds behind *after* (playground/service/capacity.py)."""
    head, _ = await _ask("capacity", {"account_id": account_id, "after": after})
    return dict(head["capacity"])


async def start_load(account_id: str, spec: dict[str, Any]) -> None:
    """Begins a load (load.LoadSpec). Raises ValidationException's like."""
    await _ask("start_load", {"account_id": account_id, "spec": spec})


async def stop_load(account_id: str) -> None:
    """Stops it."""
    await _ask("stop_load", {"account_id": account_id})


async def health() -> dict[str, Any]:
    """The service's own account of itself, as /_playground/health shows it."""
    head, _ = await _ask("health", {})
    return dict(head["health"])


def request_from_json(meta: dict[str, Any], payload: bytes) -> tuple[InvokeRequest, Principal]:
    """The service's side of `invoke` and `start`."""
    return InvokeRequest.from_json(meta["request"], payload), Principal.from_json(meta["principal"])


def result_as_json(result: InvokeResult) -> dict[str, Any]:
    """An answer without its payload."""
    fields = asdict(result)
    del fields["payload"]
    if result.log_result is not None:
        fields["log_result"] = result.log_result.decode("latin-1")
    return fields


def error_as_json(error: AwsError) -> dict[str, Any]:
    """An error that `invoke` raises again on the other side."""
    told = {"code": error.code, "message": error.message, "status": error.http_status, "members": error.members}
    return {"error": told | {"detail": error.detail, "headers": error.headers}}


def _request_as_json(request: InvokeRequest, principal: Principal, keys: Mapping[str, Value]) -> dict[str, Any]:
    return {"request": request.as_json(), "principal": principal.as_json(), "keys": dict(keys)}


class _Connection:
    """One loop's connection to the service."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[tuple[dict[str, Any], bytes]]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._lock = asyncio.Lock()
        self._receiver: asyncio.Task[None] | None = None

    async def ask(self, operation: str, meta: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        writer = await self._connected()
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            writer.write(pack({"id": number, "operation": operation, **meta}, body))
            await writer.drain()
            return cast("tuple[dict[str, Any], bytes]", await answer)
        finally:
            self._waiting.pop(number, None)

    async def _connected(self) -> asyncio.StreamWriter:
        async with self._lock:
            if self._writer is None or self._writer.is_closing():
                reader, self._writer = await asyncio.open_unix_connection(str(settings.SERVICE_SOCKET))
                self._receiver = asyncio.create_task(self._receive(reader, self._writer))
            return self._writer

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head, body = await read_frame(reader)
                waiting = self._waiting.pop(head["id"], None)
                if waiting is not None and not waiting.done():
                    waiting.set_result((head, body))
        except (asyncio.IncompleteReadError, OSError):
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(ConnectionResetError("the service went away"))
            self._waiting.clear()
        finally:
            writer.close()


_connections: WeakKeyDictionary[asyncio.AbstractEventLoop, _Connection] = WeakKeyDictionary()


async def _ask(operation: str, meta: dict[str, Any], body: bytes = b"") -> tuple[dict[str, Any], bytes]:
    connection = _connections.setdefault(asyncio.get_running_loop(), _Connection())
    try:
        head, answer = await connection.ask(operation, meta, body)
    except OSError as error:
        raise ServiceAway("The Lambda service does not answer; it may just be starting again.") from error
    if "error" in head:
        problem = head["error"]
        if problem["code"] == ServiceException.__name__:
            refusal: AwsError = ServiceException(problem["message"], members=problem["members"])
        else:
            refusal = aws_error(problem["code"], problem["message"], problem["status"], **problem["members"])
        refusal.detail, refusal.headers = problem["detail"], problem["headers"]
        raise refusal
    return head, answer
