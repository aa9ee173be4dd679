"""A worker that stood still for longer than its leases."""

import asyncio

import pytest

from invocations import store
from invocations.due_queue import Claimed, DueQueue, Fate, Item
from invocations.lanes import Lanes

ACCOUNT, LANE = "111111111111", "orders"
QUEUE = DueQueue("trial")

pytestmark = pytest.mark.usefixtures("redis_server")


def let_leases_run_out() -> None:
    for member in store.connection().zrange("trial:claims", 0, -1):
        store.connection().zadd("trial:claims", {member: 0})


def test_the_sweep_takes_nothing_from_its_own_process() -> None:
    taken: list[Claimed] = []

    async def work() -> None:
        begun, over = asyncio.Event(), asyncio.Event()

        async def one(claimed: Claimed) -> None:
            taken.append(claimed)
            begun.set()
            await over.wait()

        lanes = Lanes(QUEUE, one)
        lanes.look(ACCOUNT, LANE)
        async with asyncio.timeout(30):
            await begun.wait()
        let_leases_run_out()
        await lanes.release_expired()
        assert await QUEUE.claim(ACCOUNT, LANE, "another", 10, 5.0) == []
        over.set()
        await lanes.close(5)

    QUEUE.put([Item(ACCOUNT, LANE, "a", {})])
    asyncio.run(work())
    assert len(taken) == 1


def test_an_item_that_was_lost_and_claimed_again_is_its_last_claims() -> None:
    settled: list[bool] = []

    async def work() -> None:
        begun, over = asyncio.Semaphore(0), asyncio.Event()

        async def one(claimed: Claimed) -> None:
            begun.release()
            await over.wait()
            settled.append(await QUEUE.settle(ACCOUNT, claimed.item_id, claimed.holder, Fate.KEEP))

        lanes = Lanes(QUEUE, one)
        async with asyncio.timeout(30):
            lanes.look(ACCOUNT, LANE)
            await begun.acquire()
            let_leases_run_out()
            await QUEUE.release_expired()
            lanes.look(ACCOUNT, LANE)
            await begun.acquire()
            over.set()
        await lanes.close(5)

    QUEUE.put([Item(ACCOUNT, LANE, "a", {})])
    asyncio.run(work())
    assert settled == [False, True]
