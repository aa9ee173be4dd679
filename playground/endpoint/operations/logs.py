"""CloudWatch Logs, as far as functions need it."""

import base64
from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async

from invocations import clock
from invocations.errors import aws_error
from invocations.log_filter import compile_pattern
from invocations.models import LogGroup
from invocations.resources import log_groups
from playground.endpoint.live_tail import Tailed, begin, tail
from playground.endpoint.registry import Call, operation

Answer = dict[str, Any]
LARGEST_PAGE = 10_000


def _account(call: Call) -> str:
    return call.principal.account_id


def _group_name(call: Call) -> str:
    return log_groups.name_of(call.input.get("logGroupName"), call.input.get("logGroupIdentifier"))


def _describe(group: LogGroup) -> Answer:
    arn = log_groups.arn(group.account_id, group.name)
    return {
        "logGroupName": group.name,
        "creationTime": int(group.created_at.timestamp() * 1000),
        "retentionInDays": group.retention_in_days,
        "metricFilterCount": 0,
        "arn": arn,
        "logGroupArn": arn.removesuffix(":*"),
        "storedBytes": 0,
        "logGroupClass": "STANDARD",
    }


def _page(rows: list[Any], call: Call, largest: int = 50) -> tuple[list[Any], str | None]:
    start = _from_token(call.input.get("nextToken"))
    count = call.input.get("limit") or largest
    return rows[start : start + count], _token(start + count) if len(rows) > start + count else None


def _token(position: int | str) -> str:
    return base64.urlsafe_b64encode(str(position).encode()).decode()


def _from_token(token: str | None) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token))
    except ValueError:
        raise log_groups.invalid("The specified nextToken is invalid.") from None


@operation("logs", "CreateLogGroup")
def create_log_group(call: Call) -> Answer:
    log_groups.create(_account(call), call.input["logGroupName"], call.input.get("tags", {}))
    return {}


@operation("logs", "DeleteLogGroup")
def delete_log_group(call: Call) -> Answer:
    log_groups.delete(_account(call), _group_name(call))
    return {}


@operation("logs", "DescribeLogGroups")
def describe_log_groups(call: Call) -> Answer:
    prefix, part = call.input.get("logGroupNamePrefix"), call.input.get("logGroupNamePattern")
    if prefix and part:
        raise log_groups.invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
    rows = LogGroup.objects.of(_account(call)).order_by("name")
    rows = rows.filter(name__startswith=prefix) if prefix else rows.filter(name__icontains=part) if part else rows
    found, token = _page(list(rows), call)
    return {"logGroups": [_describe(group) for group in found], "nextToken": token}


@operation("logs", "PutRetentionPolicy")
def put_retention_policy(call: Call) -> Answer:
    log_groups.set_retention(_account(call), _group_name(call), call.input["retentionInDays"])
    return {}


@operation("logs", "DeleteRetentionPolicy")
def delete_retention_policy(call: Call) -> Answer:
    log_groups.set_retention(_account(call), _group_name(call), None)
    return {}


@operation("logs", "CreateLogStream")
def create_log_stream(call: Call) -> Answer:
    log_groups.create_stream(_account(call), _group_name(call), call.input["logStreamName"])
    return {}


@operation("logs", "DeleteLogStream")
def delete_log_stream(call: Call) -> Answer:
    log_groups.delete_stream(_account(call), _group_name(call), call.input["logStreamName"])
    return {}


@operation("logs", "DescribeLogStreams")
def describe_log_streams(call: Call) -> Answer:
    name, prefix = _group_name(call), call.input.get("logStreamNamePrefix", "")
    by_time = call.input.get("orderBy") == "LastEventTime"
    if by_time and prefix:
        raise log_groups.invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
    streams = log_groups.streams(_account(call), name, prefix)
    streams.sort(key=lambda stream: (stream["last"] or 0) if by_time else stream["name"], reverse=call.input.get("descending", False))
    found, token = _page(streams, call)
    arn = log_groups.arn(_account(call), name).removesuffix(":*")
    items = [
        {
            "logStreamName": stream["name"],
            "creationTime": stream["created"],
            "firstEventTimestamp": stream["first"],
            "lastEventTimestamp": stream["last"],
            "lastIngestionTime": stream["last"],
            "uploadSequenceToken": "1",
            "arn": f"{arn}:log-stream:{stream['name']}",
            "storedBytes": 0,
        }
        for stream in found
    ]
    return {"logStreams": items, "nextToken": token}


@operation("logs", "PutLogEvents")
def put_log_events(call: Call) -> Answer:
    refused = log_groups.put(_account(call), _group_name(call), call.input["logStreamName"], call.input["logEvents"])
    return {"nextSequenceToken": "1", "rejectedLogEventsInfo": refused or None}


