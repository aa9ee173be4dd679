"""The page of concurrency: looked at a few times a second while it is open, and told what has changed. Nobody pays for it otherwise."""

from typing import Any, Final

from channels.db import database_sync_to_async
from django.template.loader import render_to_string

from invocations import clock
from invocations.errors import ServiceException
from invocations.execution import dispatch
from playground.dashboard import capacity
from playground.dashboard.account_time import ClockView
from playground.dashboard.capacity import Promises

LOOK_SECONDS: Final = 0.3
PROMISES_SECONDS: Final = 1.5
"""How often reservations are asked for."""
TABLE_SECONDS: Final = 2.0
"""How often the table behind the plot is drawn."""
GONE_SECONDS: Final = 2.0
"""How long an environment that has ended is still shown."""
REGIONS: Final = {
    "capacity-pool": "dashboard/_capacity_pool.html",
    "capacity-cells": "dashboard/_capacity_cells.html",
    "load-now": "dashboard/_load_now.html",
}


class CapacityWatch:
    """One page's."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        self._looked_at = self._promises_at = self._table_at = float("-inf")
        self._promises = Promises({}, {})
        self._after = int(clock.epoch()) - 2
        self._known: dict[str, dict[str, Any]] = {}
        self._gone: dict[str, tuple[float, dict[str, Any]]] = {}
        self._shown: dict[str, str] = {}
        self._rows: list[list[int]] = []

    async def look(self, now: float) -> tuple[list[str], dict[str, Any]]:
        """Regions drawn anew and the seconds of the plot, at *now*, monotonic; nothing where it was looked at just before."""
        if now - self._looked_at < LOOK_SECONDS * 0.9:
            return [], {}
        self._looked_at = now
        try:
            snapshot = await dispatch.capacity(self._account_id, self._after)
        except ServiceException:
            return [], {}
        if now - self._promises_at >= PROMISES_SECONDS:
            self._promises_at = now
            self._promises = await database_sync_to_async(Promises.of)(self._account_id)
        series = self._take(snapshot["series"])
        self._note_gone(snapshot["environments"], now)
        gone = [each for _, each in self._gone.values()]
        snapshot["series"] = self._rows
        view = await database_sync_to_async(capacity.of)(self._account_id, snapshot, self._promises, gone)
        context = {"capacity": view, "account_id": self._account_id, "clock": await ClockView.of_async(self._account_id)}
        content = [self._drawn(region, template, context) for region, template in REGIONS.items()]
        if now - self._table_at >= TABLE_SECONDS:
            self._table_at = now
            content.append(self._drawn("capacity-table", "dashboard/_capacity_table.html", context))
        return list(filter(None, content)), {"rows": series, "limit": view.limit} if series else {}

    def _take(self, rows: list[list[int]]) -> list[list[int]]:
        """Those that the page has not; the last, which is not over yet, comes once more next time."""
        self._after = rows[-1][0] - 1 if rows else self._after
        fresh = [row for row in rows if row not in self._rows[-2:]]
        kept = [row for row in self._rows if not rows or row[0] < rows[0][0]]
        self._rows = [*kept, *rows][-capacity.TABLE_SECONDS :]
        return fresh

    def _note_gone(self, environments: list[dict[str, Any]], now: float) -> None:
        present = {each["id"]: each for each in environments}
        for environment_id, each in self._known.items():
            if environment_id not in present:
                self._gone[environment_id] = (now, each)
        self._gone = {key: (at, each) for key, (at, each) in self._gone.items() if now - at < GONE_SECONDS}
        self._known = present

    def _drawn(self, region: str, template: str, context: dict[str, Any]) -> str:
        """The region, or nothing where it looks as it did."""
        html = render_to_string(template, context)
        if self._shown.get(region) == html:
            return ""
        self._shown[region] = html
        return f'<hx-partial hx-target="#{region}" hx-swap="outerMorph">{html}</hx-partial>'
