"""EventBridge's buses, rules and targets through boto3."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.playground.endpoint.conftest import Server

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]

ACCOUNT = "000000000000"
START = f"arn:aws:events:us-east-1:{ACCOUNT}:"
PATTERN = json.dumps({"source": ["shop"]})
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"


@pytest.fixture
def events(server: Server) -> Any:
    return server.client("events")


def refusal(call: Callable[..., Any], **parameters: Any) -> tuple[str, str]:
    """(code, message) of a refused call; EventBridge's status is always 400."""
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    error = raised.value.response
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 400
    return error["Error"]["Code"], error["Error"]["Message"]


def plain(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without what differs each time."""
    moments = {"CreationTime", "LastModifiedTime", "ResponseMetadata"}
    for name in moments - {"ResponseMetadata"}:
        if name in answer:
            assert isinstance(answer[name], datetime)
    return {name: value for name, value in answer.items() if name not in moments}


def test_the_default_bus_is_there(events: Any) -> None:
    assert plain(events.describe_event_bus()) == {"Name": "default", "Arn": f"{START}event-bus/default"}
    assert [bus["Name"] for bus in events.list_event_buses()["EventBuses"]] == ["default"]
    assert refusal(events.delete_event_bus, Name="default") == ("ValidationException", "Cannot delete event bus default.")
    assert refusal(events.create_event_bus, Name="default")[0] == "ResourceAlreadyExistsException"


def test_a_bus_is_made_changed_and_deleted(events: Any) -> None:
    made = events.create_event_bus(Name="orders", Description="all orders", Tags=[{"Key": "team", "Value": "a"}])
    assert plain(made) == {"EventBusArn": f"{START}event-bus/orders", "Description": "all orders"}
    assert events.list_tags_for_resource(ResourceARN=made["EventBusArn"])["Tags"] == [{"Key": "team", "Value": "a"}]
    changed = events.update_event_bus(Name="orders", DeadLetterConfig={"Arn": QUEUE}, LogConfig={"Level": "INFO"})
    expected = {
        "Name": "orders",
        "Arn": made["EventBusArn"],
        "Description": "all orders",
        "DeadLetterConfig": {"Arn": QUEUE},
        "LogConfig": {"Level": "INFO"},
    }
    assert plain(changed) == expected
    assert plain(events.describe_event_bus(Name=made["EventBusArn"])) == expected
    assert refusal(events.create_event_bus, Name="orders") == (
        "ResourceAlreadyExistsException",
        "Event bus orders already exists.",
    )
    events.delete_event_bus(Name="orders")
    assert refusal(events.describe_event_bus, Name="orders") == ("ResourceNotFoundException", "Event bus orders does not exist.")
    events.delete_event_bus(Name="orders")  # as on AWS no error


def test_buses_are_listed_by_pages(events: Any) -> None:
    for name in ("b1", "b2", "b3"):
        events.create_event_bus(Name=name)
    first = events.list_event_buses(NamePrefix="b", Limit=2)
    assert [bus["Name"] for bus in first["EventBuses"]] == ["b1", "b2"]
    second = events.list_event_buses(NamePrefix="b", Limit=2, NextToken=first["NextToken"])
    assert [bus["Name"] for bus in second["EventBuses"]] == ["b3"]
    assert "NextToken" not in second
    assert refusal(events.list_event_buses, NextToken="ö") == ("ValidationException", "Parameter NextToken is not valid.")


def test_names_that_no_bus_may_have(events: Any) -> None:
    assert refusal(events.create_event_bus, Name="a/b") == ("ValidationException", "Event bus name must not contain '/'.")
    assert refusal(events.create_event_bus, Name="a b")[1].startswith("1 validation error detected: Value 'a b' at 'name' failed")


def test_permissions_make_a_policy(events: Any) -> None:
    events.put_permission(Action="events:PutEvents", Principal="111111111111", StatementId="one")
    events.put_permission(Action="events:PutEvents", Principal="*", StatementId="all")
    statement = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": f"{START}event-bus/default"}
    assert json.loads(events.describe_event_bus()["Policy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "one", "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, **statement},
            {"Sid": "all", "Principal": "*", **statement},
        ],
    }
    events.remove_permission(StatementId="one")
    assert [each["Sid"] for each in json.loads(events.describe_event_bus()["Policy"])["Statement"]] == ["all"]
    assert refusal(events.remove_permission, StatementId="one") == (
        "ResourceNotFoundException",
        "Statement with the provided id does not exist.",
    )
    events.remove_permission(RemoveAllPermissions=True)
    assert "Policy" not in events.describe_event_bus()
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "events:*", "Resource": "*"}]}
    events.put_permission(Policy=json.dumps(policy))
    assert json.loads(events.describe_event_bus()["Policy"]) == policy
    assert refusal(events.put_permission, Policy="{")[0] == "ValidationException"
    assert refusal(events.put_permission, Action="events:PutEvents") == (
        "ValidationException",
        "Parameter(s) Principal, StatementId must be specified.",
    )
    assert refusal(events.put_permission, EventBusName="gone", Policy=json.dumps(policy)) == (
        "ResourceNotFoundException",
        "Event bus gone does not exist.",
    )


def test_a_rule_is_put_described_listed_and_deleted(events: Any) -> None:
    events.create_event_bus(Name="orders")
    assert events.put_rule(Name="r", EventPattern=PATTERN)["RuleArn"] == f"{START}rule/r"
    arn = events.put_rule(Name="r", EventBusName="orders", EventPattern=PATTERN, Description="d", State="DISABLED")["RuleArn"]
    assert arn == f"{START}rule/orders/r"
    rule = {
        "Name": "r",
        "Arn": arn,
        "EventPattern": PATTERN,
        "State": "DISABLED",
        "Description": "d",
        "EventBusName": "orders",
    }
    assert plain(events.describe_rule(Name="r", EventBusName=f"{START}event-bus/orders")) == {**rule, "CreatedBy": ACCOUNT}
    assert events.list_rules(EventBusName="orders")["Rules"] == [rule]
    events.put_rule(Name="r", EventBusName="orders", EventPattern=PATTERN)
    assert plain(events.describe_rule(Name="r", EventBusName="orders"))["State"] == "ENABLED"
    events.disable_rule(Name="r", EventBusName="orders")
    assert events.describe_rule(Name="r", EventBusName="orders")["State"] == "DISABLED"
    events.enable_rule(Name="r", EventBusName="orders")
    assert events.describe_rule(Name="r", EventBusName="orders")["State"] == "ENABLED"
    assert refusal(events.delete_event_bus, Name="orders") == (
        "ValidationException",
        "Event bus orders can't be deleted since it has rules.",
    )
    events.delete_rule(Name="r", EventBusName="orders")
    assert refusal(events.describe_rule, Name="r", EventBusName="orders") == (
        "ResourceNotFoundException",
        "Rule r does not exist on EventBus orders.",
    )
    events.delete_rule(Name="r", EventBusName="orders")  # as on AWS no error


def test_rules_are_listed_by_pages(events: Any) -> None:
    for name in ("a", "b1", "b2", "b3"):
        events.put_rule(Name=name, EventPattern=PATTERN)
    first = events.list_rules(NamePrefix="b", Limit=2)
    second = events.list_rules(NamePrefix="b", Limit=2, NextToken=first["NextToken"])
    assert [[rule["Name"] for rule in page["Rules"]] for page in (first, second)] == [["b1", "b2"], ["b3"]]


@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        ({}, "ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified."),
        ({"ScheduleExpression": "rate(1 minutes)"}, "ValidationException", "Parameter ScheduleExpression is not valid."),
        ({"ScheduleExpression": "at(2030-01-01T00:00:00)"}, "ValidationException", "Parameter ScheduleExpression is not valid."),
        (
            {"ScheduleExpression": "rate(1 minute)", "EventBusName": "orders"},
            "ValidationException",
            "ScheduleExpression is supported only on the default event bus.",
        ),
        (
            {"EventPattern": '{"source": "shop"}'},
            "InvalidEventPatternException",
            'Event pattern is not valid. Reason: "source" must be an object or an array\n'
            ' at [Source: (String)"{"source": "shop"}"; line: 1, column: 13]',
        ),
        ({"EventPattern": PATTERN, "EventBusName": "gone"}, "ResourceNotFoundException", "Event bus gone does not exist."),
    ],
)
def test_rules_that_are_refused(events: Any, members: dict[str, Any], code: str, message: str) -> None:
    events.create_event_bus(Name="orders")
    assert refusal(events.put_rule, Name="r", **members) == (code, message)


def test_targets_are_put_listed_and_removed(events: Any) -> None:
    events.put_rule(Name="r", EventPattern=PATTERN)
    whole = {
        "Id": "two",
        "Arn": f"{QUEUE}.fifo",
        "InputTransformer": {"InputPathsMap": {"a": "$.detail.a"}, "InputTemplate": '{"a": <a>}'},
        "SqsParameters": {"MessageGroupId": "g"},
        "RetryPolicy": {"MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 60},
        "DeadLetterConfig": {"Arn": QUEUE},
    }
    answer = events.put_targets(Rule="r", Targets=[{"Id": "one", "Arn": QUEUE}, whole])
    assert plain(answer) == {"FailedEntryCount": 0, "FailedEntries": []}
    assert events.list_targets_by_rule(Rule="r")["Targets"] == [{"Id": "one", "Arn": QUEUE}, whole]
    assert events.list_rule_names_by_target(TargetArn=QUEUE)["RuleNames"] == ["r"]
    assert events.list_rule_names_by_target(TargetArn=f"{QUEUE}x")["RuleNames"] == []
    events.put_targets(Rule="r", Targets=[{"Id": "two", "Arn": QUEUE}])
    first = events.list_targets_by_rule(Rule="r", Limit=1)
    assert events.list_targets_by_rule(Rule="r", NextToken=first["NextToken"])["Targets"] == [{"Id": "two", "Arn": QUEUE}]
    assert refusal(events.delete_rule, Name="r") == ("ValidationException", "Rule can't be deleted since it has targets.")
    answer = events.remove_targets(Rule="r", Ids=["one", "three"])
    assert (answer["FailedEntryCount"], answer["FailedEntries"][0]["TargetId"]) == (1, "three")
    assert [target["Id"] for target in events.list_targets_by_rule(Rule="r")["Targets"]] == ["two"]


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ({"Arn": "nonsense"}, "Parameter nonsense is not valid. Reason: Provided Arn is not in correct format."),
        (
            {"Arn": f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/s"},
            f"Parameter arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/s is not valid. "
            "Reason: Targets of the service kinesis are not part of this playground.",
        ),
        (
            {"Arn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:a b"},
            f"Parameter arn:aws:lambda:us-east-1:{ACCOUNT}:function:a b is not valid. Reason: Provided Arn is not in correct format.",
        ),
        ({"Arn": f"{QUEUE}.fifo"}, "Parameter(s) SqsParameters must be specified for target: t."),
        ({"Arn": QUEUE, "SqsParameters": {"MessageGroupId": "g"}}, "Parameter(s) SqsParameters not valid for target t."),
        (
            {"Arn": QUEUE, "Input": "1", "InputPath": "$"},
            "Only one of Input, InputPath, or InputTransformer must be provided for target t.",
        ),
        (
            {"Arn": f"{START}event-bus/default", "Input": "{}"},
            "Input, InputPath and InputTransformer are not supported for event bus target t.",
        ),
        (
            {"Arn": QUEUE, "DeadLetterConfig": {"Arn": f"{QUEUE}.fifo"}},
            "Parameter DeadLetterConfig is not valid. Reason: A FIFO queue cannot be a dead-letter queue.",
        ),
        ({"Arn": QUEUE, "EcsParameters": {"TaskDefinitionArn": "t"}}, "Parameter(s) EcsParameters not valid for target t."),
    ],
)
def test_targets_that_are_refused(events: Any, target: dict[str, Any], message: str) -> None:
    events.put_rule(Name="r", EventPattern=PATTERN)
    assert refusal(events.put_targets, Rule="r", Targets=[{"Id": "t", **target}]) == ("ValidationException", message)


def test_a_rule_has_five_targets_at_the_most(events: Any) -> None:
    events.put_rule(Name="r", EventPattern=PATTERN)
    targets = [{"Id": str(number), "Arn": QUEUE} for number in range(6)]
    assert refusal(events.put_targets, Rule="r", Targets=targets) == (
        "LimitExceededException",
        "The requested resource exceeds the maximum number allowed.",
    )
    events.put_targets(Rule="r", Targets=targets[:5])


def test_targets_need_their_rule(events: Any) -> None:
    message = "Rule r does not exist on EventBus default."
    assert refusal(events.put_targets, Rule="r", Targets=[{"Id": "t", "Arn": QUEUE}]) == ("ResourceNotFoundException", message)
    assert refusal(events.list_targets_by_rule, Rule="r") == ("ResourceNotFoundException", message)


def test_rules_have_tags(events: Any) -> None:
    arn = events.put_rule(Name="r", EventPattern=PATTERN, Tags=[{"Key": "a", "Value": "1"}])["RuleArn"]
    events.tag_resource(ResourceARN=arn, Tags=[{"Key": "b", "Value": "2"}])
    events.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    default = f"{START}event-bus/default"
    events.tag_resource(ResourceARN=default, Tags=[{"Key": "c", "Value": "3"}])
    assert events.list_tags_for_resource(ResourceARN=default)["Tags"] == [{"Key": "c", "Value": "3"}]
    assert refusal(events.list_tags_for_resource, ResourceARN=f"{START}rule/gone")[0] == "ResourceNotFoundException"
    assert refusal(events.list_tags_for_resource, ResourceARN="x")[0] == "ValidationException"
