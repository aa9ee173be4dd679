"""FIFO queues: order within groups, one receiver of a group at a time, deduplication."""

import threading
import time

import pytest

from invocations import account_clock
from invocations.errors import AwsError
from invocations.resources import queues
from invocations.services import sqs
from tests.invocations.services.sqs.queues_of_tests import ACCOUNT, a_queue, bodies, count, delete, receive, send

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]


def test_groups_keep_their_order_and_wait_for_their_receiver() -> None:
    queue = a_queue("orders.fifo")
    send(queue, "a1", "a2", "a3", message_group_id="a")
    send(queue, "b1", message_group_id="b")
    first = receive(queue, maximum=2)
    assert bodies(first) == ["a1", "a2"]
    assert bodies(receive(queue)) == ["b1"]
    assert receive(queue) == []  # a3 waits for a1 and a2
    delete(queue, first[0])
    assert receive(queue) == []
    delete(queue, first[1])
    assert bodies(receive(queue)) == ["a3"]


def test_messages_given_back_come_again_in_their_order_before_later_ones() -> None:
    queue = a_queue("orders.fifo", VisibilityTimeout="30")
    send(queue, "a1", "a2", "a3", message_group_id="a")
    held = receive(queue, maximum=2)
    sqs.change_visibility(ACCOUNT, queue, [(held[1].receipt_handle, 0)])
    assert receive(queue) == []  # a1 is still being worked on
    account_clock.skip_to_next(ACCOUNT)
    assert bodies(receive(queue)) == ["a1", "a2", "a3"]


def test_a_receive_takes_from_several_groups() -> None:
    queue = a_queue("orders.fifo")
    for group in "abc":
        send(queue, f"{group}1", f"{group}2", message_group_id=group)
    assert bodies(receive(queue, maximum=5)) == ["a1", "a2", "b1", "b2", "c1"]
    assert receive(queue) == []


def test_system_attributes_name_group_deduplication_and_sequence() -> None:
    queue = a_queue("orders.fifo", ContentBasedDeduplication="false")
    sent = [sqs.send(ACCOUNT, queue, body, message_group_id="g", message_deduplication_id=body) for body in ("x", "y")]
    first, second = receive(queue)
    assert first.system["MessageGroupId"] == "g"
    assert first.system["MessageDeduplicationId"] == "x"
    assert [first.system["SequenceNumber"], second.system["SequenceNumber"]] == [each.sequence_number for each in sent]
    assert len(sent[0].sequence_number) == 20
    assert sent[0].sequence_number < sent[1].sequence_number


def test_a_duplicate_within_five_minutes_is_accepted_and_not_delivered() -> None:
    queue = a_queue("orders.fifo")
    first = sqs.send(ACCOUNT, queue, "same", message_group_id="a")
    delete(queue, *receive(queue))
    again = sqs.send(ACCOUNT, queue, "same", message_group_id="b")
    assert (again.message_id, again.sequence_number) == (first.message_id, first.sequence_number)
    assert receive(queue) == []
    account_clock.set_rate(ACCOUNT, 600)
    time.sleep(0.55)  # five minutes and a half
    assert sqs.send(ACCOUNT, queue, "same", message_group_id="b").message_id != first.message_id


def test_deduplication_by_group_lets_the_same_message_into_another_group() -> None:
    queue = a_queue("orders.fifo", DeduplicationScope="messageGroup", FifoThroughputLimit="perMessageGroupId")
    send(queue, "same", message_group_id="a")
    send(queue, "same", message_group_id="a")
    send(queue, "same", message_group_id="b")
    assert count(queue) == (2, 0, 0)


def test_an_expired_receipt_is_refused() -> None:
    queue = a_queue("orders.fifo", VisibilityTimeout="30")
    send(queue, "x", message_group_id="a")
    (message,) = receive(queue)
    account_clock.skip_to_next(ACCOUNT)
    (error,) = sqs.delete(ACCOUNT, queue, [message.receipt_handle])
    assert error is not None
    reason = "Reason: The receipt handle has expired."
    assert error.message == f"Value {message.receipt_handle} for parameter ReceiptHandle is invalid. {reason}"
    (error,) = sqs.change_visibility(ACCOUNT, queue, [(message.receipt_handle, 10)])
    assert error is not None
    assert bodies(receive(queue)) == ["x"]


