"""The log of one environment: what its function prints and what the platform adds, in order, cut into invocations."""

from collections.abc import Callable

from invocations import clock
from invocations.execution.logs import LogBook, LogPipe
from invocations.values import LogLine

OnLog = Callable[[list[LogLine]], None]


class Output:
    """Keeps the lines for their invocation's record and shows each at once to whoever listens."""

    def __init__(self, descriptor: int, between: OnLog | None) -> None:
        """*descriptor* is where the function prints to; *between* hears of lines that come while no invocation runs."""
        self._between = between
        self._on_log = between
        self._book = LogBook()
        self._unseen: list[LogLine] = []
        """Lines that nobody has been told of."""
        self._pipe = LogPipe(descriptor, self._printed)

    def begin(self, on_log: OnLog | None) -> None:
        """An invocation starts: the next line is START, and *on_log* hears of all that come."""
        self._on_log = on_log
        self._book.mark_start()

    def add(self, texts: list[str]) -> None:
        """Lines of the platform's."""
        if texts:
            self._printed(_lines(texts))

    def finish(self) -> None:
        """Takes in what has been printed so far, a last line without its newline too."""
        self._pipe.finish()

    def end(self, closing: list[str]) -> LogBook:
        """The invocation is over: *closing* are its END and REPORT. Returns all of its lines."""
        book = self._book
        self._unseen += book.close(_lines(closing))
        self._show()
        self._unseen.clear()
        self._book = LogBook()
        self._on_log = self._between
        self._pipe.is_flooded = False
        return book

    def stop(self) -> None:
        """Reads no more."""
        self._pipe.close()

    def _printed(self, lines: list[LogLine]) -> None:
        self._unseen += self._book.add(lines)
        self._pipe.is_flooded = self._book.is_full
        self._show()

    def _show(self) -> None:
        if self._on_log is not None and self._unseen:
            unseen, self._unseen = self._unseen, []
            self._on_log(unseen)


def _lines(texts: list[str]) -> list[LogLine]:
    now = clock.epoch()
    return [LogLine(now, text) for text in texts]
