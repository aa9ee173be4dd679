"""From the answered call to the database: a stream in Redis, durable before the caller has its answer."""

from typing import Any

from invocations import clock, fast_json, round_trip, store
from invocations.trail.events import Happened, row_of

Row = dict[str, Any]


async def put(happened: Happened) -> None:
    """Keeps the record of a call."""
    row = _owned(row_of(happened))
    if row is None:
        return
    await round_trip.ask("XADD", store.TRAIL_KEY, "*", "trail", fast_json.dumps(row))


def put_now(happened: Happened) -> None:
    """The same in plain code."""
    row = _owned(row_of(happened))
    if row is not None:
        store.connection().xadd(store.TRAIL_KEY, {"trail": fast_json.dumps(row)})


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
