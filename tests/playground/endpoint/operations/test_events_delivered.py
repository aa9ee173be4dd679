"""What buses and schedules owe arrives: boto3 against a whole playground, its worker included."""

import json
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from playground.supervision.trial import Trial
from tests.queue_policies import letting_in

ACCOUNT = "424242424242"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"
Client = Callable[[str], Any]


@pytest.fixture
def client(stack: Trial) -> Client:
    """boto3 as the root of an account of this module's own."""
    return lambda service: stack.boto3(service, aws_access_key_id=ACCOUNT)


def turn(stack: Trial, change: dict[str, Any]) -> None:
    """Sets the account's clock."""
    data = json.dumps(change).encode()
    request = AWSRequest("PUT", f"{stack.endpoint_url}/_playground/clock", data=data, headers={"Content-Type": "application/json"})
    SigV4Auth(Credentials(ACCOUNT, "test"), "lambda", "us-east-1").add_auth(request)
    urllib.request.urlopen(urllib.request.Request(request.url, data, dict(request.headers), method="PUT")).close()


def queue(client: Client, name: str) -> str:
    client("sqs").create_queue(QueueName=name, Attributes={"Policy": letting_in()})
    return f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"


def rule(client: Client, name: str, *targets: dict[str, Any], **members: Any) -> None:
    events = client("events")
    pattern = {} if "ScheduleExpression" in members else {"EventPattern": json.dumps({"source": [name]})}
    events.put_rule(Name=name, **pattern, **members)
    events.put_targets(Rule=name, Targets=[{"Id": str(number), **target} for number, target in enumerate(targets)])


def put(client: Client, source: str, detail: dict[str, Any]) -> str:
    entry = {"Source": source, "DetailType": "order", "Detail": json.dumps(detail)}
    return str(client("events").put_events(Entries=[entry])["Entries"][0]["EventId"])


def message(client: Client, arn: str, seconds: float = 30) -> dict[str, Any]:
    """The next message of a queue, taken out."""
    sqs, name = client("sqs"), arn.rpartition(":")[2]
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for found in sqs.receive_message(QueueUrl=name, WaitTimeSeconds=5, MessageAttributeNames=["All"]).get("Messages", []):
            sqs.delete_message(QueueUrl=name, ReceiptHandle=found["ReceiptHandle"])
            return dict(found)
    raise AssertionError(f"nothing came to {arn}")


def test_events_arrive_in_queues_transformed_and_whole(client: Client) -> None:
    whole, part = queue(client, "e-whole"), queue(client, "e-part")
    transformer = {"InputPathsMap": {"id": "$.detail.id"}, "InputTemplate": '"order <id>"'}
    rule(client, "e-shop", {"Arn": whole}, {"Arn": part, "InputTransformer": transformer})
    event_id = put(client, "e-shop", {"id": 7})
    assert json.loads(message(client, whole)["Body"])["id"] == event_id
    assert message(client, part)["Body"] == '"order 7"'


def test_an_event_invokes_a_function_whose_policy_lets_the_rule(client: Client, hello_zip: bytes) -> None:
    result, name = queue(client, "e-result"), "e-echo"
    lambda_ = client("lambda")
    arn = lambda_.create_function(FunctionName=name, Runtime="python3.12", Handler="m.handler", Role=ROLE, Code={"ZipFile": hello_zip})[
        "FunctionArn"
    ]
    lambda_.get_waiter("function_active_v2").wait(FunctionName=name)
    lambda_.put_function_event_invoke_config(FunctionName=name, DestinationConfig={"OnSuccess": {"Destination": result}})
    dead = queue(client, "e-refused")
    rule(client, "e-call", {"Arn": arn, "DeadLetterConfig": {"Arn": dead}})
    put(client, "e-call", {"id": 7})
    told = {name: value["StringValue"] for name, value in message(client, dead)["MessageAttributes"].items()}
    assert (told["ERROR_CODE"], told["RETRY_ATTEMPTS"]) == ("NO_PERMISSIONS", "0")
    assert told["ERROR_MESSAGE"].startswith("User: events.amazonaws.com is not authorized to perform: lambda:InvokeFunction on resource")
    lambda_.add_permission(
        FunctionName=name,
        StatementId="rule",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=f"arn:aws:events:us-east-1:{ACCOUNT}:rule/e-call",
    )
    event_id = put(client, "e-call", {"id": 8})
    record = json.loads(message(client, result)["Body"])
    assert (record["requestPayload"]["id"], record["responsePayload"]["detail"]) == (event_id, {"id": 8})


