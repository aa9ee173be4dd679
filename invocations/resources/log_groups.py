"""CloudWatch log groups, streams and events, over the batches that the journal writes."""

import heapq
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Min, QuerySet

from invocations import announce, clock
from invocations.errors import AwsError, aws_error
from invocations.log_filter import InvalidPattern, Matcher, compile_pattern
from invocations.models import Account, LogBatch, LogGroup, LogStream
from invocations.region import REGION

RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
OLDEST = timedelta(days=14)
NEWEST = timedelta(hours=2)
_NAME = re.compile(r"[\.\-_/#A-Za-z0-9]{1,512}")
_STREAM_NAME = re.compile(r"[^:*]{1,512}")
BATCHES_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Event:
    """One log event."""

    timestamp: int
    """Epoch milliseconds."""
    message: str
    stream: str
    event_id: str
    """Sorts as the events do."""


def arn(account_id: str, name: str) -> str:
    """A log group's ARN as DescribeLogGroups gives it, with `:*` behind."""
    return f"arn:aws:logs:{REGION}:{account_id}:log-group:{name}:*"


def name_of(name: str | None, identifier: str | None = None) -> str:
    """The name in logGroupName, or in logGroupIdentifier, which may be an ARN."""
    given = name or identifier or ""
    if given.startswith("arn:"):
        given = given.split(":log-group:", 1)[-1].removesuffix(":*")
    if not _NAME.fullmatch(given):
        raise invalid(
            f"1 validation error detected: Value '{given}' at 'logGroupName' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {_NAME.pattern}"
        )
    return given


def invalid(message: str) -> AwsError:
    """InvalidParameterException."""
    return aws_error("InvalidParameterException", message)


def create(account_id: str, name: str, tags: dict[str, str]) -> LogGroup:
    """CreateLogGroup."""
    account, _ = Account.objects.get_or_create(account_id=account_id)
    try:
        with transaction.atomic():
            return LogGroup.objects.create(account=account, name=name_of(name), tags=tags)
    except IntegrityError:
        raise aws_error("ResourceAlreadyExistsException", "The specified log group already exists") from None


def get(account_id: str, name: str, *, locked: bool = False) -> LogGroup:
    """The group; *locked*: held until the transaction ends. Raises ResourceNotFoundException."""
    rows = LogGroup.objects.of(account_id).filter(name=name)
    group = (rows.select_for_update() if locked else rows).first()
    if group is None:
        raise aws_error("ResourceNotFoundException", "The specified log group does not exist.")
    return group


def delete(account_id: str, name: str) -> None:
    """DeleteLogGroup, with everything logged there."""
    group = get(account_id, name)
    with transaction.atomic():
        LogBatch.objects.of(account_id).filter(log_group_name=name).delete()
        group.delete()


def set_retention(account_id: str, name: str, days: int | None) -> None:
    """PutRetentionPolicy; None deletes it."""
    if days is not None and days not in RETENTION_DAYS:
        raise invalid(
            f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(map(str, RETENTION_DAYS))}]"
        )
    with transaction.atomic():
        group = get(account_id, name, locked=True)
        group.retention_in_days = days
        group.save(update_fields=["retention_in_days"])


def change_tags(account_id: str, name: str, add: Mapping[str, str], drop: Collection[str] = ()) -> None:
    """TagResource, UntagResource."""
    with transaction.atomic():
        group = get(account_id, name, locked=True)
        group.tags = {key: value for key, value in {**group.tags, **add}.items() if key not in drop}
        group.save(update_fields=["tags"])


def expire() -> None:
    """Deletes what is older than its group's retention."""
    for group in LogGroup.objects.exclude(retention_in_days=None):
        oldest = clock.now() - timedelta(days=group.retention_in_days or 0)
        expired = LogBatch.objects.of(group.account_id).filter(log_group_name=group.name)
        expired.filter(last_at__lt=int(oldest.timestamp() * 1000)).delete()


def create_stream(account_id: str, group_name: str, name: str) -> None:
    """CreateLogStream: an empty one; streams of functions come with their first event."""
    group = get(account_id, group_name)
    if not _STREAM_NAME.fullmatch(name):
        raise invalid(
            f"1 validation error detected: Value '{name}' at 'logStreamName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [^:*]*"
        )
    exists = LogBatch.objects.of(account_id).filter(log_group_name=group_name, log_stream_name=name).exists()
    if exists or LogStream.objects.filter(group=group, name=name).exists():
        raise aws_error("ResourceAlreadyExistsException", "The specified log stream already exists")
    LogStream.objects.create(group=group, name=name)


def delete_stream(account_id: str, group_name: str, name: str) -> None:
    """DeleteLogStream."""
    group = get(account_id, group_name)
    removed, _ = LogBatch.objects.of(account_id).filter(log_group_name=group_name, log_stream_name=name).delete()
    emptied, _ = LogStream.objects.filter(group=group, name=name).delete()
    if not removed and not emptied:
        raise aws_error("ResourceNotFoundException", "The specified log stream does not exist.")


