"""Queues."""

import json

from django import forms

from invocations.models import Queue
from invocations.resources import queues
from invocations.services import sqs
from playground.dashboard.forms import StyledForm
from playground.dashboard.queue_forms import dead_letter_queue_of
from playground.dashboard.resources.kind import Arrow, Column, Kind, Row
from playground.dashboard.views import queues as views


class NewQueue(StyledForm):
    """A queue with, if wanted, a dead-letter queue made for it at once."""

    name = forms.CharField(label="Queue name", max_length=80, help_text="Letters, digits, hyphens and underscores, up to 80.")
    is_fifo = forms.BooleanField(label="FIFO: in order, and without duplicates", required=False, help_text="Its name ends with .fifo.")
    has_dead_letter_queue = forms.BooleanField(label="With a dead-letter queue", required=False)
    maximum_receives = forms.IntegerField(
        label="Receives before a message goes there", required=False, min_value=1, max_value=1000, initial=3, help_text="1 to 1000."
    )


def create(account_id: str, form: StyledForm) -> str:
    """The queue, after its dead-letter queue if one is wanted. A FIFO queue's name is given its ending."""
    data = form.cleaned_data
    stem, ending = data["name"].removesuffix(".fifo"), ".fifo" if data["is_fifo"] else ""
    name = stem + ending if data["is_fifo"] else data["name"]
    fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true"} if data["is_fifo"] else {}
    redrive = {}
    if data["has_dead_letter_queue"]:
        dead = queues.create(account_id, f"{stem}-dlq{ending}", fifo)
        policy = {"deadLetterTargetArn": sqs.queue_arn(account_id, dead.name), "maxReceiveCount": data["maximum_receives"] or 3}
        redrive = {"RedrivePolicy": json.dumps(policy)}
    queues.create(account_id, name, fifo | redrive)
    return name


def rows(account_id: str) -> list[Row]:
    """All queues with their counts; one query, and one round trip to Redis."""
    found = list(Queue.objects.of(account_id).order_by("name"))
    counts = sqs.counts_of(account_id, [row.name for row in found])
    return [
        Row(
            row.name,
            KIND.url(account_id, row.name),
            (count.available, count.in_flight, count.delayed),
            arrows=_dead_letter_arrow(account_id, row),
        )
        for row, count in zip(found, counts, strict=True)
    ]


def search(account_id: str, part: str) -> list[str]:
    """Names with *part* in them."""
    return list(Queue.objects.of(account_id).filter(name__icontains=part).order_by("name").values_list("name", flat=True)[:20])


def pulse(account_id: str, name: str) -> str:
    """What messages came and went, in this queue or in all of the account."""
    names = [name] if name else list(Queue.objects.of(account_id).order_by("name").values_list("name", flat=True))
    return sqs.pulse(account_id, names)


def _dead_letter_arrow(account_id: str, row: Queue) -> tuple[Arrow, ...]:
    name, count = dead_letter_queue_of(row.attributes)
    return (Arrow(name, KIND.url(account_id, name), f"after {count} receive{'s' if count > 1 else ''}"),) if name else ()


KIND = Kind(
    slug="queues",
    heading="Queues",
    singular="queue",
    service="sqs",
    icon="queues",
    about="SQS: messages wait here until somebody takes them and deletes them.",
    columns=(Column("Visible", True), Column("In flight", True), Column("Delayed", True)),
    rows=rows,
    search=search,
    form=NewQueue,
    create=create,
    delete=queues.delete,
    example={"name": "orders", "has_dead_letter_queue": "on", "maximum_receives": "3"},
    empty="This account has no queue. A queue receives the results of asynchronous invocations, and can feed a function.",
    arn=sqs.queue_arn,
    page=views.queue,
    changes=views.CHANGES,
    arrows_heading="Dead-letter queue",
    delete_warning="Its messages go with it.",
    pulse=pulse,
)
