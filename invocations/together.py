"""Calls that come at the same time are answered together: what one round trip can carry, one round trip does."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Asked = TypeVar("Asked")
Got = TypeVar("Got")


class Together(Generic[Key, Asked, Got]):
    """Groups calls by a key. A call that comes alone is made at once; those that come while it is under way go with the next."""

    def __init__(self, answer: Callable[[Key, list[Asked]], Awaitable[Sequence[Got | BaseException]]], most: int = 100) -> None:
        """*answer* gives for each of up to *most* calls of one key its result, or the exception that is raised for it."""
        self._answer = answer
        self._most = most
        self._waiting: dict[Key, list[tuple[Asked, asyncio.Future[Any]]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, key: Key, asked: Asked) -> Got:
        """The result of one call."""
        future: asyncio.Future[Got] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.get(key)
        if waiting is not None:
            waiting.append((asked, future))
        else:
            self._waiting[key] = [(asked, future)]
            task = asyncio.create_task(self._work(key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await future

    async def _work(self, key: Key) -> None:
        while batch := self._waiting[key][: self._most]:
            self._waiting[key] = self._waiting[key][self._most :]
            try:
                results: Sequence[Any] = await self._answer(key, [asked for asked, _ in batch])
            except BaseException as error:
                results = [error] * len(batch)
                if isinstance(error, asyncio.CancelledError):
                    self._settle(batch, results)
                    raise
            self._settle(batch, results)
        del self._waiting[key]

    @staticmethod
    def _settle(batch: list[tuple[Asked, "asyncio.Future[Any]"]], results: Sequence[Any]) -> None:
        for (_, future), result in zip(batch, results, strict=True):
            if future.done():
                continue  # whoever asked has gone
            if isinstance(result, BaseException):
                future.set_exception(result)
            else:
                future.set_result(result)
