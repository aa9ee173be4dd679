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
    host: Admission, count: int, *, reserved: int | None = None, unreserved: int = 1000, name: str = "orders"
) -> list[Lease]:
    function = a_function(name=name, reserved=reserved)
    routed = route(function, None, draw=0.0)
    return [await host.admit(function, an_account(unreserved), routed, 0) for _ in range(count)]


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


def test_a_function_scales_by_a_thousand_environments_at_once_and_no_more(tmp_path: Path) -> None:
    async def scenario() -> tuple[list[bool], float]:
        async with a_host(tmp_path / "a") as host:
            began = time.monotonic()
            return [await host.may_scale("123456789012", "orders") for _ in range(2000)], time.monotonic() - began

    granted, seconds = asyncio.run(scenario())
    assert granted[:1000] == [True] * 1000
    assert sum(granted) <= 1001 + 100 * seconds, "a hundred more come with each second"
