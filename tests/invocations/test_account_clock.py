"""The account's clock against a real Redis."""

import asyncio

import pytest

from invocations import account_clock, announce, clock, due, fast_json, store
from invocations.errors import ValidationException

pytestmark = pytest.mark.usefixtures("redis_server")

ACCOUNT, OTHER = "111111111111", "222222222222"


def wait_for(member: str, at: float) -> None:
    store.connection().zadd(store.due_key(ACCOUNT), {member: at})


def announced() -> list[announce.Announcement]:
    entries = store.connection().xrange(store.announcements_key(ACCOUNT))
    return [event for _, fields in entries for event in fast_json.loads(fields[b"data"])]


def test_a_clock_that_nobody_touched_shows_real_time() -> None:
    state = account_clock.read(ACCOUNT)
    assert (state.rate, state.paused, state.is_real) == (1, False, True)
    assert state.at(state.real + 5) == state.real + 5


def test_each_account_has_its_own() -> None:
    account_clock.set_rate(ACCOUNT, 60)
    assert (account_clock.read(ACCOUNT).rate, account_clock.read(OTHER).rate) == (60, 1)


@pytest.mark.parametrize(
    ("shown_before", "paused", "after", "passed"),
    [
        (None, False, 5, 60),
        (None, True, 5, 0),
        (-36_000.0, False, 0, 36_000),  # ran 600 times as fast until a moment ago
        (-36_000.0, False, 30, 18_030),
        (-36_000.0, False, 61, 60),
        (0.0, False, 45, 45),  # was paused
        (-60.0, True, 15, 45),
    ],
)
def test_it_knows_how_much_of_its_time_passed_in_a_minute_across_a_change(
    shown_before: float | None, paused: bool, after: float, passed: float
) -> None:
    state = account_clock.ClockState(1, paused, 1000.0, 0.0, shown_before)
    assert state.passed(1000.0 + after) == passed


def test_a_change_keeps_what_it_showed_a_minute_before() -> None:
    fast = account_clock.set_rate(ACCOUNT, 600)
    assert fast.passed(fast.real) == pytest.approx(60, abs=0.01)
    store.connection().hset(store.clock_key(ACCOUNT), mapping={"real": f"{fast.real - 90:.6f}"})
    slow = account_clock.set_rate(ACCOUNT, 1)
    assert slow.passed(slow.real) == pytest.approx(36_000)
    paused = account_clock.set_paused(ACCOUNT, True)
    assert paused.passed(slow.real + 30) == pytest.approx(18_000, rel=0.2)
    assert paused.passed(paused.real + 60) == 0


def test_it_goes_on_from_what_it_showed_when_its_rate_changes() -> None:
    before = clock.epoch()
    fast = account_clock.set_rate(ACCOUNT, 600)
    assert fast.shown == pytest.approx(before, abs=1)
    assert fast.at(fast.real + 2) == pytest.approx(fast.shown + 1200)
    slow = account_clock.set_rate(ACCOUNT, 1)
    assert slow.shown == pytest.approx(fast.at(slow.real), abs=0.001)
    assert not slow.is_real


def test_a_paused_clock_stands_and_a_later_one_goes_on_from_there() -> None:
    paused = account_clock.set_paused(ACCOUNT, True)
    assert paused.at(paused.real + 100) == paused.shown
    assert paused.real_time_of(paused.shown + 1) is None
    again = account_clock.set_paused(ACCOUNT, False)
    assert again.shown == paused.shown
    assert again.real_time_of(again.shown + 10) == again.real + 10


def test_a_skip_goes_to_the_next_due_thing_and_never_stops_short_of_it() -> None:
    at = clock.epoch() + 3600.1234567
    wait_for("events:hello", at)
    wait_for("sqs:orders", at + 60)
    state = account_clock.change(ACCOUNT, paused=True, skip=True)
    assert at <= state.shown < at + 0.00001
    assert account_clock.next_due(ACCOUNT) == at


def test_a_skip_changes_nothing_where_nothing_waits_or_something_is_due_already() -> None:
    account_clock.set_paused(ACCOUNT, True)
    standing = account_clock.read(ACCOUNT).shown
    assert account_clock.skip_to_next(ACCOUNT).shown == standing
    wait_for("outbox", standing - 10)
    wait_for("events:hello", standing + 10)
    assert account_clock.skip_to_next(ACCOUNT).shown == standing


def test_a_rate_that_no_one_offers_is_refused_and_changes_nothing() -> None:
    with pytest.raises(ValidationException, match="one of the rates 1, 10, 60, 600, not 7"):
        account_clock.change(ACCOUNT, rate=7, paused=True)
    assert not account_clock.read(ACCOUNT).paused


def test_every_change_is_announced() -> None:
    account_clock.change(ACCOUNT, rate=60, skip=True)
    assert announced() == [{"kind": "clock"}]


@pytest.mark.parametrize(
    ("member", "words"),
    [
        ("events:hello", "a retry of hello"),
        ("sqs:orders.fifo", "messages of queue orders.fifo"),
        ("rule:default/every-minute", "rule every-minute of bus default"),
        ("rule:aws.partner/example.com/bus/nightly", "rule nightly of bus aws.partner/example.com/bus"),
        ("schedule:default/nightly", "schedule default/nightly"),
        ("replay:march", "the replay march"),
        ("outbox:arn:aws:sqs:us-east-1:111111111111:orders", "a delivery to sqs orders"),
        ("outbox:arn:aws:lambda:us-east-1:111111111111:function:hello:live", "a delivery to lambda function:hello:live"),
        ("outbox:http://localhost:9000/hook", "a delivery to http://localhost:9000/hook"),
        ("new-kind:{}", "new-kind:{}"),
    ],
)
def test_what_is_due_has_words(member: str, words: str) -> None:
    wait_for(member, 100.5)
    assert [(each.what, each.at) for each in due.upcoming(ACCOUNT, 5)] == [(words, 100.5)]


def test_what_is_due_next_comes_first() -> None:
    for member, at in (("events:b", 20.0), ("events:a", 10.0), ("events:c", 30.0)):
        wait_for(member, at)
    assert [each.member for each in due.upcoming(ACCOUNT, 2)] == ["events:a", "events:b"]


def test_a_clock_read_while_the_connection_is_lost_is_an_answer_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_clock, "_heard", {})

    async def work() -> account_clock.ClockState:
        asking = asyncio.create_task(account_clock.known(ACCOUNT))
        await asyncio.sleep(0)
        account_clock._heard = None
        return await asking

    account_clock.set_rate(ACCOUNT, 60)
    assert asyncio.run(work()).rate == 60


def test_a_clock_read_while_it_was_changed_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: dict[str, account_clock.ClockState] = {}
    monkeypatch.setattr(account_clock, "_heard", heard)

    async def work() -> None:
        asking = asyncio.create_task(account_clock.known(ACCOUNT))
        await asyncio.sleep(0)
        account_clock._forget(ACCOUNT)
        await asking
        assert heard == {}
        await account_clock.known(ACCOUNT)
        assert set(heard) == {ACCOUNT}

    asyncio.run(work())
