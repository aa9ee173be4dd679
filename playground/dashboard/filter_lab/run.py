"""One pattern on many records: how many match, and what keeps the others from it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from invocations import readable_json
from playground.dashboard.filter_lab.judge import Judge, Verdict
from playground.dashboard.pattern_sentences import Branch, Leaf

MOST_RECORDS: Final = 200
SHOWN_VALUES: Final = 4
"""Of what was found at one path."""
EXCERPT_CHARACTERS: Final = 90


@dataclass(frozen=True, slots=True)
class Why:
    """One field, or something about the whole record, that kept records from matching."""

    path: str
    """Empty for the whole record."""
    expected: str
    count: int
    found: Sequence[tuple[str, int]]
    """What was there instead, and in how many records; the most frequent first."""
    others: int
    """Records in which it was something else again."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the list."""

    number: int
    matched: bool
    word: str
    why: str
    """The first reason of a miss."""
    excerpt: str


@dataclass(frozen=True)
class Run:
    """What came of it."""

    records: list[Record] = field(default_factory=list)
    misses: list[Why] = field(default_factory=list)
    """The most frequent first. A record that misses for several reasons is counted with each."""

    @property
    def matched(self) -> int:
        """How many records match."""
        return sum(record.matched for record in self.records)


def run(judge: Judge, events: Iterable[Any]) -> Run:
    """Asks *judge* about each record."""
    reasons: dict[tuple[str, str], Counter[str]] = {}
    records = []
    for number, event in enumerate(events, 1):
        verdict = judge.verdict_of(event)
        why = [] if verdict.matched else list(dict.fromkeys(_reasons(verdict)))
        for path, expected, actual in why:
            reasons.setdefault((path, expected), Counter())[actual] += 1
        records.append(Record(number, verdict.matched, verdict.word, _sentence(*why[0]) if why else "", _excerpt(event)))
    misses = [_why(path, expected, found) for (path, expected), found in reasons.items()]
    return Run(records, sorted(misses, key=lambda why: -why.count))


def _reasons(verdict: Verdict) -> Iterator[tuple[str, str, str]]:
    """(path, expected, actual) of each field that does not match; what else decided, or else what became of it, has no path."""
    leaves = [leaf for leaf in _leaves(verdict.parts) if not leaf.matched]
    yield from ((leaf.path, leaf.expected, leaf.actual) for leaf in leaves)
    if not leaves:
        yield "", "", " ".join(verdict.notes) or verdict.told


def _leaves(parts: Iterable[Leaf | Branch]) -> Iterator[Leaf]:
    for part in parts:
        if isinstance(part, Leaf):
            yield part
        elif not part.matched:
            yield from _leaves(part.parts)


def _why(path: str, expected: str, found: Counter[str]) -> Why:
    shown = found.most_common(SHOWN_VALUES)
    return Why(path, expected, found.total(), shown, found.total() - sum(count for _, count in shown))


def _sentence(path: str, expected: str, actual: str) -> str:
    return f"{path}: {expected}, {actual}" if path else actual


def _excerpt(event: Any) -> str:
    shown = event.get("body", event) if isinstance(event, dict) else event
    text = shown if isinstance(shown, str) else readable_json.dumps(shown)
    return text if len(text) <= EXCERPT_CHARACTERS else f"{text[:EXCERPT_CHARACTERS]}…"
