"""Short words for what the tests of topics do again and again."""

import json
from pathlib import Path
from typing import Any

from invocations.models import Subscription
from invocations.resources import subscriptions, topics
from invocations.services import sns
from invocations.values import Principal
from tests.invocations.services.sqs import queues_of_tests
from tests.invocations.services.sqs.queues_of_tests import ACCOUNT
from tests.queue_policies import letting_in

__all__ = ["ACCOUNT", "a_queue", "a_topic", "event", "fates", "queue_arn", "subscribe"]

EVENTS = Path(__file__).parents[3] / "events"


def a_topic(name: str = "orders", **attributes: str) -> str:
    """Makes a topic; a name that ends in .fifo makes a FIFO one."""
    if name.endswith(".fifo"):
        attributes = {"FifoTopic": "true", "ContentBasedDeduplication": "true"} | attributes
    topics.create(ACCOUNT, name, attributes)
    return name


def a_queue(name: str = "orders", **attributes: str) -> str:
    """Makes a queue that lets topics send."""
    return queues_of_tests.a_queue(name, **{"Policy": letting_in(), **attributes})


def subscribe(topic: str, protocol: str, endpoint: str, *, confirmed: bool = True, **attributes: str) -> Subscription:
    """Subscribes, and confirms where that must be."""
    row = subscriptions.subscribe(topics.get(ACCOUNT, topic), Principal.root(ACCOUNT), protocol, endpoint, attributes)
    if confirmed and row.pending_confirmation:
        return subscriptions.confirm(sns.topic_arn(ACCOUNT, topic), row.token, is_authenticated=True)
    return row


def queue_arn(name: str) -> str:
    return f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"


def fates(topic: str) -> list[tuple[str, str]]:
    """(endpoint, fate) of the last message."""
    return [(each.endpoint, each.fate) for each in sns.recent(ACCOUNT, topic)[0].outcomes]


def event(name: str, **values: str) -> Any:
    """A documented event, its `<names>` filled in."""
    text = (EVENTS / f"{name}.json").read_text()
    for key, value in values.items():
        text = text.replace(f"<{key}>", value)
    return json.loads(text)
