"""The lab as its address has it: what the pattern is for, the pattern, and the events."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlencode

from django.http import QueryDict

from invocations import readable_json
from invocations.errors import AwsError
from playground.dashboard.filter_lab import create
from playground.dashboard.filter_lab.judge import Judge, Verdict
from playground.dashboard.filter_lab.modes import DEFAULT, MODES, Mode
from playground.dashboard.filter_lab.real_events import MOST_EVENTS as MOST_EVENTS_OF_A_SOURCE
from playground.dashboard.filter_lab.real_events import SOURCES
from playground.dashboard.filter_lab.run import MOST_RECORDS, Run, run
from playground.dashboard.filter_lab.samples import BY_NAME, CUSTOM, SAMPLES, Sample
from playground.dashboard.json_text import pretty

MOST_EVENTS = 12
LONGEST_LINK = 8_000
"""Characters; what is longer does not pass everywhere. Then the link leaves the events out."""
_SAMPLE = "sample:"
_REAL = "real:"
"""Before the name of what real events come from, in the picker."""


@dataclass(frozen=True)
class Event:
    """One event that the pattern is tried on."""

    number: int
    text: str
    verdict: Verdict

    @property
    def sample(self) -> Sample | None:
        """The ready-made event that it is, as long as nobody changed it."""
        return _sample_of(self.text)

    @property
    def title(self) -> str:
        """What it is called."""
        return self.sample.title if self.sample else f"Event {self.number}"

    @property
    def rows(self) -> int:
        """Lines of its field."""
        return min(max(self.text.count("\n") + 1, 6), 18)


@dataclass
class Lab:
    """Everything that is on the page."""

    mode: Mode
    pattern: str
    texts: list[str] = field(default_factory=list)
    account_id: str = ""
    problem: str = ""
    run_on: str = ""
    """What else it is tried on: the name of a queue, a bus, a topic."""
    into: str = ""
    """The bus or topic on which something is to be made of the pattern."""

    @classmethod
    def read(cls, sent: QueryDict, account_id: str = "") -> "Lab":
        """From an address or a form. What is missing is what the mode begins with; `fixed` stands in for the pattern."""
        mode = MODES.get(sent.get("mode", ""), MODES[DEFAULT])
        pattern = _lines(sent.get("fixed") or sent.get("pattern") or mode.pattern)
        texts = [_text(each) for each in sent.getlist("event")] or [sample.text for sample in SAMPLES[mode.slug] if sample.at_first]
        lab = cls(mode, pattern, texts[:MOST_EVENTS], account_id, run_on=sent.get("run", ""), into=sent.get("into", ""))
        lab._change(sent)
        return lab

    def _change(self, sent: Mapping[str, str]) -> None:
        """What a button or a picker asks for besides."""
        was = MODES.get(sent.get("was", ""))
        if was is not None and was is not self.mode:
            self._leave(was)
        chosen = sent.get("remove", "") or sent.get("split", "")
        if chosen.isdecimal() and 0 < int(chosen[:4]) <= len(self.texts):
            place = slice(int(chosen) - 1, int(chosen))
            self.texts[place] = _records(self.texts[place][0]) if sent.get("split") else []
        if sent.get("do") == "add":
            self._add(sent.get("sample", ""))
        elif sent.get("do") == "format":
            self.pattern = pretty(self.pattern)
        if len(self.texts) > MOST_EVENTS:
            self.problem = f"There is room for {MOST_EVENTS} events at a time."
            del self.texts[MOST_EVENTS:]

    def _add(self, picked: str) -> None:
        if picked in BY_NAME:
            self.texts.append(BY_NAME[picked].text)
        elif picked.startswith(_REAL) and self.mode.slug in SOURCES and self.account_id:
            name = picked.removeprefix(_REAL)
            found = self._real(name)
            self.texts += found
            self.problem = "" if found else f"{name} has none."
        else:
            self.texts.append(CUSTOM)

    def _real(self, name: str) -> list[str]:
        try:
            found = SOURCES[self.mode.slug].newest(self.account_id, name, MOST_EVENTS_OF_A_SOURCE)
        except AwsError:  # it has gone meanwhile
            return []
        return [readable_json.dumps(event, indent=2) for event in found]

    def _leave(self, was: Mode) -> None:
        """Another use of patterns begins with its own pattern, events and source of records; what was typed stays."""
        self.run_on = ""
        if _same(self.pattern, was.pattern):
            self.pattern = self.mode.pattern
        typed = [text for text in self.texts if _sample_of(text) is None]
        self.texts = [sample.text for sample in SAMPLES[self.mode.slug] if sample.at_first] + typed

    @cached_property
    def judge(self) -> Judge:
        """The pattern, compiled."""
        return Judge(self.mode, self.pattern)

    @cached_property
    def events(self) -> list[Event]:
        """The events, each with its verdict."""
        return [Event(number, text, self.judge.verdict(text)) for number, text in enumerate(self.texts, 1)]

    @property
    def matches(self) -> int:
        """How many events match."""
        return sum(event.verdict.matched for event in self.events)

    @property
    def modes(self) -> dict[str, list[Mode]]:
        """What patterns are for, by who uses them."""
        groups: dict[str, list[Mode]] = {}
        for mode in MODES.values():
            groups.setdefault(mode.group, []).append(mode)
        return groups

    @property
    def samples(self) -> tuple[Sample, ...]:
        """What the picker offers."""
        return SAMPLES[self.mode.slug]

    @cached_property
    def real(self) -> tuple[str, list[str]] | None:
        """What the account's own events can be picked from: a heading, and names; None where this use has none."""
        source = SOURCES.get(self.mode.slug)
        return (source.heading, source.names(self.account_id)) if source and self.account_id else None

    @property
    def makes(self) -> str:
        """What can be made of the pattern: rule, subscription; empty for nothing."""
        return create.noun(self.mode) if self.real is not None else ""

    @property
    def form_url(self) -> str:
        """The filled-in form that makes it, on the bus or topic chosen; empty where there is none of that name."""
        if not self.makes or self.real is None or self.into not in self.real[1]:
            return ""
        return create.url(self.mode, self.account_id, self.into, self.pattern)

    @cached_property
    def run(self) -> Run | None:
        """The pattern on the last records of `run_on`; None where there is no such thing, or no pattern."""
        if self.real is None or self.run_on not in self.real[1] or self.judge.refusal is not None:
            return None
        try:
            events = SOURCES[self.mode.slug].newest(self.account_id, self.run_on, MOST_RECORDS)
        except AwsError:  # it has gone meanwhile
            return None
        return run(Judge(self.mode, self.pattern, offers_fixes=False), events)

    @property
    def most_records(self) -> int:
        """How many a run takes."""
        return MOST_RECORDS

    @property
    def pattern_rows(self) -> int:
        """Lines of the pattern's field."""
        return min(max(self.pattern.count("\n") + 1, 10), 24)

    @cached_property
    def is_whole_in_link(self) -> bool:
        """Whether the address holds the events as well."""
        return len(self._query(self.texts)) <= LONGEST_LINK

    @property
    def query(self) -> str:
        """The state as the address has it."""
        return self._query(self.texts if self.is_whole_in_link else [])

    def _query(self, texts: list[str]) -> str:
        events = [("event", f"{_SAMPLE}{sample.name}" if (sample := _sample_of(text)) else text) for text in texts]
        run_on = [("run", self.run_on)] if self.run_on else []
        return urlencode([("mode", self.mode.slug), ("pattern", self.pattern), *run_on, *events])


_NAMES_BY_TEXT = {sample.text: sample for sample in BY_NAME.values()}


def _sample_of(text: str) -> Sample | None:
    return _NAMES_BY_TEXT.get(text)


def _text(sent: str) -> str:
    name = sent.removeprefix(_SAMPLE)
    return BY_NAME[name].text if sent.startswith(_SAMPLE) and name in BY_NAME else _lines(sent)


def _lines(text: str) -> str:
    """Without the carriage returns that forms put in."""
    return text.replace("\r\n", "\n")


def _same(text: str, other: str) -> bool:
    return text.strip() == other.strip()


def _records(text: str) -> list[str]:
    """The records of a batch, each an event; the text itself where it is none."""
    try:
        records = json.loads(text)["Records"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return [text]
    return [readable_json.dumps(record, indent=2) for record in records] if isinstance(records, list) and records else [text]
