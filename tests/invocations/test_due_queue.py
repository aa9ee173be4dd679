"""Work that waits on the account's clock and is held under real leases."""

import asyncio
import time

import pytest
from redis import WatchError

from invocations import account_clock, background, event_queue, outbox, store
from invocations.due_queue import Claimed, DueQueue, Fate, Item, install_waker
from invocations.outbox import Delivery, RetryRule

ACCOUNT, LANE = "111111111111", "orders"
QUEUE = DueQueue("trial")

pytestmark = pytest.mark.usefixtures("redis_server")


def put(*ids: str, due: float | None = None, lane: str = LANE) -> None:
    QUEUE.put([Item(ACCOUNT, lane, item_id, {"text": f"of {item_id}"}, due) for item_id in ids])


def claim(holder: str = "me", limit: int = 10, lease: float = 5.0, lane: str = LANE) -> list[Claimed]:
    return asyncio.run(QUEUE.claim(ACCOUNT, lane, holder, limit, lease))


def settle(item_id: str, fate: Fate, holder: str = "me", **options: object) -> bool:
    return asyncio.run(QUEUE.settle(ACCOUNT, item_id, holder, fate, **options))  # type: ignore[arg-type]


def ids(claimed: list[Claimed]) -> list[str]:
    return [each.item_id for each in claimed]


def test_what_is_due_is_claimed_once_in_its_order() -> None:
    put("b", "a", "c")
    assert ids(claim("one", limit=2)) == ["b", "a"]
    assert ids(claim("two")) == ["c"]
    assert claim("three") == []


def test_many_that_are_put_together_keep_their_order() -> None:
    wanted = [str(number) for number in range(300, 0, -1)]
    put(*wanted)
    assert ids(claim(limit=300)) == wanted


def test_an_item_of_a_known_id_is_left_alone() -> None:
    put("a")
    QUEUE.put([Item(ACCOUNT, LANE, "a", {"text": "another"})])
    (claimed,) = claim()
    assert claimed.fields["text"] == b"of a"


def test_items_are_put_with_what_their_caller_writes_or_not_at_all() -> None:
    with store.connection().pipeline() as transaction:
        transaction.set("beside", 1)
        assert QUEUE.put_within(transaction, [Item(ACCOUNT, LANE, "a", {"text": "of a"})]) == [True]
    with store.connection().pipeline() as transaction:
        transaction.watch("beside")
        store.connection().set("beside", 2)
        transaction.multi()
        transaction.set("beside", 3)
        with pytest.raises(WatchError):
            QUEUE.put_within(transaction, [Item(ACCOUNT, LANE, "b", {"text": "of b"})])
    assert ids(claim()) == ["a"]
    assert store.connection().get("beside") == b"2"


def test_an_item_waits_for_its_time_on_the_accounts_clock() -> None:
    put("later", due=account_clock.now(ACCOUNT) + 3600)
    assert claim() == []
    account_clock.skip_to_next(ACCOUNT)
    assert ids(claim()) == ["later"]
    assert account_clock.next_due(ACCOUNT) is None


def test_lanes_do_not_see_each_other() -> None:
    put("a")
    put("b", lane="other")
    assert ids(claim(lane="other")) == ["b"]
    assert QUEUE.lanes(ACCOUNT) == [LANE]


def test_only_its_holder_settles_an_item() -> None:
    put("a")
    claim("me")
    assert not settle("a", Fate.GONE, holder="somebody else")
    assert settle("a", Fate.GONE)
    assert not settle("a", Fate.GONE)
    assert QUEUE.find(ACCOUNT, "a") is None
    assert QUEUE.count(ACCOUNT, LANE) == 0


def test_what_is_gone_can_be_found_for_a_moment_and_is_not_put_again() -> None:
    put("a")
    claim("me")
    assert settle("a", Fate.GONE, linger_seconds=60, fields={"end": "well"})
    found = QUEUE.find(ACCOUNT, "a")
    assert found is not None
    assert found["end"] == b"well"
    put("a")
    assert claim() == []


def test_what_is_gone_is_not_put_again_when_its_fields_are_forgotten() -> None:
    put("a")
    claim("me")
    assert settle("a", Fate.GONE, linger_seconds=1)
    store.connection().delete(f"trial:{ACCOUNT}:item:a")  # as after a second
    put("a")
    assert claim() == []
    lasts = store.connection().ttl(f"trial:{ACCOUNT}:over:a")
    assert lasts > event_queue.LEASE_SECONDS + background.SWEEP_SECONDS


def test_what_becomes_of_an_item_and_what_is_told_of_it_are_one_step() -> None:
    put("a")
    claim("me")
    assert not settle("a", Fate.GONE, holder="late", entries=[("told:111111111111", {"of": "a"})])
    assert store.connection().exists("told:111111111111") == 0
    assert settle("a", Fate.GONE, entries=[("told:111111111111", {"of": "a", "and": "b"})])
    ((_, entry),) = store.connection().xrange("told:111111111111")
    assert entry == {b"of": b"a", b"and": b"b"}


def test_an_item_that_waits_is_due_again_with_what_was_stored() -> None:
    put("a")
    (claimed,) = claim()
    assert settle("a", Fate.WAIT, due=claimed.now + 60, fields={"runs": 1})
    assert claim() == []
    assert [(each.item_id, each.fields["runs"]) for each in QUEUE.waiting(ACCOUNT, LANE, 10)] == [("a", b"1")]
    account_clock.skip_to_next(ACCOUNT)
    assert ids(claim("you")) == ["a"]


def test_what_a_dead_holder_held_becomes_due_again() -> None:
    put("a", "b")
    assert len(claim("dead", lease=0.05)) == 2
    asyncio.run(QUEUE.extend([(ACCOUNT, "b")], 60))
    time.sleep(0.06)
    assert asyncio.run(QUEUE.release_expired()) == 1
    assert ids(claim("alive")) == ["a"]
    assert not settle("a", Fate.GONE, holder="dead"), "whoever was thought dead changes nothing any more"


def test_one_wake_up_is_on_its_way_at_a_time() -> None:
    woken: list[str] = []
    install_waker(woken.append)
    try:
        put("a")
        put("b")
        assert woken == [ACCOUNT]
    finally:
        install_waker(None)


def test_a_delivery_is_read_as_it_was_put() -> None:
    delivery = Delivery(
        ACCOUNT, "arn:aws:sqs:us-east-1:111111111111:q", "body", "sns", detail={"subject": "s"}, retry=RetryRule("sns", 3, 60)
    )
    outbox.put([delivery])
    (waiting,) = outbox.waiting(ACCOUNT, delivery.target)
    assert outbox.read(waiting.fields) == delivery