@operation("logs", "GetLogEvents")
def get_log_events(call: Call) -> Answer:
    """Pages forwards or backwards; at an end the token that comes back is the one that was given, as on AWS."""
    account_id, group, stream = _account(call), _group_name(call), call.input["logStreamName"]
    if not log_groups.stream_exists(account_id, group, stream):
        raise aws_error("ResourceNotFoundException", "The specified log stream does not exist.")
    limit = min(call.input.get("limit") or LARGEST_PAGE, LARGEST_PAGE)
    token = call.input.get("nextToken") or ("f/" if call.input.get("startFromHead") else "b/~")
    direction, _, position = token.partition("/")
    if direction not in {"f", "b"}:
        raise log_groups.invalid("The specified nextToken is invalid.")
    events = log_groups.read(
        account_id,
        group,
        [stream],
        start=call.input.get("startTime"),
        end=call.input.get("endTime"),
        after=position if direction == "f" else "",
    )
    if direction == "f":
        found, _ = log_groups.page(events, limit)
    else:
        found = [event for event in events if event.event_id < position][-limit:]
    now = int(clock.epoch() * 1000)
    first = found[0].event_id if found else position
    last = found[-1].event_id if found else ("" if position == "~" else position)
    return {
        "events": [{"timestamp": event.timestamp, "message": event.message, "ingestionTime": now} for event in found],
        "nextForwardToken": f"f/{last}",
        "nextBackwardToken": f"b/{first}",
    }


@operation("logs", "FilterLogEvents")
def filter_log_events(call: Call) -> Answer:
    account_id, group = _account(call), _group_name(call)
    log_groups.get(account_id, group)
    given = call.input
    if given.get("logStreamNames") and given.get("logStreamNamePrefix"):
        raise log_groups.invalid("logStreamNamePrefix and logStreamNames are mutually exclusive parameters.")
    events = log_groups.read(
        account_id,
        group,
        given.get("logStreamNames"),
        prefix=given.get("logStreamNamePrefix", ""),
        start=given.get("startTime"),
        end=None if given.get("endTime") is None else given["endTime"] + 1,
        matcher=log_groups.matcher_of(given.get("filterPattern")),
        after=given.get("nextToken", ""),
    )
    found, has_more = log_groups.page(events, min(given.get("limit") or LARGEST_PAGE, LARGEST_PAGE))
    return {
        "events": [
            {
                "logStreamName": event.stream,
                "timestamp": event.timestamp,
                "message": event.message,
                "ingestionTime": event.timestamp,
                "eventId": event.event_id,
            }
            for event in found
        ],
        "searchedLogStreams": [],
        "nextToken": found[-1].event_id if has_more else None,
    }


@operation("logs", "StartLiveTail")
async def start_live_tail(call: Call) -> Answer:
    """Events as they happen, once a second, up to 500 each, as on AWS."""
    account_id = _account(call)
    names = [log_groups.name_of(None, identifier) for identifier in call.input["logGroupIdentifiers"]]
    for name in names:
        await sync_to_async(log_groups.get, thread_sensitive=False)(account_id, name)
    log_groups.matcher_of(call.input.get("logEventFilterPattern"))
    wanted = Tailed(
        account_id,
        frozenset(names),
        frozenset(call.input.get("logStreamNames", ())),
        tuple(call.input.get("logStreamNamePrefixes", ())),
        compile_pattern(call.input.get("logEventFilterPattern") or ""),
    )
    return {"responseStream": _live(call, wanted)}


async def _live(call: Call, wanted: Tailed) -> AsyncIterator[Answer]:
    position = await begin(wanted.account_id)
    yield {
        "sessionStart": {
            "requestId": call.request_id,
            "sessionId": call.request_id,
            "logGroupIdentifiers": call.input["logGroupIdentifiers"],
            "logStreamNames": call.input.get("logStreamNames", []),
            "logStreamNamePrefixes": call.input.get("logStreamNamePrefixes", []),
            "logEventFilterPattern": call.input.get("logEventFilterPattern", ""),
        }
    }
    async for events, was_sampled in tail(wanted, position):
        yield {"sessionUpdate": {"sessionMetadata": {"sampled": was_sampled}, "sessionResults": events}}


@operation("logs", "TagResource")
def tag_resource(call: Call) -> Answer:
    log_groups.change_tags(_account(call), log_groups.name_of(call.input["resourceArn"]), call.input["tags"])
    return {}


@operation("logs", "UntagResource")
def untag_resource(call: Call) -> Answer:
    log_groups.change_tags(_account(call), log_groups.name_of(call.input["resourceArn"]), {}, call.input["tagKeys"])
    return {}


@operation("logs", "ListTagsForResource")
def list_tags_for_resource(call: Call) -> Answer:
    return {"tags": log_groups.get(_account(call), log_groups.name_of(call.input["resourceArn"])).tags}


@operation("logs", "ListTagsLogGroup")
def list_tags_log_group(call: Call) -> Answer:
    return {"tags": log_groups.get(_account(call), _group_name(call)).tags}
