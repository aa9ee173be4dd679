"""Publishing: a message checked, given its id, handed on to the subscribers."""

from collections.abc import Sequence
from dataclasses import dataclass

from invocations import account_clock, clock
from invocations.services.sns import fifo, messages
from invocations.services.sns.envelopes import Issued
from invocations.services.sns.fan_out import fan_out
from invocations.services.sns.messages import Attributes, Message
from invocations.services.sns.topic_config import TopicConfig, find
from invocations.values import new_request_id


@dataclass(frozen=True, slots=True)
class Published:
    """What the publisher is told."""

    message_id: str
    sequence_number: str = ""
    """Empty for standard topics."""


def publish(
    account_id: str,
    topic_name: str,
    message: str,
    *,
    subject: str | None = None,
    attributes: Attributes | None = None,
    message_structure: str = "",
    message_group_id: str = "",
    message_deduplication_id: str = "",
    trace_id: str = "",
    parent_request_id: str = "",
) -> Published:
    """Publishes one message: delivered, or durable on its way, when it returns. Raises what Publish raises."""
    given = Message(message, subject, attributes or {}, message_structure, message_group_id, message_deduplication_id)
    return publish_one(find(account_id, topic_name), given, trace_id=trace_id, parent_request_id=parent_request_id)


def publish_one(topic: TopicConfig, message: Message, *, trace_id: str = "", parent_request_id: str = "") -> Published:
    """The same for a topic at hand."""
    messages.check_size(message)
    (published,) = publish_many(topic, [message], trace_id=trace_id, parent_request_id=parent_request_id)
    return published


def publish_many(topic: TopicConfig, given: Sequence[Message], *, trace_id: str = "", parent_request_id: str = "") -> list[Published]:
    """Publishes several: all of them, or none where one is refused."""
    for message in given:
        messages.check(message, topic)
    if topic.is_fifo:
        return _publish_in_order(topic, given, trace_id, parent_request_id)
    timestamp = _timestamp(topic)
    issued = [Issued(each, new_request_id(), timestamp, "", trace_id, parent_request_id) for each in given]
    fan_out(topic, issued)
    return [Published(each.message_id) for each in issued]


def _publish_in_order(topic: TopicConfig, given: Sequence[Message], trace_id: str, parent_request_id: str) -> list[Published]:
    with fifo.turn(topic):
        claims = fifo.claim(topic, given)
        fresh = [(message, place) for message, place in zip(given, claims, strict=True) if not place.is_duplicate]
        if fresh:
            timestamp = _timestamp(topic)
            numbered = [(message, place.message_id, timestamp, place.sequence_number) for message, place in fresh]
            fan_out(topic, [Issued(*each, trace_id, parent_request_id) for each in numbered])
            fifo.handed_on(topic, [place for _, place in fresh])
    return [Published(place.message_id, place.sequence_number) for place in claims]


def _timestamp(topic: TopicConfig) -> str:
    return clock.iso_millis(clock.from_epoch(account_clock.now(topic.account_id)))
