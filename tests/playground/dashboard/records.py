"""Records as the service hands them out, for tests of pages."""

from typing import Any

from playground.dashboard.invocation_view import InvocationView

RECEIVED_AT = 1_795_412_345.0
REQUEST_ID = "6a192bc5-0d3c-4a52-9f1e-2a51f4e0c001"
START = f"START RequestId: {REQUEST_ID} Version: 7"
END = f"END RequestId: {REQUEST_ID}"
REPORT = f"REPORT RequestId: {REQUEST_ID}\tDuration: 38.01 ms\tBilled Duration: 149 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\t"


def step(station: str, offset_ms: float, outcome: str = "ok", duration_ms: float | None = None, **detail: Any) -> dict[str, Any]:
    """One step, *offset_ms* after the request came."""
    return {
        "station": station,
        "at": RECEIVED_AT + offset_ms / 1000,
        "outcome": outcome,
        "duration_ms": duration_ms,
        "detail": detail,
    }


ACCEPTED = step("accept", 0.0, bytes=2048)
AUTHORIZED = step(
    "authorize", 0.5, reason="the account's root may do everything in its account", principal="arn:aws:iam::000000000000:root"
)
ROUTED = step("route", 1.0, version="7", alias="live", weight=0.75)
ADMITTED = step("admit", 2.0, initialization_type="on-demand", pool="unreserved", used=3, limit=1000)
COLD = step("init", 122.0, "cold", 118.0, environment="env-1", init_duration_ms=110.1)
WARM = step("init", 2.5, "warm", 0.2, environment="env-1", init_duration_ms=None)
RAN = step("run", 122.0, "success", 38.01, error_type=None, max_memory_used_mb=36)


def record(*steps: dict[str, Any], state: str = "succeeded", ended_ms: float | None = 162.0, **columns: Any) -> dict[str, Any]:
    """What dispatch.record answers; without steps, a whole cold start that went well."""
    fields: dict[str, Any] = {
        "account_id": "000000000000",
        "request_id": REQUEST_ID,
        "function_name": "orders",
        "qualifier": "live",
        "executed_version": "7",
        "invocation_type": "RequestResponse",
        "source": "console",
        "state": state,
        "status_code": 200 if ended_ms is not None else 0,
        "error_code": "",
        "error_message": "",
        "function_error": "",
        "principal_arn": "arn:aws:iam::000000000000:root",
        "trace_id": "Root=1-6b043179-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0",
        "replay_of": "",
        "received_at": RECEIVED_AT,
        "ended_at": None if ended_ms is None else RECEIVED_AT + ended_ms / 1000,
        "duration_ms": 38.01,
        "billed_duration_ms": 149,
        "init_duration_ms": 110.1,
        "memory_size_mb": 128,
        "max_memory_used_mb": 36,
        "log_group_name": "/aws/lambda/orders",
        "log_stream_name": "2026/11/23/[7]0123456789abcdef0123456789abcdef",
        "response_content_type": "application/json",
        "steps": list(steps or (ACCEPTED, AUTHORIZED, ROUTED, ADMITTED, COLD, RAN)),
        "request_payload": b'{"order": 42}',
        "response_payload": b'{"order":42,"accepted":true}',
        "log": [
            [int(RECEIVED_AT * 1000) + 122, START],
            [int(RECEIVED_AT * 1000) + 160, END],
            [int(RECEIVED_AT * 1000) + 160, REPORT],
        ],
    }
    return fields | columns


def view(*steps: dict[str, Any], seen_ms: float = 200.0, **columns: Any) -> InvocationView:
    """The same as the pages take it, seen *seen_ms* after the request came."""
    seen: dict[str, Any] = {"seen_at": RECEIVED_AT + seen_ms / 1000}
    return InvocationView.from_record(record(*steps, **columns) | seen)
