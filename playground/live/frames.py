"""The one place that makes frames: what a page is told, out of what was announced.

A frame is JSON: "seq" (the last announcement in it), "content" (`<hx-partial>`s that hx-ws swaps in), and for live.js "rows" (of
lists, by topic), "gauges" (figures by name), "series" (seconds of a plot), "more" (how many invocations a crowded batch left out) and
"refetch" (topics whose regions the page has to fetch anew).
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from channels.db import database_sync_to_async
from django.template.loader import render_to_string

from invocations import clock
from invocations.announce import Announcement
from invocations.due import Due
from playground.dashboard import activity, fragments
from playground.dashboard.account_time import ClockView, panel_context_async
from playground.dashboard.recent import Recent
from playground.live import capacity, resources, topics
from playground.live.bursts import Bursts
from playground.live.capacity import CapacityWatch
from playground.live.left_out import LeftOut

HELD_BACK_SECONDS = 0.1
"""How soon what is held back is looked at again."""
HOME_SECONDS = 0.2
"""How often the playground's strip is drawn at most."""
ACTIVITY_SECONDS = 2.0
"""The same of the plot, which asks the database; long enough for the journal to have got there."""

CATCH_UP_SECONDS = 3.0
"""How long a page that was just loaded is told of what has been written to the database since: what was over, and not there yet,
when it was loaded, was announced before."""

DUE_SECONDS = 1.0
"""How often what is due next is looked at while a page shows it: nobody announces when it changes."""


@dataclass
class Frame:
    """What goes to the page at once."""

    content: list[str] = field(default_factory=list)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    gauges: dict[str, Any] = field(default_factory=dict)
    more: int = 0
    refetch: list[str] = field(default_factory=list)
    series: dict[str, Any] = field(default_factory=dict)
    """Seconds for the plot of concurrency."""

    def __bool__(self) -> bool:
        return bool(self.content or self.rows or self.gauges or self.more or self.refetch or self.series)

    def text(self, seq: str) -> str:
        """As it is sent."""
        parts: dict[str, Any] = {"seq": seq}
        if self.content:
            parts["content"] = "".join(self.content)
        for name in ("rows", "gauges", "more", "refetch", "series"):
            if value := getattr(self, name):
                parts[name] = value
        return json.dumps(parts, separators=(",", ":"))


