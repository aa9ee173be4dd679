"""Invoke, InvokeWithResponseStream and the deprecated InvokeAsync."""

import asyncio
import base64
import binascii
import json
from collections.abc import AsyncIterator
from typing import Any

from invocations import invoke as path
from invocations import limits
from invocations.enums import InvocationType, LogType
from invocations.errors import InvalidRequestContentException
from invocations.run import Streaming
from invocations.values import InvokeRequest, InvokeResult, new_trace_id
from playground.endpoint.operations.lambda_.common import name_and_qualifier
from playground.endpoint.registry import Call, operation
from playground.endpoint.request_context import keys_of
from playground.endpoint.response_stream import ResponseStream


@operation("lambda", "Invoke")
async def invoke(call: Call) -> dict[str, Any]:
    """One invocation; the payload goes through untouched."""
    result = await path.invoke(request_of(call), call.principal, keys=keys_of(call))
    log_result = result.log_result
    return {
        "StatusCode": result.status_code,
        "FunctionError": result.function_error,
        "LogResult": None if log_result is None else base64.b64encode(log_result).decode(),
        "Payload": result.payload,
        "ExecutedVersion": result.executed_version,
    }


@operation("lambda", "InvokeAsync")
async def invoke_async(call: Call) -> dict[str, Any]:
    """The old name of an asynchronous invocation."""
    request = request_of(call)
    request.invocation_type = InvocationType.EVENT
    request.payload = call.input.get("InvokeArgs", b"")
    result = await path.invoke(request, call.principal, keys=keys_of(call))
    return {"Status": result.status_code}


@operation("lambda", "InvokeWithResponseStream")
async def invoke_with_response_stream(call: Call) -> dict[str, Any]:
    """One invocation whose response is passed on piece by piece as the function writes it."""
    request = request_of(call)
    stream = ResponseStream()
    streaming = Streaming(stream.write)
    running = asyncio.create_task(path.invoke(request, call.principal, streaming, keys_of(call)))
    running.add_done_callback(lambda _: stream.end())
    first = await stream.next_piece()
    if first is None:
        result = await running  # over before the first piece: an invocation error is raised here
        if request.invocation_type is InvocationType.DRY_RUN:
            return {"StatusCode": result.status_code, "ExecutedVersion": result.executed_version}
    return {
        "StatusCode": 200,
        "ExecutedVersion": streaming.executed_version,
        "ResponseStreamContentType": "application/octet-stream",
        "EventStream": _events(request, running, stream, first),
    }


def request_of(call: Call) -> InvokeRequest:
    """The domain's request for any of the three calls. Raises what a bad name or client context raises on AWS."""
    account_id, name, qualifier = name_and_qualifier(call)
    return InvokeRequest(
        account_id=account_id,
        function_name=name,
        qualifier=qualifier,
        payload=call.input.get("Payload", b""),
        invocation_type=InvocationType(call.input.get("InvocationType", InvocationType.REQUEST_RESPONSE)),
        log_type=LogType(call.input.get("LogType", LogType.NONE)),
        client_context=_client_context(call.input.get("ClientContext")),
        request_id=call.request_id,
        trace_id=call.headers.get("x-amzn-trace-id") or new_trace_id(),
        source_ip=call.source_ip,
        user_agent=call.headers.get("user-agent", ""),
    )


def _client_context(encoded: str | None) -> str | None:
    if not encoded:
        return None
    if len(encoded) > limits.CLIENT_CONTEXT:
        raise InvalidRequestContentException(f"Client context must be no more than {limits.CLIENT_CONTEXT} bytes when base64-encoded.")
    try:
        text = base64.b64decode(encoded, validate=True).decode()
        json.loads(text)
    except (binascii.Error, ValueError):
        raise InvalidRequestContentException("Client context must be a valid Base64-encoded JSON object.") from None
    return text


async def _events(
    request: InvokeRequest, running: "asyncio.Task[InvokeResult]", stream: ResponseStream, piece: bytes | None
) -> AsyncIterator[dict[str, Any]]:
    try:
        while piece is not None:
            yield {"PayloadChunk": {"Payload": piece}}
            piece = await stream.next_piece()
        result = await running
    finally:
        running.cancel()
    if result.payload and not result.function_error:
        yield {"PayloadChunk": {"Payload": result.payload}}  # a buffered response in one piece
    complete: dict[str, Any] = {}
    if result.function_error:
        complete = {"ErrorCode": result.function_error, "ErrorDetails": result.payload.decode(errors="replace")}
    if result.log_result is not None:
        complete["LogResult"] = base64.b64encode(result.log_result).decode()
    yield {"InvokeComplete": complete}
