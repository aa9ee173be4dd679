"""Asynchronous invocation with boto3 against a whole playground: 202, retries on a fast clock, destinations, dead letters."""

import io
import json
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from playground.supervision.trial import Trial
from tests.queue_policies import letting_in

ACCOUNT = "414141414141"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"
CODE = """
import os

def handler(event, context):
    print("run of", context.aws_request_id, os.environ.get("MARK", ""))
    if event.get("fail"):
        raise RuntimeError(event["fail"])
    return {"took": event, "mark": os.environ.get("MARK", "")}
"""


@pytest.fixture
def client(stack: Trial) -> Callable[[str], Any]:
    """boto3 as the root of an account of this module's own, whose clock runs 60 times as fast."""
    turn(stack, {"rate": 60, "paused": False})
    return lambda service: stack.boto3(service, aws_access_key_id=ACCOUNT)


def turn(stack: Trial, change: dict[str, Any] | None = None) -> dict[str, Any]:
    """GET, or with a change PUT, of the account's clock."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    method, data = ("PUT", json.dumps(change).encode()) if change else ("GET", b"")
    request = AWSRequest(method, f"{stack.endpoint_url}/_playground/clock", data=data, headers={"Content-Type": "application/json"})
    SigV4Auth(Credentials(ACCOUNT, "test"), "lambda", "us-east-1").add_auth(request)
    asked = urllib.request.Request(request.url, data or None, dict(request.headers), method=method)
    with urllib.request.urlopen(asked) as answer:
        return dict(json.load(answer))


@pytest.fixture
def function(client: Callable[[str], Any], request: pytest.FixtureRequest) -> Iterator[str]:
    """A function that fails when its event says so; its name, the test's own."""
    name = f"a{abs(hash(request.node.name)) % 10**10}"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("app.py", CODE)
    lambda_ = client("lambda")
    lambda_.create_function(FunctionName=name, Runtime="python3.12", Handler="app.handler", Role=ROLE, Code={"ZipFile": archive.getvalue()})
    lambda_.get_waiter("function_active_v2").wait(FunctionName=name)
    yield name
    lambda_.delete_function(FunctionName=name)


def queue(client: Callable[[str], Any], name: str) -> str:
    client("sqs").create_queue(QueueName=name, Attributes={"Policy": letting_in()})
    return f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"


def message(client: Callable[[str], Any], arn: str, seconds: int = 20) -> dict[str, Any]:
    """The next message of a queue, taken out."""
    sqs, name = client("sqs"), arn.rpartition(":")[2]
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for found in sqs.receive_message(QueueUrl=name, WaitTimeSeconds=5, MessageAttributeNames=["All"]).get("Messages", []):
            sqs.delete_message(QueueUrl=name, ReceiptHandle=found["ReceiptHandle"])
            return dict(found)
    raise AssertionError(f"nothing came to {arn}")


def fire(client: Callable[[str], Any], function: str, event: Any, **parameters: Any) -> str:
    answer = client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(event).encode(), **parameters)
    assert (answer["StatusCode"], answer["Payload"].read()) == (202, b"")
    assert "ExecutedVersion" not in answer
    return str(answer["ResponseMetadata"]["RequestId"])


def story(stack: Trial, request_id: str, until: Callable[[dict[str, Any]], bool] = lambda row: bool(row["ended_at"])) -> dict[str, Any]:
    """The invocation as the dashboard downloads it, once it is as asked for."""
    url = f"{stack.dashboard_url}/w/{ACCOUNT}/invocations/{request_id}/files/record.json"
    deadline = time.monotonic() + 20
    while True:
        with urllib.request.urlopen(url) as answer:
            row = dict(json.load(answer))
        if until(row):
            return row
        assert time.monotonic() < deadline, row
        time.sleep(0.1)


def configure(client: Callable[[str], Any], function: str, *, ok: str = "", ko: str = "", **settings: Any) -> None:
    destinations = {name: {"Destination": arn} for name, arn in (("OnSuccess", ok), ("OnFailure", ko)) if arn}
    client("lambda").put_function_event_invoke_config(FunctionName=function, DestinationConfig=destinations, **settings)


def stations(row: dict[str, Any], station: str) -> list[str]:
    return [step["outcome"] for step in row["steps"] if step["station"] == station]


def test_a_bucket_takes_the_record_of_a_failure(client: Callable[[str], Any], function: str, stack: Trial) -> None:
    s3, bucket = client("s3"), f"records-{function}"
    s3.create_bucket(Bucket=bucket)
    configure(client, function, ko=f"arn:aws:s3:::{bucket}", MaximumRetryAttempts=0)
    request_id = fire(client, function, {"fail": "no"})
    row = story(stack, request_id)
    assert stations(row, "destination") == ["delivered"]
    (key,) = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert key.startswith(f"aws/lambda/async/{function}/")
    found = s3.get_object(Bucket=bucket, Key=key)
    record = json.loads(found["Body"].read())
    assert (record["requestContext"]["requestId"], record["responsePayload"]["errorMessage"]) == (request_id, "no")
    assert found["ContentType"] == "application/json"


