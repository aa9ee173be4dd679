"""One kind of due queue: put, claim, settle, release, and a look that changes nothing."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from redis.client import Pipeline
from redis.commands.core import Script
from redis.exceptions import NoScriptError

from invocations import clock, lua, round_trip, store

APART_SECONDS: Final = 2e-6
"""Between items that are put together, so that they keep their order: half of it could be lost in rounding."""
_FOLDER: Final = Path(__file__).parent / "lua"

Value = bytes | str | int | float
Fields = Mapping[str, Value]
Entry = tuple[str, Mapping[str, Value]]
"""A stream's key, and the fields of an entry for it."""


@dataclass(slots=True)
class Item:
    """Something to be done."""

    account_id: str
    lane: str
    item_id: str
    fields: Fields
    due: float | None = None
    """Epoch seconds on the account's clock; None for at once."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An item that is held now."""

    account_id: str
    lane: str
    item_id: str
    holder: str
    now: float
    """What the account's clock showed when it was claimed."""
    fields: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An item as a look finds it."""

    item_id: str
    fields: dict[str, bytes]
    due: float | None
    """Epoch seconds on the account's clock; None while somebody holds it."""


class Fate(StrEnum):
    """What becomes of an item that is held."""

    KEEP = "keep"
    """It stays with its holder."""
    WAIT = "wait"
    """It is due again at a time of its own."""
    GONE = "gone"


_waker: Callable[[str], None] | None = None


def install_waker(waker: Callable[[str], None] | None) -> None:
    """Has *waker* called with an account's id when something was put there; it must not block. None takes it away."""
    global _waker
    _waker = waker


