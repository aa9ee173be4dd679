"""Standard queues against a real Redis."""

import asyncio
import threading
import time
from datetime import timedelta

import pytest

from invocations import account_clock, store
from invocations.errors import AwsError
from invocations.resources import queues
from invocations.services import sqs
from invocations.services.sqs import tend_queue
from tests.invocations.services.sqs.queues_of_tests import ACCOUNT, a_queue, bodies, count, delete, receive, send

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]


def test_a_message_is_received_once_and_deleted() -> None:
    queue = a_queue()
    sent = sqs.send(ACCOUNT, queue, "hello", attributes={"k": {"DataType": "String", "StringValue": "v"}}, sender_id="AIDAX")
    (message,) = receive(queue)
    assert (message.message_id, message.body, message.md5_of_body) == (sent.message_id, "hello", sent.md5_of_body)
    assert message.attributes == {"k": {"DataType": "String", "StringValue": "v"}}
    assert (message.system["ApproximateReceiveCount"], message.system["SenderId"]) == ("1", "AIDAX")
    assert (receive(queue), count(queue)) == ([], (0, 1, 0))
    delete(queue, message)
    assert count(queue) == (0, 0, 0)
    assert store.connection().hlen(f"sqs:{ACCOUNT}:{queue}:body") == 0


def test_messages_come_in_the_order_in_which_they_were_sent() -> None:
    queue = a_queue()
    send(queue, "a", "b", "c")
    assert bodies(receive(queue)) == ["a", "b", "c"]


def test_an_overdue_message_comes_again_with_its_count_and_its_first_time() -> None:
    queue = a_queue(VisibilityTimeout="30")
    send(queue, "x")
    (first,) = receive(queue)
    account_clock.skip_to_next(ACCOUNT)
    (second,) = receive(queue)
    assert second.system["ApproximateReceiveCount"] == "2"
    assert second.system["ApproximateFirstReceiveTimestamp"] == first.system["ApproximateFirstReceiveTimestamp"]
    assert second.receipt_handle != first.receipt_handle
    delete(queue, first)  # a standard queue takes an old receipt, too
    assert count(queue) == (0, 0, 0)


def test_a_receipt_that_is_none_is_refused() -> None:
    queue, other = a_queue(), a_queue("other")
    send(other, "x")
    (foreign,) = receive(other)
    for handle in ("nonsense", foreign.receipt_handle):
        (error,) = sqs.delete(ACCOUNT, queue, [handle])
        assert error is not None
        assert (error.code, error.message) == (
            "ReceiptHandleIsInvalid",
            f'The input receipt handle "{handle}" is not a valid receipt handle.',
        )


def test_visibility_can_be_given_back_and_extended() -> None:
    queue = a_queue()
    send(queue, "x")
    (message,) = receive(queue)
    assert sqs.change_visibility(ACCOUNT, queue, [(message.receipt_handle, 0)]) == [None]
    (message,) = receive(queue, visibility_timeout=10)
    assert sqs.change_visibility(ACCOUNT, queue, [(message.receipt_handle, 600)]) == [None]
    (peeked,) = sqs.peek(ACCOUNT, queue)
    assert peeked.state == "in flight"
    assert peeked.until is not None
    assert 590 < peeked.until - account_clock.now(ACCOUNT) <= 600


def test_visibility_of_a_message_that_is_gone_or_for_more_than_twelve_hours_is_refused() -> None:
    queue = a_queue()
    send(queue, "x", "y")
    gone, long = receive(queue)
    delete(queue, gone)
    account_clock.set_rate(ACCOUNT, 600)
    time.sleep(0.01)  # six seconds for the queue
    errors = sqs.change_visibility(ACCOUNT, queue, [(gone.receipt_handle, 5), (long.receipt_handle, 43_200), (long.receipt_handle, -1)])
    assert [error.message.rpartition("Reason: ")[2] for error in errors if error and error.message] == [
        "Message does not exist or is not available for visibility timeout change.",
        "Total VisibilityTimeout for the message is beyond the limit [43200 seconds].",
        "VisibilityTimeout must be an integer between 0 and 43200.",
    ]


