"""Tells pages what happened: a stream entry, which can be asked for again, and a message to whoever listens that it is there."""

import asyncio
from collections.abc import Sequence
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from invocations import fast_json, round_trip, store

Announcement = dict[str, Any]
"""One event: "kind" says which; the kinds and their keys stand where they are made, those of invocations in news.py."""

KEPT = 1000
"""About how many stream entries an account keeps; a page that was away longer fetches its regions anew."""
FEWEST_KEPT = 100
KEPT_BYTES = 5_000_000
"""What they are to weigh together: where entries are large, as under load, fewer are kept, down to FEWEST_KEPT."""
WATCHED_SECONDS = 15
"""How long an account counts as watched after whoever reads its announcements last said so."""
_WAKE = {"type": "announcement"}
"""The message to open pages: that there is something to read. They read it from the stream, once per process."""


def kept_beside(weight: int) -> int:
    """How many entries are kept when one of *weight* bytes comes."""
    return min(max(KEPT_BYTES // max(weight, 1), FEWEST_KEPT), KEPT)


def _addition(account_id: str, events: Sequence[Announcement]) -> tuple[Any, ...]:
    """The command that puts a stream entry."""
    data = fast_json.dumps(list(events))
    return ("XADD", store.announcements_key(account_id), "MAXLEN", "~", kept_beside(len(data)), "*", "data", data)


async def is_watched(account_id: str) -> bool:
    """Whether somebody reads an account's announcements."""
    return bool(await round_trip.ask("EXISTS", store.watched_key(account_id)))


async def watch(account_id: str) -> None:
    """Says that somebody reads an account's announcements now, before they are read. To be repeated while they are."""
    await store.async_connection().set(store.watched_key(account_id), 1, ex=WATCHED_SECONDS)


def publish(account_id: str, events: Sequence[Announcement]) -> None:
    """Announces *events* at once; for code outside the service, whose journal batches its own."""
    execute: Any = store.connection().execute_command  # which the client gives no types
    execute(*_addition(account_id, events))
    layer = get_channel_layer()
    if layer is not None:
        async_to_sync(layer.group_send)(store.announcements_group(account_id), _WAKE)


async def publish_async(account_id: str, events: Sequence[Announcement]) -> bool:
    """The same on a loop; whether anybody watches the account. Nobody is woken then: who begins to watch reads what is there."""
    added = round_trip.ask(*_addition(account_id, events))
    _, somebody_reads = await asyncio.gather(added, is_watched(account_id))
    layer = get_channel_layer()
    if somebody_reads and layer is not None:
        await layer.group_send(store.announcements_group(account_id), _WAKE)
    return somebody_reads
