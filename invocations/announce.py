"""Tells pages what happened: a stream entry, which can be asked for again, and a message to whoever listens that it is there."""

from collections.abc import Sequence
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from invocations import fast_json, store

Announcement = dict[str, Any]
"""One event: "kind" says which; the kinds and their keys stand in journal.py and in the README of the live socket."""

KEPT = 1000
"""About how many stream entries an account keeps; a page that was away longer fetches its regions anew."""
_WAKE = {"type": "announcement"}
"""The message to open pages: that there is something to read. They read it from the stream, once per process."""


def entry(events: Sequence[Announcement]) -> dict[Any, Any]:
    """The stream entry's fields."""
    return {"data": fast_json.dumps(list(events))}


def publish(account_id: str, events: Sequence[Announcement]) -> str:
    """Announces *events* at once; for code outside the service, whose journal batches its own. Returns the entry's id."""
    raw = store.connection().xadd(store.announcements_key(account_id), entry(events), maxlen=KEPT, approximate=True)
    seq = raw.decode() if isinstance(raw, bytes) else str(raw)
    layer = get_channel_layer()
    if layer is not None:
        async_to_sync(layer.group_send)(store.announcements_group(account_id), _WAKE)
    return seq


async def publish_async(account_id: str, events: Sequence[Announcement]) -> str:
    """The same on a loop."""
    raw = await store.async_connection().xadd(store.announcements_key(account_id), entry(events), maxlen=KEPT, approximate=True)
    seq = raw.decode() if isinstance(raw, bytes) else str(raw)
    layer = get_channel_layer()
    if layer is not None:
        await layer.group_send(store.announcements_group(account_id), _WAKE)
    return seq
