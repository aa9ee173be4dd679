"""FIFO topics: order, numbers, and what is a repetition."""

import threading

import pytest

from invocations import account_clock, store
from invocations.services import sns, sqs
from invocations.services.sns import fifo
from tests.invocations.services.sns.topics_of_tests import ACCOUNT, a_queue, a_topic, queue_arn, subscribe

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db]


def bodies(queue: str) -> list[str]:
    return [message.body for message in sqs.peek(ACCOUNT, queue)]


def publish(message: str, group: str = "g", deduplication_id: str = "", topic: str = "t.fifo") -> sns.Published:
    return sns.publish(ACCOUNT, topic, message, message_group_id=group, message_deduplication_id=deduplication_id)


def a_fifo_topic(**attributes: str) -> None:
    a_topic("t.fifo", **attributes)
    subscribe("t.fifo", "sqs", queue_arn(a_queue("standard")), RawMessageDelivery="true")


def test_a_repetition_is_dropped_for_five_minutes_of_the_accounts_clock() -> None:
    a_fifo_topic()
    first, again = publish("a"), publish("a")
    assert first == again
    for seconds, expected in ((299, ["a"]), (2, ["a", "a"])):
        store.connection().zadd(store.due_key(ACCOUNT), {"test:x": account_clock.now(ACCOUNT) + seconds})
        account_clock.skip_to_next(ACCOUNT)
        store.connection().zrem(store.due_key(ACCOUNT), "test:x")
        publish("a")
        assert bodies("standard") == expected


def test_a_repetition_within_a_batch_is_dropped_too() -> None:
    a_fifo_topic()
    messages = [sns.Message(text, message_group_id="g") for text in ("a", "b", "a")]
    first, second, third = sns.publish_many(sns.find(ACCOUNT, "t.fifo"), messages)
    assert (first, bodies("standard")) == (third, ["a", "b"])
    assert first.sequence_number < second.sequence_number


def test_the_scope_says_whether_groups_share_their_repetitions() -> None:
    a_fifo_topic()
    publish("a", "one"), publish("a", "two")
    assert bodies("standard") == ["a"]
    a_topic("u.fifo", FifoThroughputScope="MessageGroup")
    subscribe("u.fifo", "sqs", queue_arn(a_queue("other")), RawMessageDelivery="true")
    publish("a", "one", topic="u.fifo"), publish("a", "two", topic="u.fifo")
    assert bodies("other") == ["a", "a"]


def test_the_order_of_a_group_is_kept() -> None:
    a_topic("t.fifo")
    a_queue("q.fifo", ContentBasedDeduplication="false")
    subscribe("t.fifo", "sqs", queue_arn("q.fifo"), RawMessageDelivery="true")
    numbers = [publish(str(number), "ab"[number % 2]).sequence_number for number in range(6)]
    assert numbers == sorted(numbers)
    received = sqs.receive(ACCOUNT, "q.fifo", maximum=10)
    assert sorted(message.body for message in received if message.system["MessageGroupId"] == "a") == ["0", "2", "4"]
    assert [message.body for message in received if message.system["MessageGroupId"] == "b"] == ["1", "3", "5"]


def test_a_message_whose_publisher_died_before_the_subscribers_had_it_is_no_repetition() -> None:
    a_fifo_topic()
    (claimed,) = fifo.claim(sns.find(ACCOUNT, "t.fifo"), [sns.Message("a", message_group_id="g")])
    assert publish("a") == publish("a") == sns.Published(claimed.message_id, claimed.sequence_number)
    assert bodies("standard") == ["a"]


@pytest.mark.django_db(transaction=True)
def test_a_publisher_waits_for_the_one_before_it() -> None:
    a_fifo_topic()
    topic, later = sns.find(ACCOUNT, "t.fifo"), []
    with fifo.turn(topic):
        (claimed,) = fifo.claim(topic, [sns.Message("a", message_group_id="g")])
        publisher = threading.Thread(target=lambda: later.append(publish("a")))
        publisher.start()
        publisher.join(0.2)
        assert publisher.is_alive()
        fifo.handed_on(topic, [claimed])
    publisher.join()
    assert (later, bodies("standard")) == ([sns.Published(claimed.message_id, claimed.sequence_number)], [])
