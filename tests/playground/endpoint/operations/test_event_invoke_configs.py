"""Configuration of asynchronous invocation through boto3: what AWS answers, and what it refuses in which words."""

import time
import uuid
from typing import Any

import pytest
from botocore.config import Config

from playground.supervision.trial import Trial
from tests.playground.endpoint.operations.test_lambda import ROLE, answering, create
from tests.playground.endpoint.operations.test_lambda_refusals import refusal

ACCOUNT = "777777777777"
ARN = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:"
PATTERN = (
    r"$|kafka://([^.]([a-zA-Z0-9\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:"
    r"((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)"
)


@pytest.fixture(scope="module")
def client(stack: Trial) -> Any:
    """A client that sends what it is given: the refusal is to be the server's."""
    return stack.boto3("lambda", aws_access_key_id=ACCOUNT, config=Config(parameter_validation=False))


@pytest.fixture(scope="module")
def queue(stack: Trial) -> str:
    sqs = stack.boto3("sqs", aws_access_key_id=ACCOUNT)
    sqs.create_queue(QueueName="records")
    sqs.create_queue(QueueName="records.fifo", Attributes={"FifoQueue": "true"})
    return f"arn:aws:sqs:us-east-1:{ACCOUNT}:records"


@pytest.fixture
def name(client: Any) -> str:
    """A function with version 1 and an alias for it."""
    name = f"e{uuid.uuid4().hex[:10]}"
    create(client, name, answering("1"), Publish=True, Role=ROLE.replace("0" * 12, ACCOUNT))
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    return name


