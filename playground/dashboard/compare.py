"""Two invocations side by side: figures that differ, and the lines that differ in event, response and log."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from playground.dashboard.figures import milliseconds
from playground.dashboard.invocation_view import InvocationView

CONTEXT_LINES = 3
COMPARED_LINES = 4_000
"""Of each text: longer ones are compared from their start."""

_OWN = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of both."""

    name: str
    left: str
    right: str

    @property
    def is_equal(self) -> bool:
        """Whether it is the same in both."""
        return self.left == self.right


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a comparison."""

    side: str
    """same, left (only there), right, or gap where equal lines are left out."""
    text: str


@dataclass(frozen=True, slots=True)
class TextComparison:
    """One text of both."""

    name: str
    lines: tuple[Line, ...]

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        return all(line.side in {"same", "gap"} for line in self.lines)


def figures(left: InvocationView, right: InvocationView) -> list[Difference]:
    """What can be told in a word or a number."""
    pairs = zip(_figures_of(left), _figures_of(right), strict=True)
    return [Difference(name, one, other) for (name, one), (_, other) in pairs]


def texts(left: InvocationView, right: InvocationView) -> list[TextComparison]:
    """Event, response and log. Request ids in logs are no difference worth showing."""
    return [
        TextComparison("Event", _lines(left.request.pretty, right.request.pretty)),
        TextComparison("Response Body", _lines(left.response.pretty, right.response.pretty)),
        TextComparison("Log", _lines(_log_of(left), _log_of(right))),
    ]


def _figures_of(view: InvocationView) -> Sequence[tuple[str, str]]:
    cold = {True: "cold", False: "warm", None: "never ran"}[view.is_cold]
    return [
        ("State", str(view.state)),
        ("Function", view.target),
        ("Executed Version", view.executed_version or "none"),
        ("Status Code", str(view.status_code)),
        ("Function Error", view.function_error or "none"),
        ("Error", view.error_code or "none"),
        ("Start", cold),
        ("Duration", f"{view.duration_ms:.2f} ms" if view.duration_ms is not None else "none"),
        ("Init Duration", f"{view.init_duration_ms:.2f} ms" if view.init_duration_ms is not None else "none"),
        ("Billed Duration", f"{view.billed_duration_ms} ms" if view.billed_duration_ms is not None else "none"),
        ("Max Memory Used", f"{view.max_memory_used_mb} MB" if view.max_memory_used_mb is not None else "none"),
        ("Whole time", milliseconds(view.total_ms)),
    ]


def _log_of(view: InvocationView) -> str:
    return "\n".join(_OWN.sub("<request id>", entry.text) for entry in view.log)


def _lines(left: str, right: str) -> tuple[Line, ...]:
    """Both texts as one, with what is equal and far from any difference left out."""
    one, other = left.splitlines()[:COMPARED_LINES], right.splitlines()[:COMPARED_LINES]
    found: list[Line] = []
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=len(one) + len(other) > 1000)
    for group in matcher.get_grouped_opcodes(CONTEXT_LINES):
        if found:
            found.append(Line("gap", "…"))
        for tag, start, end, other_start, other_end in group:
            if tag == "equal":
                found.extend(Line("same", text) for text in one[start:end])
            else:
                found.extend(Line("left", text) for text in one[start:end])
                found.extend(Line("right", text) for text in other[other_start:other_end])
    return tuple(found)
