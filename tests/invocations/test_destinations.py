"""What is owed when an asynchronous event's story has ended, field by field."""

import json
from typing import Any

import pytest

from invocations import destinations
from invocations.catalogue import EventInvokeConfigSnapshot
from invocations.destinations import Kind, Sending
from invocations.event_queue import QueuedEvent, Tried
from invocations.record import Record
from invocations.retry import Attempt, Condition
from invocations.values import InvokeRequest, Principal

ACCOUNT, NOW = "123456789012", 1764022426.881
ARN = "arn:aws:lambda:us-east-1:123456789012:function:fn:$LATEST"
OK, KO, DLQ = (f"arn:aws:sqs:us-east-1:123456789012:{name}" for name in ("ok", "ko", "dlq"))
ERROR = {"errorMessage": "boom", "errorType": "Exception", "requestId": "r", "stackTrace": []}


def an_event(*, runs: int = 1, response: Any = None, failed: bool = False, **request: Any) -> QueuedEvent:
    """As the service leaves it after its last try."""
    asked = InvokeRequest(ACCOUNT, "fn", payload=b'{"the": "event"}', request_id="id-of-it", **request)
    event = QueuedEvent(asked, Principal.root(ACCOUNT), Record(asked, Principal.root(ACCOUNT)).as_json(), runs=runs)
    if runs:
        event.response = json.dumps(response).encode()
        event.response_context = {"statusCode": 200, "executedVersion": "$LATEST"}
        event.tried = Tried(Attempt.SUCCEEDED, 200)
    if failed:
        event.response_context["functionError"] = "Unhandled"
        event.tried = Tried(Attempt.FUNCTION_ERROR, 200, "Exception")
    return event


def config(on_success: str = "", on_failure: str = "") -> EventInvokeConfigSnapshot:
    return EventInvokeConfigSnapshot(None, None, on_success, on_failure)


def record(event: QueuedEvent, condition: Condition) -> dict[str, Any]:
    return destinations.invocation_record(event, condition, NOW)


def test_the_record_of_a_success() -> None:
    assert record(an_event(), Condition.SUCCESS) == {
        "version": "1.0",
        "timestamp": "2025-11-24T22:13:46.881Z",
        "requestContext": {"requestId": "id-of-it", "functionArn": ARN, "condition": "Success", "approximateInvokeCount": 1},
        "requestPayload": {"the": "event"},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
        "responsePayload": None,
    }


def test_the_record_of_exhausted_retries() -> None:
    made = record(an_event(runs=3, response=ERROR, failed=True), Condition.RETRIES_EXHAUSTED)
    assert made["requestContext"]["condition"] == "RetriesExhausted"
    assert made["requestContext"]["approximateInvokeCount"] == 3
    assert made["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    assert made["responsePayload"] == ERROR


@pytest.mark.parametrize("condition", [Condition.EVENT_AGE_EXCEEDED, Condition.ZERO_RESERVED_CONCURRENCY])
def test_what_never_ran_has_no_response(condition: Condition) -> None:
    made = record(an_event(runs=0), condition)
    assert made["requestContext"]["approximateInvokeCount"] == 0
    assert not {"responseContext", "responsePayload"} & set(made)


def test_an_event_too_old_keeps_the_response_of_its_last_run() -> None:
    made = record(an_event(runs=1, response=ERROR, failed=True), Condition.EVENT_AGE_EXCEEDED)
    assert (made["responseContext"]["functionError"], made["responsePayload"]) == ("Unhandled", ERROR)


def test_the_function_is_named_by_the_qualifier_that_was_invoked() -> None:
    made = record(an_event(qualifier="live"), Condition.SUCCESS)
    assert made["requestContext"]["functionArn"] == ARN.replace("$LATEST", "live")


def sent(event: QueuedEvent, condition: Condition, config: EventInvokeConfigSnapshot | None, dead_letter_arn: str = "") -> list[Sending]:
    return destinations.sendings(event, config, dead_letter_arn, condition, NOW)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition.SUCCESS, [(Kind.ON_SUCCESS, OK)]),
        (Condition.RETRIES_EXHAUSTED, [(Kind.ON_FAILURE, KO), (Kind.DEAD_LETTER_QUEUE, DLQ)]),
        (Condition.EVENT_AGE_EXCEEDED, [(Kind.ON_FAILURE, KO), (Kind.DEAD_LETTER_QUEUE, DLQ)]),
    ],
)
def test_a_destination_and_a_dead_letter_queue_both_fire(condition: Condition, expected: list[tuple[Kind, str]]) -> None:
    assert [(each.kind, each.arn) for each in sent(an_event(response=ERROR, failed=True), condition, config(OK, KO), DLQ)] == expected


