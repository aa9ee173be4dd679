"""Commands to Redis where there are a thousand a second: those of a loop's same moment go in one round trip, on one connection.

A client's pipeline does as much with a third more processor time: it takes a connection from the pool, and sets a timeout and
measures for every answer. Here it is once for all that go together. Connecting and reconnecting are the client's.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final
from weakref import WeakKeyDictionary

import redis
from hiredis import pack_command
from redis.exceptions import ResponseError

from invocations import store
from invocations.together import Together

PATIENCE_SECONDS: Final = 5.0
"""How long all answers of a round trip may take: the client's own bound for one."""


async def ask(*command: Any) -> Any:
    """Redis's answer to one command, as it came: bytes, numbers, lists. Raises the client's errors: ResponseError, ConnectionError,
    TimeoutError.

    *command* is its name and its arguments: bytes, strings, numbers. It may be sent twice, where the connection broke before the
    answer came.
    """
    loop = asyncio.get_running_loop()
    together = _of_loop.get(loop)
    if together is None:
        together = _of_loop[loop] = Together(_Line().answers)
    return await together(None, pack_command(command))


_of_loop: "WeakKeyDictionary[asyncio.AbstractEventLoop, Together[None, bytes, Any]]" = WeakKeyDictionary()


class _Line:
    """One loop's connection for this; used by one round trip at a time."""

    def __init__(self) -> None:
        pool = store.async_connection().connection_pool
        # The older protocol: its answers have one form, flat lists, where those of the newer depend on the client's version.
        options = {**pool.connection_kwargs, "socket_timeout": None, "health_check_interval": 0, "protocol": 2}
        self._connection = pool.connection_class(**options)

    async def answers(self, key: None, commands: list[bytes]) -> Sequence[Any]:
        """The answer to each packed command, or its ResponseError."""
        packed = b"".join(commands)
        return await self._connection.retry.call_with_retry(lambda: self._exchange(packed, len(commands)), self._part)

    async def _exchange(self, packed: bytes, count: int) -> list[Any]:
        connection = self._connection
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await connection.send_packed_command(packed, check_health=False)
                return [await self._answer() for _ in range(count)]
        except TimeoutError:
            await connection.disconnect(nowait=True)
            raise redis.TimeoutError("Redis does not answer.") from None
        except BaseException:
            await connection.disconnect(nowait=True)  # answers that nobody has read would be taken for the next ones
            raise

    async def _answer(self) -> Any:
        try:
            return await self._connection.read_response()
        except ResponseError as error:
            return error

    async def _part(self, error: Exception) -> None:
        await self._connection.disconnect(nowait=True)
