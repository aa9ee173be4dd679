"""Which resources a page is told of, and how often."""

import pytest
from asgiref.sync import async_to_sync

from invocations import account_clock
from invocations.journal_writer import TOLD_AT_ONCE
from invocations.resources import queues
from invocations.services import sqs
from playground.live import topics
from playground.live.resources import Watch

ACCOUNT = "111111111111"
WANTED = ["resource:sqs", "resource:sqs:orders"]
pytestmark = pytest.mark.usefixtures("redis_server")


def event(service: str, name: str) -> dict[str, str]:
    return {"kind": "resource", "service": service, "name": name}


def test_topics_of_resources_need_something_behind_their_colon() -> None:
    assert topics.parse(["resource:sqs", "resource:sqs:orders", "resource"]) == ["resource:sqs", "resource:sqs:orders"]


def test_what_is_announced_concerns_the_resource_and_its_list() -> None:
    watch = Watch(ACCOUNT)
    watch.hear([event("sqs", "others"), event("sns", "orders"), {"kind": "function", "function": "orders"}], WANTED)
    assert watch.take(0.0) == ["resource:sqs"]


def test_of_a_burst_the_first_is_told_at_once_and_the_rest_together() -> None:
    watch, told_at = Watch(ACCOUNT), []
    for number in range(200):  # in one second
        watch.hear([event("sqs", "orders")], WANTED)
        if watch.take(number * 0.005):
            told_at.append(number * 0.005)
    assert told_at == pytest.approx([0.0, 0.3, 0.6, 0.9])
    assert watch.waits
    assert watch.take(1.5) == WANTED
    assert not watch.waits


@pytest.mark.django_db(transaction=True)
def test_messages_are_noticed_by_looking_and_only_when_some_have_moved() -> None:
    queues.create(ACCOUNT, "orders")
    watch = Watch(ACCOUNT)

    def seen_at(now: float) -> list[str]:
        async_to_sync(watch.look)(WANTED, now)
        return watch.take(now)

    assert seen_at(0.0) == WANTED  # the page may be older than the first look
    assert watch.looks
    assert seen_at(1.0) == []
    sqs.send(ACCOUNT, "orders", "one")
    assert seen_at(1.1) == []  # too soon to look
    assert seen_at(2.0) == WANTED
    (message,) = sqs.receive(ACCOUNT, "orders")
    assert seen_at(3.0) == WANTED
    sqs.change_visibility(ACCOUNT, "orders", [(message.receipt_handle, 90)])
    assert seen_at(4.0) == WANTED
    sqs.change_visibility(ACCOUNT, "orders", [(message.receipt_handle, 0)])
    assert seen_at(5.0) == WANTED
    account_clock.set_rate(ACCOUNT, 60)
    assert seen_at(6.0) == WANTED
    assert seen_at(7.0) == []


def test_a_page_without_resources_never_looks() -> None:
    watch = Watch(ACCOUNT)
    async_to_sync(watch.look)(["home", "fn:orders", "resource:lambda:x"], 0.0)
    assert (watch.looks, watch.take(0.0)) == (False, [])


@pytest.mark.parametrize("told", [["child"], [f"other-{number}" for number in range(TOLD_AT_ONCE)]])
def test_a_chain_is_told_again_when_a_child_that_was_over_is_in_the_database(told: list[str]) -> None:
    """Between the queue and the database it is nowhere; of a crowd that was written not all are told."""
    watch, wanted = Watch(ACCOUNT), ["chain:parent", "chain:stranger"]
    over = {"kind": "invocation", "id": "child", "parent": "parent", "type": "Event", "function": "orders", "final": True}
    watch.hear([over], wanted)
    assert watch.take(0.0) == ["chain:parent"]
    watch.hear([{"kind": "trail", "events": [], "invocations": ["other"]}], wanted)
    assert watch.take(1.0) == []
    for now, expected in ((2.0, ["chain:parent"]), (3.0, [])):
        watch.hear([{"kind": "trail", "events": [], "invocations": told}], wanted)
        assert watch.take(now) == expected
    watch.hear([], wanted, written=["unheard"])
    assert watch.take(4.0) == wanted
