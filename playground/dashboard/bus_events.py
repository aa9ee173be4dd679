"""Rules and events of a bus as its page shows them, and why an event does or does not match a rule."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from invocations import readable_json
from invocations.event_patterns import cached, explain
from invocations.event_patterns.explain import Reason
from invocations.models import Rule
from invocations.services import occurrences
from invocations.services.eventbridge.names import rule_arn
from invocations.services.eventbridge.recent import RecentEvent
from invocations.services.eventbridge.scheduled_rules import member_of
from invocations.values import Members
from playground.dashboard import json_text, pattern_sentences
from playground.dashboard.arns import Place
from playground.dashboard.bus_forms import target_input
from playground.dashboard.pattern_sentences import Branch, Leaf

LONGEST = 120
"""Characters of a value in an explanation."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says of an event."""

    rule: str
    url: str
    matched: bool
    parts: list[Leaf | Branch]
    note: str = ""


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
        return shortened(readable_json.dumps(self.recent.event.get("detail", {})))

    @cached_property
    def coloured(self) -> Any:
        """The whole event, indented."""
        return json_text.coloured(readable_json.dumps(self.recent.event))


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
        if result.reason is Reason.OTHER_ELEMENT:
            note = f"{note} {pattern_sentences.OTHER_ELEMENT}".strip()
        found.append(Verdict(row.name, address, did, pattern_sentences.parts(result), note))
    return found


def one_line(pattern: str) -> str:
    """A pattern without its line breaks."""
    try:
        return readable_json.dumps(json.loads(pattern))
    except (ValueError, RecursionError):
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
