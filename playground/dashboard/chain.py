"""What an invocation was made by, and what it made: through destinations, and through the topics, rules and buckets behind them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from asgiref.sync import async_to_sync

from invocations import event_queue
from invocations.arn import parse_function_name
from invocations.errors import ServiceException
from invocations.execution import dispatch
from invocations.models import Invocation, TrailEvent
from invocations.models.invocation import InvocationQuerySet
from invocations.targets import service_of
from invocations.values import Step
from playground.dashboard.arns import Place, place
from playground.dashboard.event_list import newest
from playground.dashboard.invocation_list import row_view
from playground.dashboard.invocation_view import InvocationView
from playground.dashboard.sender import Sender, sender_of
from playground.dashboard.sent_records import WORDS
from playground.dashboard.stations import DESTINATION_TEXTS

DEEPEST: Final = 16
"""Parents that are looked up: after as many runs of one function Lambda ends a chain itself."""
SHOWN: Final = 20
"""Children."""
_WAITING_LOOKED_AT: Final = 50
"""Of each function's events that are not over, the newest: what has just been made is among them."""
_NOT_SHOWN: Final = ("request_payload", "response_payload", "error_message", "principal_arn", "trace_id")
_THROUGH: Final = {"lambda": "a destination", "sns": "a topic", "events": "a rule", "s3": "a bucket", "scheduler": "a schedule"}


@dataclass(frozen=True, slots=True)
class Link:
    """One invocation of a chain, and by what way the one before it made it."""

    view: InvocationView
    way: str
    """On success; On failure, through the topic news; empty for the first."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Something that was sent where no function is, or none that is known yet."""

    name: str
    """On success, On failure, Dead-letter queue."""
    word: str
    place: Place


@dataclass(frozen=True, slots=True)
class Cause:
    """A call of the API that set off a chain."""

    request_id: str
    action: str
    """Publish, PutEvents; empty where the trail has no record of it."""


@dataclass(frozen=True, slots=True)
class Chain:
    """What stands before an invocation and behind it."""

    request_id: str
    parents: list[Link]
    """The first cause first."""
    way: str
    """By what way the last of them made this one."""
    children: list[Link]
    sent: list[Sent]
    hidden: int
    """Children that are not shown."""
    cause: Cause | None = None
    """What stands before the first invocation, where that is a call."""
    sender: Sender | None = None
    """What passed the first invocation's event on."""

    def __bool__(self) -> bool:
        return bool(self.parents or self.children or self.sent or self.sender or (self.cause and self.cause.action))

    @property
    def topic(self) -> str:
        """What a page that shows it listens to."""
        return f"chain:{self.request_id}"


@dataclass(frozen=True, slots=True)
class Effects:
    """The invocations that a call, or an invocation, has caused."""

    views: list[InvocationView]
    is_more: bool
    """Than are shown."""
    request_id: str = ""

    @property
    def topic(self) -> str:
        """What a page that shows them listens to."""
        return f"chain:{self.request_id}"


def caused_by(account_id: str, request_id: str) -> Effects | None:
    """The same for what may have had no call: None without a *request_id*."""
    return effects(account_id, request_id) if request_id else None


def effects(account_id: str, request_id: str) -> Effects:
    """What the call with that request id has caused: over, running or waiting."""
    found = _children(account_id, request_id)
    return Effects(found[:SHOWN], len(found) > SHOWN, request_id)


def chain(view: InvocationView) -> Chain:
    """*view*'s: one query for each parent, and one for all children, however many they are."""
    parents = _parents(view)
    children = _children(view.account_id, view.request_id)
    links = [Link(child, _way(view, child)) for child in children[:SHOWN]]
    invoked = {child.function_name for child in children if child.source == "lambda"}
    ways = ["", *(_way(parent, child) for parent, child in pairwise(parents))]
    return Chain(
        view.request_id,
        [Link(parent, way) for parent, way in zip(parents, ways, strict=False)],
        _way(parents[-1], view) if parents else "",
        links,
        [_sent(view.account_id, step) for step in view.sent if _function(step) not in invoked],
        max(len(children) - SHOWN, 0),
        _cause(parents[0] if parents else view),
        None if parents else sender_of(view),
    )


def _cause(first: InvocationView) -> Cause | None:
    """The call of the API before the first invocation, where the trail has it."""
    if not first.parent_request_id:
        return None
    row = TrailEvent.objects.of(first.account_id).filter(request_id=first.parent_request_id).only("event_name", "event_source").first()
    return Cause(first.parent_request_id, row.event_name if row is not None else "")


def _parents(view: InvocationView) -> list[InvocationView]:
    found: list[InvocationView] = []
    while len(found) < DEEPEST:
        parent_id = (found[0] if found else view).parent_request_id
        parent = _find(view.account_id, parent_id) if parent_id else None
        if parent is None:
            break
        found.insert(0, parent)
    return found


def _find(account_id: str, request_id: str) -> InvocationView | None:
    """From the database, or from the queue while a delivery is still tried again."""
    row = _rows(account_id).filter(request_id=request_id).first()
    if row is not None:
        return _view(row)
    glance = async_to_sync(event_queue.glances_at)(account_id, [request_id]).get(request_id)
    return InvocationView.from_record(glance.row) if glance else None


def _children(account_id: str, request_id: str) -> list[InvocationView]:
    """The first made first: those that are over, run or wait."""
    rows = _rows(account_id).filter(parent_request_id=request_id).order_by("received_at")
    found = [*_running(account_id), *newest(account_id, (), _WAITING_LOOKED_AT), *map(_view, rows[: SHOWN + 1])]
    by_id = {each.request_id: each for each in found if each.parent_request_id == request_id}
    return sorted(by_id.values(), key=lambda each: each.received_at)


def _running(account_id: str) -> Iterable[InvocationView]:
    try:
        running = async_to_sync(dispatch.overview)(account_id)["running"]
    except ServiceException:
        return []
    return map(InvocationView.from_record, running)


def _rows(account_id: str) -> InvocationQuerySet:
    rows: InvocationQuerySet = Invocation.objects.of(account_id)
    return rows.defer(*_NOT_SHOWN)


def _view(row: Invocation) -> InvocationView:
    return replace(row_view(row), steps=tuple(map(Step.from_json, row.steps)))


def _way(parent: InvocationView, child: InvocationView) -> str:
    """How *parent* made *child*: by the destination that leads there, as far as the steps tell."""
    for step in parent.sent:
        arn = str(step.detail["arn"])
        if service_of(arn) != child.source:
            continue
        name = DESTINATION_TEXTS[step.detail["kind"]].name
        if child.source != "lambda":
            through = place(parent.account_id, arn)
            return f"{name}, through the {through.noun} {through.name}"
        if _function(step) == child.function_name:
            return name
    return f"through {_THROUGH.get(child.source, 'a call')}"


def _function(step: Step) -> str:
    """The function to which something was sent; empty where it was none."""
    arn = str(step.detail["arn"])
    reference = parse_function_name(arn) if service_of(arn) == "lambda" else None
    return reference.name if reference else ""


def _sent(account_id: str, step: Step) -> Sent:
    name = DESTINATION_TEXTS[step.detail["kind"]].name
    return Sent(name, WORDS.get(step.outcome, step.outcome), place(account_id, str(step.detail["arn"])))