def test_without_configuration_nothing_is_owed() -> None:
    assert sent(an_event(), Condition.SUCCESS, None, DLQ) == []
    assert sent(an_event(), Condition.SUCCESS, config(on_failure=KO)) == []
    assert sent(an_event(), Condition.RETRIES_EXHAUSTED, config(on_success=OK)) == []


def test_a_dead_letter_is_the_event_with_three_attributes() -> None:
    error = {"errorMessage": "ü" * 1000, "errorType": "E"}
    (sending,) = sent(an_event(response=error, failed=True), Condition.RETRIES_EXHAUSTED, None, DLQ)
    attributes = sending.detail["message_attributes"]
    assert sending.body == '{"the": "event"}'
    assert attributes["RequestID"] == {"DataType": "String", "StringValue": "id-of-it"}
    assert attributes["ErrorCode"] == {"DataType": "Number", "StringValue": "200"}
    assert attributes["ErrorMessage"] == {"DataType": "String", "StringValue": "ü" * 512}  # the first KB


def test_a_record_is_to_the_letter_but_for_what_no_message_may_have_in_it() -> None:
    (sending,) = sent(an_event(response={"said": "für \U0001f600 \ud800 \uffff"}), Condition.SUCCESS, config(OK))
    assert '{"said":"für \U0001f600 \\ud800 \\uffff"}' in sending.body
    assert json.loads(sending.body)["responsePayload"] == {"said": "für \U0001f600 \ud800 \uffff"}


@pytest.mark.parametrize("said", ["[1e400]", "[NaN]", '{"a":-Infinity}'])
def test_a_record_is_json_though_what_it_tells_of_is_none(said: str) -> None:
    event = an_event()
    event.request, event.response = InvokeRequest(ACCOUNT, "fn", payload=said.encode(), request_id="id-of-it"), said.encode()
    (sending,) = sent(event, Condition.SUCCESS, config(OK))
    found = json.loads(sending.body, parse_constant=pytest.fail, parse_float=pytest.fail)
    assert (found["requestPayload"], found["responsePayload"]) == (said, said)


def test_a_dead_letter_of_an_event_without_payload_is_what_the_function_was_given() -> None:
    event = an_event(response=ERROR, failed=True)
    event.request = InvokeRequest(ACCOUNT, "fn", payload=b"", request_id="id-of-it")
    (sending,) = sent(event, Condition.RETRIES_EXHAUSTED, None, DLQ)
    assert sending.body == "{}"


@pytest.mark.parametrize("character", ["\ud800", "\x00", "\ufffe"])
def test_no_error_message_keeps_a_dead_letter_out_of_its_queue(character: str) -> None:
    event = an_event(response={"errorMessage": f"a{character}b"}, failed=True)
    assert destinations.dead_letter_attributes(event)["ErrorMessage"]["StringValue"] == "a\ufffdb"


def test_a_bus_is_told_what_it_is_and_of_whom() -> None:
    bus = "arn:aws:events:us-east-1:123456789012:event-bus/default"
    (sending,) = sent(an_event(), Condition.SUCCESS, config(on_success=bus))
    assert sending.detail == {"detail_type": "Lambda Function Invocation Result - Success", "resources": [bus, ARN]}


def test_a_bucket_gets_an_object_by_date() -> None:
    (sending,) = sent(an_event(response=ERROR, failed=True), Condition.RETRIES_EXHAUSTED, config(on_failure="arn:aws:s3:::records"))
    assert sending.detail["key"].startswith("aws/lambda/async/fn/2025/11/24/2025-11-24T22.13.46-")
    assert json.loads(sending.body)["requestContext"]["condition"] == "RetriesExhausted"


def test_what_is_owed_survives_being_kept_with_the_event() -> None:
    (sending,) = sent(an_event(response=ERROR, failed=True), Condition.RETRIES_EXHAUSTED, None, DLQ)
    assert Sending.from_json(json.loads(json.dumps(sending.as_json()))) == sending
