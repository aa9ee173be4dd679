"""From the answered call to the database: a stream in Redis, durable before the caller has its answer."""

import asyncio
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from invocations import clock, fast_json, store
from invocations.together import Together
from invocations.trail.events import Happened, row_of

Row = dict[str, Any]
_of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Together[str, bytes, None]] = WeakKeyDictionary()


async def put(happened: Happened) -> None:
    """Keeps the record of a call: one round trip, shared with the calls that come at the same time."""
    row = _owned(row_of(happened))
    if row is None:
        return
    loop = asyncio.get_running_loop()
    together = _of_loop.get(loop)
    if together is None:
        together = _of_loop[loop] = Together(_append)
    await together(store.TRAIL_KEY, fast_json.dumps(row))


def put_now(happened: Happened) -> None:
    """The same in plain code."""
    row = _owned(row_of(happened))
    if row is not None:
        store.connection().xadd(store.TRAIL_KEY, {"trail": fast_json.dumps(row)})


async def _append(key: str, rows: list[bytes]) -> Sequence[None]:
    async with store.async_connection().pipeline(transaction=False) as pipeline:
        for row in rows:
            pipeline.xadd(key, {"trail": row})
        await pipeline.execute()
    return [None] * len(rows)


def parse(row: Row) -> Row:
    """The columns of a TrailEvent, from what was put."""
    return row | {"event_time": clock.from_epoch(row["event_time"])}


def _owned(row: Row) -> Row | None:
    """Whose trail it belongs to: strangers' calls to that of the account which they concern; None where that cannot be told."""
    if row["account_id"].isdigit():
        return row
    accounts = [resource["accountId"] for resource in row["record"].get("resources", ()) if resource["accountId"].isdigit()]
    if not accounts:
        return None
    return row | {"account_id": accounts[0], "record": row["record"] | {"recipientAccountId": accounts[0]}}
