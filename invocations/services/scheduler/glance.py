"""A look at many schedules in one round trip, for pages."""

from collections.abc import Sequence
from typing import Any

from invocations import store
from invocations.models import Schedule
from invocations.services.scheduler.firing import member_of


def next_of(account_id: str, rows: Sequence[Schedule]) -> dict[int, float | None]:
    """Primary key -> when it is due next on the account's clock; None for never."""
    if not rows:
        return {}
    client: Any = store.connection()
    found = client.zmscore(store.due_key(account_id), [member_of(row.group_name, row.name) for row in rows])
    return {row.pk: None if at is None else float(at) for row, at in zip(rows, found, strict=True)}


def pulse(account_id: str, name: str) -> str:
    """A text that differs once a schedule has fired or was changed, and when the account's clock was set; *name* makes no difference."""
    rows = list(Schedule.objects.of(account_id).order_by("pk"))
    client: Any = store.connection()
    clock = client.hmget(store.clock_key(account_id), "rate", "paused", "shown")
    return repr((clock, next_of(account_id, rows), [row.last_modified for row in rows]))