@pytest.mark.parametrize("seconds", [0, 60])
def test_visibility_of_a_message_that_is_visible_again_is_nobodys_to_change(seconds: int) -> None:
    queue = a_queue()
    send(queue, "x")
    (message,) = receive(queue, visibility_timeout=1)
    account_clock.set_paused(ACCOUNT, True)
    store.connection().hset(store.clock_key(ACCOUNT), "shown", repr(account_clock.now(ACCOUNT) + 2))
    (error,) = sqs.change_visibility(ACCOUNT, queue, [(message.receipt_handle, seconds)])
    assert error is not None
    assert (error.code, error.message) == ("MessageNotInflight", "The specified message isn't in flight.")
    assert sqs.counts(ACCOUNT, queue).available == 1


def test_a_timeout_of_zero_leaves_the_message_available() -> None:
    queue = a_queue(VisibilityTimeout="0")
    send(queue, "x")
    assert [message.system["ApproximateReceiveCount"] for _ in range(2) for message in receive(queue)] == ["1", "2"]


def test_delays_are_the_queues_or_the_messages_own_and_follow_the_accounts_clock() -> None:
    queue = a_queue(DelaySeconds="60")
    send(queue, "by the queue")
    send(queue, "now", delay_seconds=0)
    send(queue, "later", delay_seconds=120)
    assert count(queue) == (1, 0, 2)
    seen = [bodies(receive(queue, visibility_timeout=900))]
    for _ in range(2):
        account_clock.skip_to_next(ACCOUNT)
        seen.append(bodies(receive(queue, visibility_timeout=900)))
    assert seen == [["now"], ["by the queue"], ["later"]]


def test_what_the_holder_has_a_real_lease_on_does_not_come_back_by_the_clock_alone() -> None:
    queue = a_queue()
    send(queue, "x")
    (message,) = receive(queue, lease=timedelta(seconds=0.8))
    account_clock.skip_to_next(ACCOUNT)
    assert (receive(queue), count(queue)) == ([], (0, 1, 0))
    assert sqs.extend_lease(ACCOUNT, queue, [message.receipt_handle], timedelta(seconds=2)) == 1
    time.sleep(0.8)
    assert receive(queue) == []
    assert bodies(receive(queue, wait_seconds=8)) == ["x"]  # woken by the end of the lease
    assert sqs.extend_lease(ACCOUNT, queue, [message.receipt_handle], timedelta(seconds=1)) == 0


def test_messages_that_were_received_too_often_go_to_the_dead_letter_queue() -> None:
    dead = a_queue("dead")
    arn = sqs.queue_arn(ACCOUNT, dead)
    queue = a_queue(RedrivePolicy=f'{{"deadLetterTargetArn": "{arn}", "maxReceiveCount": 2}}', VisibilityTimeout="0")
    send(queue, "poison", attributes={"k": {"DataType": "Number", "StringValue": "1"}})
    sent = sqs.peek(ACCOUNT, queue)[0]
    for _ in range(2):
        assert bodies(receive(queue)) == ["poison"]
    assert (receive(queue), count(queue), count(dead)) == ([], (0, 0, 0), (1, 0, 0))
    (buried,) = receive(dead)
    assert (buried.message_id, buried.attributes) == (sent.message_id, sent.attributes)
    assert buried.system["DeadLetterQueueSourceArn"] == sqs.queue_arn(ACCOUNT, queue)
    assert (buried.system["SentTimestamp"], buried.system["ApproximateReceiveCount"]) == (sent.system["SentTimestamp"], "1")


def test_nothing_is_lost_where_the_dead_letter_queue_is_gone() -> None:
    dead = a_queue("dead")
    arn = sqs.queue_arn(ACCOUNT, dead)
    queue = a_queue(RedrivePolicy=f'{{"deadLetterTargetArn": "{arn}", "maxReceiveCount": 1}}', VisibilityTimeout="0")
    queues.delete(ACCOUNT, dead)
    send(queue, "x")
    assert [bodies(receive(queue)) for _ in range(3)] == [["x"], ["x"], ["x"]]


def test_messages_are_kept_for_the_retention_period() -> None:
    queue = a_queue(MessageRetentionPeriod="60")
    send(queue, "x")
    account_clock.set_rate(ACCOUNT, 600)
    time.sleep(0.15)
    assert (receive(queue), sqs.peek(ACCOUNT, queue)) == ([], [])
    assert count(queue) == (0, 0, 0)


def test_a_look_at_the_messages_changes_nothing() -> None:
    queue = a_queue()
    send(queue, "a", "b")
    send(queue, "c", delay_seconds=100)
    receive(queue, maximum=1)
    seen = [(message.body, message.state, message.system["ApproximateReceiveCount"]) for message in sqs.peek(ACCOUNT, queue)]
    assert seen == [("a", "in flight", "1"), ("b", "available", "0"), ("c", "delayed", "0")]
    assert bodies(sqs.peek(ACCOUNT, queue, limit=1, offset=1)) == ["b"]
    assert count(queue) == (1, 1, 1)


