"""The topology of one account, as its page shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from invocations import event_queue
from invocations.arn import account_in, function_arn
from invocations.models import EventInvokeConfig, Function, FunctionVersion, Queue, Rule, Schedule, Subscription
from invocations.region import REGION
from playground.dashboard.arns import place
from playground.dashboard.resources.kind import Kind, Row
from playground.dashboard.topology.drawing import Branch, branches
from playground.dashboard.topology.wires import Rows, Wire, wires

MOST: Final = 200
"""Wires drawn."""
_NOUNS: Final = ("schedule", "topic", "event bus", "function", "queue", "bucket")
"""In the order in which they are drawn."""


@dataclass(frozen=True, slots=True)
class Node:
    """One place, for a reader."""

    key: str
    name: str
    noun: str
    icon: str
    url: str = ""
    """Its page; empty without one."""
    counts: tuple[tuple[str, str | int], ...] = ()
    missing: str = ""
    """Why it has no page."""


@dataclass(frozen=True)
class Shown:
    """A branch with the node at its beginning."""

    branch: Branch
    node: Node
    shown: "Sequence[Shown]"


@dataclass(frozen=True)
class Topology:
    """All of it."""

    account_id: str
    known: Mapping[str, Node]
    """What there is, by ARN."""
    all_wires: Sequence[Wire]

    @cached_property
    def wires(self) -> list[Wire]:
        """Those drawn, by where they begin."""
        return sorted(self.all_wires, key=lambda wire: (self.rank(wire.source), self.rank(wire.target), wire.label))[:MOST]

    @cached_property
    def beginnings(self) -> list[Shown]:
        """What is drawn, from the left."""
        return [self._shown(branch) for branch in branches(self.wires, self.rank)]

    @cached_property
    def table(self) -> list[tuple[Node, str, Node]]:
        """From where, what, and where to."""
        return [(self.node(wire.source), wire.label, self.node(wire.target)) for wire in self.wires]

    @cached_property
    def alone(self) -> list[Node]:
        """What nothing leads to or from."""
        ends = {end for wire in self.all_wires for end in (wire.source, wire.target)}
        return [self.known[key] for key in sorted(self.known, key=self.rank) if key not in ends]

    def rank(self, key: str) -> tuple[int, str, str]:
        """Sorts by kind, then by name."""
        node = self.node(key)
        return (_NOUNS.index(node.noun) if node.noun in _NOUNS else len(_NOUNS), node.name, key)

    def node(self, key: str) -> Node:
        """What an end of a wire is, whether it exists or not."""
        if key in self.known:
            return self.known[key]
        if not key.startswith("arn:"):
            protocol, _, address = key.partition(" ")
            return Node(key, address, protocol, "resources")
        found = place(self.account_id, key)
        is_foreign = account_in(key) not in ("", self.account_id)
        return Node(key, found.name, found.noun, found.icon, missing="in another account" if is_foreign else "does not exist")

    def _shown(self, branch: Branch) -> Shown:
        return Shown(branch, self.node(branch.key), [self._shown(each) for each in branch.branches])


def topology(account_id: str, tables: Sequence[tuple[Kind, Sequence[Row]]]) -> Topology:
    """*tables*: every kind with all its rows. A number of queries that does not grow with them."""
    known = {kind.arn(account_id, row.name): _of_row(kind, kind.arn(account_id, row.name), row) for kind, found in tables for row in found}
    waiting = {name: count for name, count, _ in event_queue.overview(account_id)}
    for name in Function.objects.of(account_id).order_by("name").values_list("name", flat=True):
        arn = function_arn(account_id, REGION, name)
        known[arn] = Node(arn, name, "function", "functions", place(account_id, arn).url, (("events waiting", waiting.get(name, 0)),))
    return Topology(account_id, known, wires(_rows(account_id)))


def _of_row(kind: Kind, arn: str, row: Row) -> Node:
    counts = tuple((column.heading.lower(), value) for column, value in zip(kind.columns, row.values, strict=True) if column.is_number)
    return Node(arn, row.name, kind.singular, kind.icon, row.url, counts)


def _rows(account_id: str) -> Rows:
    return Rows(
        list(EventInvokeConfig.objects.filter(function__account_id=account_id).select_related("function").order_by("pk")),
        list(
            FunctionVersion.objects.filter(function__account_id=account_id)
            .exclude(dead_letter_target_arn="")
            .select_related("function")
            .order_by("pk")
        ),
        list(Queue.objects.of(account_id).order_by("pk")),
        list(Subscription.objects.filter(topic__account_id=account_id).select_related("topic").order_by("pk")),
        list(Rule.objects.of(account_id).order_by("pk")),
        list(Schedule.objects.of(account_id).order_by("pk")),
    )
