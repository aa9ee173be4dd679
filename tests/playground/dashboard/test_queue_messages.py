"""Whose event, or whose record, a message is, in whatever it was wrapped on its way."""

import json
from typing import Any

import pytest

from invocations.services.sqs import Message
from playground.dashboard.queue_messages import event_of, origin_of

RECORD = {
    "version": "1.0",
    "timestamp": "2026-11-14T18:16:05.568Z",
    "requestContext": {
        "requestId": "e4b46cbf-b738-xmpl-8880-a18cdf61200e",
        "functionArn": "arn:aws:lambda:us-east-1:111111111111:function:my-function:live",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 3,
    },
    "requestPayload": {"ORDER_IDS": ["9e07af03"]},
    "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
    "responsePayload": {"errorMessage": "RequestId: e4b46cbf Process exited before completing request"},
}
DEAD_LETTER = {"RequestID": "e4b46cbf", "ErrorCode": "200", "ErrorMessage": "division by zero"}


def message(body: Any, attributes: dict[str, str] | None = None) -> Message:
    typed = {name: {"DataType": "String", "StringValue": value} for name, value in (attributes or {}).items()}
    return Message("id", "", body if isinstance(body, str) else json.dumps(body), "", typed, {})


@pytest.mark.parametrize(
    "body",
    [
        RECORD,
        {"Type": "Notification", "Message": json.dumps(RECORD)},
        {"detail-type": "Lambda Function Invocation Result - Failure", "source": "lambda", "detail": RECORD},
    ],
    ids=["plain", "from a topic", "from a bus"],
)
def test_an_invocation_record_tells_its_invocation_and_event(body: dict[str, Any]) -> None:
    origin = origin_of(message(body))
    assert origin is not None
    assert (origin.request_id, origin.function_name, origin.qualifier) == ("e4b46cbf-b738-xmpl-8880-a18cdf61200e", "my-function", "live")
    assert (origin.condition, origin.error_message) == ("RetriesExhausted", RECORD["responsePayload"]["errorMessage"])
    assert json.loads(event_of(message(body))) == RECORD["requestPayload"]


@pytest.mark.parametrize(
    ("body", "attributes"),
    [
        ('{"order": 7}', DEAD_LETTER),
        (
            {
                "Type": "Notification",
                "Message": '{"order": 7}',
                "MessageAttributes": {name: {"Type": "String", "Value": value} for name, value in DEAD_LETTER.items()},
            },
            {},
        ),
    ],
    ids=["plain", "from a topic"],
)
def test_a_dead_letter_message_is_the_event_and_its_attributes_tell_the_rest(body: Any, attributes: dict[str, str]) -> None:
    origin = origin_of(message(body, attributes))
    assert origin is not None
    assert (origin.request_id, origin.error_code, origin.error_message) == ("e4b46cbf", "200", "division by zero")
    assert event_of(message(body, attributes)) == '{"order": 7}'


@pytest.mark.parametrize("body", ["no JSON", "[1]", '{"requestContext": 1}', '{"Type": "Notification", "Message": "x"}', '{"detail": {}}'])
def test_other_messages_have_no_invocation_and_are_replayed_as_they_are(body: str) -> None:
    assert origin_of(message(body)) is None
    assert json.loads(event_of(message(body))) == (body if body == "no JSON" else json.loads(body))
