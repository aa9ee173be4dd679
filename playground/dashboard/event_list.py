"""A function's event queue as its page shows it: the events that are not over, the oldest first, a page at a time."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from invocations import event_queue
from invocations.enums import InvocationState
from playground.dashboard.event_story import RulesBook, ruled, with_rules
from playground.dashboard.invocation_view import InvocationView

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class WaitingEvent:
    """One of them. Times are on the account's clock."""

    view: InvocationView
    enqueued_at: float
    due: float | None
    """None while it is being tried, or held for it."""

    @property
    def expires_at(self) -> float:
        """When it is too old."""
        return self.enqueued_at + self.view.rules.maximum_event_age_seconds


@dataclass(frozen=True, slots=True)
class EventPage:
    """A stretch of the queue."""

    function_name: str
    events: list[WaitingEvent]
    count: int
    """All that are not over."""
    number: int
    """Of the stretch, from 1 on."""

    @property
    def topic(self) -> str:
        """What a page that shows it listens to."""
        return f"events:{self.function_name}"

    @property
    def first(self) -> int:
        """Place in the queue of the first one shown."""
        return (self.number - 1) * PAGE + 1

    @property
    def last(self) -> int:
        """Of the last one shown."""
        return self.first + len(self.events) - 1

    @property
    def before(self) -> int:
        """Number of the stretch before; 0 for none."""
        return self.number - 1

    @property
    def after(self) -> int:
        """Number of the stretch behind; 0 for none."""
        return self.number + 1 if self.number * PAGE < self.count else 0


def page(account_id: str, function_name: str, asked: str, book: RulesBook) -> EventPage:
    """The stretch that was asked for, or the last where there are not so many: a fixed number of round trips to Redis."""
    count = event_queue.count(account_id, function_name)
    number = min(int(asked) if asked.isdecimal() and len(asked) < 9 else 1, -(-count // PAGE)) or 1
    found = event_queue.glances(account_id, [function_name], PAGE, start=(number - 1) * PAGE)
    views = ruled((InvocationView.from_record(glance.row) for glance in found), book)
    events = [WaitingEvent(_as_held(view, glance.due), glance.enqueued_at, glance.due) for view, glance in zip(views, found, strict=True)]
    return EventPage(function_name, events, count, number)


def _as_held(view: InvocationView, due: float | None) -> InvocationView:
    """While somebody holds it, it is being tried, or delivered: only the service knows how far that is."""
    return replace(view, state=InvocationState.RUNNING) if due is None else view


def newest(account_id: str, function_names: Iterable[str], limit: int) -> list[InvocationView]:
    """The newest events of an account that are not over: of these functions, and of those whose events outlived them."""
    names = {*function_names, *event_queue.functions_with_events(account_id)}
    found = event_queue.glances(account_id, sorted(names), limit, newest_first=True)
    views = [_as_held(InvocationView.from_record(glance.row), glance.due) for glance in found]
    return with_rules(account_id, sorted(views, key=lambda view: -view.received_at)[:limit])
