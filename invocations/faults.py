"""Faults that somebody has set on a function, as the path meets them: drawn once a run or delivery, counted down in Redis.

A function without any pays one look at an empty tuple.
"""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from invocations import clock, store
from invocations.enums import FaultKind, ThrottleReason
from invocations.errors import AccessDeniedException, AwsError, ServiceException, TooManyRequestsException


@dataclass(frozen=True, slots=True)
class FaultSnapshot:
    """One fault; the fields are models.Fault's."""

    fault_id: int
    kind: FaultKind
    probability: float
    count: int | None
    latency_ms: int
    reason: str
    expires_at: float | None
    """Epoch seconds, real time."""

    def mark(self) -> dict[str, Any]:
        """What a step says of it."""
        return {"injected": True, "fault": str(self.kind)}


@dataclass(frozen=True, slots=True)
class Drawn:
    """The faults that strike one run, by their kind."""

    by_kind: dict[FaultKind, FaultSnapshot]

    @property
    def refusal(self) -> AwsError | None:
        """The error that keeps the function from running, or from being triggered, with its marks."""
        fault = next((self.by_kind[kind] for kind in (*REFUSING, *TRIGGERING) if kind in self.by_kind), None)
        if fault is None:
            return None
        error: AwsError = ServiceException("The service encountered an internal error.")
        if fault.kind is FaultKind.THROTTLE:
            error = TooManyRequestsException(ThrottleReason(fault.reason or ThrottleReason.CONCURRENT_INVOCATION_LIMIT_EXCEEDED))
        error.detail = fault.mark()
        error.headers["x-playground-injected"] = str(fault.kind)
        return error

    def denial(self, message: str) -> AwsError | None:
        """The error that keeps a record from its destination; *message* is AWS's."""
        if FaultKind.DESTINATION_DENIED not in self:
            return None
        error = AccessDeniedException(message)
        error.detail = self.mark(FaultKind.DESTINATION_DENIED)
        return error

    @property
    def latency_seconds(self) -> float:
        """To be waited before the function gets an environment."""
        fault = self.by_kind.get(FaultKind.LATENCY)
        return fault.latency_ms / 1000 if fault else 0.0

    def mark(self, *kinds: FaultKind) -> dict[str, Any]:
        """What a step says where one of *kinds* is at work in it; nothing where none is."""
        return next((self.by_kind[kind].mark() for kind in kinds if kind in self.by_kind), {})

    def __contains__(self, kind: FaultKind) -> bool:
        return kind in self.by_kind


NONE = Drawn({})
REFUSING = (FaultKind.THROTTLE, FaultKind.SERVICE_EXCEPTION)
"""These act before there is a lease."""
RUNNING = (FaultKind.LATENCY, FaultKind.INIT_FAILURE, FaultKind.CRASH)
"""These behind it."""
DELIVERING = (FaultKind.DESTINATION_DENIED,)
"""These when its records are sent."""
TRIGGERING = (FaultKind.SOURCE_ERROR,)
"""These when a service hands it an event."""
_ALONE = {*REFUSING, FaultKind.INIT_FAILURE}


async def draw(account_id: str, faults: Sequence[FaultSnapshot], kinds: Sequence[FaultKind]) -> Drawn:
    """Which of *faults* strike now: of *kinds*, in their order, for each the first that does. One that keeps others from
    acting is alone, so that none is counted that did nothing."""
    struck: dict[FaultKind, FaultSnapshot] = {}
    now = clock.epoch()
    for fault in sorted((fault for fault in faults if fault.kind in kinds), key=lambda fault: kinds.index(fault.kind)):
        if fault.kind in struck or not may_strike(fault, now, random.random()):
            continue
        if fault.count is None or await _count(account_id, fault) <= fault.count:
            struck[fault.kind] = fault
            if fault.kind in _ALONE:
                break
    return Drawn(struck)


def may_strike(fault: FaultSnapshot, now: float, drawn: float) -> bool:
    """Whether *fault* is still there at *now* and the dice, from 0.0 up to 1.0, fell so."""
    return drawn < fault.probability and (fault.expires_at is None or now < fault.expires_at)


def times_struck(account_id: str, fault_ids: Collection[int]) -> dict[int, int]:
    """Fault id -> how often it has acted, for faults with a count."""
    ids = list(fault_ids)
    counts = store.connection().mget([_key(account_id, fault_id) for fault_id in ids]) if ids else []
    return {fault_id: int(count or 0) for fault_id, count in zip(ids, counts, strict=True)}


def forget(account_id: str, fault_id: int) -> None:
    """The fault is gone, and its count."""
    store.connection().delete(_key(account_id, fault_id))


async def _count(account_id: str, fault: FaultSnapshot) -> int:
    """One more; how many it is now. Over the fault's count nothing acts, on whichever host."""
    return int(await store.async_connection().incr(_key(account_id, fault.fault_id)))


def _key(account_id: str, fault_id: int) -> str:
    return f"fault:{account_id}:{fault_id}"
