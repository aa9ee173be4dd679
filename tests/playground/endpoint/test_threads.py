"""Plain functions called from the loop."""

import asyncio

import pytest

from playground.endpoint.threads import in_thread


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_ever_for_a_function_that_ran_out_of_items() -> None:
    async def work() -> object:
        async with asyncio.timeout(10):
            return await in_thread(next, iter(()))

    with pytest.raises(RuntimeError, match="StopIteration"):
        asyncio.run(work())
