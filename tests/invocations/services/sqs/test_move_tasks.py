"""Moving messages back from a dead-letter queue."""

import time

import pytest

from invocations import store
from invocations.errors import AwsError
from invocations.resources import message_move_tasks
from invocations.services import sqs
from invocations.services.sqs import move_one, move_tasks
from invocations.services.sqs.move_tasks import MoveTask
from tests.invocations.services.sqs.queues_of_tests import ACCOUNT, a_queue, bodies, count, receive, send

OTHER_ACCOUNT = "222222222222"

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]


def a_dead_letter_queue_with(*messages: str, suffix: str = "") -> tuple[str, str]:
    """A queue and its dead-letter queue, to which these messages have gone."""
    dead = a_queue(f"dead{suffix}")
    policy = f'{{"deadLetterTargetArn": "{sqs.queue_arn(ACCOUNT, dead)}", "maxReceiveCount": 1}}'
    queue = a_queue(f"orders{suffix}", RedrivePolicy=policy, VisibilityTimeout="0")
    group = {"message_group_id": "g"} if suffix else {}
    send(queue, *messages, **group)
    receive(queue)
    assert receive(queue) == []
    return queue, dead


def finished(task: MoveTask) -> MoveTask:
    deadline = time.monotonic() + 60
    while (task := move_tasks.read(ACCOUNT, task.task_id)).status in ("RUNNING", "CANCELLING"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return task


def test_messages_go_back_to_where_they_came_from_as_new_ones() -> None:
    queue, dead = a_dead_letter_queue_with("x", "y")
    (buried, _) = sqs.peek(ACCOUNT, dead)
    task = finished(move_tasks.start(ACCOUNT, dead))
    assert (task.status, task.moved, task.to_move) == ("COMPLETED", 2, 2)
    assert (count(dead), count(queue)) == ((0, 0, 0), (2, 0, 0))
    back = receive(queue)
    assert bodies(back) == ["x", "y"]
    assert back[0].message_id != buried.message_id
    assert (back[0].system["ApproximateReceiveCount"], back[0].system.get("DeadLetterQueueSourceArn")) == ("1", None)


def test_messages_of_a_fifo_queue_go_back_in_order() -> None:
    queue, dead = a_dead_letter_queue_with("x", "y", suffix=".fifo")
    assert finished(move_tasks.start(ACCOUNT, dead)).status == "COMPLETED"
    assert bodies(receive(queue)) == ["x", "y"]


def test_messages_go_to_another_queue_where_one_is_named() -> None:
    _, dead = a_dead_letter_queue_with("x")
    other = a_queue("other")
    assert finished(move_tasks.start(ACCOUNT, dead, sqs.queue_arn(ACCOUNT, other))).status == "COMPLETED"
    assert bodies(receive(other)) == ["x"]


def test_a_task_at_a_rate_can_be_cancelled_and_only_one_runs_at_a_time() -> None:
    _, dead = a_dead_letter_queue_with(*"abcdef")
    task = move_tasks.start(ACCOUNT, dead, maximum_per_second=1)
    with pytest.raises(AwsError, match="There is already a task running"):
        move_tasks.start(ACCOUNT, dead)
    move_tasks.cancel(ACCOUNT, task.task_id)
    task = finished(task)
    assert (task.status, task.moved < 6) == ("CANCELLED", True)
    with pytest.raises(AwsError):
        move_tasks.cancel(ACCOUNT, task.task_id)
    assert finished(move_tasks.start(ACCOUNT, dead)).status == "COMPLETED"
    assert [each.status for each in move_tasks.list_of(ACCOUNT, dead, 10)] == ["COMPLETED", "CANCELLED"]


def test_a_task_fails_where_a_message_has_nowhere_to_go() -> None:
    dead = a_queue("dead")
    a_queue(RedrivePolicy=f'{{"deadLetterTargetArn": "{sqs.queue_arn(ACCOUNT, dead)}", "maxReceiveCount": 1}}')
    send(dead, "sent to it directly")
    task = finished(move_tasks.start(ACCOUNT, dead))
    assert (task.status, task.failure_reason) == ("FAILED", "CouldNotDetermineMessageSource")
    task = finished(move_tasks.start(ACCOUNT, dead, sqs.queue_arn(ACCOUNT, "gone")))
    assert (task.status, task.failure_reason) == ("FAILED", "AWS.SimpleQueueService.NonExistentQueue")
    assert count(dead) == (1, 0, 0)


@pytest.mark.parametrize("wrong", ["other.fifo", "of another account", "dead"])
def test_a_destination_that_would_lose_messages_is_refused(wrong: str) -> None:
    _, dead = a_dead_letter_queue_with("x")
    if wrong == "of another account":
        arn = sqs.queue_arn(OTHER_ACCOUNT, a_queue("other", OTHER_ACCOUNT))
    else:
        arn = sqs.queue_arn(ACCOUNT, wrong if wrong == dead else a_queue(wrong))
    with pytest.raises(AwsError, match="Source and destination queues must"):
        message_move_tasks.start(ACCOUNT, dead, arn)
    if wrong != dead:  # as a task of before would go on
        task = finished(move_tasks.start(ACCOUNT, dead, arn))
        assert (task.status, task.moved, task.failure_reason) == ("FAILED", 0, "AWS.SimpleQueueService.UnsupportedOperation")
    assert count(dead) == (1, 0, 0)


def test_a_task_that_redis_refuses_has_failed() -> None:
    _, dead = a_dead_letter_queue_with("x")
    other = a_queue("other")
    store.connection().set(f"sqs:{ACCOUNT}:{other}:meta", "no hash")
    task = finished(move_tasks.start(ACCOUNT, dead, sqs.queue_arn(ACCOUNT, other)))
    assert (task.status, task.failure_reason) == ("FAILED", "InternalError")


def test_what_a_dead_process_left_is_taken_up() -> None:
    queue, dead = a_dead_letter_queue_with("x", "y")
    task = move_tasks.start(ACCOUNT, dead, maximum_per_second=1)
    store.connection().set(f"sqs-move:{ACCOUNT}:{task.task_id}:runner", "somebody else", px=300)  # the runner stops at this
    time.sleep(0.4)
    move_tasks.resume()
    assert finished(task).status == "COMPLETED"
    assert count(queue) == (2, 0, 0)


def test_one_message_goes_back_alone_and_only_where_it_can() -> None:
    queue, dead = a_dead_letter_queue_with("x", "y", suffix=".fifo")
    _, second = sqs.peek(ACCOUNT, dead)
    other = a_queue("other")
    with pytest.raises(AwsError, match="of another type"):
        move_one.back(ACCOUNT, dead, second.message_id, sqs.queue_arn(ACCOUNT, other))
    assert count(dead) == (2, 0, 0)
    new_id = move_one.back(ACCOUNT, dead, second.message_id)
    assert [(message.message_id, message.body) for message in receive(queue)] == [(new_id, "y")]
    assert bodies(receive(dead)) == ["x"]

    send(other, "stray")
    (stray,) = sqs.peek(ACCOUNT, other)
    with pytest.raises(AwsError, match="Nobody knows which queue"):
        move_one.back(ACCOUNT, other, stray.message_id)
    with pytest.raises(AwsError, match=r"The other queue does not exist\."):
        move_one.to_dead_letter_queue(ACCOUNT, other, stray.message_id)
    assert count(other) == (1, 0, 0)
