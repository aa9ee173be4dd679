"""A function's output: read from its pipe, split into lines, kept within bounds."""

import asyncio
import os
from collections import deque
from collections.abc import Callable

from invocations import clock
from invocations.limits import KB, MB
from invocations.values import LogLine

LONGEST_LINE = 256 * KB
"""CloudWatch Logs takes no longer event; what is longer continues on a further line."""
KEPT_FROM_START = 1 * MB
KEPT_FROM_END = 64 * KB
"""Of one invocation's output. What lies between is dropped, and a line says how much."""
MOST_LINES = 20_000
READ_SIZE = 64 * KB
DRAINED_AT_MOST = 1 * MB
PAUSE_SECONDS = 0.02
"""After each READ_SIZE of output that is not kept: a function that prints without end waits for us, not we for it."""


class LogPipe:
    """Reads a pipe and hands on whole lines."""

    def __init__(self, descriptor: int, on_lines: Callable[[list[LogLine]], None]) -> None:
        self._descriptor = descriptor
        self._on_lines = on_lines
        self._partial = b""
        self._loop = asyncio.get_running_loop()
        self.is_flooded = False
        """Set while output comes that is not kept: then it is read slowly."""
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False
        self._loop.add_reader(descriptor, self._readable)

    def close(self) -> None:
        """Stops reading. The descriptor stays the caller's."""
        if not self._is_closed:
            self._is_closed = True
            self._loop.remove_reader(self._descriptor)
            if self._timer is not None:
                self._timer.cancel()

    def drain(self) -> None:
        """Takes what has been written so far."""
        taken = 0
        while taken < DRAINED_AT_MOST:
            try:
                data = os.read(self._descriptor, READ_SIZE)
            except (BlockingIOError, OSError):
                return
            if not data:
                return
            taken += len(data)
            self._split(data)

    def finish(self) -> None:
        """Takes what has been written so far, and a last line without its newline."""
        self.drain()
        if self._partial:
            self._hand_on([self._partial])
            self._partial = b""

    def _readable(self) -> None:
        try:
            data = os.read(self._descriptor, READ_SIZE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        self._split(data)
        if self.is_flooded and not self._is_closed:
            self._loop.remove_reader(self._descriptor)
            self._timer = self._loop.call_later(PAUSE_SECONDS, self._resume)

    def _resume(self) -> None:
        if not self._is_closed:
            self._loop.add_reader(self._descriptor, self._readable)

    def _split(self, data: bytes) -> None:
        lines = (self._partial + data).split(b"\n")
        self._partial = lines.pop()
        while len(self._partial) >= LONGEST_LINE:
            lines.append(self._partial[:LONGEST_LINE])
            self._partial = self._partial[LONGEST_LINE:]
        if lines:
            self._hand_on(lines)

    def _hand_on(self, lines: list[bytes]) -> None:
        now = clock.epoch()
        batch = []
        for line in lines:
            for start in range(0, len(line) or 1, LONGEST_LINE):
                batch.append(LogLine(now, line[start : start + LONGEST_LINE].decode("utf-8", "replace")))
        self._on_lines(batch)


class LogBook:
    """The lines of one invocation: its first MB and its last 64 KB."""

    def __init__(self) -> None:
        self._first: list[LogLine] = []
        self._last: deque[LogLine] = deque()
        self._size = 0
        self._last_size = 0
        self._dropped = 0
        self._start = 0

    @property
    def is_full(self) -> bool:
        """True when further lines push out others."""
        return self._size >= KEPT_FROM_START or len(self._first) >= MOST_LINES

    def add(self, lines: list[LogLine]) -> list[LogLine]:
        """Takes lines in; returns those that are sure to stay, to be shown now."""
        if not self.is_full and len(lines) < MOST_LINES:
            self._first += lines
            self._size += sum(len(line.text) for line in lines)
            return lines
        for line in lines:
            self._last.append(line)
            self._last_size += len(line.text) + 1
        while self._last_size > KEPT_FROM_END and len(self._last) > 1:
            self._last_size -= len(self._last.popleft().text) + 1
            self._dropped += 1
        return []

    def mark_start(self) -> None:
        """The next line is START."""
        self._start = len(self._first)

    def close(self, closing: list[LogLine]) -> list[LogLine]:
        """Adds the last lines (END, REPORT); returns all that was not shown yet."""
        unseen = [*self._last, *closing]
        if self._dropped:
            notice = f"[{self._dropped} lines are not kept: an invocation's log is kept up to {KEPT_FROM_START // MB} MB, and its end]"
            unseen.insert(0, LogLine(unseen[0].at, notice))
        self._first += unseen
        self._last.clear()
        return unseen

    @property
    def lines(self) -> list[LogLine]:
        """Everything kept, in order."""
        return self._first

    @property
    def start_line(self) -> int:
        """Index of the START line in `lines`."""
        return self._start