def test_the_queues_delay_holds_for_messages_that_were_sent_before_it_was_changed() -> None:
    queue = a_queue("orders.fifo", DelaySeconds="900")
    send(queue, "x", "y", message_group_id="a")
    assert count(queue) == (0, 0, 2)
    queues.set_attributes(ACCOUNT, queue, {"DelaySeconds": "0"})
    assert bodies(receive(queue)) == ["x", "y"]


def test_a_repeated_receive_attempt_gets_the_same_messages() -> None:
    queue = a_queue("orders.fifo")
    send(queue, "x", "y", message_group_id="a")
    first = receive(queue, maximum=1, attempt_id="try-1")
    again = receive(queue, maximum=1, attempt_id="try-1")
    assert (again[0].receipt_handle, again[0].system) == (first[0].receipt_handle, first[0].system)
    assert receive(queue, attempt_id="try-2") == []
    delete(queue, *again)
    assert bodies(receive(queue, attempt_id="try-1")) == ["y"]


def test_the_dead_letter_queue_gets_a_group_in_its_order_and_the_rest_goes_on() -> None:
    dead = a_queue("dead.fifo")
    arn = sqs.queue_arn(ACCOUNT, dead)
    queue = a_queue("orders.fifo", RedrivePolicy=f'{{"deadLetterTargetArn": "{arn}", "maxReceiveCount": "1"}}', VisibilityTimeout="0")
    send(queue, "a1", "a2", message_group_id="a")
    assert bodies(receive(queue)) == ["a1", "a2"]
    send(queue, "a3", message_group_id="a")
    assert bodies(receive(queue)) == ["a3"]
    buried = receive(dead)
    assert bodies(buried) == ["a1", "a2"]
    assert buried[0].system["MessageGroupId"] == "a"


def test_purging_frees_the_groups() -> None:
    queue = a_queue("orders.fifo")
    send(queue, "a1", "a2", message_group_id="a")
    receive(queue, maximum=1)
    sqs.purge(ACCOUNT, queue)
    send(queue, "a3", message_group_id="a")
    assert bodies(receive(queue)) == ["a3"]


def test_a_waiting_receiver_gets_the_next_of_a_group_when_the_one_before_is_deleted() -> None:
    queue = a_queue("orders.fifo")
    send(queue, "a1", "a2", message_group_id="a")
    (held,) = receive(queue, maximum=1)
    timer = threading.Timer(0.3, delete, (queue, held))
    timer.start()
    started = time.monotonic()
    assert bodies(receive(queue, wait_seconds=10)) == ["a2"]
    assert time.monotonic() - started < 8
    timer.join()


@pytest.mark.parametrize(
    ("parameters", "code", "message"),
    [
        ({"message_deduplication_id": "x"}, "MissingParameter", "The request must contain the parameter MessageGroupId."),
        (
            {"message_group_id": "g"},
            "InvalidParameterValue",
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
        ),
        (
            {"message_group_id": "g", "message_deduplication_id": "x", "delay_seconds": 2},
            "InvalidParameterValue",
            "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.",
        ),
        (
            {"message_group_id": "with space", "message_deduplication_id": "x"},
            "InvalidParameterValue",
            "Value with space for parameter MessageGroupId is invalid. "
            "Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.",
        ),
    ],
)
def test_a_message_without_what_a_fifo_queue_needs_is_refused(parameters: dict[str, object], code: str, message: str) -> None:
    queue = a_queue("orders.fifo", ContentBasedDeduplication="false")
    with pytest.raises(AwsError) as raised:
        send(queue, "x", **parameters)
    assert (raised.value.query_code, raised.value.message) == (code, message)
