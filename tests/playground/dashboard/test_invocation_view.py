import base64
from datetime import UTC, datetime
from typing import Any

from invocations.enums import InvocationState
from invocations.models import Invocation
from playground.dashboard.flow import flow
from playground.dashboard.invocation_view import InvocationView
from playground.dashboard.payload import Payload
from tests.playground.dashboard.records import END, RECEIVED_AT, REPORT, REQUEST_ID, START, record, view


def row_of(fields: dict[str, Any]) -> Invocation:
    """The database's row of a record."""
    columns = {name: value for name, value in fields.items() if name not in {"log", "received_at", "ended_at"}}
    moments = {name: datetime.fromtimestamp(fields[name], UTC) for name in ("received_at", "ended_at")}
    return Invocation(**columns, **moments)


def test_a_stored_row_draws_the_same_as_the_record_it_was_made_from() -> None:
    fields = record()
    from_row = InvocationView.from_row(row_of(fields), fields["log"])
    from_record = InvocationView.from_record(fields)

    assert flow(from_row) == flow(from_record)
    assert from_row.as_json() == from_record.as_json()
    assert from_row.log == from_record.log


def test_an_announcement_is_enough_for_a_row() -> None:
    event = {
        "kind": "invocation",
        "id": REQUEST_ID,
        "function": "orders",
        "qualifier": "live",
        "version": "7",
        "state": "function error",
        "type": "RequestResponse",
        "source": "api",
        "received_at": RECEIVED_AT,
        "steps": [],
        "final": True,
        "status_code": 200,
        "error_code": "ValueError",
        "duration_ms": 3.0,
        "init_duration_ms": None,
    }
    seen = InvocationView.from_announcement("000000000000", event)

    assert (seen.state, seen.target, seen.duration_ms, seen.is_final) == (
        InvocationState.FUNCTION_ERROR,
        "orders:live",
        3.0,
        True,
    )


def test_the_log_result_is_the_last_four_kilobytes_from_start_on() -> None:
    at = int(RECEIVED_AT * 1000)
    short = view(log=[[at, "INIT_START x"], [at, START], [at, "hi"], [at, END], [at, REPORT]])
    long = view(log=[[at, START], *[[at, f"line {n}" + "é" * 50] for n in range(100)], [at, REPORT]])

    assert short.log_result == f"{START}\nhi\n{END}\n{REPORT}\n"
    assert base64.b64decode(short.log_result_base64).decode() == short.log_result
    assert 4000 < len(long.log_result.encode()) <= 4096
    assert long.log_result.endswith(REPORT + "\n")


def test_the_destination_record_is_the_one_aws_documents() -> None:
    failed = view(state="function error", function_error="Unhandled", response_payload=b'{"errorMessage": "boom"}')

    assert failed.destination_record() == {
        "version": "1.0",
        "timestamp": datetime.fromtimestamp(RECEIVED_AT + 0.162, UTC).strftime("%Y-%m-%dT%H:%M:%S.162Z"),
        "requestContext": {
            "requestId": REQUEST_ID,
            "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:orders:live",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 1,
        },
        "requestPayload": {"order": 42},
        "responseContext": {"statusCode": 200, "executedVersion": "7", "functionError": "Unhandled"},
        "responsePayload": {"errorMessage": "boom"},
    }


def test_payloads_of_any_bytes_can_be_shown() -> None:
    assert Payload(b"\xff\x00").as_json() == {"base64": "/wA="}
    assert Payload(b"<b>hi</b>").coloured == "&lt;b&gt;hi&lt;/b&gt;"
    assert Payload(b"<b>hi</b>").as_json() == "<b>hi</b>"
    assert Payload(b"x" * 300_000).is_cut


def test_the_trace_id_is_the_headers_root() -> None:
    assert view().root_trace == "1-6b043179-0123456789abcdef01234567"
