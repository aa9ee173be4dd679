"""The newest invocations of an account, what runs now and what waits in event queues, as the playground shows them: loaded once, then
kept true by announcements."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from channels.db import database_sync_to_async

from invocations.errors import ServiceException
from invocations.execution import dispatch
from invocations.models import Function, Invocation
from playground.dashboard import event_list
from playground.dashboard.event_story import RulesBook, ruled, rules_book
from playground.dashboard.invocation_list import Filters, row_view
from playground.dashboard.invocation_view import InvocationView

SHOWN = 8


@dataclass
class Recent:
    """What runs first, then the newest."""

    account_id: str
    views: list[InvocationView] = field(default_factory=list)
    running_count: int = 0
    concurrency: dict[str, int] = field(default_factory=lambda: {"used": 0, "limit": 0})
    environments: int = 0
    is_service_away: bool = False
    _book: RulesBook = field(default_factory=dict)

    async def load(self) -> None:
        """From the service and the database."""
        rows: list[Invocation] = [row async for row in Filters().rows(self.account_id)[:SHOWN]]
        running: list[InvocationView] = []
        try:
            overview = await dispatch.overview(self.account_id)
        except ServiceException:
            self.is_service_away = True
        else:
            self.is_service_away = False
            self.concurrency = overview["concurrency"]
            self.environments = len(overview["environments"])
            running = [InvocationView.from_record(record) for record in overview["running"]]
        self.running_count = len(running)
        waiting, self._book = await database_sync_to_async(self._waiting)()
        self.views = ruled(_newest([*waiting, *running, *(row_view(row) for row in rows)]), self._book)

    def _waiting(self) -> tuple[list[InvocationView], RulesBook]:
        """Events that are not over, and what rules those to come."""
        names = Function.objects.of(self.account_id).values_list("name", flat=True)
        return event_list.newest(self.account_id, names, SHOWN), rules_book(self.account_id)

    def hear(self, events: Iterable[Mapping[str, Any]]) -> bool:
        """Takes in announcements; tells whether anything shown has changed."""
        told = [InvocationView.from_announcement(self.account_id, event) for event in events if event["kind"] == "invocation"]
        if not told:
            return False
        # Of two views of one invocation the later is the truer, except that what is over stays over.
        merged = {view.request_id: view for view in self.views}
        for view in ruled(told, self._book):
            known = merged.get(view.request_id)
            if known is None or (not known.is_final and (view.is_final or view.moved_at >= known.moved_at)):
                merged[view.request_id] = view
        before, self.views = self.views, _newest(merged.values())
        return self.views != before


def _newest(views: Iterable[InvocationView]) -> list[InvocationView]:
    by_id = {view.request_id: view for view in views}
    return sorted(by_id.values(), key=lambda view: (view.is_final, -view.received_at))[:SHOWN]
