"""One run of one version: admit -> environment -> outcome."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from invocations import catalogue, clock, faults, lineage
from invocations.admit import Admission
from invocations.callers_first import CallersFirst
from invocations.catalogue import FunctionSnapshot
from invocations.enums import FaultKind, InvocationState, InvocationType, Station
from invocations.errors import ServiceException
from invocations.execution.pool import Placement, Pool
from invocations.execution.spec import RunEvent
from invocations.faults import Drawn
from invocations.journal import Journal
from invocations.meter import Meter
from invocations.record import Record
from invocations.route import Routed
from invocations.values import RunOutcome


@dataclass(slots=True)
class Streaming:
    """Where a streamed response goes as it comes."""

    on_chunk: Callable[[bytes], Awaitable[None]]
    on_content_type: Callable[[str], None] | None = None
    """Called before the first chunk."""
    executed_version: str | None = None
    """Set when the invocation has been routed."""


@dataclass(slots=True)
class Engine:
    """What running needs of its host."""

    admission: Admission
    pool: Pool
    journal: Journal
    meter: Meter = field(default_factory=Meter)
    callers_first: CallersFirst = field(default_factory=CallersFirst)


_engine: Engine | None = None


def install(engine: Engine | None) -> None:
    """Makes *engine* the one that this process runs invocations with; None takes it away."""
    global _engine
    _engine = engine


def installed() -> Engine:
    """This process's engine. Raises ServiceException in a process that has none, or has closed it."""
    if _engine is None:
        raise ServiceException("This process runs no invocations, or is about to stop.")
    return _engine


async def run(engine: Engine, record: Record, function: FunctionSnapshot, routed: Routed, streaming: Streaming | None = None) -> RunOutcome:
    """Runs *routed* version once for *record*'s request.

    Raises TooManyRequestsException where there is no concurrency, RecursiveInvocationException for a run too many in its chain.
    """
    trace_id = lineage.enter(record.request.trace_id, function.arn, function.recursive_loop)
    journal, version = engine.journal, routed.version
    qualifier = routed.provisioned_qualifier
    if streaming:
        streaming.executed_version = version.version
    ready = engine.pool.ready(version, qualifier) if qualifier else 0
    is_rated = record.request.invocation_type is not InvocationType.EVENT
    refusal = (await faults.draw(function.account_id, function.faults, faults.REFUSING)).refusal if function.faults else None
    if refusal is not None:
        raise refusal
    lease = await engine.admission.admit(function, await catalogue.account(function.account_id), routed, ready, is_rated=is_rated)
    engine.meter.concurrency(function.account_id, engine.admission.used(function.account_id))
    try:
        struck = await faults.draw(function.account_id, function.faults, faults.RUNNING) if function.faults else faults.NONE
        detail = {"initialization_type": str(lease.initialization_type), **lease.detail}
        if FaultKind.LATENCY in struck:
            detail |= {**struck.mark(FaultKind.LATENCY), "added_latency_ms": struck.latency_seconds * 1000}
        journal.step(record, Station.ADMIT, "ok", **detail)
        if struck.latency_seconds:
            await asyncio.sleep(struck.latency_seconds)
        asked_at = clock.monotonic()
        provisioned = qualifier if lease.initialization_type == "provisioned-concurrency" else None
        record.state = InvocationState.STARTING
        placement = await engine.pool.acquire(version, provisioned, fails_init=FaultKind.INIT_FAILURE in struck)
        try:
            return await _in_environment(engine, record, routed, trace_id, placement, clock.monotonic() - asked_at, streaming, struck)
        finally:
            engine.pool.release(placement)
    finally:
        engine.admission.release(lease)
        engine.meter.concurrency(function.account_id, engine.admission.used(function.account_id))


async def _in_environment(
    engine: Engine,
    record: Record,
    routed: Routed,
    trace_id: str,
    placement: Placement,
    placed_after: float,
    streaming: Streaming | None,
    struck: Drawn,
) -> RunOutcome:
    journal, request, environment = engine.journal, record.request, placement.environment
    record.log_stream_name = environment.log_stream_name
    if placement.is_cold:
        engine.meter.count(request.account_id, "cold_starts")
    journal.step(
        record,
        Station.INIT,
        "cold" if placement.is_cold else "warm",
        duration_ms=placed_after * 1000,
        state=InvocationState.RUNNING,
        environment=environment.environment_id,
        init_duration_ms=environment.init_duration_ms if placement.is_cold else None,
        **struck.mark(FaultKind.INIT_FAILURE),
    )
    event = RunEvent(
        request_id=request.request_id,
        payload=request.payload or b"{}",
        invoked_function_arn=routed.invoked_function_arn,
        trace_id=trace_id,
        client_context=request.client_context,
        on_log=lambda lines: journal.lines(record, lines),
        on_chunk=streaming.on_chunk if streaming else None,
        on_content_type=streaming.on_content_type if streaming else None,
        crashes=FaultKind.CRASH in struck,
    )
    outcome = await environment.invoke(event)
    if outcome.function_error:
        engine.meter.count(request.account_id, "errors")
    journal.step(
        record,
        Station.RUN,
        outcome.status,
        at=outcome.started_at,
        duration_ms=outcome.duration_ms,
        error_type=outcome.error_type,
        billed_duration_ms=outcome.billed_duration_ms,
        max_memory_used_mb=outcome.max_memory_used_mb,
        **struck.mark(FaultKind.CRASH, FaultKind.INIT_FAILURE),
    )
    return outcome
