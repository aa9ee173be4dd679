"""EventBridge Scheduler through boto3."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.playground.endpoint.conftest import Server

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]

ACCOUNT = "000000000000"
START = f"arn:aws:scheduler:us-east-1:{ACCOUNT}:"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"
TARGET = {"Arn": QUEUE, "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/scheduler"}
OFF = {"Mode": "OFF"}


@pytest.fixture
def scheduler(server: Server) -> Any:
    return server.client("scheduler")


def given(name: str = "tick", **members: Any) -> dict[str, Any]:
    return {"Name": name, "ScheduleExpression": "rate(1 hour)", "Target": TARGET, "FlexibleTimeWindow": OFF, **members}


def refusal(call: Callable[..., Any], **parameters: Any) -> tuple[str, str, int]:
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    error = raised.value.response
    return error["Error"]["Code"], error["Error"]["Message"], error["ResponseMetadata"]["HTTPStatusCode"]


def test_a_schedule_has_aws_defaults(scheduler: Any) -> None:
    assert scheduler.create_schedule(**given())["ScheduleArn"] == f"{START}schedule/default/tick"
    found = scheduler.get_schedule(Name="tick")
    del found["ResponseMetadata"]
    assert isinstance(found.pop("CreationDate"), datetime)
    assert isinstance(found.pop("LastModificationDate"), datetime)
    assert found == {
        "Arn": f"{START}schedule/default/tick",
        "Name": "tick",
        "GroupName": "default",
        "State": "ENABLED",
        "ScheduleExpression": "rate(1 hour)",
        "ScheduleExpressionTimezone": "UTC",
        "FlexibleTimeWindow": OFF,
        "ActionAfterCompletion": "NONE",
        "Target": {**TARGET, "RetryPolicy": {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185}},
    }


def test_an_update_sets_all_of_it_anew(scheduler: Any) -> None:
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    scheduler.create_schedule(
        **given(
            Description="d",
            EndDate=end,
            ScheduleExpressionTimezone="Europe/Berlin",
            FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5},
            ActionAfterCompletion="DELETE",
        )
    )
    found = scheduler.get_schedule(Name="tick")
    assert (found["Description"], found["EndDate"], found["ScheduleExpressionTimezone"]) == ("d", end, "Europe/Berlin")
    assert found["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5}
    scheduler.update_schedule(**given(ScheduleExpression="cron(0 12 * * ? *)", State="DISABLED"))
    found = scheduler.get_schedule(Name="tick")
    assert not {"Description", "EndDate"} & found.keys()
    assert (found["ScheduleExpression"], found["ScheduleExpressionTimezone"], found["State"]) == ("cron(0 12 * * ? *)", "UTC", "DISABLED")
    assert found["ActionAfterCompletion"] == "NONE"


def test_schedules_are_listed_by_pages(scheduler: Any) -> None:
    scheduler.create_schedule_group(Name="night")
    for group, name in (("default", "a"), ("default", "b"), ("night", "a")):
        scheduler.create_schedule(**given(name, GroupName=group, State="DISABLED" if name == "b" else "ENABLED"))
    first = scheduler.list_schedules(MaxResults=2)
    second = scheduler.list_schedules(MaxResults=2, NextToken=first["NextToken"])
    assert [(each["GroupName"], each["Name"]) for each in first["Schedules"] + second["Schedules"]] == [
        ("default", "a"),
        ("default", "b"),
        ("night", "a"),
    ]
    assert first["Schedules"][0]["Target"] == {"Arn": QUEUE}
    assert [each["Name"] for each in scheduler.list_schedules(GroupName="default", State="ENABLED")["Schedules"]] == ["a"]
    assert [each["Name"] for each in scheduler.list_schedules(NamePrefix="b")["Schedules"]] == ["b"]
    assert refusal(scheduler.list_schedules, GroupName="gone") == (
        "ResourceNotFoundException",
        "Schedule group gone does not exist.",
        404,
    )


def test_a_schedule_is_deleted(scheduler: Any) -> None:
    scheduler.create_schedule(**given())
    scheduler.delete_schedule(Name="tick")
    missing = ("ResourceNotFoundException", "Schedule tick does not exist.", 404)
    assert refusal(scheduler.get_schedule, Name="tick") == missing
    assert refusal(scheduler.delete_schedule, Name="tick") == missing
    assert refusal(scheduler.update_schedule, **given()) == missing


def test_a_name_is_there_once_in_its_group(scheduler: Any) -> None:
    scheduler.create_schedule(**given(ClientToken="once"))
    scheduler.create_schedule(**given(ClientToken="once"))  # the same call, repeated by the client
    assert refusal(scheduler.create_schedule, **given(ClientToken="twice")) == (
        "ConflictException",
        "Schedule tick already exists.",
        409,
    )


@pytest.mark.parametrize(
    "expression",
    ["cron(0 1 * * * *)", "cron(7 20 * * NOT *)", "cron()", "rate(10 seconds)", " rate(10 minutes)", "at(2021-12-31T23:59:59Z)"],
)
def test_expressions_that_are_none(scheduler: Any, expression: str) -> None:
    message = f"Invalid Schedule Expression {expression}."
    assert refusal(scheduler.create_schedule, **given(ScheduleExpression=expression)) == ("ValidationException", message, 400)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"ScheduleExpressionTimezone": "Mars/Olympus"}, "Invalid ScheduleExpressionTimezone Mars/Olympus."),
        ({"ScheduleExpressionTimezone": "../etc/passwd"}, "Invalid ScheduleExpressionTimezone ../etc/passwd."),
        (
            {"StartDate": datetime.now(UTC) - timedelta(minutes=6)},
            "The StartDate you specify cannot be earlier than 5 minutes ago.",
        ),
        ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, "MaximumWindowInMinutes must be provided when Mode is FLEXIBLE."),
        ({"Target": {**TARGET, "Arn": "nonsense"}}, "Provided Arn is not in correct format."),
        (
            {"Target": {**TARGET, "Arn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:a b"}},
            "Provided Arn is not in correct format.",
        ),
        (
            {"Target": {**TARGET, "Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage"}},
            "Universal targets are not part of this playground: use a function, a queue, a topic or an event bus.",
        ),
        (
            {"Target": {**TARGET, "Arn": f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default"}},
            "EventBridgeParameters must be specified for an event bus target.",
        ),
        (
            {"Target": {**TARGET, "Arn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f", "Input": "hello"}},
            "Input must be well-formed JSON for a function target.",
        ),
        (
            {"Target": {**TARGET, "Arn": f"{QUEUE}.fifo"}},
            "SqsParameters.MessageGroupId must be specified for a FIFO queue.",
        ),
    ],
)
def test_schedules_that_are_refused(scheduler: Any, members: dict[str, Any], message: str) -> None:
    assert refusal(scheduler.create_schedule, **given(**members)) == ("ValidationException", message, 400)


def test_the_role_must_trust_scheduler(scheduler: Any, server: Server) -> None:
    iam = server.client("iam")
    document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"%s"},"Action":"sts:AssumeRole"}]}'
    iam.create_role(RoleName="scheduler", AssumeRolePolicyDocument=document % "lambda.amazonaws.com")
    assert refusal(scheduler.create_schedule, **given())[1] == (
        "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
    )
    iam.update_assume_role_policy(RoleName="scheduler", PolicyDocument=document % "scheduler.amazonaws.com")
    scheduler.create_schedule(**given())


def test_groups_are_made_listed_tagged_and_deleted_with_their_schedules(scheduler: Any) -> None:
    arn = scheduler.create_schedule_group(Name="night", Tags=[{"Key": "a", "Value": "1"}])["ScheduleGroupArn"]
    assert arn == f"{START}schedule-group/night"
    assert refusal(scheduler.create_schedule_group, Name="night") == ("ConflictException", "Schedule group night already exists.", 409)
    scheduler.tag_resource(ResourceArn=arn, Tags=[{"Key": "b", "Value": "2"}])
    scheduler.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    found = scheduler.get_schedule_group(Name="night")
    assert (found["Arn"], found["State"]) == (arn, "ACTIVE")
    assert [group["Name"] for group in scheduler.list_schedule_groups()["ScheduleGroups"]] == ["default", "night"]
    assert [group["Name"] for group in scheduler.list_schedule_groups(NamePrefix="n")["ScheduleGroups"]] == ["night"]
    scheduler.create_schedule(**given(GroupName="night"))
    assert scheduler.get_schedule(Name="tick", GroupName="night")["Arn"] == f"{START}schedule/night/tick"
    scheduler.delete_schedule_group(Name="night")
    assert scheduler.list_schedules()["Schedules"] == []
    assert refusal(scheduler.get_schedule_group, Name="night") == (
        "ResourceNotFoundException",
        "Schedule group night does not exist.",
        404,
    )
    assert refusal(scheduler.delete_schedule_group, Name="default")[::2] == ("ValidationException", 400)
