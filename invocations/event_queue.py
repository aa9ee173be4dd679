"""The internal queue of asynchronous events: put, claimed, tried, retried, and out at last.

An event is durable before it is accepted. It carries its record so far, so that it can be looked at while it waits, and what
became of its last try, so that the death of whoever decides about it costs no second run.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from invocations import clock, fast_json, store
from invocations.announce import Announcement
from invocations.due_queue import Claimed, DueQueue, Fate, Item, Waiting
from invocations.errors import ServiceException
from invocations.record import Record, announcement, journal_entry, log_entry
from invocations.retry import Attempt
from invocations.values import InvokeRequest, Principal

QUEUE: Final = DueQueue("events")
LEASE_SECONDS: Final = 6.0
"""Real time for which an event stays with who claimed it, from the last sign of life on."""
LINGER_SECONDS: Final = 5
"""How long an event that is over can still be found here: until the journal has it in the database. Its id is known for longer."""
KEPT_LINES: Final = 2000
"""Log lines kept with an event for the page of an invocation that is not over; all are in the log group."""


class TakenOver(ServiceException):
    """The event has another holder by now: whoever held it changes nothing of it any more."""


@dataclass(slots=True)
class Tried:
    """What became of the last try; nobody has decided about it yet."""

    attempt: Attempt
    status_code: int
    """Of the responseContext: 200, or the invocation error's."""
    error_code: str = ""
    error_message: str = ""


@dataclass(slots=True)
class QueuedEvent:
    """One asynchronous event."""

    request: InvokeRequest
    principal: Principal
    row: dict[str, Any]
    """Its record so far: `Record.as_json`."""
    enqueued_at: float = 0.0
    """Epoch seconds on the account's clock, as all times of the queue."""
    runs: int = 0
    throttles: int = 0
    """Tries in a row that found no room."""
    response: bytes = b""
    """Of the last run."""
    response_context: dict[str, Any] = field(default_factory=dict)
    """The last run's statusCode, executedVersion and functionError; empty if it never ran."""
    tried: Tried | None = None
    condition: str = ""
    """Set when the story has ended and only deliveries are left."""
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    """Those still to be made: destinations.Sending.as_json."""
    log: list[list[Any]] = field(default_factory=list)
    """[[attempt, epoch milliseconds, text], …], the newest KEPT_LINES."""
    holder: str = ""
    now: float = 0.0
    """The account's clock when it was claimed."""
    told_steps: int = 0
    fields: dict[str, bytes] = field(default_factory=dict)
    """As Redis has them: what the service is handed, and what has changed of them handed back."""

    @property
    def account_id(self) -> str:
        """Whose it is."""
        return self.request.account_id

    @property
    def request_id(self) -> str:
        """The same on every try."""
        return self.request.request_id

    def step(self, station: str, outcome: str, clock_now: float, **detail: Any) -> None:
        """Adds a step that is no station's of the service: what the queue or a destination did."""
        detail = {"clock": clock_now, **detail}
        self.row["steps"].append({"station": station, "at": clock.epoch(), "outcome": outcome, "duration_ms": None, "detail": detail})

    def news(self) -> list[Announcement]:
        """What has not been announced of it yet by this process."""
        event = announcement(self.row, self.told_steps, is_final=self.row["ended_at"] is not None)
        self.told_steps = len(self.row["steps"])
        return [event]


@dataclass(frozen=True, slots=True)
class Glance:
    """An event as lists show it, without payloads and log."""

    row: dict[str, Any]
    """Its record so far: `Record.as_json`. While it is being tried, the service knows more."""
    enqueued_at: float
    due: float | None = None
    """On the account's clock, as *enqueued_at*; None while it is held."""


_SEEN: Final = ("record", "put_at")


async def put(record: Record) -> None:
    """Durable when it returns: then 202 may be answered. An event whose id is queued already is left alone."""
    request = record.request
    fields = {
        "request": fast_json.dumps({"request": request.as_json(), "principal": record.principal.as_json()}),
        "payload": request.payload,
        "record": fast_json.dumps(record.as_json()),
    }
    await QUEUE.put_async([Item(request.account_id, request.function_name, request.request_id, fields)])


async def claim(account_id: str, function_name: str, holder: str, limit: int) -> list[QueuedEvent]:
    """Up to *limit* events of a function that are due, held by *holder*. No event has two holders."""
    return [of_claimed(each) for each in await QUEUE.claim(account_id, function_name, holder, limit, LEASE_SECONDS)]


async def keep(event: QueuedEvent, log: Sequence[tuple[int, str]]) -> bool:
    """Stores what a try came to, and hands its log on, while the event stays with its holder. False where that is another by now."""
    entries = [(store.JOURNAL_KEY, log_entry(event.row, log))] if log else []
    changed = _fields(event)
    event.fields = event.fields | changed
    return await QUEUE.settle(event.account_id, event.request_id, event.holder, Fate.KEEP, fields=changed, entries=entries)


