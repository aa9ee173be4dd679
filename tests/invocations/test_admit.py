"""Leases against a real Redis; two Admission objects stand for two hosts."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from invocations import store
from invocations.admit import Admission, Lease
from invocations.enums import InitializationType, ThrottleReason
from invocations.errors import TooManyRequestsException
from invocations.route import route
from tests.invocations.snapshots import a_function, an_account

pytestmark = pytest.mark.usefixtures("redis_server")


@asynccontextmanager
async def a_host(folder: Path) -> AsyncIterator[Admission]:
    folder.mkdir(exist_ok=True)
    host = Admission(folder)
    await host.open()
    try:
        yield host
    finally:
        await host.close()


async def admit_many(
    host: Admission, count: int, *, reserved: int | None = None, unreserved: int = 1000, name: str = "orders", **options: bool
) -> list[Lease]:
    function = a_function(name=name, reserved=reserved)
    routed = route(function, None, draw=0.0)
    return [await host.admit(function, an_account(unreserved), routed, 0, **options) for _ in range(count)]


async def come_and_go(host: Admission, count: int, *, reserved: int | None, unreserved: int, **options: bool) -> list[str]:
    """That many requests one after the other, each over before the next: the reason of each refusal, "" where there was none."""
    found = []
    for _ in range(count):
        try:
            host.release((await admit_many(host, 1, reserved=reserved, unreserved=unreserved, **options))[0])
            found.append("")
        except TooManyRequestsException as error:
            found.append(str(error.reason))
    return found


def test_the_account_limit_is_the_number_of_leases_there_are(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with a_host(tmp_path / "a") as host:
            leases = await admit_many(host, 5, unreserved=5)
            with pytest.raises(TooManyRequestsException) as raised:
                await admit_many(host, 1, unreserved=5)
            assert raised.value.reason is ThrottleReason.CONCURRENT_INVOCATION_LIMIT_EXCEEDED
            host.release(leases[0])
            await admit_many(host, 1, unreserved=5)

    asyncio.run(scenario())


def test_a_burst_over_the_account_limit_is_throttled_with_the_reason_and_the_figure(tmp_path: Path) -> None:
    async def scenario() -> list[object]:
        async with a_host(tmp_path / "a") as host:
            return await asyncio.gather(*(admit_many(host, 1, unreserved=20) for _ in range(30)), return_exceptions=True)

    refused = [error for error in asyncio.run(scenario()) if isinstance(error, TooManyRequestsException)]
    assert len(refused) == 10
    assert {(str(error.reason), error.detail["concurrent_executions"]) for error in refused} == {("ConcurrentInvocationLimitExceeded", 20)}


@pytest.mark.parametrize(
    ("reserved", "unreserved", "reason"),
    [(None, 2, "FunctionInvocationRateLimitExceeded"), (2, 1000, "ReservedFunctionInvocationRateLimitExceeded")],
)
def test_ten_requests_a_second_for_each_unit_of_concurrency_and_events_are_not_counted(
    tmp_path: Path, reserved: int | None, unreserved: int, reason: str
) -> None:
    async def scenario() -> tuple[list[str], list[str], float]:
        async with a_host(tmp_path / "a") as host:
            began = time.monotonic()
            rated = await come_and_go(host, 60, reserved=reserved, unreserved=unreserved)
            seconds = time.monotonic() - began
            return rated, await come_and_go(host, 60, reserved=reserved, unreserved=unreserved, is_rated=False), seconds

    rated, events, seconds = asyncio.run(scenario())
    assert rated[:20] == [""] * 20
    assert rated.count("") <= 21 + 20 * seconds
    assert set(rated) - {""} == {reason} or seconds > 1.9
    assert set(events) == {""}


def test_reserved_concurrency_is_a_limit_of_its_own_with_its_own_reason(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with a_host(tmp_path / "a") as host:
            await admit_many(host, 2, reserved=2)
            with pytest.raises(TooManyRequestsException) as raised:
                await admit_many(host, 1, reserved=2)
            assert raised.value.reason is ThrottleReason.RESERVED_FUNCTION_CONCURRENT_INVOCATION_LIMIT_EXCEEDED
            await admit_many(host, 1, name="another")

    asyncio.run(scenario())


def test_reserved_concurrency_zero_refuses_everything(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with a_host(tmp_path / "a") as host:
            with pytest.raises(TooManyRequestsException):
                await admit_many(host, 1, reserved=0)

    asyncio.run(scenario())


def test_what_provisioned_environments_cannot_take_spills_over_to_on_demand(tmp_path: Path) -> None:
    async def scenario() -> None:
        function = a_function(versions=("1",), provisioned={"1": 1})
        routed = route(function, "1", draw=0.0)
        async with a_host(tmp_path / "a") as host:
            kinds = [(await host.admit(function, an_account(), routed, 1)).initialization_type for _ in range(3)]
        assert kinds == [InitializationType.PROVISIONED_CONCURRENCY, InitializationType.ON_DEMAND, InitializationType.ON_DEMAND]

    asyncio.run(scenario())


def test_two_hosts_share_one_limit_and_idle_permits_move_to_where_they_are_wanted(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with a_host(tmp_path / "a") as one, a_host(tmp_path / "b") as other:
            held = await admit_many(one, 3, unreserved=10)  # its block is all ten
            await admit_many(other, 7, unreserved=10)
            with pytest.raises(TooManyRequestsException):
                await admit_many(other, 1, unreserved=10)
            one.release(held[0])
            await admit_many(other, 1, unreserved=10)

    asyncio.run(scenario())


def test_a_host_that_starts_again_frees_what_its_killed_predecessor_held(tmp_path: Path) -> None:
    async def scenario() -> None:
        killed = Admission(tmp_path)
        await killed.open()
        await admit_many(killed, 4, unreserved=4)
        for task in killed._tasks:
            task.cancel()
        async with a_host(tmp_path) as successor:
            await admit_many(successor, 4, unreserved=4)

    asyncio.run(scenario())


def test_permits_of_a_holder_without_a_sign_of_life_are_free(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with a_host(tmp_path / "a") as host:
            await store.async_connection().hset("leases:123456789012:unreserved", "somebody-dead", "4")
            await admit_many(host, 4, unreserved=4)

    asyncio.run(scenario())


def test_a_small_scaling_rate_is_as_exact(tmp_path: Path) -> None:
    async def scenario() -> tuple[list[bool], bool, float]:
        async with a_host(tmp_path / "a") as host:
            began = time.monotonic()
            granted = [await host.may_scale("123456789012", "orders", 3) for _ in range(5)]
            return granted, await host.may_scale("123456789012", "others", 3), time.monotonic() - began

    granted, other, seconds = asyncio.run(scenario())
    assert other, "each function has its own"
    assert granted == [True] * 3 + [False] * 2 or seconds > 3


def test_a_function_scales_by_a_thousand_environments_at_once_and_no_more(tmp_path: Path) -> None:
    async def scenario() -> tuple[list[bool], float]:
        async with a_host(tmp_path / "a") as host:
            began = time.monotonic()
            return [await host.may_scale("123456789012", "orders") for _ in range(2000)], time.monotonic() - began

    granted, seconds = asyncio.run(scenario())
    assert granted[:1000] == [True] * 1000
    assert sum(granted) <= 1001 + 100 * seconds, "a hundred more come with each second"
