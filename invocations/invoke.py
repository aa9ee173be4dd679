"""The front of it all: accept -> authorize -> route -> admit -> run -> journal."""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from invocations import account_clock, catalogue, clock, event_queue, limits
from invocations.arn import LATEST, function_arn
from invocations.authorize import INVOKE_FUNCTION, explanation, may_invoke, refused
from invocations.catalogue import FunctionSnapshot
from invocations.enums import InvocationState, InvocationType, LogType, PrincipalType, State, Station
from invocations.errors import (
    AwsError,
    InvalidRequestContentException,
    RequestTooLargeException,
    ResourceConflictException,
    ResourceNotFoundException,
    ServiceException,
    TooManyRequestsException,
)
from invocations.policies.context import Value
from invocations.record import Record
from invocations.region import REGION
from invocations.route import Routed, route
from invocations.run import Engine, Streaming, installed, run
from invocations.values import InvokeRequest, InvokeResult, Principal, RunOutcome

_NO_KEYS: Mapping[str, Value] = {}


async def invoke(
    request: InvokeRequest,
    principal: Principal,
    streaming: Streaming | None = None,
    keys: Mapping[str, Value] = _NO_KEYS,
    actions: Sequence[str] = (INVOKE_FUNCTION,),
    http_status_of: Callable[[RunOutcome | AwsError], int] | None = None,
) -> InvokeResult:
    """Answers one Invoke as Lambda's front door does (API reference, Invoke). *keys*: what the entrance knows of the call that
    conditions of policies may ask for. *actions*: what the caller must be allowed, all of it.
    *http_status_of*: what the entrance's own client gets for what came of it, where that is another than Invoke's status.

    Raises AccessDeniedException, ResourceNotFoundException, TooManyRequestsException, …: invocation errors, which are in
    the journal too. A handler that raises is no exception here but a result: status 200 with `function_error` set.
    """
    engine = installed()
    record = engine.journal.begin(request, principal)
    engine.meter.count(request.account_id, "arrivals")
    engine.callers_first.called()
    try:
        accept(engine, record)
        function = await _find(engine, record, keys, actions)
        match request.invocation_type:
            case InvocationType.DRY_RUN:
                return _dry_run(engine, record, choose_version(engine, record, function))
            case InvocationType.EVENT:
                return await _queue(engine, record, function)
        routed = choose_version(engine, record, function)
        outcome = await run(engine, record, function, routed, streaming)
    except AwsError as error:
        record.http_status = http_status_of(error) if http_status_of is not None else None
        _refuse(engine, record, error)
        raise
    except BaseException:
        # The caller hung up, the service stops, or Redis or a sandbox failed: the record must not stay open for ever.
        broken_off = ServiceException("The invocation was broken off before the function answered.")
        record.http_status = http_status_of(broken_off) if http_status_of is not None else None
        _refuse(engine, record, broken_off)
        raise
    record.http_status = http_status_of(outcome) if http_status_of is not None else None
    engine.journal.finished(record, outcome)
    return InvokeResult(
        status_code=200,
        request_id=request.request_id,
        executed_version=routed.version.version,
        payload=outcome.payload,
        function_error=outcome.function_error,
        log_result=outcome.tail if request.log_type is LogType.TAIL else None,
        trace_id=request.trace_id,
        content_type=outcome.content_type,
    )


def reject(request: InvokeRequest, error: AwsError) -> None:
    """Records an invocation that its entrance refused before it knew who calls."""
    engine = installed()
    record = engine.journal.begin(request, Principal.anonymous())
    record.http_status = error.http_status
    engine.journal.step(record, Station.ACCEPT, "ok", at=request.received_at, bytes=len(request.payload))
    _refuse(engine, record, error)


def accept(engine: Engine, record: Record) -> None:
    """Bounds and parses the payload. Raises RequestTooLargeException, InvalidRequestContentException."""
    request = record.request
    limit = limits.ASYNC_PAYLOAD if request.invocation_type is InvocationType.EVENT else limits.SYNC_PAYLOAD
    size = len(request.payload)
    if size > limit:
        raise RequestTooLargeException(
            f"{size} byte payload is too large for the {request.invocation_type} invocation type (limit {limit} bytes)"
        )
    if size:
        try:
            _JSON.decode(request.payload.decode())
        except (ValueError, RecursionError) as error:
            raise InvalidRequestContentException(_as_jackson_says(request.payload, error)) from None
    engine.journal.step(record, Station.ACCEPT, "ok", at=request.received_at, bytes=size)


