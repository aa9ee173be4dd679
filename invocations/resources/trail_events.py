"""CloudTrail's event history: LookupEvents, and how long it is kept."""

import base64
import binascii
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from invocations import catalogue, clock
from invocations.enums import TrailCategory
from invocations.errors import AwsError, aws_error
from invocations.models import Account, TrailEvent
from invocations.models.trail import TrailEventQuerySet
from invocations.values import Members

KEPT: Final = timedelta(days=90)
MOST_KEPT: Final = 100_000
"""Rows of one account."""
MAX_RESULTS: Final = range(1, 51)
_COLUMNS: Final = {
    "EventId": "event_id",
    "EventName": "event_name",
    "Username": "username",
    "EventSource": "event_source",
    "AccessKeyId": "access_key_id",
}
_OTHER_KEYS: Final = ("ReadOnly", "ResourceType", "ResourceName")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def lookup(account_id: str, members: Members) -> tuple[list[TrailEvent], str | None]:
    """LookupEvents: management events, newest first, and the token of the next page.

    Raises InvalidLookupAttributesException, InvalidTimeRangeException, InvalidMaxResultsException, InvalidNextTokenException,
    InvalidEventCategoryException.
    """
    size = members.get("MaxResults", MAX_RESULTS[-1])
    if size not in MAX_RESULTS:
        raise aws_error("InvalidMaxResultsException", f"MaxResults must be between {MAX_RESULTS[0]} and {MAX_RESULTS[-1]}.")
    if members.get("EventCategory", "insight") != "insight":
        raise aws_error("InvalidEventCategoryException", "The event category is not valid. The one valid value is insight.")
    rows, seal = _chosen(account_id, members), _seal(members)
    if token := members.get("NextToken"):
        at, row_id = _read(token, seal)
        rows = rows.filter(event_time__lte=at).exclude(event_time=at, id__gte=row_id)
    if "EventCategory" in members:
        return [], None  # insights: there are none here
    found = list(rows.newest_first()[: size + 1])
    return found[:size], _token(found[size - 1], seal) if len(found) > size else None


def record_messages(account_id: str, wanted: bool) -> None:
    """Has what is published, put and sent from now on recorded as data events, or no more."""
    Account.objects.filter(pk=account_id).update(records_messages=wanted)
    catalogue.changed(account_id)


def expire() -> None:
    """Deletes what CloudTrail's history would have forgotten, and the oldest of what is too much."""
    TrailEvent.objects.filter(event_time__lt=clock.now() - KEPT).delete()
    for account_id in Account.objects.values_list("pk", flat=True):
        rows = TrailEvent.objects.of(account_id).newest_first()
        oldest = rows.values_list("event_time", flat=True)[MOST_KEPT : MOST_KEPT + 1].first()
        if oldest is not None:
            TrailEvent.objects.of(account_id).filter(event_time__lte=oldest).delete()


def _chosen(account_id: str, members: Members) -> TrailEventQuerySet:
    start, end = members.get("StartTime"), members.get("EndTime")
    if start is not None and end is not None and start > end:
        raise aws_error("InvalidTimeRangeException", "The start time occurs after the end time.")
    rows: Any = TrailEvent.objects.of(account_id).filter(category=TrailCategory.MANAGEMENT)
    if start is not None:
        rows = rows.filter(event_time__gte=start)
    if end is not None:
        rows = rows.filter(event_time__lt=end + timedelta(seconds=1))  # The API knows whole seconds, and means at or before.
    attributes = members.get("LookupAttributes", ())
    if len(attributes) > 1:
        raise _invalid_attributes("Only one lookup attribute is supported.")
    for attribute in attributes:
        rows = _with(rows, attribute.get("AttributeKey", ""), attribute.get("AttributeValue", ""))
    found: TrailEventQuerySet = rows
    return found


def _with(rows: TrailEventQuerySet, key: str, value: str) -> TrailEventQuerySet:
    if not value or len(value) > 2000 or (key not in _COLUMNS and key not in _OTHER_KEYS):
        raise _invalid_attributes(f"The lookup attribute {key} is not valid.")
    match key:
        case "ReadOnly":
            if value not in ("true", "false"):
                raise _invalid_attributes("The value of ReadOnly must be true or false.")
            return rows.filter(read_only=value == "true")
        case "ResourceName":
            return rows.of_resource(name=value)
        case "ResourceType":
            return rows.of_resource(type=value)
    return rows.filter(**{_COLUMNS[key]: value})


def _invalid_attributes(message: str) -> AwsError:
    return aws_error("InvalidLookupAttributesException", message)


def _seal(members: Members) -> str:
    """Of what a token belongs to: it holds for the same parameters alone."""
    told = {name: str(value) for name, value in members.items() if name not in ("NextToken", "MaxResults")}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def _token(row: TrailEvent, seal: str) -> str:
    microseconds = (row.event_time - _EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(f"{microseconds}.{row.pk}.{seal}".encode()).decode()


def _read(token: str, seal: str) -> tuple[datetime, int]:
    try:
        microseconds, row_id, of = base64.b64decode(token.encode(), b"-_", validate=True).decode().split(".")
        if of == seal:
            return _EPOCH + timedelta(microseconds=int(microseconds)), int(row_id)
    except (binascii.Error, ValueError, OverflowError):
        pass
    raise aws_error("InvalidNextTokenException", "Invalid token or token that was previously used in a request with different parameters.")