class Page:
    """One open page: its topics, and what it is yet to be told."""

    def __init__(self, account_id: str) -> None:
        self.account_id = account_id
        self.topics: list[str] = []
        self._opened_at = clock.monotonic()
        self._heard: set[str] = set()
        """Invocations that were announced to it, while it catches up."""
        self._watch = resources.Watch(account_id)
        self._bursts = Bursts(account_id)
        self._left_out = LeftOut()
        self._recent: Recent | None = None
        self._strip_is_old = False
        self._strip_at = 0.0
        self._activity_at = clock.monotonic()
        self._activity_minute = clock.now().minute
        self._activity_is_old = False
        self._capacity = CapacityWatch(account_id)
        self._due: list[Due] | None = None
        self._due_is_late = False

    async def follow(self, wanted: list[str]) -> Frame:
        """Takes the page's present topics; what is new among them is shown once as it stands."""
        fresh = [topic for topic in wanted if topic not in self.topics]
        self.topics = wanted
        frame = Frame()
        for request_id in topics.values(fresh, "inv"):
            frame.content.append(await fragments.invocation(self.account_id, request_id))
        return frame

    async def frame(self, events: Sequence[Announcement], wanted: list[str] | None = None) -> Frame:
        """What *events* change on the page, or on those of its regions that follow *wanted*."""
        wanted = self.topics if wanted is None else wanted
        frame = Frame()
        changed = {event["id"] for event in events if event["kind"] == "invocation"}
        left_out: set[str] = set()
        for event in events:
            if event["kind"] == "more":
                frame.more += event["invocations"]
                left_out.update(event.get("ids", ()))
        for request_id in topics.values(wanted, "inv"):
            if request_id in changed or request_id in left_out:
                frame.content.append(await fragments.invocation(self.account_id, request_id))
        for runs in topics.values(wanted, "lanes"):
            if (changed | left_out).intersection(runs.split(".")):
                frame.content.append(await fragments.lanes(self.account_id, runs))
        followed_logs = set(topics.values(wanted, "log"))
        frame.content.extend(
            fragments.log(event["id"], event) for event in events if event["kind"] == "log" and event["id"] in followed_logs
        )
        written = self._unheard(events, changed)
        await self._lists(frame, events, wanted, left_out, written)
        for query in topics.values(wanted, "trail"):
            rows = await database_sync_to_async(fragments.trail_rows)(self.account_id, events, query)
            if rows:
                frame.rows[f"trail:{query}"] = rows
        frame.refetch.extend(_changed_functions(events, wanted))
        if "faults" in wanted and any(event["kind"] == "faults" for event in events):
            frame.refetch.append("faults")
        self._watch.hear(events, wanted, written)
        now = clock.monotonic()
        await self._watch.look(wanted, now)
        frame.refetch.extend(self._watch.take(now))
        frame.content.extend(await self._bursts.look(events, left_out, self.topics, now))
        await self._clock(frame, events, wanted)
        if "capacity" in wanted:
            content, frame.series = await self._capacity.look(now)
            frame.content.extend(content)
        if "home" in wanted:
            await self._home(frame, events)
        else:
            frame.more = frame.more if frame.rows else 0
        return frame

    async def _lists(
        self, frame: Frame, events: Sequence[Announcement], wanted: list[str], left_out: Collection[str], written: Sequence[str]
    ) -> None:
        queries = topics.values(wanted, "list")
        if not queries:
            return
        now = clock.monotonic()
        self._left_out.hear(events, left_out, now)
        sought, found = self._left_out.take(now), set[str]()
        for query in queries:
            rows, untold = await fragments.rows(self.account_id, events, query, written)
            self._left_out.hear((), untold, now)
            ended = await fragments.ended_rows(self.account_id, query, sought) if sought else {}
            found.update(ended)
            if rows or ended:
                frame.rows[f"list:{query}"] = [*rows, *ended.values()]
        self._left_out.found(found)

    def _unheard(self, events: Sequence[Announcement], changed: set[str]) -> list[str]:
        """Invocations that were written just now and not announced since the page was loaded."""
        if clock.monotonic() - self._opened_at > CATCH_UP_SECONDS:
            return []
        self._heard |= changed
        return [each for event in events if event["kind"] == "trail" for each in event["invocations"] if each not in self._heard]

    @property
    def patience(self) -> float | None:
        """Seconds after which there may be something to show though nothing is announced; None: for ever."""
        if (
            self._strip_is_old
            or self._activity_is_old
            or self._watch.waits
            or self._bursts.waits
            or self._due_is_late
            or self._left_out.waits
        ):
            return HELD_BACK_SECONDS
        if "capacity" in self.topics:
            return capacity.LOOK_SECONDS
        if "due" in self.topics:
            return DUE_SECONDS
        return resources.LOOK_SECONDS if self._watch.looks else None

    async def _clock(self, frame: Frame, events: Sequence[Announcement], wanted: Sequence[str]) -> None:
        """The header's badge where the clock was set; the clock's page also where something else is due next than it shows."""
        is_set = any(event["kind"] == "clock" for event in events)
        if "clock" in wanted and is_set:
            clock_now = await ClockView.of_async(self.account_id)
            frame.content.append(partial("clock", "dashboard/_clock_badge.html", {"clock": clock_now, "account_id": self.account_id}))
        if "due" not in wanted:
            return
        context = await panel_context_async(self.account_id)
        view: ClockView = context["clock"]
        if is_set or view.upcoming != self._due:
            frame.content.append(partial("clock-panel", "dashboard/_clock_panel.html", {**context, "account_id": self.account_id}))
        # Once more at the next look where the clock was set: the answer to the form that set it may come behind this frame, and be older.
        self._due = None if is_set else view.upcoming
        self._due_is_late = bool(view.upcoming) and view.upcoming[0].at <= view.now

    async def _home(self, frame: Frame, events: Sequence[Announcement]) -> None:
        if self._recent is None:
            self._recent = Recent(self.account_id)
            await self._recent.load()
            self._strip_is_old = True
        if frame.more:
            await self._recent.load()
            self._strip_is_old = True
        self._strip_is_old |= self._recent.hear(events)
        for event in events:
            if event["kind"] == "gauge":
                frame.gauges |= {name: event[name] for name in ("used", "limit", "environments", "per_second") if name in event}
                self._activity_is_old |= bool(event.get("counts", {}).get("invocations"))
            elif event["kind"] == "limits":
                frame.gauges["limit"] = event["limit"]
        now = clock.monotonic()
        if self._strip_is_old and now - self._strip_at >= HOME_SECONDS:
            self._strip_is_old, self._strip_at = False, now
            frame.content.append(partial("recent", "dashboard/_recent.html", {"recent": self._recent, "account_id": self.account_id}))
        minute = clock.now().minute
        if minute != self._activity_minute or (self._activity_is_old and now - self._activity_at >= ACTIVITY_SECONDS):
            self._activity_is_old, self._activity_at, self._activity_minute = False, now, minute
            shown = await database_sync_to_async(activity.of)(self.account_id)
            frame.content.append(partial("activity", "dashboard/_activity.html", {"activity": shown}))


def partial(region: str, template: str, context: dict[str, Any]) -> str:
    """A region drawn anew."""
    return f'<hx-partial hx-target="#{region}" hx-swap="outerMorph">{render_to_string(template, context)}</hx-partial>'


def _changed_functions(events: Sequence[Announcement], wanted: Sequence[str]) -> list[str]:
    names = {event["function"] for event in events if event["kind"] == "function"}
    changed = {f"fn:{name}" for name in names} | ({"functions", "permissions"} if names else set())
    if any(event["kind"] == "permissions" for event in events):
        changed.add("permissions")
    return [topic for topic in wanted if topic in changed]
