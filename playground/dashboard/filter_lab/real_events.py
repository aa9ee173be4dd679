"""Real events of the account: messages that a queue holds, events that a bus had, messages that a topic published.

Looking at them receives none.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from invocations.models import EventBus, Queue, Topic
from invocations.region import REGION
from invocations.services import sns, sqs
from invocations.services.eventbridge import recent
from invocations.services.sqs import Message

MOST_SOURCES = 20
MOST_EVENTS = 5
"""Taken into the lab at once."""
ENOUGH_BYTES = 4 * 1024 * 1024
"""Of a queue's messages; no more are looked at."""


@dataclass(frozen=True, slots=True)
class Source:
    """What the events of a use of patterns come from."""

    heading: str
    names: Callable[[str], list[str]]
    """account id -> what there is to pick from."""
    newest: Callable[[str, str, int], list[Any]]
    """(account id, name, how many at the most) -> events, as JSON has them, but for those kept only in part. Raises AwsError."""


def _named(model: Any) -> Callable[[str], list[str]]:
    return lambda account_id: list(model.objects.of(account_id).order_by("name").values_list("name", flat=True)[:MOST_SOURCES])


def _buses(account_id: str) -> list[str]:
    return ["default", *(name for name in _named(EventBus)(account_id) if name != "default")]


def _from_queue(account_id: str, queue: str, limit: int) -> list[Any]:
    """The newest first, as records of an event source mapping."""
    (held,) = sqs.counts_of(account_id, [queue])
    older = max(0, held.available + held.in_flight + held.delayed - limit)
    found = sqs.peek(account_id, queue, limit=limit, offset=older, enough_bytes=ENOUGH_BYTES)
    return [_record(account_id, queue, message) for message in reversed(found)]


def _from_bus(account_id: str, bus: str, limit: int) -> list[Any]:
    return [found.event for found in recent.newest(account_id, bus, limit) if found.is_whole]


def _attributes_from_topic(account_id: str, topic: str, limit: int) -> list[Any]:
    """As Publish takes them; of those of the type Binary nothing can be filtered."""
    return [
        {name: {"Type": kind, "Value": value} for name, (kind, value) in message.attributes.items() if not kind.startswith("Binary")}
        for message in sns.recent(account_id, topic, limit)
    ]


def _bodies_from_topic(account_id: str, topic: str, limit: int) -> list[Any]:
    return [_value(message.body) for message in sns.recent(account_id, topic, limit) if not message.is_cut]


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _record(account_id: str, queue: str, message: Message) -> dict[str, object]:
    return {
        "messageId": message.message_id,
        "body": message.body,
        "attributes": dict(message.system),
        "messageAttributes": {name: _attribute(value) for name, value in message.attributes.items()},
        "md5OfBody": message.md5_of_body,
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{account_id}:{queue}",
        "awsRegion": REGION,
    }


def _attribute(value: object) -> dict[str, str]:
    return {name[0].lower() + name[1:]: str(each) for name, each in value.items()} if isinstance(value, dict) else {}


SOURCES: Final[Mapping[str, Source]] = {
    "sqs": Source("Messages now in a queue", _named(Queue), _from_queue),
    "events": Source("Newest events of a bus", _buses, _from_bus),
    "sns-attributes": Source("Newest messages of a topic", _named(Topic), _attributes_from_topic),
    "sns-body": Source("Newest messages of a topic", _named(Topic), _bodies_from_topic),
}
"""By the slug of the mode; others have none here."""
