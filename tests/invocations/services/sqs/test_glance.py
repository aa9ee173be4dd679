"""Looking at queues and messages for pages."""

import pytest

from invocations.services import sqs
from tests.invocations.services.sqs.queues_of_tests import ACCOUNT, a_queue, bodies, count, receive, send

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]


def test_of_large_messages_a_look_shows_fewer_and_the_next_goes_on_from_there() -> None:
    queue = a_queue()
    send(queue, *(letter * 1000 for letter in "abc"))
    assert [body[0] for body in bodies(sqs.peek(ACCOUNT, queue, enough_bytes=1500))] == ["a", "b"]
    assert [body[0] for body in bodies(sqs.peek(ACCOUNT, queue, offset=2, enough_bytes=1))] == ["c"]


def test_single_messages_are_looked_at_as_long_as_they_are_there() -> None:
    queue = a_queue()
    send(queue, "one", "two")
    one, two = (message.message_id for message in sqs.peek(ACCOUNT, queue))
    (received,) = receive(queue, 1)
    found = sqs.look_at(ACCOUNT, queue, [two, "unknown", one])
    assert [(message.body, message.state) for message in found] == [("two", "available"), ("one", "in flight")]
    sqs.delete(ACCOUNT, queue, [received.receipt_handle])
    assert bodies(sqs.look_at(ACCOUNT, queue, [one])) == []
    assert sqs.look_at(ACCOUNT, queue, []) == []


def test_counts_of_many_queues_are_those_of_each() -> None:
    names = [a_queue("first"), a_queue("second.fifo"), a_queue("empty")]
    send("first", "a", "b", "c")
    send("first", "later", delay_seconds=60)
    receive("first", 2)
    send("second.fifo", "a", "b", message_group_id="g")
    receive("second.fifo", 1)
    found = sqs.counts_of(ACCOUNT, names)
    assert [(each.available, each.in_flight, each.delayed) for each in found] == [count(name) for name in names]
    assert count("first") == (1, 2, 1)
