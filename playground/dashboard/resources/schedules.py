"""Schedules of EventBridge Scheduler. In addresses one of the default group has its own name, any other "<group>:<name>"."""

from django.template import Context

from invocations.models import Schedule
from invocations.resources import schedules
from invocations.services.scheduler import glance
from invocations.services.scheduler.names import schedule_arn
from playground.dashboard import connecting
from playground.dashboard.account_time import ClockView
from playground.dashboard.arns import place
from playground.dashboard.forms import StyledForm
from playground.dashboard.resources.kind import Arrow, Column, Kind, Row
from playground.dashboard.schedule_forms import ScheduleForm
from playground.dashboard.templatetags.clock import due_in
from playground.dashboard.views import schedules as views


def create(account_id: str, form: StyledForm) -> str:
    """The new schedule's name."""
    assert isinstance(form, ScheduleForm)
    row = schedules.create(account_id, form.members(account_id))
    connecting.schedule_target(account_id, row.group_name, row.name, row.target)
    return row.name


def rows(account_id: str) -> list[Row]:
    """All schedules with when they are due next; one query, and one round trip to Redis."""
    found = list(Schedule.objects.of(account_id).order_by("group_name", "name"))
    context = Context({"clock": ClockView.of(account_id)})
    due = glance.next_of(account_id, found)
    result = []
    for row in found:
        at, target = due[row.pk], place(account_id, row.target["Arn"])
        state = due_in(context, at, "short") if at is not None else "over" if row.state == "ENABLED" else "disabled"
        name = views.name_of(row)
        values = (row.schedule_expression, state)
        result.append(Row(name, KIND.url(account_id, name), values, row.description, (Arrow(target.name, target.url, target.noun),)))
    return result


def search(account_id: str, part: str) -> list[str]:
    """Names with *part* in them."""
    found = Schedule.objects.of(account_id).filter(name__icontains=part).order_by("group_name", "name")[:20]
    return [views.name_of(row) for row in found]


def delete(account_id: str, name: str) -> None:
    """By the name that addresses have."""
    group, own = views.split(name)
    schedules.delete(account_id, own, group)


def arn(account_id: str, name: str) -> str:
    """By the name that addresses have."""
    return schedule_arn(account_id, *views.split(name))


KIND = Kind(
    slug="schedules",
    heading="Schedules",
    singular="schedule",
    service="scheduler",
    icon="schedules",
    about="EventBridge Scheduler: something is sent once, or again and again, on this account's clock.",
    columns=(Column("When"), Column("Next")),
    rows=rows,
    search=search,
    form=ScheduleForm,
    create=create,
    delete=delete,
    example={
        "name": "hourly",
        "expression": "rate(1 hour)",
        "timezone": "UTC",
        "target": "bus default",
        "source": "shop.clock",
        "detail_type": "Hour",
    },
    empty="This account has no schedule. A schedule sends something to a function, a queue, a topic or an event bus when its time comes.",
    arn=arn,
    page=views.schedule,
    changes=views.CHANGES,
    arrows_heading="Target",
    delete_warning="It fires no more.",
    pulse=glance.pulse,
)