def streams(account_id: str, group_name: str, prefix: str = "") -> list[dict[str, Any]]:
    """Every stream: name, created (ms), first and last event (ms or None)."""
    group = get(account_id, group_name)
    rows = LogBatch.objects.of(account_id).filter(log_group_name=group_name, log_stream_name__startswith=prefix)
    found: dict[str, dict[str, Any]] = {}
    for row in LogStream.objects.filter(group=group, name__startswith=prefix):
        found[row.name] = {"name": row.name, "created": int(row.created_at.timestamp() * 1000), "first": None, "last": None}
    for name, first, last in rows.values_list("log_stream_name").annotate(Min("first_at"), Max("last_at")):
        known = found.setdefault(name, {"name": name, "created": first})
        known |= {"first": first, "last": last}
    return list(found.values())


def stream_exists(account_id: str, group_name: str, name: str) -> bool:
    """Whether the group has such a stream."""
    group = get(account_id, group_name)
    logged = LogBatch.objects.of(account_id).filter(log_group_name=group_name, log_stream_name=name)
    return logged.exists() or LogStream.objects.filter(group=group, name=name).exists()


def put(account_id: str, group_name: str, stream_name: str, events: Sequence[dict[str, Any]]) -> dict[str, int]:
    """PutLogEvents: what was refused and why, as rejectedLogEventsInfo; empty when all were taken."""
    if not stream_exists(account_id, group_name, stream_name):
        raise aws_error("ResourceNotFoundException", "The specified log stream does not exist.")
    times = [event["timestamp"] for event in events]
    if times != sorted(times):
        raise invalid("Log events in a single PutLogEvents request must be in chronological order.")
    now = clock.epoch() * 1000
    too_old = sum(1 for at in times if at < now - OLDEST.total_seconds() * 1000)
    too_new = next((index for index, at in enumerate(times) if at > now + NEWEST.total_seconds() * 1000), None)
    taken = [[event["timestamp"], event["message"]] for event in events[too_old:too_new]]
    if taken:
        batch = {"log_group_name": group_name, "log_stream_name": stream_name, "events": taken}
        LogBatch.objects.create(account_id=account_id, first_at=taken[0][0], last_at=taken[-1][0], **batch)
        announce.publish(account_id, [{"kind": "log-events", "group": group_name, "stream": stream_name, "events": taken}])
    refused = {"tooOldLogEventEndIndex": too_old or None, "tooNewLogEventStartIndex": too_new}
    return {name: index for name, index in refused.items() if index is not None}


def read(
    account_id: str,
    group_name: str,
    stream_names: Sequence[str] | None = None,
    *,
    prefix: str = "",
    start: int | None = None,
    end: int | None = None,
    matcher: Matcher | None = None,
    after: str = "",
) -> Iterator[Event]:
    """Events in time, from *start* (included) to *end* (left out), behind the event id *after*. Batches are read as they are needed."""
    rows = _batches(account_id, group_name, stream_names, prefix, start, end)
    for event in _in_order(rows.order_by("first_at", "pk").iterator(chunk_size=BATCHES_AT_ONCE)):
        is_in_time = (start is None or event.timestamp >= start) and (end is None or event.timestamp < end)
        if is_in_time and event.event_id > after and (matcher is None or matcher(event.message)):
            yield event


def page(events: Iterable[Event], limit: int) -> tuple[list[Event], bool]:
    """The first *limit* events, and whether there are more."""
    found = list(islice(events, limit + 1))
    return found[:limit], len(found) > limit


def matcher_of(pattern: str | None) -> Matcher | None:
    """A compiled filter pattern. Raises InvalidParameterException."""
    try:
        return compile_pattern(pattern) if pattern else None
    except InvalidPattern as error:
        raise invalid(str(error)) from None


def event_id(timestamp: int, batch: int, index: int) -> str:
    """An id that sorts by time, then by place in the log."""
    return f"{timestamp:014d}{batch:012d}{index:07d}"


def _batches(
    account_id: str, group_name: str, stream_names: Sequence[str] | None, prefix: str, start: int | None, end: int | None
) -> QuerySet[LogBatch]:
    rows = LogBatch.objects.of(account_id).filter(log_group_name=group_name)
    if stream_names:
        rows = rows.filter(log_stream_name__in=stream_names)
    if prefix:
        rows = rows.filter(log_stream_name__startswith=prefix)
    if start is not None:
        rows = rows.filter(last_at__gte=start)
    return rows if end is None else rows.filter(first_at__lt=end)


def _in_order(batches: Iterable[LogBatch]) -> Iterator[Event]:
    """Merges batches that overlap in time; they come by their first event."""
    waiting: list[tuple[str, Event]] = []
    for batch in batches:
        first = event_id(batch.first_at, 0, 0)
        while waiting and waiting[0][0] < first:
            yield heapq.heappop(waiting)[1]
        for index, (at, text) in enumerate(batch.events):
            key = event_id(at, batch.pk, index)
            heapq.heappush(waiting, (key, Event(at, text, batch.log_stream_name, key)))
    while waiting:
        yield heapq.heappop(waiting)[1]