def members(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer without what differs from call to call."""
    return {key: value for key, value in answer.items() if key not in {"LastModified", "ResponseMetadata"}}


def put(client: Any, name: str, **members: Any) -> Any:
    return client.put_function_event_invoke_config(FunctionName=name, **members)


EMPTY = {"OnSuccess": {}, "OnFailure": {}}


def test_a_put_configuration_is_answered_as_it_is_kept(client: Any, name: str, queue: str) -> None:
    destinations = {"OnSuccess": {"Destination": queue}, "OnFailure": {"Destination": f"{ARN}{name}x"}}
    create(client, f"{name}x", answering("2"))

    answer = put(client, name, MaximumRetryAttempts=1, MaximumEventAgeInSeconds=3600, DestinationConfig=destinations)

    assert abs(answer["LastModified"].timestamp() - time.time()) < 10
    assert members(answer) == {
        "FunctionArn": f"{ARN}{name}:$LATEST",
        "MaximumRetryAttempts": 1,
        "MaximumEventAgeInSeconds": 3600,
        "DestinationConfig": destinations,
    }
    assert members(client.get_function_event_invoke_config(FunctionName=name)) == members(answer)
    assert members(client.get_function_event_invoke_config(FunctionName=f"{ARN}{name}:$LATEST")) == members(answer)


def test_a_topic_takes_records_and_a_fifo_topic_does_not(stack: Trial, client: Any, name: str) -> None:
    sns = stack.boto3("sns", aws_access_key_id=ACCOUNT)
    topic = sns.create_topic(Name=name)["TopicArn"]
    fifo = sns.create_topic(Name=f"{name}.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    both = {"OnSuccess": {"Destination": topic}, "OnFailure": {"Destination": topic}}

    assert put(client, name, DestinationConfig=both)["DestinationConfig"] == both
    found = refusal(client.put_function_event_invoke_config, FunctionName=name, **to("OnFailure", fifo))
    assert found == ("InvalidParameterValueException", 400, f"The destination ARN {fifo} is invalid.")


def test_put_forgets_what_it_is_not_given_and_update_keeps_it(client: Any, name: str, queue: str) -> None:
    put(client, name, MaximumRetryAttempts=2, MaximumEventAgeInSeconds=60, DestinationConfig={"OnFailure": {"Destination": queue}})
    update = client.update_function_event_invoke_config

    changed = members(update(FunctionName=name, MaximumRetryAttempts=0))
    assert (changed["MaximumRetryAttempts"], changed["MaximumEventAgeInSeconds"]) == (0, 60)
    assert changed["DestinationConfig"] == {"OnSuccess": {}, "OnFailure": {"Destination": queue}}
    changed = update(FunctionName=name, DestinationConfig={"OnSuccess": {"Destination": queue}})
    assert changed["DestinationConfig"] == {"OnSuccess": {"Destination": queue}, "OnFailure": {"Destination": queue}}
    changed = update(FunctionName=name, DestinationConfig={"OnFailure": {"Destination": ""}})
    assert changed["DestinationConfig"] == {"OnSuccess": {"Destination": queue}, "OnFailure": {}}

    replaced = members(put(client, name, MaximumRetryAttempts=1))
    assert replaced == {"FunctionArn": f"{ARN}{name}:$LATEST", "MaximumRetryAttempts": 1, "DestinationConfig": EMPTY}


def test_the_bounds_are_in_and_an_empty_destination_is_none(client: Any, name: str) -> None:
    widest = put(client, name, MaximumRetryAttempts=2, MaximumEventAgeInSeconds=21600)
    assert (widest["MaximumRetryAttempts"], widest["MaximumEventAgeInSeconds"]) == (2, 21600)
    narrowest = put(client, name, MaximumRetryAttempts=0, MaximumEventAgeInSeconds=60)
    assert (narrowest["MaximumRetryAttempts"], narrowest["MaximumEventAgeInSeconds"]) == (0, 60)
    for given in ({"OnSuccess": {}}, {"OnFailure": {}}, {"OnFailure": {"Destination": ""}}):
        assert put(client, name, DestinationConfig=given)["DestinationConfig"] == EMPTY


def test_each_qualifier_has_its_own(client: Any, name: str) -> None:
    for number, qualifier in enumerate(["$LATEST", "1", "live"]):
        answer = put(client, name, Qualifier=qualifier, MaximumRetryAttempts=number)
        assert answer["FunctionArn"] == f"{ARN}{name}:{qualifier}"
    assert put(client, f"{name}:live", MaximumRetryAttempts=0)["FunctionArn"] == f"{ARN}{name}:live"
    assert put(client, f"{ARN}{name}:live", Qualifier="live", MaximumRetryAttempts=0)["FunctionArn"] == f"{ARN}{name}:live"

    every = client.list_function_event_invoke_configs(FunctionName=name)
    found = {config["FunctionArn"]: config["MaximumRetryAttempts"] for config in every["FunctionEventInvokeConfigs"]}
    assert found == {f"{ARN}{name}:$LATEST": 0, f"{ARN}{name}:1": 1, f"{ARN}{name}:live": 0}
    assert "NextMarker" not in every


def test_the_list_comes_in_pages(client: Any, name: str) -> None:
    for qualifier in ("$LATEST", "1", "live"):
        put(client, name, Qualifier=qualifier, MaximumRetryAttempts=0)
    paginator = client.get_paginator("list_function_event_invoke_configs")
    pages = list(paginator.paginate(FunctionName=name, PaginationConfig={"PageSize": 2}))
    assert [len(page["FunctionEventInvokeConfigs"]) for page in pages] == [2, 1]
    assert len({config["FunctionArn"] for page in pages for config in page["FunctionEventInvokeConfigs"]}) == 3
    code, status, message = refusal(client.list_function_event_invoke_configs, FunctionName=name, MaxItems=51)
    assert (code, status) == ("ValidationException", 400)
    assert message.endswith("Value '51' at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 50")


def test_a_configuration_goes_with_its_alias_its_version_and_its_function(client: Any, name: str) -> None:
    def left() -> list[str]:
        configs = client.list_function_event_invoke_configs(FunctionName=name)["FunctionEventInvokeConfigs"]
        return [config["FunctionArn"].removeprefix(f"{ARN}{name}:") for config in configs]

    for qualifier in ("$LATEST", "1", "live"):
        put(client, name, Qualifier=qualifier, MaximumRetryAttempts=0)
    client.delete_alias(FunctionName=name, Name="live")
    assert left() == ["$LATEST", "1"]
    client.delete_function(FunctionName=name, Qualifier="1")
    assert left() == ["$LATEST"]
    client.delete_function(FunctionName=name)
    create(client, name, answering("3"), Role=ROLE.replace("0" * 12, ACCOUNT))
    assert left() == []


def test_delete_leaves_the_others(client: Any, name: str) -> None:
    for qualifier in ("$LATEST", "1"):
        put(client, name, Qualifier=qualifier, MaximumRetryAttempts=0)
    answer = client.delete_function_event_invoke_config(FunctionName=name, Qualifier="1")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    left = client.list_function_event_invoke_configs(FunctionName=name)["FunctionEventInvokeConfigs"]
    assert [config["FunctionArn"] for config in left] == [f"{ARN}{name}:$LATEST"]


def test_nothing_given_is_refused_before_anything_else(client: Any, name: str) -> None:
    sentence = "You must specify at least one of error handling or destination setting."
    for function in (name, "nobody"):
        for call in (client.put_function_event_invoke_config, client.update_function_event_invoke_config):
            assert refusal(call, FunctionName=function) == ("InvalidParameterValueException", 400, sentence)


def test_a_function_or_qualifier_that_is_not_there(client: Any, name: str) -> None:
    gone = ("ResourceNotFoundException", 404, "The function doesn't exist.")
    for call in (client.put_function_event_invoke_config, client.update_function_event_invoke_config):
        assert refusal(call, FunctionName="nobody", MaximumRetryAttempts=1) == gone
        assert refusal(call, FunctionName=f"{ARN}nobody", MaximumRetryAttempts=1) == gone
        assert refusal(call, FunctionName=name, Qualifier="never", MaximumRetryAttempts=1) == gone
    assert refusal(client.list_function_event_invoke_configs, FunctionName="nobody") == gone


def test_a_configuration_that_is_not_there(client: Any, name: str) -> None:
    def absent(qualified: str) -> tuple[str, int, str]:
        return "ResourceNotFoundException", 404, f"The function {ARN}{qualified} doesn't have an EventInvokeConfig"

    for call in (client.get_function_event_invoke_config, client.delete_function_event_invoke_config):
        assert refusal(call, FunctionName=name) == absent(f"{name}:$LATEST")
        assert refusal(call, FunctionName=name, Qualifier="never") == absent(f"{name}:never")
        assert refusal(call, FunctionName="nobody") == absent("nobody:$LATEST")
    update = client.update_function_event_invoke_config
    assert refusal(update, FunctionName=f"{name}:live", MaximumRetryAttempts=0) == absent(f"{name}:live")


def test_two_qualifiers_that_differ(client: Any, name: str) -> None:
    sentence = "The derived qualifier from the function name does not match the specified qualifier."
    for function, qualifier in ((f"{name}:live", "never"), (f"{name}:1", "$LATEST"), (f"{name}:$LATEST", "1"), (f"{name}:1", "live")):
        found = refusal(client.put_function_event_invoke_config, FunctionName=function, Qualifier=qualifier, MaximumRetryAttempts=1)
        assert found == ("InvalidParameterValueException", 400, sentence)


@pytest.mark.parametrize(
    ("member", "value", "constraint"),
    [
        ("MaximumRetryAttempts", 3, "less than or equal to 2"),
        ("MaximumRetryAttempts", -1, "greater than or equal to 0"),
        ("MaximumEventAgeInSeconds", 59, "greater than or equal to 60"),
        ("MaximumEventAgeInSeconds", 21601, "less than or equal to 21600"),
    ],
)
def test_numbers_out_of_range(client: Any, name: str, member: str, value: int, constraint: str) -> None:
    place = member[0].lower() + member[1:]
    sentence = (
        f"1 validation error detected: Value '{value}' at '{place}' failed to satisfy constraint: Member must have value {constraint}"
    )
    found = refusal(client.put_function_event_invoke_config, FunctionName=name, **{member: value})
    assert found == ("ValidationException", 400, sentence)


def to(slot: str, arn: str) -> dict[str, Any]:
    return {"DestinationConfig": {slot: {"Destination": arn}}}


@pytest.mark.parametrize("slot", ["OnSuccess", "OnFailure"])
def test_a_destination_that_does_not_exist(client: Any, name: str, queue: str, slot: str) -> None:
    targets = [
        f"{ARN}nobody",
        f"{ARN}{name}x:7",
        f"arn:aws:sqs:us-east-1:{ACCOUNT}:nothing",
        queue.replace(ACCOUNT, "666666666666"),
        queue.replace("us-east-1", "eu-west-1"),
        f"{queue}.fifo",
        "arn:aws:lambda:us-east-1:000000000000:layer:x",
        f"arn:aws:sns:us-east-1:{ACCOUNT}:nothing",
        f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/nothing",
    ]
    create(client, f"{name}x", answering("2"))
    put(client, name, **to(slot, f"{ARN}{name}x"))
    for arn in targets:
        found = refusal(client.put_function_event_invoke_config, FunctionName=name, **to(slot, arn))
        assert found == ("InvalidParameterValueException", 400, f"The destination ARN {arn} is invalid."), arn
        assert refusal(client.update_function_event_invoke_config, FunctionName=name, **to(slot, arn)) == found
    kept = client.get_function_event_invoke_config(FunctionName=name)["DestinationConfig"]
    assert kept == {**EMPTY, slot: {"Destination": f"{ARN}{name}x"}}


@pytest.mark.parametrize("qualifier", ["", ":$LATEST", ":live", ":1"])
def test_a_function_is_no_destination_for_itself(client: Any, name: str, qualifier: str) -> None:
    sentence = "You can't specify the function as a destination for itself."
    for slot in ("OnSuccess", "OnFailure"):
        found = refusal(client.put_function_event_invoke_config, FunctionName=name, **to(slot, f"{ARN}{name}{qualifier}"))
        assert found == ("InvalidParameterValueException", 400, sentence)


def test_a_service_that_takes_no_records(client: Any, name: str, queue: str) -> None:
    put_config = client.put_function_event_invoke_config

    def refused(success: str, failure: str) -> tuple[str, int, str]:
        sentence = f"The provided destination config DestinationConfig(onSuccess={success}, onFailure={failure}) is invalid."
        return "InvalidParameterValueException", 400, sentence

    user, bucket = f"arn:aws:iam::{ACCOUNT}:user/me", "arn:aws:s3:::records"
    assert refusal(put_config, FunctionName=name, **to("OnSuccess", user)) == refused(f"OnSuccess(destination={user})", "null")
    assert refusal(put_config, FunctionName=name, **to("OnFailure", user)) == refused("null", f"OnFailure(destination={user})")
    assert refusal(put_config, FunctionName=name, **to("OnSuccess", bucket)) == refused(f"OnSuccess(destination={bucket})", "null")
    both = {"OnSuccess": {"Destination": queue}, "OnFailure": {"Destination": "kafka://records"}}
    found = refusal(put_config, FunctionName=name, DestinationConfig=both)
    assert found == refused(f"OnSuccess(destination={queue})", "OnFailure(destination=kafka://records)")
    missing = refusal(put_config, FunctionName=name, **to("OnFailure", "arn:aws:s3:::nobodys-records"))
    assert missing == ("InvalidParameterValueException", 400, "The destination ARN arn:aws:s3:::nobodys-records is invalid.")


def test_a_destination_that_is_no_arn(client: Any, name: str) -> None:
    arn = f"arn:aws:_-/!lambda:us-east-1:{ACCOUNT}:function:x"
    place = "destinationConfig.onFailure.destination"
    sentence = (
        f"1 validation error detected: Value '{arn}' at '{place}' failed to satisfy constraint: Member must satisfy regular expression"
    )
    found = refusal(client.put_function_event_invoke_config, FunctionName=name, **to("OnFailure", arn))
    assert found == ("ValidationException", 400, f"{sentence} pattern: {PATTERN}")


def test_another_account_sees_nothing_of_it(stack: Trial, client: Any, name: str) -> None:
    put(client, name, MaximumRetryAttempts=0)
    other = stack.boto3("lambda", aws_access_key_id="555555555555")
    assert refusal(other.get_function_event_invoke_config, FunctionName=name)[:2] == ("ResourceNotFoundException", 404)
    assert refusal(other.put_function_event_invoke_config, FunctionName=name, MaximumRetryAttempts=0)[1] == 404