def test_a_result_goes_over_a_bus_to_a_queue(client: Client, hello_zip: bytes) -> None:
    result, name = queue(client, "e-bus-result"), "e-to-bus"
    bus = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default"
    lambda_ = client("lambda")
    lambda_.create_function(FunctionName=name, Runtime="python3.12", Handler="m.handler", Role=ROLE, Code={"ZipFile": hello_zip})
    lambda_.get_waiter("function_active_v2").wait(FunctionName=name)
    lambda_.put_function_event_invoke_config(FunctionName=name, DestinationConfig={"OnSuccess": {"Destination": bus}})
    rule(client, "lambda", {"Arn": result})
    lambda_.invoke(FunctionName=name, InvocationType="Event", Payload=b'{"a": 1}')
    event = json.loads(message(client, result)["Body"])
    assert (event["source"], event["detail-type"]) == ("lambda", "Lambda Function Invocation Result - Success")
    assert event["resources"] == [bus, f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}:$LATEST"]
    assert event["detail"]["requestPayload"] == {"a": 1}


def test_what_cannot_be_delivered_goes_to_the_dead_letter_queue(client: Client) -> None:
    dead = queue(client, "e-dead")
    gone = f"arn:aws:sqs:us-east-1:{ACCOUNT}:e-gone"
    rule(client, "e-lost", {"Arn": gone, "DeadLetterConfig": {"Arn": dead}})
    event_id = put(client, "e-lost", {})
    found = message(client, dead)
    assert json.loads(found["Body"])["id"] == event_id
    attributes = {name: value["StringValue"] for name, value in found["MessageAttributes"].items()}
    assert attributes == {
        "RULE_ARN": f"arn:aws:events:us-east-1:{ACCOUNT}:rule/e-lost",
        "TARGET_ARN": gone,
        "ERROR_CODE": "NO_RESOURCE",
        "ERROR_MESSAGE": "The specified queue does not exist.",
        "RETRY_ATTEMPTS": "0",
    }


def test_rules_and_schedules_fire_on_the_accounts_clock(client: Client, stack: Trial) -> None:
    ticks, once = queue(client, "e-ticks"), queue(client, "e-once")
    rule(client, "e-tick", {"Arn": ticks}, ScheduleExpression="rate(1 minute)")
    moment = datetime.now(UTC) + timedelta(hours=30)
    client("scheduler").create_schedule(
        Name="e-once",
        ScheduleExpression=f"at({moment:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        ActionAfterCompletion="DELETE",
        Target={"Arn": once, "RoleArn": ROLE, "Input": '"<aws.scheduler.scheduled-time>"'},
    )
    try:
        turn(stack, {"rate": 60})
        first, second = (json.loads(message(client, ticks)["Body"]) for _ in range(2))
        assert (first["source"], first["detail-type"]) == ("aws.events", "Scheduled Event")
        times = [datetime.fromisoformat(event["time"]) for event in (first, second)]
        assert times[1] - times[0] == timedelta(minutes=1)
        client("events").disable_rule(Name="e-tick")
        turn(stack, {"skip": "next"})
        assert message(client, once)["Body"] == f'"{moment:%Y-%m-%dT%H:%M:%SZ}"'
        deadline = time.monotonic() + 20
        while client("scheduler").list_schedules(NamePrefix="e-once")["Schedules"]:
            assert time.monotonic() < deadline, "the schedule is over and was not deleted"
            time.sleep(0.1)
    finally:
        turn(stack, {"rate": 1})


def test_a_replay_survives_the_death_of_the_worker(client: Client, stack: Trial) -> None:
    events, again = client("events"), queue(client, "e-again")
    bus = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/e-kept"
    events.create_event_bus(Name="e-kept")
    archive = events.create_archive(ArchiveName="e-kept", EventSourceArn=bus)["ArchiveArn"]
    entry = {"Source": "e-kept", "DetailType": "order", "Detail": "{}", "EventBusName": "e-kept"}
    ids = {each["EventId"] for _ in range(20) for each in events.put_events(Entries=[entry] * 10)["Entries"]}
    events.put_rule(Name="all", EventBusName="e-kept", EventPattern='{"source": ["e-kept"]}')
    events.put_targets(Rule="all", EventBusName="e-kept", Targets=[{"Id": "q", "Arn": again}])
    now = datetime.now(UTC)
    day = timedelta(days=100)
    events.start_replay(
        ReplayName="e-again", EventSourceArn=archive, EventStartTime=now - day, EventEndTime=now + day, Destination={"Arn": bus}
    )
    stack.kill("worker")
    seen = []
    while len(set(seen)) < len(ids):
        event = json.loads(message(client, again, 60)["Body"])
        assert event["replay-name"] == "e-again"
        seen.append(event["id"])
    assert set(seen) == ids
    assert len(seen) <= len(ids) * 1.01
    deadline = time.monotonic() + 30
    while events.describe_replay(ReplayName="e-again")["State"] != "COMPLETED":
        assert time.monotonic() < deadline
        time.sleep(0.1)
