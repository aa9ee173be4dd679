"""CloudWatch Logs through boto3 against a whole playground."""

import contextlib
import re
import time
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from playground.supervision.trial import Trial

ROLE = "arn:aws:iam::000000000000:role/r"


@pytest.fixture
def logs(stack: Trial) -> Any:
    return stack.boto3("logs")


@pytest.fixture
def group(logs: Any) -> str:
    name = f"/test/{uuid.uuid4().hex[:10]}"
    logs.create_log_group(logGroupName=name, tags={"a": "b"})
    return name


def refused(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return str(caught.value.response["Error"]["Code"])


def put(logs: Any, group: str, messages: list[str]) -> int:
    """Puts one event a millisecond into the stream "s"; the time of the first."""
    first = int(time.time() * 1000) - 60_000
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    events = [{"timestamp": first + index, "message": text} for index, text in enumerate(messages)]
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)
    return first


def test_a_group_is_described_with_its_retention_until_it_is_deleted(logs: Any, group: str) -> None:
    logs.put_retention_policy(logGroupName=group, retentionInDays=7)
    [found] = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert (found["retentionInDays"], found["arn"]) == (7, f"arn:aws:logs:us-east-1:000000000000:log-group:{group}:*")
    logs.delete_retention_policy(logGroupName=group)
    assert "retentionInDays" not in logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]
    assert logs.list_tags_log_group(logGroupName=group)["tags"] == {"a": "b"}
    assert refused(logs.create_log_group, logGroupName=group) == "ResourceAlreadyExistsException"
    assert refused(logs.put_retention_policy, logGroupName=group, retentionInDays=2) == "InvalidParameterException"
    logs.delete_log_group(logGroupName=group)
    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"] == []
    assert refused(logs.delete_log_group, logGroupName=group) == "ResourceNotFoundException"


def test_a_stream_is_read_forwards_and_backwards_in_pages(logs: Any, group: str) -> None:
    put(logs, group, ["one", "two", "three"])
    where = {"logGroupName": group, "logStreamName": "s"}
    first = logs.get_log_events(**where, limit=2, startFromHead=True)
    second = logs.get_log_events(**where, limit=2, startFromHead=True, nextToken=first["nextForwardToken"])
    end = logs.get_log_events(**where, startFromHead=True, nextToken=second["nextForwardToken"])
    assert [[event["message"] for event in page["events"]] for page in (first, second, end)] == [["one", "two"], ["three"], []]
    assert end["nextForwardToken"] == second["nextForwardToken"]
    newest = logs.get_log_events(**where, limit=2)
    before = logs.get_log_events(**where, limit=2, nextToken=newest["nextBackwardToken"])
    assert [[event["message"] for event in page["events"]] for page in (newest, before)] == [["two", "three"], ["one"]]
    assert refused(logs.get_log_events, logGroupName=group, logStreamName="other") == "ResourceNotFoundException"


def test_events_are_filtered_by_pattern_and_time(logs: Any, group: str) -> None:
    first = put(logs, group, ["INFO start", "ERROR disk", '{"level": "ERROR", "ms": 12}'])

    def found(**arguments: Any) -> list[str]:
        return [event["message"] for event in logs.filter_log_events(logGroupName=group, **arguments)["events"]]

    assert found(filterPattern="ERROR -level") == ["ERROR disk"]
    assert found(filterPattern='{ $.level = "ERROR" && $.ms > 10 }') == ['{"level": "ERROR", "ms": 12}']
    assert found(startTime=first + 1, endTime=first + 1) == ["ERROR disk"]
    assert refused(logs.filter_log_events, logGroupName=group, filterPattern="{ $.level = ") == "InvalidParameterException"


def test_what_a_function_prints_is_in_its_group_and_stream(stack: Trial, logs: Any, hello_zip: bytes) -> None:
    name = f"logged-{uuid.uuid4().hex[:8]}"
    client = stack.boto3("lambda")
    client.create_function(FunctionName=name, Runtime="python3.12", Handler="m.handler", Role=ROLE, Code={"ZipFile": hello_zip})
    client.get_waiter("function_active_v2").wait(FunctionName=name)
    request_id = client.invoke(FunctionName=name)["ResponseMetadata"]["RequestId"]
    group, deadline = f"/aws/lambda/{name}", time.monotonic() + 30
    while not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        assert time.monotonic() < deadline, "the log did not reach the database"
        time.sleep(0.05)
    [stream] = logs.describe_log_streams(logGroupName=group)["logStreams"]
    events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True)["events"]
    words = [event["message"].split()[0] for event in events]
    assert words == ["INIT_START", "START", "END", "REPORT"]
    assert request_id in events[1]["message"]
    assert len(logs.filter_log_events(logGroupName=group, filterPattern="REPORT")["events"]) == 1


def test_a_live_tail_shows_what_a_function_prints_with_its_stream(stack: Trial, logs: Any) -> None:
    lambda_ = stack.boto3("lambda")
    arn = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/hello"
    with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName="/aws/lambda/hello")
    stream = logs.start_live_tail(logGroupIdentifiers=[arn], logEventFilterPattern="greeting")["responseStream"]
    seen: list[dict[str, Any]] = []
    for number, event in enumerate(stream):
        if "sessionStart" in event:
            lambda_.invoke(FunctionName="hello", Payload=b'{"name": "tail"}')
        seen += event.get("sessionUpdate", {}).get("sessionResults", [])
        if seen or number > 20:
            break
    stream.close()
    assert [result["message"] for result in seen] == ["greeting tail"]
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", seen[0]["logStreamName"])


def test_a_live_tail_shows_events_that_match_as_they_come(logs: Any, group: str) -> None:
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{group}"
    stream = logs.start_live_tail(logGroupIdentifiers=[arn], logEventFilterPattern="wanted")["responseStream"]
    seen: list[str] = []
    for number, event in enumerate(stream):
        if "sessionStart" in event:
            put(logs, group, ["wanted 1", "other", "wanted 2"])
        seen += [result["message"] for result in event.get("sessionUpdate", {}).get("sessionResults", [])]
        if seen or number > 20:
            break
    stream.close()
    assert seen == ["wanted 1", "wanted 2"]
