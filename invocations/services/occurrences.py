"""When something that recurs is due next: rules with a schedule, and schedules of EventBridge Scheduler.

What is due stands in the account's due index; beside it the time that it stands for, which a flexible time window may put off.
A firing and the next time are written in one step with what the firing owes, so that nothing fires twice, or not at all.
What a look finds late is made up, one firing for each time, within bounds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from redis.client import Pipeline
from redis.exceptions import WatchError

from invocations import account_clock, clock, store

AT_ONCE: Final = 100
"""Firings of one look."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time at which something happens; epoch seconds on the account's clock."""

    scheduled: float
    due: float
    """Later than *scheduled* within a flexible time window."""


@dataclass(frozen=True, slots=True)
class Look:
    """One firing's share of a look at something that recurs."""

    now: float
    """Epoch seconds on the account's clock."""
    late: float
    """How many seconds of it passed in the last minute of real time: a time that was missed by more is not made up."""
    is_last: bool = False
    """Of those that this look may make."""

    def time_to_fire(self, scheduled: float, next_after: Callable[[float], float | None], window: float = 0.0) -> float:
        """Of the times from *scheduled* on, the first that may be made up; *scheduled* itself where all that passed are too late.

        *window*: seconds of a flexible time window, within which no time is late.
        """
        if scheduled >= self._oldest(window):
            return scheduled
        found = next_after(self._oldest(window))
        return scheduled if found is None or found > self.now else found

    def following(self, fired: float, next_after: Callable[[float], float | None], window: float = 0.0) -> float | None:
        """The time after the one that was *fired*; it may have passed, and is fired by the same look then."""
        return next_after(max(fired, self.now - window if self.is_last else self._oldest(window)))

    def _oldest(self, window: float) -> float:
        return self.now - window - self.late


def looks(account_id: str, now: float) -> Iterator[Look]:
    """What one look at *now* may fire, one after the other."""
    late = account_clock.read(account_id).passed(clock.epoch())
    for number in range(1, AT_ONCE + 1):
        yield Look(now, late, is_last=number == AT_ONCE)


def set_next(account_id: str, member: str, occurrence: Occurrence | None) -> None:
    """Writes when *member* of the due index ("rule:default/tick") is due; None: never again."""
    with store.connection().pipeline() as transaction:
        _write(transaction, account_id, member, occurrence)
        transaction.execute()


def next_of(account_id: str, member: str) -> Occurrence | None:
    """When it is due next."""
    with store.connection().pipeline(transaction=False) as pipeline:
        pipeline.get(_key(account_id, member))
        pipeline.zscore(store.due_key(account_id), member)
        scheduled, due = pipeline.execute()
    return Occurrence(float(scheduled), float(due)) if scheduled and due is not None else None


def fire(account_id: str, member: str, fired: Occurrence, following: Occurrence | None, commit: Callable[[Pipeline], None]) -> bool:
    """Writes the *following* occurrence; *commit* adds what the firing owes and executes. False where another was quicker."""
    client: Any = store.connection()
    with client.pipeline() as transaction:
        key = _key(account_id, member)
        transaction.watch(key)
        stored = transaction.get(key)
        if stored is None or float(stored) != fired.scheduled:
            return False
        transaction.multi()
        _write(transaction, account_id, member, following)
        try:
            commit(transaction)
        except WatchError:
            return False
    return True


def _write(transaction: Pipeline, account_id: str, member: str, occurrence: Occurrence | None) -> None:
    if occurrence is None:
        transaction.delete(_key(account_id, member))
        transaction.zrem(store.due_key(account_id), member)
        return
    transaction.set(_key(account_id, member), repr(occurrence.scheduled))
    transaction.zadd(store.due_key(account_id), {member: occurrence.due})
    transaction.sadd(store.DUE_ACCOUNTS, account_id)


def _key(account_id: str, member: str) -> str:
    return f"occurrence:{account_id}:{member}"