def test_an_event_that_succeeds_leaves_its_record(client: Callable[[str], Any], function: str, stack: Trial) -> None:
    ok = queue(client, f"ok-{function}")
    configure(client, function, ok=ok)
    request_id = fire(client, function, {"order": 42})
    record = json.loads(message(client, ok)["Body"])
    assert record["requestContext"] == {
        "requestId": request_id,
        "functionArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{function}:$LATEST",
        "condition": "Success",
        "approximateInvokeCount": 1,
    }
    assert record["responsePayload"] == {"took": {"order": 42}, "mark": ""}
    row = story(stack, request_id)
    assert (row["state"], row["status_code"], row["attempts"]) == ("succeeded", 202, 1)
    assert stations(row, "destination") == ["delivered"]


def test_an_event_that_fails_is_tried_three_times_by_one_id_and_goes_both_ways(
    client: Callable[[str], Any], function: str, stack: Trial
) -> None:
    ko, dlq = queue(client, f"ko-{function}"), queue(client, f"dlq-{function}")
    configure(client, function, ko=ko)
    client("lambda").update_function_configuration(FunctionName=function, DeadLetterConfig={"TargetArn": dlq})
    client("lambda").get_waiter("function_updated_v2").wait(FunctionName=function)
    request_id = fire(client, function, {"fail": "boom"})
    record = json.loads(message(client, ko)["Body"])
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 3
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    assert record["responsePayload"]["errorMessage"] == "boom"
    letter = message(client, dlq)
    assert json.loads(letter["Body"]) == {"fail": "boom"}
    assert {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()} == {
        "RequestID": request_id,
        "ErrorCode": "200",
        "ErrorMessage": "boom",
    }
    row = story(stack, request_id)
    assert (row["state"], row["attempts"], row["condition"]) == ("function error", 3, "RetriesExhausted")
    assert stations(row, "run") == ["error"] * 3
    assert stations(row, "queue") == ["queued", "retry", "retry", "gave up"]
    waits = [step["detail"]["delay_seconds"] for step in row["steps"] if step["outcome"] == "retry"]
    assert [round(wait) for wait in waits] == [60, 120]
    assert sum(text.startswith("run of") for _, text in row["log"]) == 3


def test_a_retry_runs_the_code_and_configuration_of_its_time(client: Callable[[str], Any], function: str, stack: Trial) -> None:
    turn(stack, {"rate": 1})
    ok = queue(client, f"ok-{function}")
    configure(client, function, ok=ok)
    request_id = fire(client, function, {"fail": "until mended"})
    story(stack, request_id, lambda row: row["state"] == "waiting to retry")
    code = CODE.replace('if event.get("fail")', "if False")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("app.py", code)
    client("lambda").update_function_code(FunctionName=function, ZipFile=archive.getvalue())
    client("lambda").get_waiter("function_updated_v2").wait(FunctionName=function)
    turn(stack, {"skip": "next"})
    assert json.loads(message(client, ok)["Body"])["requestContext"]["approximateInvokeCount"] == 2
    assert story(stack, request_id)["state"] == "succeeded after retries"


def test_without_retries_one_failure_is_the_end(client: Callable[[str], Any], function: str) -> None:
    ko = queue(client, f"ko-{function}")
    configure(client, function, ko=ko, MaximumRetryAttempts=0)
    fire(client, function, {"fail": "once"})
    assert json.loads(message(client, ko)["Body"])["requestContext"]["approximateInvokeCount"] == 1


def test_an_event_is_not_waited_for_beyond_its_age(client: Callable[[str], Any], function: str, stack: Trial) -> None:
    ko = queue(client, f"ko-{function}")
    turn(stack, {"rate": 1})
    configure(client, function, ko=ko, MaximumEventAgeInSeconds=120)
    request_id = fire(client, function, {"fail": "old"})
    story(stack, request_id, lambda row: row["state"] == "waiting to retry")
    turn(stack, {"skip": "next"})
    record = json.loads(message(client, ko)["Body"])
    assert record["requestContext"]["condition"] == "EventAgeExceeded"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["responseContext"]["functionError"] == "Unhandled"
    assert story(stack, request_id)["state"] == "expired"


