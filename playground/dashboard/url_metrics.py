"""What CloudWatch would count of a function URL, from the journal: UrlRequestCount, Url4xxCount, Url5xxCount, UrlRequestLatency."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import Avg, Case, Count, DurationField, F, IntegerField, Q, When
from django.db.models.functions import Coalesce

from invocations import clock
from invocations.arn import LATEST
from invocations.models import FunctionUrl, Invocation
from playground.front_doors.function_url import SOURCE

PERIOD: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class UrlMetrics:
    """Of the last hour."""

    requests: int = 0
    client_errors: int = 0
    server_errors: int = 0
    latency_ms: float | None = None
    """The average; None without a request."""


def of(url: FunctionUrl) -> UrlMetrics:
    """One query."""
    qualifiers = ["", LATEST] if url.qualifier == LATEST else [url.qualifier]
    rows = Invocation.objects.of(url.function.account_id).of_function(url.function.name)
    rows = rows.filter(source=SOURCE, qualifier__in=qualifiers, received_at__gte=clock.now() - PERIOD)
    # What was called before the status was kept counts by Invoke's.
    kept_before = Case(When(~Q(function_error=""), then=502), default="status_code", output_field=IntegerField())
    found = rows.annotate(got=Coalesce("http_status", kept_before, output_field=IntegerField())).aggregate(
        requests=Count("pk"),
        client_errors=Count("pk", filter=Q(got__gte=400, got__lt=500)),
        server_errors=Count("pk", filter=Q(got__gte=500)),
        took=Avg(F("ended_at") - F("received_at"), output_field=DurationField()),
    )
    took = found.pop("took")
    return UrlMetrics(**found, latency_ms=None if took is None else took / timedelta(milliseconds=1))
