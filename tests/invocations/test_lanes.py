"""A worker that stood still for longer than its leases, one with more to do than it takes at once, and one that ends."""

import asyncio
from collections import Counter

import pytest

from invocations import lanes as module
from invocations import store
from invocations.due_queue import Claimed, DueQueue, Fate, Item
from invocations.lanes import CLAIMED_AT_ONCE, YOUNG_AT_ONCE, Lanes

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


@pytest.mark.parametrize("ends", [False, True])
def test_two_groups_are_under_way_and_another_is_claimed_when_there_is_room_for_it_unless_the_worker_ends(
    ends: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "YOUNG_SECONDS", 600)
    taken: list[str] = []

    async def work() -> None:
        begun, over, late = asyncio.Semaphore(0), asyncio.Event(), asyncio.Event()

        async def one(claimed: Claimed) -> None:
            taken.append(claimed.holder)
            begun.release()
            await (over if claimed.holder == taken[0] else late).wait()

        async def have_begun(number: int) -> None:
            for _ in range(number):
                await begun.acquire()

        lanes = Lanes(QUEUE, one)
        async with asyncio.timeout(30):
            lanes.look(ACCOUNT, LANE)
            await have_begun(YOUNG_AT_ONCE)
            over.set()
            if not ends:
                await have_begun(1)
            asyncio.get_running_loop().call_later(0.1, late.set)
            await lanes.close(5)

    QUEUE.put([Item(ACCOUNT, LANE, str(number), {}) for number in range(YOUNG_AT_ONCE + 1)])
    asyncio.run(work())
    assert list(Counter(taken).values()) == [CLAIMED_AT_ONCE, YOUNG_AT_ONCE - CLAIMED_AT_ONCE] + ([] if ends else [1])
