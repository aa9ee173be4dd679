"""Event buses."""

from collections import Counter

from django import forms

from invocations.models import Archive, Rule
from invocations.resources import event_buses
from invocations.services.eventbridge import glance, names
from playground.dashboard.forms import StyledForm
from playground.dashboard.resources.kind import Column, Kind, Row
from playground.dashboard.views import buses as views


class NewBus(StyledForm):
    """A bus."""

    name = forms.CharField(label="Bus name", max_length=256, help_text="Letters, digits, dots, hyphens and underscores.")
    description = forms.CharField(label="Description", max_length=512, required=False)


def create(account_id: str, form: StyledForm) -> str:
    """The new bus's name."""
    data = form.cleaned_data
    description = {"Description": data["description"]} if data["description"] else {}
    return event_buses.create(account_id, {"Name": data["name"], **description}).name


def rows(account_id: str) -> list[Row]:
    """All buses with how many rules and archives they have."""
    rules = Counter(Rule.objects.of(account_id).values_list("bus_name", flat=True))
    archives = Counter(Archive.objects.of(account_id).values_list("bus_name", flat=True))
    found, _ = event_buses.list_all(account_id, limit=event_buses.MOST_BUSES + 1)
    return [Row(bus.name, KIND.url(account_id, bus.name), (rules[bus.name], archives[bus.name]), about=bus.description) for bus in found]


def search(account_id: str, part: str) -> list[str]:
    """Names with *part* in them."""
    found, _ = event_buses.list_all(account_id, limit=event_buses.MOST_BUSES + 1)
    return [bus.name for bus in found if part.lower() in bus.name.lower()][:20]


KIND = Kind(
    slug="buses",
    heading="Event buses",
    singular="event bus",
    service="events",
    icon="buses",
    about="EventBridge: each event goes to the targets of every rule that matches it.",
    columns=(Column("Rules", True), Column("Archives", True)),
    rows=rows,
    search=search,
    form=NewBus,
    create=create,
    delete=event_buses.delete,
    example={"name": "orders"},
    empty="This account has no event bus.",
    arn=names.bus_arn,
    page=views.bus,
    changes=views.CHANGES,
    delete_warning="Its rules must have gone before. Its newest events go with it, its archives stay.",
    pulse=glance.pulse,
)
