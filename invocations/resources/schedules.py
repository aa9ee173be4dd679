"""Schedules of EventBridge Scheduler."""

from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import IntegrityError, transaction

from invocations import account_clock, clock, schedule_expressions
from invocations.errors import AwsError, aws_error
from invocations.models import Account, Schedule
from invocations.resources import event_pages, schedule_groups, schedule_targets
from invocations.services import scheduler
from invocations.services.scheduler.firing import forget
from invocations.services.scheduler.names import DEFAULT_GROUP
from invocations.values import Members

OLDEST_START: Final = timedelta(minutes=5)


def create(account_id: str, members: Members) -> Schedule:
    """CreateSchedule."""
    fields = _fields(account_id, members)
    group_name = schedule_groups.get(account_id, members.get("GroupName", DEFAULT_GROUP)).name
    account, _ = Account.objects.get_or_create(account_id=account_id)
    now = clock.now()
    try:
        with transaction.atomic():
            schedule_groups.hold(account_id, group_name)
            row = Schedule.objects.create(
                account=account, group_name=group_name, name=members["Name"], created_at=now, last_modified=now, **fields
            )
    except IntegrityError:
        known = find(account_id, members["Name"], group_name)
        if members.get("ClientToken") and members["ClientToken"] == known.client_token:
            return known  # the same call once more
        raise schedule_groups.conflict(f"Schedule {members['Name']} already exists.") from None
    _changed(row)
    return row


def update(account_id: str, members: Members) -> Schedule:
    """UpdateSchedule: sets all of it anew; what is not given goes back to its default. A StartDate that stays may have passed."""
    with transaction.atomic():
        row = find(account_id, members["Name"], members.get("GroupName"), locked=True)
        fields = _fields(account_id, members, row.start_date)
        for field, value in fields.items():
            setattr(row, field, value)
        row.last_modified = clock.now()
        row.save()
    _changed(row)
    return row


def find(account_id: str, name: str, group_name: str | None = None, *, locked: bool = False) -> Schedule:
    """The schedule. Raises ResourceNotFoundException."""
    rows = Schedule.objects.of(account_id).filter(group_name=group_name or DEFAULT_GROUP, name=name)
    row = (rows.select_for_update() if locked else rows).first()
    if row is None:
        raise schedule_groups.not_found(f"Schedule {name} does not exist.")
    return row


def delete(account_id: str, name: str, group_name: str | None = None) -> None:
    """DeleteSchedule. Raises ResourceNotFoundException."""
    row = find(account_id, name, group_name)
    row.delete()
    forget(account_id, row.group_name, name)


def list_all(account_id: str, members: Members) -> tuple[list[Schedule], str | None]:
    """ListSchedules: by group and name, and the token of the next page."""
    rows = Schedule.objects.of(account_id).filter(name__startswith=members.get("NamePrefix", "")).order_by("group_name", "name")
    if "GroupName" in members:
        rows = rows.filter(group_name=schedule_groups.get(account_id, members["GroupName"]).name)
    if "State" in members:
        rows = rows.filter(state=members["State"])
    found = sorted(rows, key=_key)
    return event_pages.page(found, _key, members.get("MaxResults"), members.get("NextToken", ""))


def _key(row: Schedule) -> str:
    return f"{row.group_name}/{row.name}"


def _changed(row: Schedule) -> None:
    scheduler.schedule(row, row.counts_from.timestamp())


def _fields(account_id: str, members: Members, known_start: datetime | None = None) -> dict[str, Any]:
    """A schedule's fields, all of them checked; its StartDate where it is another than it was."""
    now = clock.from_epoch(account_clock.now(account_id))
    expression = members["ScheduleExpression"]
    try:
        schedule_expressions.parse(expression)
    except schedule_expressions.InvalidExpression:
        raise _invalid(f"Invalid Schedule Expression {expression}.") from None
    zone = members.get("ScheduleExpressionTimezone", "UTC")
    if not _is_zone(zone):
        raise _invalid(f"Invalid ScheduleExpressionTimezone {zone}.")
    start, end = members.get("StartDate"), members.get("EndDate")
    if start is not None and start != known_start and start < now - OLDEST_START:
        raise _invalid("The StartDate you specify cannot be earlier than 5 minutes ago.")
    if end is not None and end <= now:
        raise _invalid("The EndDate you specify cannot be earlier than the current date.")
    if start is not None and end is not None and end <= start:
        raise _invalid("The EndDate you specify must come after the StartDate.")
    return {
        "schedule_expression": expression,
        "schedule_expression_timezone": zone,
        "start_date": start,
        "end_date": end,
        "flexible_time_window": _window(members["FlexibleTimeWindow"]),
        "state": members.get("State", "ENABLED"),
        "action_after_completion": members.get("ActionAfterCompletion", "NONE"),
        "description": members.get("Description", ""),
        "kms_key_arn": members.get("KmsKeyArn", ""),
        "target": schedule_targets.checked(account_id, members["Target"]),
        "client_token": members.get("ClientToken", ""),
        "counts_from": now,
    }


def _window(window: Members) -> dict[str, Any]:
    if window["Mode"] == "FLEXIBLE" and "MaximumWindowInMinutes" not in window:
        raise _invalid("MaximumWindowInMinutes must be provided when Mode is FLEXIBLE.")
    if window["Mode"] == "OFF" and "MaximumWindowInMinutes" in window:
        raise _invalid("MaximumWindowInMinutes must not be provided when Mode is OFF.")
    return dict(window)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _invalid(message: str) -> AwsError:
    return aws_error("ValidationException", message)
