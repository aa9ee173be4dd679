"""A function's log, line by line, as the pages show it."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.utils.safestring import SafeString

from playground.dashboard import json_text
from playground.dashboard.figures import milliseconds

_KINDS = (
    ("init", re.compile(r"(INIT_START|INIT_REPORT|RESTORE_START|RESTORE_REPORT) ")),
    ("start", re.compile(r"START RequestId: ")),
    ("end", re.compile(r"END RequestId: ")),
    ("report", re.compile(r"REPORT RequestId: ")),
    (
        "error",
        re.compile(r"\[(ERROR|CRITICAL|FATAL)\]|Traceback \(most recent|LAMBDA_WARNING|\S+\t\S+\t(ERROR|FATAL)\t|RequestId: \S+ Error: "),
    ),
    ("warning", re.compile(r"\[WARN(ING)?\]|\S+\t\S+\tWARN\t")),
)
_PLATFORM = {
    "initStart": "init",
    "initReport": "init",
    "initRuntimeDone": "init",
    "start": "start",
    "runtimeDone": "end",
    "report": "report",
}
_LEVELS = {"ERROR": "error", "FATAL": "error", "CRITICAL": "error", "WARN": "warning", "WARNING": "warning"}


@dataclass(frozen=True)
class LogEntry:
    """One line."""

    index: int
    """Its place in the invocation's log, from 0."""
    offset_ms: float
    """Since the request arrived."""
    text: str
    """As printed. Lines that the runtime joined by carriage returns are apart again."""
    kind: str
    """init, start, end, report, error, warning, or empty."""
    is_json: bool

    @property
    def time(self) -> str:
        """For the margin."""
        return "+" + milliseconds(self.offset_ms)

    @cached_property
    def folded(self) -> SafeString:
        """A JSON line, indented."""
        return json_text.coloured(self.text)


def entries(events: Iterable[tuple[int, str]], received_at: float, first: int = 0) -> list[LogEntry]:
    """Lines from (epoch milliseconds, text), the first of them the log's number *first*."""
    return [entry(first + index, at - received_at * 1000, text) for index, (at, text) in enumerate(events)]


def entry(index: int, offset_ms: float, text: str) -> LogEntry:
    """One line, read for what it is."""
    value = _object(text)
    kind = _kind_of_object(value) if value is not None else next((kind for kind, form in _KINDS if form.match(text)), "")
    return LogEntry(index, max(offset_ms, 0.0), text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n"), kind, value is not None)


def _object(text: str) -> dict[str, object] | None:
    if not text.startswith("{"):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _kind_of_object(value: dict[str, object]) -> str:
    family, _, name = str(value.get("type", "")).partition(".")
    if family == "platform":
        return _PLATFORM.get(name, "")
    return _LEVELS.get(str(value.get("level", "")).upper(), "")
