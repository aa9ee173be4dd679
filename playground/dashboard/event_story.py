"""How far an asynchronous event has come: which try of how many, when the next one is, how long it may still be kept, what it led to.

All times here are epoch seconds on the account's clock.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from channels.db import database_sync_to_async

from invocations.arn import LATEST
from invocations.enums import InvocationState, InvocationType, Station
from invocations.models import EventInvokeConfig
from invocations.retry import MAXIMUM_EVENT_AGE_SECONDS, MAXIMUM_RETRY_ATTEMPTS, Condition, Rules
from invocations.values import Step

if TYPE_CHECKING:
    from playground.dashboard.invocation_view import InvocationView

_ABOUT: Mapping[str, str] = {
    Condition.SUCCESS: "A try succeeded.",
    Condition.RETRIES_EXHAUSTED: "Each try failed, and no other is allowed.",
    Condition.EVENT_AGE_EXCEEDED: "It became too old, or would have been at its next try.",
    Condition.ZERO_RESERVED_CONCURRENCY: "The function’s reserved concurrency is 0, so it was never tried.",
    Condition.RECURSIVE_LOOP: "The function had run too often in one chain.",
    Condition.FUNCTION_DELETED: "The function, or what was invoked of it, exists no more.",
}


@dataclass(frozen=True, slots=True)
class EventStory:
    """One event's."""

    state: InvocationState
    runs: int
    """The present one included."""
    condition: str
    rules: Rules
    steps: Sequence[Step]

    @property
    def most(self) -> int:
        """Runs that the configuration allows."""
        return self.rules.maximum_retry_attempts + 1

    @property
    def number(self) -> int:
        """Of the run that is on, or comes next, or was the last."""
        comes_next = self.state is InvocationState.WAITING_TO_RETRY
        return min(max(self.runs + comes_next, 1), max(self.most, self.runs))

    @property
    def words(self) -> str:
        """For a list: "try 2 of 3"; empty for an event that came through at once."""
        if not self.state.is_final:
            return f"try {self.number} of {self.most}"
        return f"{self.runs} tries" if self.runs > 1 else ""

    @property
    def due(self) -> float | None:
        """When it is tried again; None where it does not wait for a time."""
        last = self._last(Station.QUEUE)
        waits = self.state is InvocationState.WAITING_TO_RETRY and last is not None and last.outcome == "retry"
        return float(last.detail["at"]) if waits and last is not None else None

    @property
    def reason(self) -> str:
        """Why it waits: how the last try ended."""
        last = self._last(Station.QUEUE)
        if last is None or last.outcome != "retry":
            return ""
        return " ".join(filter(None, (str(last.detail.get("reason", "")), str(last.detail.get("error_code", "")))))

    @property
    def accepted_at(self) -> float | None:
        """When it was queued."""
        first = next((step for step in self.steps if step.station is Station.QUEUE), None)
        return float(first.detail["clock"]) if first else None

    @property
    def expires_at(self) -> float | None:
        """When it is too old to be tried."""
        return None if self.accepted_at is None else self.accepted_at + self.rules.maximum_event_age_seconds

    @property
    def about_condition(self) -> str:
        """Why it ended, in a sentence."""
        return _ABOUT.get(self.condition, "")

    def _last(self, station: Station) -> Step | None:
        return next((step for step in reversed(self.steps) if step.station is station), None)


RulesBook = Mapping[tuple[str, str], Rules]
"""By function and qualifier, where there is a configuration."""


def rules_book(account_id: str, function_names: Iterable[str] | None = None) -> RulesBook:
    """What rules the events of an account, or of some of its functions: one query."""
    rows = EventInvokeConfig.objects.filter(function__account_id=account_id)
    if function_names is not None:
        rows = rows.filter(function__name__in=set(function_names))
    columns = rows.values_list("function__name", "qualifier", "maximum_retry_attempts", "maximum_event_age_in_seconds")
    return {(name, qualifier): rules(retries, age) for name, qualifier, retries, age in columns}


def rules(maximum_retry_attempts: int | None, maximum_event_age_in_seconds: int | None) -> Rules:
    """What was set, with Lambda's defaults for the rest."""
    return Rules(
        MAXIMUM_RETRY_ATTEMPTS if maximum_retry_attempts is None else maximum_retry_attempts,
        MAXIMUM_EVENT_AGE_SECONDS if maximum_event_age_in_seconds is None else maximum_event_age_in_seconds,
    )


def ruled(views: Iterable["InvocationView"], book: RulesBook) -> list["InvocationView"]:
    """*views*, each asynchronous one with the rules of its qualifier."""
    return [_ruled(view, book) for view in views]


def with_rules(account_id: str, views: Sequence["InvocationView"]) -> list["InvocationView"]:
    """The same with the rules as they are now; nothing is asked where no event is waited for."""
    names = {view.function_name for view in views if _is_waited_for(view)}
    return ruled(views, rules_book(account_id, names)) if names else list(views)


async def with_rules_async(account_id: str, views: Sequence["InvocationView"]) -> list["InvocationView"]:
    """The same on a loop."""
    if not any(map(_is_waited_for, views)):
        return list(views)
    found: list[InvocationView] = await database_sync_to_async(with_rules)(account_id, views)
    return found


def _is_waited_for(view: "InvocationView") -> bool:
    return view.invocation_type == InvocationType.EVENT and not view.is_final


def _ruled(view: "InvocationView", book: RulesBook) -> "InvocationView":
    found = book.get((view.function_name, view.qualifier or LATEST))
    return view if found is None or view.invocation_type != InvocationType.EVENT else replace(view, rules=found)
