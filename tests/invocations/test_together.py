"""Calls that come at the same time are answered together."""

import asyncio
from collections.abc import Sequence

import pytest

from invocations.together import Together


def test_a_call_alone_is_made_at_once_and_those_that_come_meanwhile_go_together() -> None:
    batches: list[tuple[str, list[int]]] = []
    let_go = asyncio.Event()

    async def answer(key: str, asked: list[int]) -> list[int]:
        batches.append((key, asked))
        if len(batches) == 1:
            await let_go.wait()
        return [number * 10 for number in asked]

    async def scenario() -> list[int]:
        together = Together(answer, most=2)
        first = asyncio.create_task(together("a", 1))
        await asyncio.sleep(0.01)
        others = [asyncio.create_task(together("a", number)) for number in (2, 3, 4)]
        assert await together("b", 5) == 50
        let_go.set()
        return await asyncio.gather(first, *others)

    assert asyncio.run(scenario()) == [10, 20, 30, 40]
    assert batches == [("a", [1]), ("b", [5]), ("a", [2, 3]), ("a", [4])]


def test_one_failure_is_its_own_and_a_failure_of_all_is_everybodys() -> None:
    async def answer(key: str, asked: list[int]) -> Sequence[int | BaseException]:
        if key == "broken":
            raise OSError("nobody there")
        return [ValueError(str(number)) if number < 0 else number for number in asked]

    async def scenario() -> None:
        together = Together(answer)
        results = await asyncio.gather(together("a", 1), together("a", -1), return_exceptions=True)
        assert results[0] == 1
        assert isinstance(results[1], ValueError)
        with pytest.raises(OSError, match="nobody there"):
            await together("broken", 1)
        assert await together("a", 2) == 2

    asyncio.run(scenario())
