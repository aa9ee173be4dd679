"""Plain functions, called from the loop in threads that may use the ORM."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import close_old_connections

_A = TypeVar("_A")
_R = TypeVar("_R")

_threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="operation")


async def in_thread(function: Callable[[_A], _R], argument: _A) -> _R:
    """What *function* returns for *argument*, without holding up the loop."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _called, function, argument)


def _called(function: Callable[[_A], _R], argument: _A) -> _R:
    close_old_connections()
    try:
        return function(argument)
    except StopIteration as error:  # no future takes one: its caller would wait for ever
        raise RuntimeError("A StopIteration came out of an operation.") from error
    finally:
        close_old_connections()
