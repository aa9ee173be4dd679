"""While many call, few events are tried at the same time; when the callers pause, all are."""

import asyncio

import pytest

from invocations import callers_first
from invocations.callers_first import MANY_CALLS, TRIES_BESIDE, CallersFirst

PATIENCE = 10.0


def many_call(order: CallersFirst) -> None:
    for _ in range(MANY_CALLS):
        order.called()


def test_with_few_callers_every_try_begins_at_once() -> None:
    async def scenario() -> None:
        order = CallersFirst()
        for _ in range(MANY_CALLS - 1):
            order.called()
        async with asyncio.timeout(PATIENCE):
            assert len({await order.begin() for _ in range(TRIES_BESIDE * 3)}) == TRIES_BESIDE * 3

    asyncio.run(scenario())


def test_beside_many_callers_a_try_begins_when_another_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    for lasts in ("MANY_CALLS_SECONDS", "YOUNG_SECONDS"):
        monkeypatch.setattr(callers_first, lasts, 10 * PATIENCE)

    async def scenario() -> None:
        order = CallersFirst()
        many_call(order)
        first, *_ = [await order.begin() for _ in range(TRIES_BESIDE)]
        waiting = [asyncio.create_task(order.begin()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()  # whoever asked for it has gone: its turn is the next one's
        order.end(first)
        await asyncio.sleep(0)
        assert [task.done() for task in waiting] == [True, True, False]
        monkeypatch.setattr(callers_first, "MANY_CALLS_SECONDS", 0.05)  # nobody calls any more
        async with asyncio.timeout(PATIENCE):
            await waiting[2]

    asyncio.run(scenario())


def test_tries_that_take_long_do_not_keep_others_waiting_though_the_callers_never_pause() -> None:
    async def scenario() -> None:
        order = CallersFirst()
        for _ in range(3):
            many_call(order)
            async with asyncio.timeout(PATIENCE):
                for _ in range(TRIES_BESIDE):
                    begins = asyncio.create_task(order.begin())
                    while not begins.done():
                        many_call(order)
                        await asyncio.sleep(0.001)

    asyncio.run(scenario())
