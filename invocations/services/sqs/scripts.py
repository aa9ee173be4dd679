"""The moves of a queue that take several steps: one Lua script each, run by Redis as one."""

from functools import cache
from pathlib import Path
from typing import Any, Final

from redis.commands.core import Script

from invocations import clock, lua, store
from invocations.services.sqs.errors import queue_does_not_exist
from invocations.services.sqs.queue_config import QueueConfig, restore

_FOLDER: Final = Path(__file__).parent / "lua"


def run(name: str, queue: QueueConfig, *arguments: Any) -> Any:
    """Runs a script that begins with the queue, its account's clock and due index, and the real time.

    Raises QueueDoesNotExist where the queue is gone. One whose configuration Redis has lost is restored.
    """
    result = _run(name, queue, arguments)
    if result is None:
        restore(queue.account_id, queue.name)
        result = _run(name, queue, arguments)
        if result is None:
            raise queue_does_not_exist()
    return result


def _run(name: str, queue: QueueConfig, arguments: tuple[Any, ...]) -> Any:
    keys = [queue.prefix, store.clock_key(queue.account_id), store.due_key(queue.account_id), store.DUE_ACCOUNTS]
    return _script(name)(keys=keys, args=[f"{clock.epoch():.6f}", *arguments], client=store.connection())


def extend_lease(queue: QueueConfig, until: float, *arguments: str) -> int:
    """Runs the one script that knows no account's time."""
    held = _script("lease")(keys=[queue.prefix], args=[f"{until:.6f}", *arguments], client=store.connection())
    return int(held)


@cache
def _script(name: str) -> Script:
    return Script(store.connection(), lua.text(_FOLDER, name))
