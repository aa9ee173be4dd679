"""CloudTrail: the event history of management calls."""

import json
from typing import Any

from invocations.models import TrailEvent
from invocations.resources import trail_events
from playground.endpoint.registry import Call, operation


@operation("cloudtrail", "LookupEvents")
def lookup_events(call: Call) -> dict[str, Any]:
    """Management events of the account, newest first, by pages."""
    found, token = trail_events.lookup(call.principal.account_id, call.input)
    return {"Events": [_event(row) for row in found], "NextToken": token}


def _event(row: TrailEvent) -> dict[str, Any]:
    return {
        "EventId": row.event_id,
        "EventName": row.event_name,
        "ReadOnly": "true" if row.read_only else "false",
        "AccessKeyId": row.access_key_id or None,
        "EventTime": row.event_time,
        "EventSource": row.event_source,
        "Username": row.username or None,
        "Resources": [{"ResourceType": kind, "ResourceName": name} for kind, name in row.resources],
        "CloudTrailEvent": json.dumps(row.record, separators=(",", ":"), ensure_ascii=False),
    }
