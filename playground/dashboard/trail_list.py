"""The trail's list: management events and invocations in one order of time, as its filters want them, a stretch at a time."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from invocations import clock
from invocations.enums import TrailCategory
from invocations.models import Invocation, TrailEvent
from invocations.trail import data_events
from playground.dashboard.query_filters import SINCE, QueryFilters, microseconds, moment
from playground.dashboard.trail_entry import Entry, of_event, of_invocation

PAGE: Final = 50
SHOWN: Final = {"": "all events", "management": "no data events", "changes": "changes only", "data": "data events only"}
"""Value of ?show= -> what it says."""
RESULTS: Final = {"ok": "succeeded", "error": "refused", "denied": "denied"}
SERVICES: Final = ("lambda", "sqs", "sns", "events", "scheduler", "s3", "iam", "sts", "logs", "cloudtrail")
_OLDER: Final = re.compile(r"(\d{1,17})\.([01])\.(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a stretch ended. Of events at one instant, invocations (0) come behind management events (1)."""

    at: datetime
    rank: int
    row_id: int

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """What `str` gave; None for anything else."""
        found = _OLDER.fullmatch(text)
        return cls(moment(found[1]), int(found[2]), int(found[3])) if found else None

    def __str__(self) -> str:
        return f"{microseconds(self.at)}.{self.rank}.{self.row_id}"

    def older(self, rows: Any, rank: int, field: str) -> Any:
        """Those of *rows*, which are of *rank* and have their time in *field*, that come behind."""
        if rank > self.rank:
            return rows.filter(**{f"{field}__lt": self.at})
        rows = rows.filter(**{f"{field}__lte": self.at})
        return rows if rank < self.rank else rows.exclude(**{field: self.at, "id__gte": self.row_id})


@dataclass(frozen=True, slots=True)
class Filters(QueryFilters):
    """What the query asks for; empty means all."""

    ALLOWED = {"service": SERVICES, "result": RESULTS, "show": SHOWN, "since": SINCE}
    LONGEST = 200
    q: str = ""
    """The start of a request id, or a part of who called, of the action, of a resource or of an error."""
    service: str = ""
    result: str = ""
    show: str = ""
    since: str = ""

    @property
    def topic(self) -> str:
        """What a page that shows this list listens to."""
        return f"trail:{self.query}"

    @property
    def sentence(self) -> str:
        """The same in words."""
        parts = [
            SHOWN[self.show] if self.show else "",
            f"of {self.service}" if self.service else "",
            f"that {'were ' if self.result != 'ok' else ''}{RESULTS[self.result]}" if self.result else "",
            f"with “{self.q}” in id, caller, action, resource or error" if self.q else "",
            f"in the last {self.since}" if self.since else "",
        ]
        return ", ".join(part for part in parts if part)

    def without_data(self) -> "Filters":
        """The same with data events hidden, or shown again."""
        return replace(self, show="" if self.show == "management" else "management")

    def events(self, account_id: str) -> "QuerySet[TrailEvent]":
        """The calls with a row of their own that are wanted."""
        rows: Any = TrailEvent.objects.of(account_id)
        if self.show == "data":
            rows = rows.filter(category=TrailCategory.DATA)
        elif self.show:
            rows = rows.exclude(category=TrailCategory.DATA)
        if self.show == "changes":
            rows = rows.filter(read_only=False)
        if self.service:
            rows = rows.filter(event_source=f"{self.service}.amazonaws.com")
        if self.result == "denied":
            rows = rows.filter(error_code__startswith="AccessDenied")
        elif self.result:
            rows = rows.filter(error_code="") if self.result == "ok" else rows.exclude(error_code="")
        if self.since:
            rows = rows.filter(event_time__gte=clock.now() - SINCE[self.since])
        if self.q:
            texts = ("event_name", "username", "access_key_id", "resource_lines", "error_code")
            rows = rows.filter(_any_of(texts, self.q) | Q(request_id__startswith=self.q.lower()))
        return rows.defer("decision")  # type: ignore[no-any-return]

    def invocations(self, account_id: str) -> "QuerySet[Invocation]":
        """The invocations that are wanted."""
        rows: Any = Invocation.objects.of(account_id)
        if self.show in ("management", "changes") or self.service not in ("", "lambda"):
            return rows.none()  # type: ignore[no-any-return]
        if self.result == "denied":
            rows = rows.filter(error_code="AccessDeniedException", status_code=403)
        elif self.result:
            rows = rows.filter(status_code__lt=400) if self.result == "ok" else rows.filter(status_code__gte=400)
        if self.since:
            rows = rows.filter(received_at__gte=clock.now() - SINCE[self.since])
        if self.q and self.q.lower() not in data_events.EVENT_NAME.lower():
            texts = ("function_name", "principal_arn", "error_code")
            rows = rows.filter(_any_of(texts, self.q) | Q(request_id__startswith=self.q.lower()))
        injected = ExpressionWrapper(Q(steps__icontains=_INJECTED), BooleanField())
        return rows.only(*data_events.FIELDS).annotate(has_injected=injected)  # type: ignore[no-any-return]


_INJECTED: Final = '"injected": true'
"""In the steps of an invocation, as the database writes JSON: a fault's mark (faults.FaultSnapshot.mark)."""


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the list."""

    entries: list[Entry]
    older: str
    """The cursor of the next stretch; empty at the end."""


def page(account_id: str, filters: Filters, before: str = "", size: int = PAGE) -> Page:
    """The newest *size* that are wanted, or those before a cursor: two queries, however long the lists."""
    events, invocations, cursor = filters.events(account_id), filters.invocations(account_id), Cursor.parse(before)
    if cursor is not None:
        events = cursor.older(events, 1, "event_time")
        invocations = cursor.older(invocations, 0, "received_at")
    rows: list[tuple[datetime, int, int, Entry]] = [
        (row.event_time, 1, row.pk, of_event(row)) for row in events.order_by("-event_time", "-id")[: size + 1]
    ]
    rows += [(row.received_at, 0, row.pk, of_invocation(row)) for row in invocations.order_by("-received_at", "-id")[: size + 1]]
    rows.sort(key=lambda row: row[:3], reverse=True)
    older = str(Cursor(*rows[size - 1][:3])) if len(rows) > size else ""
    return Page([row[3] for row in rows[:size]], older)


def announced(account_id: str, filters: Filters, event_ids: Iterable[str], request_ids: Iterable[str]) -> list[Entry]:
    """Of what was written just now, what the list wants; the oldest first."""
    entries = [of_event(row) for row in filters.events(account_id).filter(event_id__in=list(event_ids))]
    entries += [of_invocation(row) for row in filters.invocations(account_id).filter(request_id__in=list(request_ids))]
    return sorted(entries, key=lambda entry: entry.at)


def _any_of(fields: Iterable[str], text: str) -> Q:
    found = Q()
    for name in fields:
        found |= Q(**{f"{name}__icontains": text})
    return found
