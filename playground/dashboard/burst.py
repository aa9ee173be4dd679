"""Many events fired at once, and how many of them are where.

Nothing is stored of it: the request ids follow from one id and the number of events, and say to whoever has them what to look for.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self
from uuid import uuid4

from invocations import event_queue
from invocations.enums import InvocationState
from invocations.errors import ServiceException
from invocations.execution import dispatch
from invocations.models import Invocation
from playground.dashboard.invocation_view import InvocationView

MOST: Final = 200
_WRITTEN: Final = re.compile(r"([0-9a-f]{8})-0000-([0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}):([1-9]\d{0,2})")
_GROUPS: Final[Sequence[tuple[str, frozenset[InvocationState]]]] = (
    ("waiting", frozenset({InvocationState.QUEUED})),
    ("running", frozenset({InvocationState.STARTING, InvocationState.RUNNING})),
    ("waiting to retry", frozenset({InvocationState.WAITING_TO_RETRY})),
    ("done", frozenset({InvocationState.SUCCEEDED, InvocationState.SUCCEEDED_AFTER_RETRIES})),
)
_SHOWN_AS: Final = {"waiting": InvocationState.QUEUED, "done": InvocationState.SUCCEEDED, "failed": InvocationState.FUNCTION_ERROR}
"""Group -> the state whose look it has, where it is no state's own word."""


@dataclass(frozen=True, slots=True)
class Part:
    """Those in one group of states."""

    word: str
    state: str
    """Whose icon and colour it has."""
    count: int


@dataclass(frozen=True, slots=True)
class _Seen:
    state: InvocationState
    moved_at: float

    @property
    def is_over(self) -> bool:
        return self.state.is_final


@dataclass
class Burst:
    """One, as far as it has been looked at."""

    account_id: str
    first: str
    """Request id of its first event; the others have their number in its second group of digits."""
    count: int
    _seen: dict[str, _Seen] = field(default_factory=dict)

    @classmethod
    def new(cls, account_id: str, count: int) -> Self:
        """One to be fired."""
        drawn = str(uuid4())
        return cls(account_id, f"{drawn[:8]}-0000{drawn[13:]}", count)

    @classmethod
    def parse(cls, account_id: str, name: str) -> Self | None:
        """What `name` gave; None for what is none."""
        found = _WRITTEN.fullmatch(name)
        if found is None or int(found[3]) > MOST:
            return None
        return cls(account_id, name.partition(":")[0], int(found[3]))

    @property
    def name(self) -> str:
        """In addresses and topics."""
        return f"{self.first}:{self.count}"

    @property
    def prefix(self) -> str:
        """What all its request ids, and hardly any others, begin with."""
        return self.first[:8]

    @property
    def region(self) -> str:
        """The id of the part of a page that shows it."""
        return f"burst-{self.prefix}"

    @property
    def topic(self) -> str:
        """What that part listens to."""
        return f"burst:{self.name}"

    @property
    def ids(self) -> list[str]:
        """Request ids in the order of firing."""
        return [f"{self.first[:8]}-{number:04x}{self.first[13:]}" for number in range(self.count)]

    @property
    def states(self) -> list[InvocationState]:
        """Of each event; one of which nothing has been heard yet is in the queue."""
        return [self._seen[request_id].state if request_id in self._seen else InvocationState.QUEUED for request_id in self.ids]

    @property
    def parts(self) -> list[Part]:
        """How many are where; each group each time, so that nothing moves."""
        left = Counter(self.states)
        parts = [Part(word, _SHOWN_AS.get(word, word), sum(left.pop(state, 0) for state in states)) for word, states in _GROUPS]
        return [*parts, Part("failed", _SHOWN_AS["failed"], left.total())]

    @property
    def over(self) -> int:
        """Events about which nothing more will be heard."""
        return sum(seen.is_over for seen in self._seen.values())

    @property
    def is_over(self) -> bool:
        """All of them."""
        return self.over == self.count

    async def load(self) -> None:
        """Looks at those that are not over: in the database, in the queue, in the service."""
        missing = [request_id for request_id in self.ids if not (request_id in self._seen and self._seen[request_id].is_over)]
        if not missing:
            return
        glances = await event_queue.glances_at(self.account_id, missing)
        self._take(InvocationView.from_record(glance.row) for glance in glances.values())
        try:
            running = (await dispatch.overview(self.account_id))["running"]
        except ServiceException:
            running = []
        self._take(map(InvocationView.from_record, running))
        rows = Invocation.objects.of(self.account_id).filter(request_id__gte=self.ids[0], request_id__lte=self.ids[-1])
        columns = rows.values_list("request_id", "state", "ended_at")
        self._note([(request_id, _Seen(InvocationState(state), at.timestamp())) async for request_id, state, at in columns])

    def hear(self, events: Iterable[Mapping[str, Any]]) -> bool:
        """Takes in announcements; tells whether any was of it."""
        told = [event for event in events if event["kind"] == "invocation" and event["id"].startswith(self.prefix)]
        before = dict(self._seen)
        self._take(InvocationView.from_announcement(self.account_id, event) for event in told)
        return before != self._seen

    def _take(self, views: Iterable[InvocationView]) -> None:
        self._note((view.request_id, _Seen(view.state, view.moved_at)) for view in views)

    def _note(self, told: Iterable[tuple[str, _Seen]]) -> None:
        """Of two views of one event the later is the truer; what is over stays over."""
        ids = set(self.ids)
        for request_id, seen in told:
            known = self._seen.get(request_id)
            if request_id in ids and (known is None or (not known.is_over and (seen.is_over or seen.moved_at >= known.moved_at))):
                self._seen[request_id] = seen


async def load_all(bursts: Iterable[Burst]) -> None:
    """Looks at several."""
    await asyncio.gather(*(burst.load() for burst in bursts))