def test_reserved_concurrency_of_zero_goes_to_the_failure_side_at_once(client: Callable[[str], Any], function: str, stack: Trial) -> None:
    ko = queue(client, f"ko-{function}")
    configure(client, function, ko=ko)
    client("lambda").put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    request_id = fire(client, function, {})
    record = json.loads(message(client, ko)["Body"])
    assert record["requestContext"]["condition"] == "ZeroReservedConcurrency"
    assert record["requestContext"]["approximateInvokeCount"] == 0
    assert "responseContext" not in record
    row = story(stack, request_id)
    assert (row["state"], row["log"]) == ("throttled", [])


def test_an_alias_has_its_own_configuration_and_says_who_ran(client: Callable[[str], Any], function: str) -> None:
    ok, other = queue(client, f"ok-{function}"), queue(client, f"other-{function}")
    lambda_ = client("lambda")
    lambda_.publish_version(FunctionName=function)
    lambda_.create_alias(FunctionName=function, Name="live", FunctionVersion="1")
    configure(client, function, ok=other)
    lambda_.put_function_event_invoke_config(FunctionName=function, Qualifier="live", DestinationConfig={"OnSuccess": {"Destination": ok}})
    fire(client, function, {}, Qualifier="live")
    record = json.loads(message(client, ok)["Body"])
    assert record["requestContext"]["functionArn"].endswith(f":{function}:live")
    assert record["responseContext"]["executedVersion"] == "1"


def test_a_function_that_a_destination_invokes_is_a_child_in_the_record(client: Callable[[str], Any], function: str, stack: Trial) -> None:
    ok = queue(client, f"ok-{function}")
    lambda_ = client("lambda")
    lambda_.publish_version(FunctionName=function)
    lambda_.put_function_event_invoke_config(FunctionName=function, Qualifier="1", DestinationConfig={"OnSuccess": {"Destination": ok}})
    second = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{function}:1"
    lambda_.create_alias(FunctionName=function, Name="first", FunctionVersion="$LATEST")
    lambda_.put_function_event_invoke_config(FunctionName=function, Qualifier="first", DestinationConfig={"OnSuccess": {"Destination": ok}})
    # A function may not be its own destination, so a second one stands between.
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("app.py", CODE)
    starter = f"{function}-starter"
    lambda_.create_function(
        FunctionName=starter, Runtime="python3.12", Handler="app.handler", Role=ROLE, Code={"ZipFile": archive.getvalue()}
    )
    lambda_.get_waiter("function_active_v2").wait(FunctionName=starter)
    configure(client, starter, ok=second)
    parent = fire(client, starter, {"chain": 1})
    record = json.loads(message(client, ok)["Body"])
    assert record["requestPayload"]["requestContext"]["requestId"] == parent
    child = story(stack, record["requestContext"]["requestId"])
    assert (child["parent_request_id"], child["source"]) == (parent, "lambda")
    lambda_.delete_function(FunctionName=starter)


def test_a_destination_that_is_gone_is_a_failed_delivery(client: Callable[[str], Any], function: str, stack: Trial) -> None:
    ok = queue(client, f"ok-{function}")
    configure(client, function, ok=ok)
    client("sqs").delete_queue(QueueUrl=f"ok-{function}")
    request_id = fire(client, function, {})
    row = story(stack, request_id)
    assert row["state"] == "succeeded"
    assert stations(row, "destination") == ["retry", "retry", "failed"]
    assert row["steps"][-1]["detail"]["error_code"] == "QueueDoesNotExist"


def test_throttled_events_wait_and_use_up_no_attempt(client: Callable[[str], Any], function: str, stack: Trial) -> None:
    ok = queue(client, f"ok-{function}")
    configure(client, function, ok=ok)
    client("lambda").put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=1)
    ids = {fire(client, function, {"number": number}) for number in range(20)}
    records = [json.loads(message(client, ok)["Body"]) for _ in ids]
    assert {record["requestContext"]["requestId"] for record in records} == ids
    assert {record["requestContext"]["approximateInvokeCount"] for record in records} == {1}


def test_what_cannot_be_accepted_is_refused_before_the_202(client: Callable[[str], Any], function: str) -> None:
    lambda_ = client("lambda")
    for parameters, code in (
        ({"FunctionName": "nobody", "Payload": b"{}"}, "ResourceNotFoundException"),
        ({"FunctionName": function, "Qualifier": "nowhere", "Payload": b"{}"}, "ResourceNotFoundException"),
        ({"FunctionName": function, "Payload": b"{"}, "InvalidRequestContentException"),
    ):
        with pytest.raises(lambda_.exceptions.ClientError) as refused:
            lambda_.invoke(InvocationType="Event", **parameters)
        assert refused.value.response["Error"]["Code"] == code


