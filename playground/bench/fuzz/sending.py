"""Sends requests, a few at a time, and tells which of them the server could not take."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from playground.bench.fuzz.wire import Sent

AT_ONCE: Final = 16
PATIENCE_SECONDS: Final = 20.0
"""Longer than any answer may take: long polls and invocations included."""
NO_ANSWER: Final = 0
_FAILURES: Final = frozenset({500, 502, 504})


@dataclass(slots=True)
class Verdict:
    """What came of all of them."""

    statuses: Counter[int] = field(default_factory=Counter)
    """How many got which status; NO_ANSWER where the connection was closed without one, as it may be for what is no HTTP."""
    failures: list[tuple[Sent, str]] = field(default_factory=list)
    """Requests that must not have had the answer that they had."""

    def note(self, sent: Sent, status: int, told: bytes) -> None:
        """One more."""
        self.statuses[status] += 1
        if (status in _FAILURES and not (status == 502 and sent.may_fail_upstream)) or (status == NO_ANSWER and sent.is_whole and told):
            self.failures.append((sent, f"{status} {told[:300]!r}"))


async def send_all(ports: Mapping[str, int], requests: Sequence[Sent], verdict: Verdict) -> None:
    """Sends them all."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(sent: Sent) -> None:
        async with gate:
            status, told = await _send(ports[sent.port], sent)
            verdict.note(sent, status, told)

    await asyncio.gather(*map(one, requests))


async def _send(port: int, sent: Sent) -> tuple[int, bytes]:
    """The status, and the answer's beginning; or NO_ANSWER and what went wrong."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError as error:
        return NO_ANSWER, f"the server does not listen: {error}".encode()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            with contextlib.suppress(OSError):  # the server may have closed it already
                writer.write(sent.data)
                if not sent.is_whole:
                    writer.write_eof()
                answer = await reader.read(600)
                return int(answer[9:12]) if answer[:5] == b"HTTP/" and answer[9:12].isdigit() else NO_ANSWER, answer
            return NO_ANSWER, b""
    except TimeoutError:
        return NO_ANSWER, f"no answer after {PATIENCE_SECONDS} s".encode()
    finally:
        writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            await asyncio.wait_for(writer.wait_closed(), 1)
