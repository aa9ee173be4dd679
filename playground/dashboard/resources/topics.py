"""Topics."""

from django import forms
from django.db.models import Count, Q

from invocations.models import Subscription, Topic
from invocations.resources import topics
from invocations.services import sns
from playground.dashboard.forms import StyledForm
from playground.dashboard.resources.kind import Arrow, Column, Kind, Row
from playground.dashboard.topic_messages import endpoint_of
from playground.dashboard.views import topics as views

SHOWN_SUBSCRIBERS = 3
"""In a list."""


class NewTopic(StyledForm):
    """A topic."""

    name = forms.CharField(label="Topic name", max_length=256, help_text="Letters, digits, hyphens and underscores, up to 256.")
    is_fifo = forms.BooleanField(label="FIFO: in order, and without duplicates", required=False, help_text="Its name ends with .fifo.")


def create(account_id: str, form: StyledForm) -> str:
    """A FIFO topic's name is given its ending."""
    data = form.cleaned_data
    name = data["name"].removesuffix(".fifo") + ".fifo" if data["is_fifo"] else data["name"]
    return topics.create(account_id, name, {"FifoTopic": "true", "ContentBasedDeduplication": "true"} if data["is_fifo"] else {}).name


def rows(account_id: str) -> list[Row]:
    """All topics with their subscribers; two queries."""
    found = list(
        Topic.objects.of(account_id)
        .order_by("name")
        .annotate(
            confirmed=Count("subscriptions", filter=Q(subscriptions__pending_confirmation=False)),
            pending=Count("subscriptions", filter=Q(subscriptions__pending_confirmation=True)),
        )
    )
    subscribers: dict[int, list[Subscription]] = {}
    for each in Subscription.objects.filter(topic__in=[row.pk for row in found]).order_by("pk"):
        subscribers.setdefault(each.topic_id, []).append(each)
    return [
        Row(
            row.name,
            KIND.url(account_id, row.name),
            (row.confirmed, row.pending),
            arrows=_arrows(account_id, subscribers.get(row.pk, [])),
        )
        for row in found
    ]


def search(account_id: str, part: str) -> list[str]:
    """Names with *part* in them."""
    return list(Topic.objects.of(account_id).filter(name__icontains=part).order_by("name").values_list("name", flat=True)[:20])


def _arrows(account_id: str, subscribers: list[Subscription]) -> tuple[Arrow, ...]:
    shown = [endpoint_of(account_id, each.protocol, each.endpoint) for each in subscribers[:SHOWN_SUBSCRIBERS]]
    arrows = [Arrow(each.name, each.url, each.protocol) for each in shown]
    more = len(subscribers) - len(shown)
    return (*arrows, *([Arrow(f"{more} more", "")] if more else []))


KIND = Kind(
    slug="topics",
    heading="Topics",
    singular="topic",
    service="sns",
    icon="topics",
    about="SNS: each message goes to every subscriber whose filter lets it pass.",
    columns=(Column("Subscribers", True), Column("Unconfirmed", True)),
    rows=rows,
    search=search,
    form=NewTopic,
    create=create,
    delete=topics.delete,
    example={"name": "orders"},
    empty="This account has no topic. A topic hands each message to queues, functions, HTTP endpoints and e-mail addresses at once.",
    arn=sns.topic_arn,
    page=views.topic,
    changes=views.CHANGES,
    arrows_heading="Leads to",
    delete_warning="Its subscriptions go with it.",
    pulse=sns.pulse,
)