def test_a_role_that_may_not_send_leaves_a_failed_delivery_that_says_why(client: Callable[[str], Any], function: str, stack: Trial) -> None:
    ok, role = queue(client, f"ok-{function}"), f"sender-{function}"
    trust = '{"Statement": {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}}'
    arn = client("iam").create_role(RoleName=role, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    configure(client, function, ok=ok)
    client("lambda").update_function_configuration(FunctionName=function, Role=arn)
    client("lambda").get_waiter("function_updated_v2").wait(FunctionName=function)
    row = story(stack, fire(client, function, {"order": 1}))
    assert (row["state"], stations(row, "destination")) == ("succeeded", ["failed"])
    told = row["steps"][-1]["detail"]
    assert (told["error_code"], told["decision"]["layer"]) == ("AccessDeniedException", "identity-based policy")
    assert told["decision"]["principal"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{function}"
    allow = json.dumps({"Statement": {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": ok}})
    client("iam").put_role_policy(RoleName=role, PolicyName="send", PolicyDocument=allow)
    request_id = fire(client, function, {"order": 2})
    assert json.loads(message(client, ok)["Body"])["requestContext"]["requestId"] == request_id


def test_a_topic_hands_the_record_to_its_queue(client: Callable[[str], Any], function: str) -> None:
    inbox = queue(client, f"inbox-{function}")
    topic = client("sns").create_topic(Name=f"topic-{function}")["TopicArn"]
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=inbox)
    configure(client, function, ok=topic)
    request_id = fire(client, function, {"by": "topic"})
    envelope = json.loads(message(client, inbox)["Body"])
    assert (envelope["Type"], envelope["TopicArn"]) == ("Notification", topic)
    assert json.loads(envelope["Message"])["requestContext"]["requestId"] == request_id


def test_a_bus_hands_the_record_to_a_rules_queue(client: Callable[[str], Any], function: str) -> None:
    inbox = queue(client, f"inbox-{function}")
    events = client("events")
    bus = events.create_event_bus(Name=f"bus-{function}")["EventBusArn"]
    pattern = {"source": ["lambda"], "detail-type": ["Lambda Function Invocation Result - Failure"]}
    events.put_rule(Name="failures", EventBusName=f"bus-{function}", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="failures", EventBusName=f"bus-{function}", Targets=[{"Id": "1", "Arn": inbox}])
    configure(client, function, ko=bus, MaximumRetryAttempts=0)
    request_id = fire(client, function, {"fail": "by bus"})
    event = json.loads(message(client, inbox)["Body"])
    assert event["source"] == "lambda"
    assert event["detail-type"] == "Lambda Function Invocation Result - Failure"
    assert event["resources"] == [bus, f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{function}:$LATEST"]
    assert event["account"] == ACCOUNT
    assert event["detail"]["requestContext"]["requestId"] == request_id


def test_a_bucket_keeps_the_record_of_a_failure(client: Callable[[str], Any], function: str, stack: Trial) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket=f"records-{function}")
    configure(client, function, ko=f"arn:aws:s3:::records-{function}", MaximumRetryAttempts=0)
    request_id = fire(client, function, {"fail": "into a bucket"})
    assert stations(story(stack, request_id), "destination") == ["delivered"]
    (listed,) = s3.list_objects_v2(Bucket=f"records-{function}", Prefix=f"aws/lambda/async/{function}/")["Contents"]
    record = json.load(s3.get_object(Bucket=f"records-{function}", Key=listed["Key"])["Body"])
    assert record["requestContext"] == {
        "requestId": request_id,
        "functionArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{function}:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 1,
    }


def test_a_topics_and_a_rules_function_run_asynchronously(client: Callable[[str], Any], function: str) -> None:
    ok = queue(client, f"ok-{function}")
    configure(client, function, ok=ok)
    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{function}"
    for principal in ("sns.amazonaws.com", "events.amazonaws.com"):
        client("lambda").add_permission(
            FunctionName=function, StatementId=principal.split(".")[0], Action="lambda:InvokeFunction", Principal=principal
        )
    topic = client("sns").create_topic(Name=f"starts-{function}")["TopicArn"]
    client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn)
    client("sns").publish(TopicArn=topic, Message="hello")
    taken = json.loads(message(client, ok)["Body"])["requestPayload"]
    assert taken["Records"][0]["Sns"]["Message"] == "hello"

    events = client("events")
    events.put_rule(Name=f"rule-{function}", EventPattern=json.dumps({"source": [function]}))
    events.put_targets(Rule=f"rule-{function}", Targets=[{"Id": "1", "Arn": arn}])
    events.put_events(Entries=[{"Source": function, "DetailType": "t", "Detail": '{"by": "rule"}'}])
    assert json.loads(message(client, ok)["Body"])["requestPayload"]["detail"] == {"by": "rule"}
