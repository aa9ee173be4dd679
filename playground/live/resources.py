"""Which of the resources, event queues and chains on a page have changed: by announcement, or, where too much moves for that, by
looking while the page is open."""

from collections.abc import Iterable, Sequence

from channels.db import database_sync_to_async

from invocations.announce import Announcement
from invocations.enums import InvocationType
from invocations.journal_writer import TOLD_AT_ONCE
from playground.dashboard.resources.kind import Kind
from playground.dashboard.resources.registry import KINDS
from playground.live import topics

LOOK_SECONDS = 0.3
"""How often the pulse of a resource is felt while a page shows it."""
FETCH_SECONDS = 0.3
"""How often a page fetches its regions anew at the most, however much changes."""


class Watch:
    """The resources of one page: those that have changed since it was last told."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        self._changed: set[str] = set()
        self._told_at = -FETCH_SECONDS
        self._looked_at = -LOOK_SECONDS
        self._pulses: dict[str, str] = {}
        self._unwritten: dict[str, set[str]] = {}
        """Invocations that are over and may be in no database yet, and the chains that are to show them once they are."""

    def hear(self, events: Iterable[Announcement], wanted: Sequence[str], written: Sequence[str] = ()) -> None:
        """Notes what *events* change of the topics *wanted*. *written*: invocations that are in the database now, of which the page
        heard nothing."""
        if written:  # whose they are, is not told
            self._changed.update(topic for topic in wanted if topic.startswith("chain:"))
        for event in events:
            if event["kind"] == "resource":
                concerned = {f"resource:{event['service']}", f"resource:{event['service']}:{event['name']}"}
                self._changed.update(concerned.intersection(wanted))
            elif event["kind"] == "invocation":
                concerned = {f"chain:{event['id']}", f"chain:{event.get('parent')}"}
                chains = concerned.intersection(wanted)
                if chains and event["final"]:
                    self._unwritten[event["id"]] = chains
                if event["type"] == InvocationType.EVENT:
                    concerned |= {"event-queues", f"events:{event['function']}"}
                self._changed.update(concerned.intersection(wanted))
            elif event["kind"] == "trail":
                is_crowded = len(event["invocations"]) >= TOLD_AT_ONCE  # then others were written too
                for request_id in list(self._unwritten) if is_crowded else event["invocations"]:
                    self._changed |= self._unwritten.pop(request_id, set())
            elif event["kind"] == "more":  # whose they are, is not told
                self._changed.update(topic for topic in wanted if topic.startswith(("event-queues", "events:", "chain:")))

    async def look(self, wanted: Sequence[str], now: float) -> None:
        """Feels the pulses that are due at *now*, monotonic seconds. The first time counts as a change: the page may be older."""
        beating = [(topic, *found) for topic in topics.values(wanted, "resource") if (found := _of(topic))]
        if not beating or now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        felt = await database_sync_to_async(_feel)(self._account_id, beating)
        self._changed.update(f"resource:{topic}" for topic, pulse in felt.items() if self._pulses.get(topic) != pulse)
        self._pulses = felt

    def take(self, now: float) -> list[str]:
        """Topics whose regions the page is to fetch now; those that changed too soon after the last time wait."""
        if not self._changed or now - self._told_at < FETCH_SECONDS:
            return []
        self._told_at = now
        told, self._changed = sorted(self._changed), set()
        return told

    @property
    def waits(self) -> bool:
        """Whether something has changed that the page has not been told."""
        return bool(self._changed)

    @property
    def looks(self) -> bool:
        """Whether the page shows what must be looked at again and again."""
        return bool(self._pulses)


def _of(topic: str) -> tuple[Kind, str] | None:
    """The kind with a pulse that "sqs:orders" or "sqs" belongs to, and the name."""
    service, _, name = topic.partition(":")
    return next(((kind, name) for kind in KINDS if kind.service == service and kind.pulse is not None), None)


def _feel(account_id: str, beating: Sequence[tuple[str, Kind, str]]) -> dict[str, str]:
    return {topic: kind.pulse(account_id, name) for topic, kind, name in beating if kind.pulse is not None}
