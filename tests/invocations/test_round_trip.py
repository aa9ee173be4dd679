"""Commands of one moment in one round trip: each has its own answer, whatever becomes of the others and of the connection."""

import asyncio

import pytest
from redis.exceptions import ResponseError

from invocations import round_trip, store
from invocations.due_queue import DueQueue, Item

pytestmark = pytest.mark.usefixtures("redis_server")


def test_an_error_is_its_commands_own() -> None:
    async def scenario() -> list[object]:
        asked = [("SET", "a", "text"), ("INCR", "a"), ("SET", "b", None), ("SET", "b", "\ud800"), ("GET", "a")]
        return await asyncio.gather(*(round_trip.ask(*command) for command in asked), return_exceptions=True)

    done, error, *unsendable, found = asyncio.run(scenario())
    assert (done, found) == (b"OK", b"text")
    assert isinstance(error, ResponseError)
    assert [type(each) for each in unsendable] == [TypeError, UnicodeEncodeError]


def test_a_connection_that_broke_between_two_commands_is_made_anew() -> None:
    async def scenario() -> None:
        number = await round_trip.ask("CLIENT", "ID")
        assert store.connection().client_kill_filter(_id=number) == 1
        assert await asyncio.gather(*(round_trip.ask("ECHO", text) for text in "abc")) == [b"a", b"b", b"c"]

    asyncio.run(scenario())


def test_answers_that_come_too_late_are_not_taken_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(round_trip, "PATIENCE_SECONDS", 0.1)

    async def scenario() -> None:
        await round_trip.ask("PING")
        store.connection().client_pause(300)
        assert [await round_trip.ask("ECHO", text) for text in "abc"] == [b"a", b"b", b"c"]

    asyncio.run(scenario())


def test_scripts_that_a_new_redis_does_not_know_are_loaded_by_whoever_needs_them() -> None:
    queue = DueQueue("trial")
    store.connection().script_flush()

    async def put(item_id: str) -> None:
        await queue.put_async([Item("111111111111", "orders", item_id, {"text": item_id})])

    async def scenario() -> None:
        await asyncio.gather(*(put(item_id) for item_id in "abc"))

    asyncio.run(scenario())
    assert queue.count("111111111111", "orders") == 3
