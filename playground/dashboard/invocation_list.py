"""The list of invocations: which are wanted, and one page of them."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from invocations import clock
from invocations.enums import InvocationState, InvocationType
from invocations.models import Invocation
from invocations.models.invocation import InvocationQuerySet
from playground.dashboard.invocation_view import InvocationView
from playground.dashboard.query_filters import SINCE, QueryFilters, microseconds, moment
from playground.dashboard.triggers import SOURCES

PAGE = 50

_REQUEST_ID = re.compile(r"[0-9a-f]{2,8}|[0-9a-f]{8}-[0-9a-f-]{0,27}")
_NOT_SHOWN = ("request_payload", "response_payload", "steps", "error_message", "principal_arn", "trace_id")


@dataclass(frozen=True, slots=True)
class Filters(QueryFilters):
    """What the query asks for; empty means all."""

    ALLOWED = {"state": set(map(str, InvocationState)), "type": set(map(str, InvocationType)), "trigger": SOURCES, "since": SINCE}
    state: str = ""
    fn: str = ""
    type: str = ""
    trigger: str = ""
    """A word of triggers.py."""
    q: str = ""
    """The start of a request id, or a part of a function's name or of an error's."""
    since: str = ""

    @property
    def topic(self) -> str:
        """What a page that shows this list listens to."""
        return f"list:{self.query}"

    @property
    def sentence(self) -> str:
        """The same in words, for an empty list and for screen readers."""
        parts = [
            f"of function {self.fn}" if self.fn else "",
            f"in state “{self.state}”" if self.state else "",
            f"of type {self.type}" if self.type else "",
            f"triggered by {self.trigger}" if self.trigger else "",
            f"with “{self.q}” in id, function or error" if self.q else "",
            f"in the last {self.since}" if self.since else "",
        ]
        return " ".join(part for part in parts if part)

    def rows(self, account_id: str) -> InvocationQuerySet:
        """The finished invocations that are wanted, newest first."""
        found: InvocationQuerySet = Invocation.objects.of(account_id)
        if self.fn:
            found = found.of_function(self.fn)
        if self.state:
            found = found.in_state(InvocationState(self.state))
        if self.type:
            found = found.filter(invocation_type=self.type)
        if self.trigger:
            found = found.filter(source=SOURCES[self.trigger])
        if self.since:
            found = found.filter(received_at__gte=clock.now() - SINCE[self.since])
        if self.q:
            found = found.filter(_matches(self.q))
        return found.defer(*_NOT_SHOWN).order_by("-received_at", "-id")

    def takes(self, view: InvocationView, but: str = "") -> bool:
        """Whether an invocation that has just been announced belongs in the list, *but* for the one condition of that name."""
        text = self.q.lower()
        return (
            (not self.fn or view.function_name == self.fn)
            and (not self.state or but == "state" or view.state == self.state)
            and (not self.type or view.invocation_type == self.type)
            and (not self.trigger or view.source == SOURCES[self.trigger])
            and (not text or view.request_id.startswith(text) or text in view.function_name.lower() or text in view.error_code.lower())
        )

    def may_have(self, view: InvocationView) -> bool:
        """Whether a list of a state that does not last may show an invocation that has left it."""
        return bool(self.state) and not InvocationState(self.state).is_final and self.takes(view, but="state")


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the list."""

    views: list[InvocationView]
    older: str
    """The cursor of the next stretch; empty at the end."""


def page(account_id: str, filters: Filters, before: str = "", size: int = PAGE) -> Page:
    """The newest *size* that are wanted, or those before a cursor: one query, however long the list."""
    rows = filters.rows(account_id)
    cursor = _parse_cursor(before)
    if cursor is not None:
        received_at, row_id = cursor
        # "Not this one and nothing newer in the same instant" keeps the index on received_at usable; an OR would not.
        rows = rows.filter(received_at__lte=received_at).exclude(received_at=received_at, id__gte=row_id)
    found = list(rows[: size + 1])
    last = found[size - 1] if len(found) > size else None
    return Page([row_view(row) for row in found[:size]], f"{microseconds(last.received_at)}.{last.pk}" if last else "")


def row_view(row: Invocation) -> InvocationView:
    """A row of the list, without what the list does not show."""
    columns = row.get_deferred_fields()
    plain = {name: value for name, value in vars(row).items() if name in InvocationView.__dataclass_fields__ and name not in columns}
    times = {"received_at": row.received_at.timestamp(), "ended_at": row.ended_at.timestamp()}
    return InvocationView(**plain | times | {"state": InvocationState(row.state), "steps": ()})


def nearest(account_id: str, request_id: str, count: int = 5) -> list[InvocationView]:
    """Invocations whose ids begin most like *request_id*, for a page that has to say it knows no such id."""
    for length in (8, 4, 2):
        prefix = request_id[:length].lower()
        if len(prefix) == length and re.fullmatch(r"[0-9a-f]+", prefix):
            found = list(Filters(q=prefix).rows(account_id)[:count])
            if found:
                return [row_view(row) for row in found]
    return [row_view(row) for row in Filters().rows(account_id)[:count]]


def _matches(text: str) -> Q:
    lowered = text.lower()
    if _REQUEST_ID.fullmatch(lowered):
        # A range can use the index on the id, which LIKE cannot; "z" sorts after every hexadecimal digit.
        by_id = Q(request_id__gte=lowered, request_id__lt=lowered + "z", request_id__startswith=lowered)
        return by_id if len(lowered) >= 8 else by_id | Q(function_name__icontains=text)
    return Q(function_name__icontains=text) | Q(error_code__icontains=text)


def _parse_cursor(cursor: str) -> tuple[datetime, int] | None:
    found = re.fullmatch(r"(\d{1,17})\.(\d{1,18})", cursor)
    return (moment(found[1]), int(found[2])) if found else None
