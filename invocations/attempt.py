"""One try of an asynchronous event, in the service: route -> admit -> run, and what came of it stored with the event.

It is stored before anybody is told. So the death of the worker that asked costs no second run: whoever takes the event up
finds what the try came to, and only decides.
"""

import asyncio
from typing import Any

from invocations import catalogue, event_queue
from invocations.arn import function_arn
from invocations.enums import InvocationState, Station
from invocations.errors import AwsError, RecursiveInvocationException, ResourceNotFoundException, TooManyRequestsException
from invocations.event_queue import QueuedEvent, TakenOver, Tried
from invocations.invoke import choose_version, count_throttle
from invocations.record import Record
from invocations.region import REGION
from invocations.retry import Attempt
from invocations.run import Engine, installed, run
from invocations.values import RunOutcome

_FIGURES = (
    "function_error",
    "error_code",
    "duration_ms",
    "billed_duration_ms",
    "init_duration_ms",
    "max_memory_used_mb",
    "log_stream_name",
)
"""Columns that speak of the last run; a try without one leaves them as they are."""


async def attempt(event: QueuedEvent) -> None:
    """Tries *event* once, and stores with it what came of it: `event.tried`.

    Raises TakenOver where the event has meanwhile been given to another holder.
    """
    engine = installed()
    turn = await engine.callers_first.begin()
    try:
        await _attempt(engine, event)
    finally:
        engine.callers_first.end(turn)


async def _attempt(engine: Engine, event: QueuedEvent) -> None:
    record = Record.resume(event.request, event.principal, event.row)
    record.attempts = event.runs + 1
    record.state = InvocationState.QUEUED  # it waits no longer to be retried
    record.lines_before = len(event.log)
    engine.journal.resumed(record)
    state = InvocationState.REJECTED
    try:
        tried = await _try(engine, record)
        state = _state(tried, record.outcome)
        _take(event, record, tried)
        if not await asyncio.shield(event_queue.keep(event, record.log_events() if record.outcome else ())):
            raise TakenOver("The event was taken over by another worker.")
    finally:
        engine.journal.tried(record, state)


async def _try(engine: Engine, record: Record) -> Tried:
    try:
        function = await catalogue.find(record.request.account_id, record.request.function_name)
        if function is None:
            arn = function_arn(record.request.account_id, REGION, record.request.function_name, record.request.qualifier)
            raise ResourceNotFoundException(f"Function not found: {arn}")
        record.outcome = await run(engine, record, function, choose_version(engine, record, function))
    except AwsError as error:
        if isinstance(error, TooManyRequestsException):
            count_throttle(engine, record, error)
        detail = {"error_code": error.code, "error_message": error.message, **error.members, **error.detail}
        engine.journal.step(record, Station.ADMIT, "refused", **detail)
        return Tried(_kind(error), error.http_status, error.code, error.message or "")
    failed = record.outcome.function_error is not None
    return Tried(Attempt.FUNCTION_ERROR if failed else Attempt.SUCCEEDED, 200, record.outcome.error_name)


def _kind(error: AwsError) -> Attempt:
    if isinstance(error, RecursiveInvocationException):
        return Attempt.RECURSIVE_LOOP
    return Attempt.REFUSED if isinstance(error, ResourceNotFoundException) else Attempt.THROTTLED


def _state(tried: Tried, outcome: RunOutcome | None) -> InvocationState:
    if outcome is not None:
        return outcome.state
    return InvocationState.THROTTLED if tried.error_code == TooManyRequestsException.__name__ else InvocationState.REJECTED


def _take(event: QueuedEvent, record: Record, tried: Tried) -> None:
    """Brings the event up to what the try came to."""
    before: dict[str, Any] = event.row
    event.tried = tried
    if record.outcome is None:
        event.throttles += 1
        record.attempts = event.runs
        event.row = record.as_json() | {name: before[name] for name in _FIGURES}
        return
    event.runs += 1
    event.throttles = 0
    event.response = record.outcome.payload
    event.response_context = {"statusCode": 200, "executedVersion": record.executed_version}
    if record.outcome.function_error:
        event.response_context["functionError"] = record.outcome.function_error
    event.log += [[event.runs, at, text] for at, text in record.log_events()]
    event.row = record.as_json() | {"error_code": record.outcome.error_name}
