"""Many senders and receivers at once: nothing lost, nothing delivered twice, groups in order."""

import threading
from collections import Counter, defaultdict
from collections.abc import Callable

import pytest

from invocations.services import sqs
from tests.invocations.services.sqs.queues_of_tests import ACCOUNT, a_queue, count, delete, receive, send

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]

CONSUMERS = 8
MESSAGES = 400


def run_all(workers: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=worker) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()


def test_no_message_of_a_standard_queue_has_two_receivers() -> None:
    queue = a_queue()
    received: Counter[str] = Counter()
    lock = threading.Lock()

    def produce() -> None:
        for number in range(MESSAGES // 2):
            send(queue, f"{threading.get_ident()}-{number}")

    def consume() -> None:
        while found := receive(queue, wait_seconds=1):
            with lock:
                received.update(message.body for message in found)
            delete(queue, *found)

    run_all([produce, produce, *[consume] * CONSUMERS])
    assert (len(received), set(received.values())) == (MESSAGES, {1})
    assert count(queue) == (0, 0, 0)


def test_each_group_of_a_fifo_queue_is_worked_on_in_order_by_one_receiver_at_a_time() -> None:
    queue = a_queue("orders.fifo")
    groups = [f"g{number}" for number in range(10)]
    for number in range(MESSAGES // 10):
        for group in groups:
            sqs.send(ACCOUNT, queue, f"{group}-{number}", message_group_id=group)
    worked: dict[str, list[int]] = defaultdict(list)
    busy: set[str] = set()
    lock = threading.Lock()

    def consume() -> None:
        while found := receive(queue, maximum=3, wait_seconds=1):
            held = {message.system["MessageGroupId"] for message in found}
            with lock:
                assert not busy & held
                busy.update(held)
                for message in found:
                    group, _, number = message.body.partition("-")
                    worked[group].append(int(number))
                busy.difference_update(held)
            delete(queue, *found)

    run_all([consume] * CONSUMERS)
    assert worked == {group: list(range(MESSAGES // 10)) for group in groups}
    assert count(queue) == (0, 0, 0)
