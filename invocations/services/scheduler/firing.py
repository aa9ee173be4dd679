"""Schedules: when they are due, what they send, and what becomes of them when they are over."""

import random
import uuid
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection
from redis.client import Pipeline

from invocations import account_clock, outbox, schedule_expressions
from invocations.arn import account_in
from invocations.authorize import may_role_send
from invocations.models import Schedule
from invocations.services import occurrences
from invocations.services.eventbridge import names as bus_names
from invocations.services.eventbridge.batch import Batch, new_event
from invocations.services.occurrences import Look, Occurrence
from invocations.services.scheduler import payload

KIND: Final = "schedule"


def member_of(group_name: str, name: str) -> str:
    """The schedule's member of the due index."""
    return f"{KIND}:{group_name}/{name}"


def schedule(row: Schedule, now: float) -> None:
    """Writes when a schedule is due next after *now* on the account's clock; to be called after each commit.

    A rate without a StartDate is due at once.
    """
    following = _next(row, now - 1e-6) if row.state == "ENABLED" else None
    occurrences.set_next(row.account_id, member_of(row.group_name, row.name), following)


def forget(account_id: str, group_name: str, name: str) -> None:
    """With the schedule."""
    occurrences.set_next(account_id, member_of(group_name, name), None)


def restore_due() -> None:
    """Writes when schedules are due next where nothing says so: for the start of a worker whose Redis may be new."""
    for row in Schedule.objects.filter(state="ENABLED"):
        member = member_of(row.group_name, row.name)
        if occurrences.next_of(row.account_id, member) is None:
            occurrences.set_next(row.account_id, member, _next(row, account_clock.now(row.account_id)))


def handle(account_id: str, rest: str, now: float) -> None:
    """Fires the schedule *rest*, "<group>/<schedule>", for each of its times that is due at *now* (occurrences.py)."""
    group_name, _, name = rest.partition("/")
    for look in occurrences.looks(account_id, now):
        if not _fire(account_id, group_name, name, look):
            return


def _fire(account_id: str, group_name: str, name: str, look: Look) -> bool:
    """Whether more may be due."""
    member = member_of(group_name, name)
    occurrence = occurrences.next_of(account_id, member)
    if occurrence is not None and occurrence.due > look.now:
        return False
    row = _row(account_id, group_name, name)
    if occurrence is None or row is None or row.state != "ENABLED":
        occurrences.set_next(account_id, member, None)
        return False
    if occurrence.scheduled == OVER:
        Schedule.objects.of(account_id).filter(pk=row.pk).delete()
        occurrences.set_next(account_id, member, None)
        return False
    window, next_after = _window(row), partial(_scheduled_after, row)
    scheduled = look.time_to_fire(occurrence.scheduled, next_after, window)
    following = _put_off(row, look.following(scheduled, next_after, window))
    if following is None and row.action_after_completion == "DELETE":
        following = Occurrence(OVER, look.now)  # the row goes in a step of its own, which a death between the two does not lose
    return occurrences.fire(account_id, member, occurrence, following, _commit(row, scheduled, look.now))


OVER: Final = -1.0
"""The time of the occurrence that deletes the schedule."""


def _next(row: Schedule, after: float) -> Occurrence | None:
    return _put_off(row, _scheduled_after(row, after))


def _scheduled_after(row: Schedule, after: float) -> float | None:
    start = row.start_date.timestamp() if row.start_date else row.counts_from.timestamp()
    end = row.end_date.timestamp() if row.end_date else None
    expression = schedule_expressions.parse(row.schedule_expression)
    zone = ZoneInfo(row.schedule_expression_timezone)
    return schedule_expressions.next_of_schedule(expression, after, start, end, zone)


def _put_off(row: Schedule, scheduled: float | None) -> Occurrence | None:
    """*scheduled*, due at any moment of the flexible time window."""
    return None if scheduled is None else Occurrence(scheduled, scheduled + random.uniform(0, _window(row)))


def _window(row: Schedule) -> float:
    """Seconds of its flexible time window."""
    return float(row.flexible_time_window.get("MaximumWindowInMinutes", 0) * 60)


def _commit(row: Schedule, scheduled: float, now: float) -> Any:
    """What the firing owes, as `occurrences.fire` takes it."""
    execution_id = uuid.uuid4().hex[:16]
    sent = payload.filled(row, scheduled, execution_id)
    bus = bus_names.parse(row.target["Arn"], "event-bus")
    if bus is not None and bus[0] == row.account_id and _may_put(row):
        batch = Batch.of(row.account_id, now)
        if bus[1] in batch.buses:
            batch.put(bus[1], _event(row, sent, now))
            return batch.commit

    def commit(transaction: Pipeline) -> None:
        outbox.put_within(transaction, [payload.delivery(row, sent, scheduled, execution_id)])

    return commit


def _may_put(row: Schedule) -> bool:
    """Whether the schedule's role may put events on the bus; where it may not, the delivery is refused and goes its way."""
    role_arn = row.target["RoleArn"]
    return may_role_send(account_in(role_arn) or row.account_id, role_arn, row.name, "events:PutEvents", row.target["Arn"]).allowed


def _event(row: Schedule, detail: str, now: float) -> dict[str, Any]:
    parameters = row.target["EventBridgeParameters"]
    return new_event(
        row.account_id,
        source=parameters["Source"],
        detail_type=parameters["DetailType"],
        detail=payload.as_detail(payload.of_attempt(detail, 1)),
        time=now,
    )


def _row(account_id: str, group_name: str, name: str) -> Schedule | None:
    try:
        return Schedule.objects.of(account_id).filter(group_name=group_name, name=name).first()
    finally:
        connection.close_if_unusable_or_obsolete()