async def _find(engine: Engine, record: Record, keys: Mapping[str, Value], actions: Sequence[str]) -> FunctionSnapshot:
    request, principal = record.request, record.principal
    function = await catalogue.find(request.account_id, request.function_name)
    if function is None and principal.type is PrincipalType.AWS_SERVICE:
        detail: dict[str, Any] = {"reason": "there is no such function, and so no policy of it", "principal": principal.arn}
    else:
        verdicts = []
        for action in actions:
            verdict = await may_invoke(
                principal, request.account_id, request.function_name, request.qualifier, function, action=action, keys=keys
            )
            if not verdict.allowed:
                raise refused(verdict)
            verdicts.append(verdict)
        detail = explanation(*verdicts)
    engine.journal.step(record, Station.AUTHORIZE, "ok", **detail)
    if function is None:
        arn = function_arn(request.account_id, REGION, request.function_name)
        raise ResourceNotFoundException(f"Function not found: {arn}:{request.qualifier or LATEST}")
    return function


def choose_version(engine: Engine, record: Record, function: FunctionSnapshot) -> Routed:
    """Routes the request. Raises ResourceNotFoundException, and ResourceConflictException while the version cannot run."""
    routed = route(function, record.request.qualifier, draw=random.random())
    version = routed.version
    record.executed_version = version.version
    record.memory_size_mb = version.memory_size
    record.log_group_name = version.log_group_name
    if version.state is not State.ACTIVE:
        raise ResourceConflictException(
            f"The operation cannot be performed at this time. The function is currently in the following state: {version.state}"
        )
    engine.journal.step(record, Station.ROUTE, "ok", version=version.version, alias=routed.alias, weight=routed.weight)
    return routed


async def _queue(engine: Engine, record: Record, function: FunctionSnapshot) -> InvokeResult:
    """Accepts an event: it is durable when this returns. The version is chosen anew for each try."""
    request = record.request
    route(function, request.qualifier, draw=0.0)
    record.status_code = 202
    now = (await account_clock.known(request.account_id)).at(clock.epoch())
    engine.journal.step(record, Station.QUEUE, "queued", clock=now)
    await event_queue.put(record)
    engine.journal.queued(record)
    return InvokeResult(202, request.request_id, trace_id=request.trace_id)


def _dry_run(engine: Engine, record: Record, routed: Routed) -> InvokeResult:
    engine.journal.rehearsed(record)
    return InvokeResult(204, record.request.request_id, routed.version.version, trace_id=record.request.trace_id)


_STATIONS = list(Station)


def _refuse(engine: Engine, record: Record, error: AwsError) -> None:
    """Ends the record at the station that comes after the last one passed."""
    passed = [_STATIONS.index(step.station) for step in record.steps]
    station = _STATIONS[max(passed) + 1] if passed else Station.ACCEPT
    is_throttle = isinstance(error, TooManyRequestsException)
    if is_throttle:
        count_throttle(engine, record, error)
    engine.journal.step(record, station, "refused", error_code=error.code, error_message=error.message, **error.members, **error.detail)
    engine.journal.refused(record, error, InvocationState.THROTTLED if is_throttle else InvocationState.REJECTED)


def count_throttle(engine: Engine, record: Record, error: AwsError) -> None:
    """One more for the plot, marked where a fault made it."""
    engine.meter.count(record.request.account_id, "throttles")
    if error.detail.get("injected"):
        engine.meter.count(record.request.account_id, "injected")


def _reject_constant(name: str) -> None:
    raise ValueError(name)


_JSON = json.JSONDecoder(parse_constant=_reject_constant)
"""As strict as Lambda's: NaN and Infinity are no JSON."""


def _as_jackson_says(payload: bytes, error: Exception) -> str:
    """Lambda's message for a payload that is not JSON, in the words of the Java parser behind it."""
    line, column, code = 1, 1, payload[0]
    problem = None
    if isinstance(error, json.JSONDecodeError):
        line, column = error.lineno, error.colno
        if error.pos >= len(error.doc):
            problem = "Unexpected end-of-input"
        else:
            code = ord(error.doc[error.pos])
    elif isinstance(error, UnicodeDecodeError):
        code, column = payload[error.start], error.start + 1
    if problem is None:
        found = f"('{chr(code)}' (code {code}))" if 32 <= code < 127 else f"((CTRL-CHAR, code {code}))"
        expected = "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
        problem = f"Unexpected character {found}: {expected}"
    where = f"[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: {line}, column: {column}]"
    return f"Could not parse request body into json: Could not parse payload into json: {problem}\n at {where}"
