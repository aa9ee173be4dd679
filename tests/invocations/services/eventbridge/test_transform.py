"""What targets are sent: the examples of the User Guide, and what was recorded on AWS."""

import json
from pathlib import Path
from typing import Any

import pytest

from invocations.errors import AwsError
from invocations.services.eventbridge import transform
from invocations.services.eventbridge.transform import Origin

EVENT: dict[str, Any] = json.loads((Path(__file__).parents[3] / "events/eventbridge_ec2_state_change.json").read_text())["event"]
TEXT = json.dumps(EVENT)
ORIGIN = Origin("arn:aws:events:us-east-1:123456789012:rule/example", "example", "2015-11-11T21:29:55.000Z")
PATHS = {"instance": "$.detail.instance-id", "state": "$.detail.state"}


def sent(**target: Any) -> str:
    transform.check({"Id": "t", "Arn": "arn", **target})
    return transform.payload(target, EVENT, TEXT, ORIGIN)


def filled(template: str, paths: dict[str, str] | None = None) -> str:
    return sent(InputTransformer={"InputPathsMap": PATHS if paths is None else paths, "InputTemplate": template})


def refused(**target: Any) -> str:
    with pytest.raises(AwsError) as raised:
        transform.check({"Id": "t", "Arn": "arn", **target})
    assert raised.value.code == "ValidationException"
    return str(raised.value.message)


def test_without_an_input_a_target_is_sent_the_event() -> None:
    assert sent() == TEXT


def test_a_constant_input_is_sent_as_it_is() -> None:
    assert sent(Input='{ "a": 1 }') == '{ "a": 1 }'


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", json.dumps(EVENT, separators=(",", ":"))),
        ("$.detail", '{"instance-id":"i-0123456789","state":"RUNNING"}'),
        ("$.detail.state", '"RUNNING"'),
        ("$.resources[0]", '"arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"'),
        ("$.detail.*", '["i-0123456789","RUNNING"]'),
        ("$.detail['instance-id']", '"i-0123456789"'),
        ("$.resources[7]", "null"),
        ("$.detail.state.deeper", "null"),
    ],
)
def test_an_input_path_sends_a_part(path: str, expected: str) -> None:
    assert sent(InputPath=path) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('"instance <instance> is in <state>"', '"instance i-0123456789 is in RUNNING"'),
        (r'"instance \"<instance>\" is in <state>"', r'"instance \"i-0123456789\" is in RUNNING"'),
        ('{"instance": <instance>, "state": <state>}', '{"instance": "i-0123456789", "state": "RUNNING"}'),
        ('{"instance": <instance>, "state": [9, <state>, true]}', '{"instance": "i-0123456789", "state": [9, "RUNNING", true]}'),
        ('{"instance": "<instance>", "text": "is in <state>"}', '{"instance": "i-0123456789", "text": "is in RUNNING"}'),
        ('"<aws.events.rule-name> triggered"', '"example triggered"'),
        ('{"arn": <aws.events.rule-arn>}', '{"arn": "arn:aws:events:us-east-1:123456789012:rule/example"}'),
        ('"at <aws.events.event.ingestion-time>"', '"at 2015-11-11T21:29:55.000Z"'),
        ('"<instance>"\n"<state>"', '"i-0123456789"\n"RUNNING"'),
        ('"{[/special characters, <state>"', '"{[/special characters, RUNNING"'),
    ],
)
def test_a_template_is_filled_in(template: str, expected: str) -> None:
    assert filled(template) == expected


def test_what_a_path_does_not_find_is_empty() -> None:
    paths = {"gone": "$.detail.gone"}
    assert filled('"it is <gone>."', paths) == '"it is ."'
    assert filled('{"it": <gone>}', paths) == '{"it": ""}'


def test_an_object_keeps_its_form_as_json_and_loses_its_quotes_within_a_string() -> None:
    assert filled('{"it": <detail>}', {"detail": "$.detail"}) == '{"it": {"instance-id":"i-0123456789","state":"RUNNING"}}'
    assert filled('"it: <detail>"', {"detail": "$.detail"}) == '"it: {instance-id:i-0123456789,state:RUNNING}"'


def test_the_original_event_comes_whole_and_without_its_detail() -> None:
    found = json.loads(filled('{"event": <aws.events.event>, "json": <aws.events.event.json>}', {}))
    assert found["json"] == EVENT
    assert found["event"] == {
        "id": EVENT["id"],
        "account": "123456789012",
        "detailType": "EC2 Instance State-change Notification",
        "time": "2015-11-11T21:29:54Z",
        "source": "aws.ec2",
        "region": "us-east-1",
        "resources": EVENT["resources"],
        "version": "0",
    }


def test_quotes_in_a_value_do_not_end_the_string_around_it() -> None:
    event = EVENT | {"detail": {"text": 'say "hello"\n'}}
    transformer = {"InputPathsMap": {"text": "$.detail.text"}, "InputTemplate": '{"a": "<text>", "b": <text>}'}
    assert json.loads(transform.payload({"InputTransformer": transformer}, event, "", ORIGIN)) == {
        "a": 'say "hello"\n',
        "b": 'say "hello"\n',
    }


def test_only_one_input_may_be_given() -> None:
    assert refused(Input="1", InputPath="$") == "Only one of Input, InputPath, or InputTransformer must be provided for target t."


def test_a_placeholder_must_have_a_path() -> None:
    transformer = {"InputPathsMap": PATHS, "InputTemplate": '"a <notdefinedkey>"'}
    assert refused(InputTransformer=transformer) == "InputTemplate for target t contains invalid placeholder notdefinedkey."


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ({"Input": "{a}"}, 'JSON syntax error in input for target t at [Source: (String)"{a}"; line: 1, column: 2]'),
        ({"InputPath": "detail"}, "Invalid InputPath for target t."),
        (
            {"InputTransformer": {"InputTemplate": "just text"}},
            'Invalid InputTemplate for target t : [Source: (String)"just text"; line: 1, column: 1].',
        ),
        (
            {"InputTransformer": {"InputTemplate": ""}},
            'Invalid InputTemplate for target t : [Source: (String)""; line: 1, column: 1].',
        ),
        (
            {"InputTransformer": {"InputPathsMap": {"AWS.x": "$"}, "InputTemplate": "1"}},
            "Invalid InputPathsMap for target t : keys cannot start with AWS.",
        ),
    ],
)
def test_inputs_that_cannot_be(target: dict[str, Any], message: str) -> None:
    assert refused(**target) == message