async def wait_until(event: QueuedEvent, due: float) -> bool:
    """Gives the event back, to be taken up at *due*. False where it is another's by now."""
    return await QUEUE.settle(event.account_id, event.request_id, event.holder, Fate.WAIT, due=due, fields=_fields(event))


async def finish(event: QueuedEvent) -> bool:
    """Takes the event out of the queue and its record into the journal, in one step. False where it is another's by now."""
    return await QUEUE.settle(
        event.account_id,
        event.request_id,
        event.holder,
        Fate.GONE,
        linger_seconds=LINGER_SECONDS,
        fields=_fields(event),
        entries=[(store.JOURNAL_KEY, journal_entry(event.row, (), event.request.payload, event.response))],
    )


def find(account_id: str, request_id: str) -> QueuedEvent | None:
    """An event that is not over, held or not, or that was over a moment ago."""
    fields = QUEUE.find(account_id, request_id)
    return of_fields(fields) if fields and "request" in fields else None


async def find_async(account_id: str, request_id: str) -> QueuedEvent | None:
    """The same on a loop."""
    fields = await QUEUE.find_async(account_id, request_id)
    return of_fields(fields) if fields and "request" in fields else None


def waiting(account_id: str, function_name: str, limit: int = 50, *, newest_first: bool = False) -> list[tuple[QueuedEvent, float | None]]:
    """Up to *limit* events of a function, the oldest first, and when each is due (None: it is being tried, or held for it)."""
    found: list[Waiting] = QUEUE.waiting(account_id, function_name, limit, newest_first=newest_first)
    return [(of_fields(each.fields), each.due) for each in found]


def newest(account_id: str, function_names: Iterable[str], limit: int) -> list[QueuedEvent]:
    """The newest events of some functions that are not over."""
    found = [event for name in function_names for event, _ in waiting(account_id, name, limit, newest_first=True)]
    return sorted(found, key=lambda event: -event.request.received_at)[:limit]


def glances(account_id: str, function_names: Iterable[str], limit: int, *, start: int = 0, newest_first: bool = False) -> list[Glance]:
    """Of each function up to *limit* events that are not over, from the one numbered *start* on; the oldest first."""
    found = QUEUE.look(account_id, function_names, _SEEN, limit, start=start, newest_first=newest_first)
    return [_glance(each.fields, each.due) for each in found]


async def glances_at(account_id: str, request_ids: Sequence[str]) -> dict[str, Glance]:
    """Those of the events that are not over, or were not a moment ago."""
    found = await QUEUE.look_at(account_id, request_ids, _SEEN)
    return {request_id: _glance(fields) for request_id, fields in found.items()}


def functions_with_events(account_id: str) -> list[str]:
    """Names of functions for which events wait, be they deleted."""
    return QUEUE.lanes(account_id)


def overview(account_id: str) -> list[tuple[str, int, float]]:
    """The same with the number of their events that are not over, and when the next is due."""
    return QUEUE.overview(account_id)


def count(account_id: str, function_name: str) -> int:
    """Events of a function that are not over."""
    return QUEUE.count(account_id, function_name)


def oldest(account_id: str, function_name: str) -> float | None:
    """When the oldest event of a function that is not over was accepted, on the account's clock; None where there is none."""
    return QUEUE.oldest(account_id, function_name)


def _glance(fields: dict[str, bytes], due: float | None = None) -> Glance:
    return Glance(fast_json.loads(fields["record"]), float(fields["put_at"]), due)


def of_claimed(claimed: Claimed) -> QueuedEvent:
    """The event behind a claim."""
    event = of_fields(claimed.fields)
    event.now = claimed.now
    return event


def of_fields(fields: dict[str, bytes], known: QueuedEvent | None = None) -> QueuedEvent:
    """The event that Redis has these *fields* of; *known* is the same event as it was before: what was asked for never changes."""
    if known is None:
        about = fast_json.loads(fields["request"])
        request, principal = InvokeRequest.from_json(about["request"], fields["payload"]), Principal.from_json(about["principal"])
    else:
        request, principal = known.request, known.principal
    state = fast_json.loads(fields["state"]) if "state" in fields else {}
    tried = state.pop("tried", None)
    row = fast_json.loads(fields["record"])
    return QueuedEvent(
        request=request,
        principal=principal,
        row=row,
        enqueued_at=float(fields["put_at"]),
        response=fields.get("response", b""),
        tried=Tried(**{**tried, "attempt": Attempt(tried["attempt"])}) if tried else None,
        holder=fields.get("holder", b"").decode(),
        told_steps=len(row["steps"]),
        fields=fields,
        **state,
    )


def _fields(event: QueuedEvent) -> dict[str, bytes]:
    """What changes of an event in its life."""
    tried = event.tried
    state = {
        "runs": event.runs,
        "throttles": event.throttles,
        "response_context": event.response_context,
        "condition": event.condition,
        "deliveries": event.deliveries,
        "log": event.log[-KEPT_LINES:],
        "tried": {name: getattr(tried, name) for name in tried.__dataclass_fields__} if tried else None,
    }
    return {"record": fast_json.dumps(event.row), "state": fast_json.dumps(state), "response": event.response}
