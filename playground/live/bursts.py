"""Events that were fired at once from a page: how many are where, told to the page as it changes, up to ten times a second."""

from collections.abc import Collection, Sequence
from typing import Final

from django.template.loader import render_to_string

from invocations.announce import Announcement
from playground.dashboard.burst import Burst, load_all
from playground.live import topics

TELL_SECONDS: Final = 0.1
LOOK_SECONDS: Final = 0.3
"""How soon those are looked up that a crowded batch of announcements left out."""
LOOK_ANYWAY_SECONDS: Final = 2.0
"""How often the rest is looked up: announcements may get lost."""


class Bursts:
    """Those of one page."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        self._bursts: dict[str, Burst] = {}
        self._changed: set[str] = set()
        self._told_at = -TELL_SECONDS
        self._looked_at = -LOOK_SECONDS
        self._has_gaps = False

    async def look(self, events: Sequence[Announcement], left_out: Collection[str], wanted: Sequence[str], now: float) -> list[str]:
        """The regions that have changed by *now*, monotonic seconds, drawn anew."""
        names = topics.values(wanted, "burst")
        fresh = [found for name in names if name not in self._bursts and (found := Burst.parse(self._account_id, name))]
        self._bursts = {name: burst for name, burst in self._bursts.items() if name in names} | {burst.name: burst for burst in fresh}
        await self._load(fresh)
        for burst in self._bursts.values():
            if burst.hear(events):
                self._changed.add(burst.name)
        self._has_gaps |= any(request_id.startswith(burst.prefix) for burst in self._bursts.values() for request_id in left_out)
        if now - self._looked_at >= (LOOK_SECONDS if self._has_gaps else LOOK_ANYWAY_SECONDS):
            self._looked_at, self._has_gaps = now, False
            await self._load([burst for burst in self._bursts.values() if not burst.is_over])
        return self._take(now)

    @property
    def waits(self) -> bool:
        """Whether there is, or may soon be, something to tell that nothing announces."""
        return bool(self._changed) or self._has_gaps

    async def _load(self, bursts: Sequence[Burst]) -> None:
        await load_all(bursts)
        self._changed.update(burst.name for burst in bursts)

    def _take(self, now: float) -> list[str]:
        if not self._changed or now - self._told_at < TELL_SECONDS:
            return []
        self._told_at = now
        told, self._changed = self._changed & set(self._bursts), set()
        return [render(self._bursts[name]) for name in sorted(told)]


def render(burst: Burst) -> str:
    """The region of one."""
    html = render_to_string("dashboard/_burst.html", {"burst": burst, "account_id": burst.account_id})
    return f'<hx-partial hx-target="#{burst.region}" hx-swap="outerHTML">{html}</hx-partial>'
