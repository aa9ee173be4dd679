"""PutEvents and TestEventPattern through boto3."""

import json
from pathlib import Path
from typing import Any

import pytest

from invocations import outbox
from tests.playground.endpoint.conftest import Server
from tests.playground.endpoint.operations.test_events import ACCOUNT, PATTERN, QUEUE, START, refusal

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]

SAMPLE = json.loads((Path(__file__).parents[3] / "events/eventbridge_ec2_state_change.json").read_text())["event"]
ENTRY = {"Source": "shop", "DetailType": "order", "Detail": '{"id": 1}'}


@pytest.fixture
def events(server: Server) -> Any:
    return server.client("events")


def test_each_entry_has_its_result_in_its_place(events: Any) -> None:
    events.put_rule(Name="r", EventPattern=PATTERN)
    events.put_targets(Rule="r", Targets=[{"Id": "t", "Arn": QUEUE}])
    answer = events.put_events(Entries=[ENTRY, {"Source": "shop", "DetailType": "order"}, {**ENTRY, "Detail": "{"}])
    assert answer["FailedEntryCount"] == 2
    assert answer["Entries"][1:] == [
        {"ErrorCode": "InvalidArgument", "ErrorMessage": "Parameter Detail is not valid. Reason: Detail is a required argument."},
        {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."},
    ]
    (waiting,) = outbox.waiting(ACCOUNT, QUEUE)
    assert json.loads(outbox.read(waiting.fields).body)["id"] == answer["Entries"][0]["EventId"]


def test_ten_entries_are_the_most_and_a_megabyte(events: Any) -> None:
    assert len(events.put_events(Entries=[ENTRY] * 10)["Entries"]) == 10
    code, message = refusal(events.put_events, Entries=[ENTRY] * 11)
    assert code == "ValidationException"
    assert message.endswith("at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10")
    large = {**ENTRY, "Detail": json.dumps({"a": "x" * 600_000})}
    assert refusal(events.put_events, Entries=[large, large]) == (
        "ValidationException",
        "Total size of the entries in the request is over the limit.",
    )


def test_sources_of_aws_are_not_for_others(events: Any) -> None:
    (result,) = events.put_events(Entries=[{**ENTRY, "Source": "aws.ec2"}])["Entries"]
    assert result == {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "Not authorized for the source."}


def test_another_accounts_bus_needs_its_permission(events: Any, server: Server) -> None:
    stranger = server.client("events", key="111111111111")
    entry = {**ENTRY, "EventBusName": f"{START}event-bus/default"}
    code, message = refusal(stranger.put_events, Entries=[entry])
    assert code == "AccessDeniedException"
    assert message.startswith("User: arn:aws:iam::111111111111:root is not authorized to perform: events:PutEvents on resource: ")
    events.put_permission(Action="events:PutEvents", Principal="111111111111", StatementId="one")
    assert stranger.put_events(Entries=[entry])["FailedEntryCount"] == 0


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({"source": ["aws.ec2"], "detail": {"state": ["RUNNING"]}}, True),
        ({"resources": [{"suffix": "i-abcd1111"}]}, True),
        ({"detail": {"state": ["STOPPED"]}}, False),
    ],
)
def test_a_pattern_is_tried_against_an_event(events: Any, pattern: dict[str, Any], expected: bool) -> None:
    answer = events.test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(SAMPLE))
    assert answer["Result"] is expected


def test_an_event_to_try_must_be_whole(events: Any) -> None:
    assert refusal(events.test_event_pattern, EventPattern=PATTERN, Event="[]") == (
        "ValidationException",
        "Parameter Event is not valid.",
    )
    partial = {name: value for name, value in SAMPLE.items() if name != "time"}
    code, message = refusal(events.test_event_pattern, EventPattern=PATTERN, Event=json.dumps(partial))
    assert code == "ValidationException"
    assert message.startswith("Parameter Event is not valid.")
    assert refusal(events.test_event_pattern, EventPattern="{}", Event=json.dumps(SAMPLE))[0] == "InvalidEventPatternException"