class DueQueue:
    """All items of one kind, over all accounts."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._claims = f"{kind}:claims"

    def put(self, items: Sequence[Item]) -> None:
        """Durable when it returns; an item whose id is there already is left alone."""
        client = store.connection()
        for attempt in (1, 2):
            with client.pipeline(transaction=False) as pipeline:
                self._queue_puts(pipeline, items)
                try:
                    _wake(items, pipeline.execute())
                    return
                except NoScriptError:
                    if attempt == 2:
                        raise
                    client.script_load(_script("put").script)

    def put_within(self, transaction: Pipeline, items: Sequence[Item]) -> list[Any]:
        """Executes the caller's *transaction* with its own commands and these puts: all or nothing. The answers to the caller's.

        Raises WatchError where something that the caller watches has changed.
        """
        own = len(transaction)
        self._queue_puts(transaction, items, by_text=True)
        answers = transaction.execute()
        _wake(items, answers[own:])
        return answers[:own]

    async def put_async(self, items: Sequence[Item]) -> None:
        """The same on a loop."""
        calls = [self._run("put", item.account_id, *_put_arguments(item)) for item in items]
        _wake(items, await asyncio.gather(*calls) if len(calls) > 1 else [await each for each in calls])

    async def claim(self, account_id: str, lane: str, holder: str, limit: int, lease_seconds: float) -> list[Claimed]:
        """Up to *limit* items of a lane that are due, held by *holder* for *lease_seconds* of real time."""
        until = clock.epoch() + lease_seconds
        now, *found = await self._run("claim", account_id, lane, holder, limit, f"{until:.6f}")
        return [Claimed(account_id, lane, item_id.decode(), holder, float(now), _fields(flat)) for item_id, flat in found]

    async def extend(self, held: Iterable[tuple[str, str]], lease_seconds: float) -> None:
        """Gives the holders of (account id, item id) *lease_seconds* from now."""
        until = clock.epoch() + lease_seconds
        members = {f"{account_id} {item_id}": until for account_id, item_id in held}
        if members:
            await store.async_connection().zadd(self._claims, members, xx=True)

    async def settle(
        self,
        account_id: str,
        item_id: str,
        holder: str,
        fate: Fate,
        *,
        due: float = 0.0,
        linger_seconds: int = 0,
        fields: Fields | None = None,
        entries: Sequence[Entry] = (),
    ) -> bool:
        """Stores what became of an item, with stream entries in the same step. False where *holder* no longer holds it: then
        nothing was changed. One that is gone can still be found for *linger_seconds*."""
        when = f"{due:.6f}" if fate is Fate.WAIT else linger_seconds
        arguments: list[Value] = [item_id, holder, str(fate), when, *_flat(fields or {})]
        for key, entry in entries:
            arguments += [key, *_flat(entry)]
        return bool(await self._run("settle", account_id, *arguments))

    async def release_expired(self) -> int:
        """Makes due again what dead holders held; how many."""
        members = cast("list[bytes]", await store.async_connection().zrangebyscore(self._claims, "-inf", clock.epoch(), start=0, num=1000))
        released = 0
        for member in members:
            account_id, _, item_id = member.decode().partition(" ")
            released += int(await self._run("release", account_id, item_id))
        return released

    def find(self, account_id: str, item_id: str) -> dict[str, bytes] | None:
        """An item's fields; None where there is none."""
        stored = cast("dict[bytes, bytes]", store.connection().hgetall(self._item_key(account_id, item_id)))
        return {name.decode(): value for name, value in stored.items()} or None

    async def find_async(self, account_id: str, item_id: str) -> dict[str, bytes] | None:
        """The same on a loop."""
        stored = cast("dict[bytes, bytes]", await store.async_connection().hgetall(self._item_key(account_id, item_id)))
        return {name.decode(): value for name, value in stored.items()} or None

    def waiting(self, account_id: str, lane: str, limit: int, *, newest_first: bool = False) -> list[Waiting]:
        """Up to *limit* items of a lane, the oldest first, held or not."""
        prefix = self._prefix(account_id)
        raw_ids = cast("list[bytes]", store.connection().zrange(f"{prefix}all:{lane}", 0, limit - 1, desc=newest_first))
        ids = [raw.decode() for raw in raw_ids]
        with store.connection().pipeline(transaction=False) as pipeline:
            for item_id in ids:
                pipeline.hgetall(self._item_key(account_id, item_id))
                pipeline.zscore(f"{prefix}due:{lane}", item_id)
            answers = pipeline.execute()
        found = zip(ids, answers[::2], answers[1::2], strict=True)
        return [Waiting(item_id, {name.decode(): value for name, value in stored.items()}, due) for item_id, stored, due in found if stored]

    def look(
        self, account_id: str, lanes: Iterable[str], names: Sequence[str], limit: int, *, start: int = 0, newest_first: bool = False
    ) -> list[Waiting]:
        """Of each lane up to *limit* items from the one numbered *start* on, with the fields *names* alone: two round trips."""
        prefix = self._prefix(account_id)
        with store.connection().pipeline(transaction=False) as pipeline:
            lanes = list(lanes)
            for lane in lanes:
                pipeline.zrange(f"{prefix}all:{lane}", start, start + limit - 1, desc=newest_first)
            ids = [(lane, raw.decode()) for lane, found in zip(lanes, pipeline.execute(), strict=True) for raw in found]
            for lane, item_id in ids:
                pipeline.hmget(self._item_key(account_id, item_id), names)
                pipeline.zscore(f"{prefix}due:{lane}", item_id)
            answers = pipeline.execute()
        found = zip(ids, answers[::2], answers[1::2], strict=True)
        return [Waiting(item_id, dict(zip(names, values, strict=True)), due) for (_, item_id), values, due in found if None not in values]

    async def look_at(self, account_id: str, item_ids: Sequence[str], names: Sequence[str]) -> dict[str, dict[str, bytes]]:
        """The fields *names* of those items that are there, or were a moment ago: one round trip."""
        async with store.async_connection().pipeline(transaction=False) as pipeline:
            for item_id in item_ids:
                pipeline.hmget(self._item_key(account_id, item_id), names)
            answers = await pipeline.execute()
        found = zip(item_ids, answers, strict=True)
        return {item_id: dict(zip(names, values, strict=True)) for item_id, values in found if None not in values}

    def count(self, account_id: str, lane: str) -> int:
        """Items of a lane, held or not."""
        return int(store.connection().zcard(f"{self._prefix(account_id)}all:{lane}"))

    def oldest(self, account_id: str, lane: str) -> float | None:
        """When the oldest item of a lane was put, on the account's clock; None where there is none."""
        found = cast("list[tuple[bytes, float]]", store.connection().zrange(f"{self._prefix(account_id)}all:{lane}", 0, 0, withscores=True))
        return found[0][1] if found else None

    def lanes(self, account_id: str) -> list[str]:
        """Lanes in which something waits that nobody holds."""
        start = f"{self.kind}:"
        members = cast("list[bytes]", store.connection().zrange(store.due_key(account_id), 0, -1))
        return [member.decode().removeprefix(start) for member in members if member.startswith(start.encode())]

    def overview(self, account_id: str) -> list[tuple[str, int, float]]:
        """Those lanes with the number of their items, held or not, and when the next is due: two round trips."""
        start = f"{self.kind}:".encode()
        members = cast("list[tuple[bytes, float]]", store.connection().zrange(store.due_key(account_id), 0, -1, withscores=True))
        dues = {member.removeprefix(start).decode(): score for member, score in members if member.startswith(start)}
        with store.connection().pipeline(transaction=False) as pipeline:
            for lane in dues:
                pipeline.zcard(f"{self._prefix(account_id)}all:{lane}")
            return [(lane, int(count), dues[lane]) for lane, count in zip(dues, pipeline.execute(), strict=True)]

    def _prefix(self, account_id: str) -> str:
        return f"{self.kind}:{account_id}:"

    def _item_key(self, account_id: str, item_id: str) -> str:
        return f"{self._prefix(account_id)}item:{item_id}"

    def _keys(self, account_id: str) -> list[str]:
        return [self._prefix(account_id), store.clock_key(account_id), store.due_key(account_id), self._claims, store.DUE_ACCOUNTS]

    def _queue_puts(self, pipeline: Pipeline, items: Sequence[Item], *, by_text: bool = False) -> None:
        """Puts the commands into *pipeline*; items keep their order. *by_text* sends the script itself: in a transaction an unknown
        one would fail alone."""
        real, script = clock.epoch(), _script("put")
        for number, item in enumerate(items):
            keys = self._keys(item.account_id)
            run, name = (pipeline.eval, str(script.script)) if by_text else (pipeline.evalsha, script.sha)
            run(name, len(keys), *keys, f"{real + number * APART_SECONDS:.6f}", *_put_arguments(item))

    async def _run(self, name: str, account_id: str, *arguments: Any) -> Any:
        keys, script = self._keys(account_id), _script(name)
        command = ("EVALSHA", script.sha, len(keys), *keys, f"{clock.epoch():.6f}", *arguments)
        try:
            return await round_trip.ask(*command)
        except NoScriptError:  # a Redis that has just started
            await round_trip.ask("SCRIPT", "LOAD", script.script)
            return await round_trip.ask(*command)


def wake_key(account_id: str) -> str:
    """String: there while a wake-up of that account is on its way to a worker."""
    return f"wake:{account_id}"


def _wake(items: Sequence[Item], answers: Sequence[Any]) -> None:
    """Wakes a worker for each account whose put said so: put.lua."""
    for item, answer in zip(items, answers, strict=True):
        if answer == 2 and _waker is not None:
            _waker(item.account_id)


def _put_arguments(item: Item) -> list[Value]:
    return [item.lane, item.item_id, "" if item.due is None else f"{item.due:.6f}", *_flat(item.fields)[1:]]


@cache
def _script(name: str) -> Script:
    return Script(store.connection(), lua.text(_FOLDER, name))


def _flat(fields: Mapping[str, Value]) -> list[Value]:
    """Their number, then names and values in turn."""
    flat: list[Value] = [len(fields)]
    for name, value in fields.items():
        flat += [name, value]
    return flat


def _fields(flat: Sequence[bytes]) -> dict[str, bytes]:
    return {name.decode(): value for name, value in zip(flat[::2], flat[1::2], strict=True)}
