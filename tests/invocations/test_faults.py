"""Which faults strike, and how often."""

import asyncio

import pytest

from invocations import faults
from invocations.enums import FaultKind
from invocations.faults import Drawn, FaultSnapshot, may_strike

ACCOUNT = "123456789012"


def a_fault(kind: FaultKind = FaultKind.CRASH, *, fault_id: int = 1, count: int | None = None, **fields: object) -> FaultSnapshot:
    values = {"probability": 1.0, "latency_ms": 0, "reason": "", "expires_at": None, **fields}
    return FaultSnapshot(fault_id=fault_id, kind=kind, count=count, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("probability", "expires_at", "drawn", "strikes"),
    [(1.0, None, 0.999, True), (0.25, None, 0.24, True), (0.25, None, 0.25, False), (1.0, 101.0, 0.0, True), (1.0, 100.0, 0.0, False)],
)
def test_chance_and_time_decide(probability: float, expires_at: float | None, drawn: float, strikes: bool) -> None:
    assert may_strike(a_fault(probability=probability, expires_at=expires_at), 100.0, drawn) is strikes


@pytest.mark.usefixtures("redis_server")
def test_a_count_is_never_exceeded_however_many_draw_at_once_and_then_the_next_fault_of_the_kind_strikes() -> None:
    first, second = a_fault(count=3), a_fault(fault_id=2, count=1)

    async def scenario() -> list[Drawn]:
        return await asyncio.gather(*(faults.draw(ACCOUNT, (first, second), faults.RUNNING) for _ in range(10)))

    struck = [drawn.by_kind.get(FaultKind.CRASH) for drawn in asyncio.run(scenario())]
    assert (struck.count(first), struck.count(second), struck.count(None)) == (3, 1, 6)
    assert faults.times_struck(ACCOUNT, [1, 2, 3])[3] == 0


@pytest.mark.usefixtures("redis_server")
def test_a_fault_that_another_keeps_from_acting_is_not_counted() -> None:
    crash, init_failure, latency = a_fault(fault_id=1, count=5), a_fault(FaultKind.INIT_FAILURE, fault_id=2), a_fault(FaultKind.LATENCY)
    drawn = asyncio.run(faults.draw(ACCOUNT, (crash, init_failure, latency), faults.RUNNING))
    assert set(drawn.by_kind) == {FaultKind.LATENCY, FaultKind.INIT_FAILURE}
    assert faults.times_struck(ACCOUNT, [1]) == {1: 0}


def test_a_refusal_carries_its_reason_and_its_mark() -> None:
    throttle = a_fault(FaultKind.THROTTLE, reason="CallerRateLimitExceeded")
    refusal = Drawn({FaultKind.THROTTLE: throttle, FaultKind.LATENCY: a_fault(FaultKind.LATENCY, latency_ms=1500)}).refusal
    assert refusal is not None
    assert (refusal.http_status, refusal.members["Reason"]) == (429, "CallerRateLimitExceeded")
    assert refusal.detail == {"injected": True, "fault": "throttle"}
    assert refusal.headers == {"x-playground-injected": "throttle"}
    assert (faults.NONE.refusal, faults.NONE.denial("no")) == (None, None)


def test_a_source_meets_a_service_error_and_a_delivery_a_denial_in_awss_words() -> None:
    source_error = Drawn({FaultKind.SOURCE_ERROR: a_fault(FaultKind.SOURCE_ERROR)}).refusal
    denial = Drawn({FaultKind.DESTINATION_DENIED: a_fault(FaultKind.DESTINATION_DENIED)}).denial("User: …")
    assert source_error is not None
    assert denial is not None
    assert (source_error.code, source_error.http_status, source_error.detail["fault"]) == ("ServiceException", 500, "source-error")
    assert (denial.code, denial.message, denial.detail["fault"]) == ("AccessDeniedException", "User: …", "destination-denied")
