"""One schedule: when it is due next, what it sends where, and its settings."""

from typing import Any

from django.http import Http404, HttpResponse

from invocations import account_clock
from invocations.errors import AwsError
from invocations.models import Queue, Schedule
from invocations.outbox_sender import failures, retried
from invocations.resources import schedules, target_arns
from invocations.services import occurrences, sqs
from invocations.services.scheduler import payload
from invocations.services.scheduler.firing import member_of
from invocations.services.scheduler.names import DEFAULT_GROUP, schedule_arn
from playground.dashboard import connecting, json_text
from playground.dashboard.api_call import ApiCall
from playground.dashboard.arns import place
from playground.dashboard.changes import saved, sentence
from playground.dashboard.last_change import done
from playground.dashboard.resources.kind import Kind, View
from playground.dashboard.resources.page import refused, show
from playground.dashboard.schedule_forms import ScheduleForm
from playground.dashboard.web import DashboardRequest

SERVICES = frozenset({"sqs", "sns", "lambda", "events"})


def schedule(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """Its page."""
    return _show(request, kind, _find(request, name))


def update(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """UpdateSchedule."""
    row = _find(request, name)
    form = ScheduleForm(request.POST, is_new=False, queues=_queues(row.account_id))
    if not saved(form, lambda: schedules.update(row.account_id, form.members(row.account_id, row)), form.FIELDS):
        return _show(request, kind, row, 422, form)
    group, own = split(name)
    said = f"Saved. {connecting.schedule_target(row.account_id, group, own, form.members(row.account_id, row)['Target'])}".strip()
    return _done(request, kind, name, said, form.members(row.account_id, row))


def set_state(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """UpdateSchedule with another State, and nothing else."""
    row = _find(request, name)
    state = "ENABLED" if request.POST.get("state") == "ENABLED" else "DISABLED"
    members = _members(row) | {"State": state}
    try:
        schedules.update(row.account_id, members)
    except AwsError as error:
        return refused(request, kind, name, sentence(error))
    said = "It fires again." if state == "ENABLED" else "It is disabled: it does not fire."
    return _done(request, kind, name, said, members)


CHANGES: dict[str, View] = {"update": update, "state": set_state}


def name_of(row: Schedule) -> str:
    """The name that addresses have."""
    return row.name if row.group_name == DEFAULT_GROUP else f"{row.group_name}:{row.name}"


def split(name: str) -> tuple[str, str]:
    """(group, name) of what addresses have."""
    group, separator, own = name.rpartition(":")
    return (group, own) if separator else (DEFAULT_GROUP, name)


def _find(request: DashboardRequest, name: str) -> Schedule:
    group, own = split(name)
    try:
        return schedules.find(request.account.account_id, own, group)
    except AwsError as error:
        raise Http404(error.message) from None


def _members(row: Schedule) -> dict[str, Any]:
    """What the schedule is, as UpdateSchedule takes it."""
    given = {
        "Name": row.name,
        "GroupName": row.group_name,
        "ScheduleExpression": row.schedule_expression,
        "ScheduleExpressionTimezone": row.schedule_expression_timezone,
        "StartDate": row.start_date,
        "EndDate": row.end_date,
        "FlexibleTimeWindow": row.flexible_time_window,
        "ActionAfterCompletion": row.action_after_completion,
        "Description": row.description or None,
        "KmsKeyArn": row.kms_key_arn or None,
        "Target": row.target,
    }
    return {name: value for name, value in given.items() if value is not None}


def _show(request: DashboardRequest, kind: Kind, row: Schedule, status: int = 200, form: ScheduleForm | None = None) -> HttpResponse:
    account_id, now = row.account_id, account_clock.now(row.account_id)
    occurrence = occurrences.next_of(account_id, member_of(row.group_name, row.name)) if row.state == "ENABLED" else None
    arn = schedule_arn(account_id, row.group_name, row.name)
    sent = payload.filled(row, occurrence.scheduled if occurrence else now, "d32c5kddcf5bb8c3")
    context = {
        "row": row,
        "target": place(account_id, row.target["Arn"]),
        "occurrence": occurrence,
        "sent": json_text.coloured(payload.of_attempt(sent, 1)),
        "failures": failures(account_id, arn)[:5],
        "retried": retried(account_id, arn, [row.target["Arn"]]),
        "form": form or ScheduleForm(initial=ScheduleForm.initial_of(row), is_new=False, queues=_queues(account_id)),
        "choices": target_arns.choices(account_id, SERVICES),
    }
    return show(request, kind, name_of(row), "dashboard/resource/schedule.html", status, **context)


def _queues(account_id: str) -> list[str]:
    names = Queue.objects.of(account_id).exclude(name__endswith=".fifo").order_by("name").values_list("name", flat=True)
    return [sqs.queue_arn(account_id, name) for name in names]


def _done(request: DashboardRequest, kind: Kind, name: str, said: str, members: dict[str, Any]) -> HttpResponse:
    shown = {key: value.isoformat() if key in ("StartDate", "EndDate") else value for key, value in members.items()}
    return done(request, kind.url(request.account.account_id, name), said, ApiCall("scheduler", "UpdateSchedule", shown))
