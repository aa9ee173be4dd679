"""What CloudWatch would count of a function URL, from the journal: UrlRequestCount, Url4xxCount, Url5xxCount, UrlRequestLatency."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from invocations import clock
from invocations.arn import LATEST
from invocations.models import FunctionUrl, Invocation
from playground.dashboard.url_lane import http_status
from playground.front_doors.function_url import SOURCE

PERIOD: Final = timedelta(hours=1)
MOST: Final = 1000
"""Requests that are counted: the newest."""


@dataclass(frozen=True, slots=True)
class UrlMetrics:
    """Of the last hour."""

    requests: int = 0
    client_errors: int = 0
    server_errors: int = 0
    latency_ms: float | None = None
    """The average; None without a request."""

    @property
    def is_cut(self) -> bool:
        """Whether there were more requests than are counted."""
        return self.requests == MOST


def of(url: FunctionUrl) -> UrlMetrics:
    """One query."""
    qualifiers = ["", LATEST] if url.qualifier == LATEST else [url.qualifier]
    rows = Invocation.objects.of(url.function.account_id).of_function(url.function.name)
    rows = rows.filter(source=SOURCE, qualifier__in=qualifiers, received_at__gte=clock.now() - PERIOD)
    columns = ("state", "status_code", "function_error", "response_payload", "received_at", "ended_at")
    found = list(rows.order_by("-received_at").values_list(*columns)[:MOST])
    statuses = [http_status(state, status, error, bytes(response)) for state, status, error, response, _, _ in found]
    took = [(ended_at - received_at) / timedelta(milliseconds=1) for *_, received_at, ended_at in found]
    return UrlMetrics(
        requests=len(found),
        client_errors=sum(400 <= status < 500 for status in statuses),
        server_errors=sum(status >= 500 for status in statuses),
        latency_ms=sum(took) / len(took) if took else None,
    )
