"""Short words for what the tests of queues do again and again."""

from typing import Any

from invocations.resources import queues
from invocations.services import sqs
from invocations.services.sqs import Message

ACCOUNT = "111111111111"


def a_queue(name: str = "orders", account_id: str = ACCOUNT, **attributes: str) -> str:
    """Makes a queue; a name that ends in .fifo makes a FIFO one."""
    if name.endswith(".fifo"):
        attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"} | attributes
    queues.create(account_id, name, attributes)
    return name


def send(queue: str, *bodies: str, **parameters: Any) -> None:
    for body in bodies:
        sqs.send(ACCOUNT, queue, body, **parameters)


def receive(queue: str, maximum: int = 10, **parameters: Any) -> list[Message]:
    return sqs.receive(ACCOUNT, queue, maximum=maximum, **parameters)


def bodies(messages: list[Message]) -> list[str]:
    return [message.body for message in messages]


def delete(queue: str, *messages: Message) -> None:
    assert sqs.delete(ACCOUNT, queue, [message.receipt_handle for message in messages]) == [None] * len(messages)


def count(queue: str) -> tuple[int, int, int]:
    """(available, in flight, delayed)"""
    counts = sqs.counts(ACCOUNT, queue)
    return counts.available, counts.in_flight, counts.delayed
