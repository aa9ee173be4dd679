"""The worker's loops."""

import asyncio

from invocations import background


def test_a_loop_that_failed_begins_again() -> None:
    begun: list[int] = []
    again = asyncio.Event()

    async def loop() -> None:
        begun.append(len(begun))
        if len(begun) == 1:
            raise ValueError("of a kind that nobody expected")
        again.set()

    async def work() -> None:
        task = asyncio.create_task(background._for_ever(loop))
        async with asyncio.timeout(30):
            await again.wait()
        task.cancel()

    asyncio.run(work())
    assert begun == [0, 1]
