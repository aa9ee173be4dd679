"""EventBridge: events, and patterns to try."""

from typing import Any

from invocations.services import eventbridge
from playground.endpoint.registry import Call, operation


@operation("events", "PutEvents")
def put_events(call: Call) -> dict[str, Any]:
    """Up to ten; each has its own result."""
    trace_id = call.headers.get("x-amzn-trace-id", "")
    principal = call.principal
    results = eventbridge.put_events(
        principal.account_id, call.input["Entries"], principal=principal, trace_id=trace_id, parent_request_id=call.request_id
    )
    return {"FailedEntryCount": sum(bool(result.error_code) for result in results), "Entries": [_entry(result) for result in results]}


@operation("events", "TestEventPattern")
def test_event_pattern(call: Call) -> dict[str, Any]:
    """Whether a pattern matches an event."""
    return {"Result": eventbridge.test_event_pattern(call.input["EventPattern"], call.input["Event"])}


def _entry(result: eventbridge.EntryResult) -> dict[str, Any]:
    if result.event_id:
        return {"EventId": result.event_id}
    return {"ErrorCode": result.error_code, "ErrorMessage": result.error_message}
