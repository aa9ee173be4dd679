"""What services owe to others: a topic to its subscribers, a rule to its targets, a schedule to its target.

A service writes its deliveries here before it answers its caller; the worker sends each, tries again by its retry rule, and
gives up to a dead-letter queue. So services stay below the path of an invocation, and nothing is lost between the two.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from redis.client import Pipeline

from invocations import fast_json
from invocations.due_queue import DueQueue, Item, Waiting
from invocations.values import new_request_id

QUEUE = DueQueue("outbox")


@dataclass(frozen=True, slots=True)
class RetryRule:
    """How often, and how long, a delivery is tried again."""

    schedule: str = "events"
    """ "events" (exponential, with jitter), "sns" (its own four phases) or "delays" (those below); retry_schedules.py."""
    maximum_retry_attempts: int = 185
    maximum_age_seconds: int = 86_400
    """On the account's clock."""
    delays: tuple[float, ...] = ()
    """Seconds before each retry, where no formula gives them: an HTTP endpoint's delivery policy."""


@dataclass(slots=True)
class Delivery:
    """One message for one target."""

    account_id: str
    """Who owes it."""
    target: str
    """ARN of a function (qualified or not), queue, topic, event bus or bucket; or an http(s) URL on this machine."""
    body: str
    """A function's payload, a queue's message body, a topic's message, a bus entry as JSON, a request's body."""
    source: str
    """The service: "sns", "events", "scheduler", "s3"."""
    origin: str = ""
    """ARN of the topic, rule or schedule behind it: the SourceArn of what follows."""
    role_arn: str = ""
    """The role that sends it; empty where the service speaks for itself and the target's policy decides."""
    detail: dict[str, Any] = field(default_factory=dict)
    """What this kind of target takes besides, JSON-able: "message_attributes", "message_group_id", "subject", "headers" …"""
    trace_id: str = ""
    """X-Amzn-Trace-Id that travels on."""
    parent_request_id: str = ""
    """The invocation that caused it, or the call of the API."""
    retry: RetryRule = field(default_factory=RetryRule)
    dead_letter_arn: str = ""
    """A queue that gets the body after the last try, with *dead_letter_attributes*."""
    dead_letter_attributes: dict[str, Any] = field(default_factory=dict)
    """Message attributes as SendMessage takes them; ERROR_CODE and ERROR_MESSAGE are added, but to those of topics."""
    dead_letter_body: str = ""
    """What that queue gets in place of the body: a topic's notification, where the target was a function. Empty: the body."""
    delivery_id: str = field(default_factory=new_request_id)


def put(deliveries: Sequence[Delivery]) -> None:
    """Durable when it returns."""
    if deliveries:
        QUEUE.put([_item(delivery) for delivery in deliveries])


def put_within(transaction: Pipeline, deliveries: Sequence[Delivery]) -> list[Any]:
    """Executes the caller's *transaction* and puts the deliveries in the same step; the answers to the caller's own commands."""
    return QUEUE.put_within(transaction, [_item(delivery) for delivery in deliveries])


async def put_async(deliveries: Sequence[Delivery]) -> None:
    """The same on a loop."""
    if deliveries:
        await QUEUE.put_async([_item(delivery) for delivery in deliveries])


def read(fields: dict[str, bytes]) -> Delivery:
    """What `put` stored."""
    kept = fast_json.loads(fields["delivery"])
    kept["retry"] = RetryRule(**{**kept["retry"], "delays": tuple(kept["retry"]["delays"])})
    return Delivery(**kept)


def waiting(account_id: str, target: str, limit: int = 50) -> list[Waiting]:
    """Deliveries to a target that are not over, the oldest first."""
    return QUEUE.waiting(account_id, target, limit)


def _item(delivery: Delivery) -> Item:
    return Item(delivery.account_id, delivery.target, delivery.delivery_id, {"delivery": fast_json.dumps(asdict(delivery)), "attempts": 0})
