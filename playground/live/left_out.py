"""What a crowded batch told no list: invocations that may be shown as they were before it, until they are looked up."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from invocations.announce import Announcement

LOOK_SECONDS: Final = 0.25
LOOKED_UP_AT_ONCE: Final = 25
SOUGHT_SECONDS: Final = 10.0
"""How long one is looked for that is not over: whatever happens to it later is announced again."""
MOST: Final = 500
"""As many as the longest list and the rows that wait for it; of more, the newest."""


class LeftOut:
    """Those of one page, and which of them to look up next."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._looked_at = -LOOK_SECONDS

    def hear(self, events: Sequence[Announcement], left_out: Iterable[str], now: float) -> None:
        """*events* were told and *left_out* were not, at *now* in monotonic seconds."""
        for event in events:
            if event["kind"] == "invocation" and event.get("final"):  # what it was before may be told late
                self._until.pop(event["id"], None)
        for request_id in left_out:
            self._until.pop(request_id, None)
            self._until[request_id] = now + SOUGHT_SECONDS
        for request_id in list(self._until)[: max(0, len(self._until) - MOST)]:
            del self._until[request_id]

    def take(self, now: float) -> list[str]:
        """Whom to look up at *now*; the others have their turn before these have another."""
        if not self._until or now - self._looked_at < LOOK_SECONDS:
            return []
        self._looked_at = now
        taken = list(self._until)[:LOOKED_UP_AT_ONCE]
        for request_id in taken:
            until = self._until.pop(request_id)
            if until > now:
                self._until[request_id] = until
        return taken

    def found(self, request_ids: Collection[str]) -> None:
        """They are over, and shown as such."""
        for request_id in request_ids:
            self._until.pop(request_id, None)

    @property
    def waits(self) -> bool:
        """Whether anybody is still to be looked up."""
        return bool(self._until)
