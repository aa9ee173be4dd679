"""What a kind of resource says of itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.http import HttpResponse
from django.urls import reverse

from playground.dashboard.forms import StyledForm
from playground.dashboard.web import DashboardRequest

View = Callable[[DashboardRequest, "Kind", str], HttpResponse]
"""Takes the request, the kind, and the resource's name."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a kind's list, after the name."""

    heading: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Arrow:
    """Where things go from a resource: a queue's dead-letter queue, a topic's subscriber."""

    name: str
    url: str
    """Empty where it has no page."""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One resource in a list."""

    name: str
    url: str
    values: tuple[str | int, ...] = ()
    """One for each column."""
    about: str = ""
    arrows: tuple[Arrow, ...] = ()

    @property
    def cells(self) -> list[tuple[str | int, bool]]:
        """Each value, and whether it is a number."""
        return [(value, isinstance(value, int)) for value in self.values]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of resource."""

    slug: str
    """In addresses: queues."""
    heading: str
    """Queues"""
    singular: str
    """queue"""
    service: str
    """In announcements, topics and ARNs: sqs."""
    icon: str
    about: str
    """One sentence: what it does between callers and functions."""
    columns: tuple[Column, ...]
    rows: Callable[[str], list[Row]]
    """All of an account, by name. A number of queries that does not grow with them."""
    search: Callable[[str, str], Sequence[str]]
    """(account id, part of a name) -> the names that contain it, whatever their case; the palette takes the first few."""
    form: type[StyledForm]
    """What is asked for a new one."""
    create: Callable[[str, StyledForm], str]
    """(account id, valid form) -> the new one's name. Raises AwsError."""
    delete: Callable[[str, str], object]
    """(account id, name). Raises AwsError."""
    example: Mapping[str, str]
    """What the form holds when an empty list's button is pressed; must have "name"."""
    empty: str
    """Why one would want one, where there is none."""
    arn: Callable[[str, str], str]
    """(account id, name)"""
    page: View
    """The page of one. Raises Http404."""
    changes: Mapping[str, View] = field(default_factory=dict)
    """Last part of the address -> what a POST to it does."""
    arrows_heading: str = ""
    """The heading of the column of arrows; empty for kinds without."""
    delete_warning: str = "What is in it goes with it."
    pulse: Callable[[str, str], str] | None = None
    """(account id, name, or "" for all of the kind) -> a text that differs when their contents do; cheap, for it is asked often."""

    def url(self, account_id: str, name: str = "") -> str:
        """The page of one, or of the list."""
        if not name:
            return reverse("resource-kind", args=[account_id, self.slug])
        return reverse("resource", args=[account_id, self.slug, name])

    def change_url(self, account_id: str, name: str, change: str) -> str:
        """Where a form of that change is sent."""
        return reverse("resource-change", args=[account_id, self.slug, name, change])

    def topic(self, name: str = "") -> str:
        """What its regions follow."""
        return f"resource:{self.service}:{name}" if name else f"resource:{self.service}"
