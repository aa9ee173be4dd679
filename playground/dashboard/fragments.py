"""What the live socket sends of invocations: regions drawn anew, fresh log lines, rows of lists. One template each, the pages' own."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from django.template.loader import render_to_string

from invocations import event_queue
from invocations.announce import Announcement
from playground.dashboard import event_story, invocation_view, trail_list
from playground.dashboard import lanes as side_by_side
from playground.dashboard.explain import explain
from playground.dashboard.flow import flow
from playground.dashboard.invocation_list import Filters, row_view
from playground.dashboard.invocation_view import InvocationView
from playground.dashboard.log_lines import entry

REGIONS = {
    "state": "dashboard/_state.html",
    "story": "dashboard/_story.html",
    "flow": "dashboard/_flow.html",
    "log-empty": "dashboard/_log_empty.html",
    "waterfall": "dashboard/_waterfall.html",
    "moments": "dashboard/_moments.html",
}
"""Regions of an invocation, "<name>-<request id>" -> template, that change while it lives."""
REGIONS_AT_THE_END = {
    "figures": "dashboard/_invocation_figures.html",
    "result": "dashboard/_result.html",
    "response": "dashboard/_response.html",
}
"""Those that change only when it is over."""
ROWS_AT_ONCE = 25
"""Of one list in one frame."""


async def invocation(account_id: str, request_id: str) -> str:
    """Every region of one invocation as it stands now."""
    view = await invocation_view.find(account_id, request_id)
    if view is None:
        return ""
    context = {"view": view, "flow": flow(view), "explanation": explain(view), "account_id": account_id, "at_the_end": True}
    regions = REGIONS | (REGIONS_AT_THE_END if view.is_final else {})
    return "".join(_partial(f"{name}-{request_id}", render_to_string(template, context)) for name, template in regions.items())


async def lanes(account_id: str, runs: str) -> str:
    """One event fired in several ways, as all of it stands now."""
    found = await side_by_side.find(account_id, runs)
    if found is None:
        return ""
    return _partial("lanes", render_to_string("dashboard/_lanes.html", {"lanes": found, "account_id": account_id}))


def log(request_id: str, event: Announcement) -> str:
    """Lines that were printed just now, for the end of a log."""
    lines = [entry(index, (at - event["received_at"]) * 1000, text) for index, at, text in event["lines"]]
    html = render_to_string("dashboard/_log_lines.html", {"lines": lines, "dropped": event.get("dropped", 0)})
    return _partial(f"log-{request_id}", html, swap="beforeend")


async def rows(
    account_id: str, events: Sequence[Announcement], query: str, written: Sequence[str] = ()
) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows of a list for the invocations among *events* that its filters take, in the order in which they were announced; and for
    those in the database whose ids are *written*. Then the ids of those to be looked up: they were too many, or are over already.

    One that is not "is_new" only changes where it is shown already: it has left the state that is listed.
    """
    filters = Filters.parse(dict(parse_qsl(query)))
    newest = {event["id"]: event for event in events if event["kind"] == "invocation"}
    told = [InvocationView.from_announcement(account_id, event) for event in newest.values()]
    taken = [view for view in told if filters.takes(view, but="state")]
    views, over = await _truest(account_id, taken[-ROWS_AT_ONCE:])
    wanted = [view for view in views if filters.takes(view) or filters.may_have(view)]
    if written:
        found = filters.rows(account_id).filter(request_id__in=written)[:ROWS_AT_ONCE]
        wanted += reversed([row_view(row) async for row in found])
    shown = [_row(view, account_id, is_new=filters.takes(view)) for view in await event_story.with_rules_async(account_id, wanted)]
    return shown, [view.request_id for view in taken[:-ROWS_AT_ONCE]] + over


async def ended_rows(account_id: str, query: str, request_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Rows, by request id, for those of *request_ids* that are over. They change where a list shows them, in whichever state."""
    filters = replace(Filters.parse(dict(parse_qsl(query))), state="")
    views = [row_view(row) async for row in filters.rows(account_id).filter(request_id__in=request_ids)]
    return {view.request_id: _row(view, account_id, is_new=False) for view in await event_story.with_rules_async(account_id, views)}


def _row(view: InvocationView, account_id: str, *, is_new: bool) -> dict[str, Any]:
    html = render_to_string("dashboard/_invocation_row.html", {"view": view, "account_id": account_id, "selectable": True})
    return {"id": f"invocation-{view.request_id}", "html": html, "is_new": is_new}


def trail_rows(account_id: str, events: Sequence[Announcement], query: str) -> list[dict[str, Any]]:
    """Rows of a trail for the calls among *events* that its filters take. Asks the database only where there are any."""
    written = [event for event in events if event["kind"] == "trail"]
    if not written:
        return []
    filters = trail_list.Filters.parse(dict(parse_qsl(query)))
    ids = {name: [each for event in written for each in event[name]] for name in ("events", "invocations")}
    entries = trail_list.announced(account_id, filters, ids["events"], ids["invocations"])[-ROWS_AT_ONCE:]
    context = {"account_id": account_id, "query": filters.query}
    return [
        {"id": entry.row_id, "html": render_to_string("dashboard/trail/_row.html", {**context, "entry": entry}), "is_new": True}
        for entry in entries
    ]


async def _truest(account_id: str, told: Sequence[InvocationView]) -> tuple[list[InvocationView], list[str]]:
    """Of events that are not over the later of what was *told* and what is stored: two processes tell of them, in either order.
    Then the ids of those that are over, for all that was told."""
    open_ids = [view.request_id for view in told if view.is_event and not view.is_final]
    glances = await event_queue.glances_at(account_id, open_ids) if open_ids else {}
    stored = {request_id: InvocationView.from_record(glance.row) for request_id, glance in glances.items()}
    truest = [max(view, stored.get(view.request_id, view), key=lambda each: each.moved_at) for view in told]
    return truest, [request_id for request_id in open_ids if request_id not in stored]


def _partial(region: str, html: str, swap: str = "outerMorph") -> str:
    return f'<hx-partial hx-target="#{region}" hx-swap="{swap}">{html}</hx-partial>'
