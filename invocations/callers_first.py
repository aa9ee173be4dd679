"""Callers come first: while many call, few queued events are tried at the same time, and when they pause the rest is caught up.

Whoever calls waits; an event that was accepted does not. Both are served by one loop, which gives each as much of its time as it
has on its hands of it.
"""

import asyncio
import itertools
from collections import deque
from typing import Final

MANY_CALLS: Final = 10
MANY_CALLS_SECONDS: Final = 0.05
"""So many calls within this are many."""
TRIES_BESIDE: Final = 4
"""Tries that are young at the same time, beside many calls."""
YOUNG_SECONDS: Final = 0.2
"""A try that takes longer waits for its function, and does not count."""
LOOK_SECONDS: Final = 0.02
"""Between two looks at whether the callers pause, while a try waits."""


class CallersFirst:
    """One service process's order of calls and tries; belongs to its loop."""

    def __init__(self) -> None:
        self._calls: deque[float] = deque(maxlen=MANY_CALLS)
        self._numbers = itertools.count()
        self._young: dict[int, float] = {}
        """Tries under way, by number, and since when; the oldest first."""
        self._waiting: deque[asyncio.Future[int]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def called(self) -> None:
        """Somebody calls."""
        self._calls.append(asyncio.get_running_loop().time())

    async def begin(self) -> int:
        """Waits until a try may begin. Its number, for `end`."""
        now = asyncio.get_running_loop().time()
        if not self._waiting and self._has_room(now):
            return self._enter(now)
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self._look_soon()
        return await future

    def end(self, number: int) -> None:
        """A try is over."""
        self._young.pop(number, None)
        if self._waiting:
            self._let_in()

    def _has_room(self, now: float) -> bool:
        are_many = len(self._calls) == MANY_CALLS and now - self._calls[0] < MANY_CALLS_SECONDS
        if not are_many or len(self._young) < TRIES_BESIDE:
            return True
        for number in [number for number, since in self._young.items() if now - since > YOUNG_SECONDS]:
            del self._young[number]
        return len(self._young) < TRIES_BESIDE

    def _enter(self, now: float) -> int:
        number = next(self._numbers)
        self._young[number] = now
        return number

    def _let_in(self) -> None:
        now = asyncio.get_running_loop().time()
        while self._waiting and self._has_room(now):
            future = self._waiting.popleft()
            if not future.done():  # else whoever waited has gone
                future.set_result(self._enter(now))

    def _look_soon(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        self._timer = None
        self._let_in()
        if self._waiting:
            self._look_soon()