def test_purging_takes_everything_and_works_once_a_minute() -> None:
    queue = a_queue()
    send(queue, "a", "b")
    receive(queue, maximum=1)
    sqs.purge(ACCOUNT, queue)
    assert count(queue) == (0, 0, 0)
    with pytest.raises(AwsError) as raised:
        sqs.purge(ACCOUNT, queue)
    assert (raised.value.query_code, raised.value.http_status) == ("AWS.SimpleQueueService.PurgeQueueInProgress", 403)
    assert raised.value.message == "Only one PurgeQueue operation on orders is allowed every 60 seconds."


def test_a_deleted_queue_leaves_nothing_behind() -> None:
    queue = a_queue()
    send(queue, "a")
    send(queue, "b", delay_seconds=10)
    receive(queue)
    queues.delete(ACCOUNT, queue)
    assert list(store.connection().scan_iter(match=f"sqs:{ACCOUNT}:*")) == []
    assert store.connection().zcard(store.due_key(ACCOUNT)) == 0
    with pytest.raises(AwsError, match="The specified queue does not exist"):
        send(queue, "c")


def test_configuration_that_redis_lost_comes_back_from_the_database() -> None:
    queue = a_queue(VisibilityTimeout="7")
    store.connection().delete(f"sqs:{ACCOUNT}:{queue}:config")
    send(queue, "x")
    assert sqs.find(ACCOUNT, queue).visibility_timeout == 7


def test_accounts_do_not_see_each_others_queues() -> None:
    queue = a_queue()
    a_queue(account_id="222222222222")
    send(queue, "mine")
    assert sqs.receive("222222222222", queue) == []


def test_a_waiting_receiver_gets_a_message_as_soon_as_it_is_sent() -> None:
    queue = a_queue()
    timer = threading.Timer(0.3, send, (queue, "x"))
    timer.start()
    started = time.monotonic()
    assert bodies(receive(queue, wait_seconds=10)) == ["x"]
    assert 0.25 < time.monotonic() - started < 8
    timer.join()


def test_a_waiting_receiver_gives_up_at_its_time() -> None:
    queue = a_queue(ReceiveMessageWaitTimeSeconds="1")
    started = time.monotonic()
    assert receive(queue) == []
    assert 0.9 < time.monotonic() - started < 8


def test_a_waiting_receiver_gets_what_time_makes_available() -> None:
    queue = a_queue()
    send(queue, "x", delay_seconds=1)
    assert bodies(receive(queue, wait_seconds=5)) == ["x"]


def test_a_waiting_receiver_notices_that_the_clock_was_set() -> None:
    queue = a_queue()
    send(queue, "x", delay_seconds=900)
    timer = threading.Timer(0.3, account_clock.skip_to_next, (ACCOUNT,))
    timer.start()
    started = time.monotonic()
    assert bodies(receive(queue, wait_seconds=10)) == ["x"]
    assert time.monotonic() - started < 8
    timer.join()


def test_many_can_wait_on_a_loop_without_a_thread_each() -> None:
    queue = a_queue()

    request = sqs.receive_request(ACCOUNT, queue, wait_seconds=10)

    async def scenario() -> list[str]:
        waiting = [asyncio.create_task(sqs.receive_async(request)) for _ in range(40)]
        await asyncio.sleep(0.5)
        threads = threading.active_count()
        for number in range(40):
            await asyncio.to_thread(send, queue, str(number))
        received = [body for found in await asyncio.gather(*waiting) for body in bodies(found)]
        assert threads < 40
        return received

    assert sorted(asyncio.run(scenario()), key=int) == [str(number) for number in range(40)]


def test_the_due_index_says_when_something_comes_next_and_forgets_what_came() -> None:
    queue = a_queue()
    send(queue, "x", delay_seconds=100)
    due = account_clock.next_due(ACCOUNT)
    assert due is not None
    assert 99 < due - account_clock.now(ACCOUNT) <= 100
    account_clock.skip_to_next(ACCOUNT)
    tend_queue(ACCOUNT, queue, account_clock.now(ACCOUNT))
    assert account_clock.next_due(ACCOUNT) is None
    assert count(queue) == (1, 0, 0)
