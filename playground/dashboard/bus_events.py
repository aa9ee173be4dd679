"""Rules and events of a bus as its page shows them, and why an event does or does not match a rule."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from invocations.event_patterns import cached, explain
from invocations.event_patterns.explain import FieldResult, GroupResult, Reason, TestResult
from invocations.models import Rule
from invocations.services import occurrences
from invocations.services.eventbridge.names import rule_arn
from invocations.services.eventbridge.recent import RecentEvent
from invocations.services.eventbridge.scheduled_rules import member_of
from invocations.values import Members
from playground.dashboard import json_text
from playground.dashboard.arns import Place
from playground.dashboard.bus_forms import target_input

LONGEST = 120
"""Characters of a value in an explanation."""

SENTENCES = {
    Reason.KEY_MISSING: "the key is missing",
    Reason.PARENT_IS_NO_OBJECT: "what is around it is no object",
    Reason.IS_AN_OBJECT: "an object is no value",
    Reason.EMPTY_ARRAY: "the array is empty",
    Reason.WRONG_TYPE: "another type",
    Reason.DIFFERENT_VALUE: "another value",
    Reason.OUT_OF_RANGE: "out of range",
    Reason.EXCLUDED_VALUE: "an excluded value",
    Reason.KEY_PRESENT: "the key is there",
    Reason.NO_BRANCH: "no branch of $or matches",
    Reason.OTHER_PART: "another part does not match",
    Reason.OTHER_ELEMENT: "no one element of the array has it all",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One field of a pattern, and what the event has there."""

    depth: int
    matched: bool
    path: str
    wanted: str
    found: str
    """Empty where nothing is."""
    why: str
    """Empty where it matches."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says of an event."""

    rule: str
    url: str
    matched: bool
    lines: list[Line]
    note: str = ""
    """Why there are no lines."""


@dataclass(frozen=True, slots=True)
class TargetView:
    """One target of a rule."""

    id: str
    place: Place
    sent: str
    """In a few words; empty for the whole event."""
    dead_letter: str


@dataclass(frozen=True)
class RuleView:
    """One rule in the list of its bus."""

    row: Rule
    targets: list[TargetView]
    matched: int
    """Of the recent events."""
    due: float | None
    """When its schedule is due, epoch seconds on the account's clock."""
    failures: list[dict[str, Any]]
    """Deliveries that were given up, the newest first."""
    is_chosen: bool

    @property
    def is_enabled(self) -> bool:
        """Whether it matches anything."""
        return self.row.state != "DISABLED"

    @cached_property
    def pattern(self) -> str:
        """On one line."""
        return one_line(self.row.event_pattern)


@dataclass(frozen=True)
class EventView:
    """One of the recent events."""

    recent: RecentEvent

    @property
    def id(self) -> str:
        """The entry's, which addresses name."""
        return self.recent.entry_id

    @property
    def source(self) -> str:
        return str(self.recent.event.get("source", ""))

    @property
    def detail_type(self) -> str:
        return str(self.recent.event.get("detail-type", ""))

    @property
    def replay(self) -> str:
        """The name of the replay that it is part of."""
        return str(self.recent.event.get("replay-name", ""))

    @property
    def excerpt(self) -> str:
        """Its detail on one line."""
        return shortened(json.dumps(self.recent.event.get("detail", {}), ensure_ascii=False))

    @cached_property
    def coloured(self) -> Any:
        """The whole event, indented."""
        return json_text.coloured(json.dumps(self.recent.event, ensure_ascii=False))


def rule_views(
    rows: Sequence[Rule], recents: Sequence[RecentEvent], failures: Sequence[dict[str, Any]], chosen: str, place: Any
) -> list[RuleView]:
    """The rules in their order. *failures*: the account's deliveries that were given up; *place*: ARN -> Place."""
    by_rule: dict[str, list[dict[str, Any]]] = {}
    for failure in failures:
        by_rule.setdefault(failure["origin"], []).append(failure)
    return [
        RuleView(
            row,
            [_target(target, place) for target in row.targets],
            sum(row.name in event.rules for event in recents),
            _due(row),
            by_rule.get(rule_arn(row.account_id, row.bus_name, row.name), []),
            row.name == chosen,
        )
        for row in rows
    ]


def verdicts(rows: Sequence[Rule], event: dict[str, Any], matched: Sequence[str] | None, url: str) -> list[Verdict]:
    """What each rule says of an event. *matched*: those that did when it came; None for an event that is only tried."""
    found = []
    for row in rows:
        address = f"{url}?rule={row.name}"
        if not row.event_pattern:
            found.append(Verdict(row.name, address, False, [], "It has a schedule and no event pattern."))
            continue
        result = explain(cached(row.event_pattern), event)
        did = result.matched and row.state != "DISABLED" if matched is None else row.name in matched
        note = "It is disabled." if row.state == "DISABLED" else "" if did == result.matched else "Its pattern has changed since."
        found.append(Verdict(row.name, address, did, list(_lines(result, 0)), note))
    return found


def one_line(pattern: str) -> str:
    """A pattern without its line breaks."""
    try:
        return json.dumps(json.loads(pattern), ensure_ascii=False)
    except ValueError:
        return " ".join(pattern.split())


def shortened(text: str) -> str:
    """Not longer than fits."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _target(target: Members, place: Any) -> TargetView:
    dead = target.get("DeadLetterConfig", {}).get("Arn", "")
    return TargetView(target["Id"], place(target["Arn"]), shortened(target_input(target)), dead.rpartition(":")[2])


def _due(row: Rule) -> float | None:
    if not row.schedule_expression or row.state == "DISABLED":
        return None
    occurrence = occurrences.next_of(row.account_id, member_of(row.bus_name, row.name))
    return occurrence.due if occurrence else None


def _lines(result: "GroupResult | FieldResult", depth: int) -> Iterator[Line]:
    if isinstance(result, FieldResult):
        wanted = " or ".join(map(_wanted, result.tests))
        found = ", ".join(json.dumps(value, ensure_ascii=False) for value in result.actual)
        why = "" if result.matched else SENTENCES.get(result.reason, str(result.reason))
        yield Line(depth, result.matched, result.path, shortened(wanted), shortened(found), why)
        return
    if result.kind == "any":
        why = "" if result.matched else SENTENCES[Reason.NO_BRANCH]
        yield Line(depth, result.matched, "$or", "one of", "", why)
    elif result.reason is Reason.OTHER_ELEMENT:
        yield Line(depth, False, "", "all of it in one element", "", SENTENCES[Reason.OTHER_ELEMENT])
    for part in result.parts:
        yield from _lines(part, depth + 1 if result.kind == "any" else depth)


def _wanted(test: TestResult) -> str:
    expected = json.dumps(test.expected, ensure_ascii=False)
    return expected if test.operator == "equals" else f"{test.operator} {expected}"
