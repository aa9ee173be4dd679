"""Function URLs' configuration through boto3: lives, messages and what deleting takes along."""

import re
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from playground.supervision.trial import Trial
from tests.playground.endpoint.operations.test_lambda import answering, create

ARN = "arn:aws:lambda:us-east-1:000000000000:function:"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z")
CORS = {"AllowOrigins": ["https://*.example.com"], "AllowMethods": ["GET"], "MaxAge": 60}


@pytest.fixture
def client(stack: Trial) -> Any:
    return stack.boto3("lambda")


@pytest.fixture
def name(client: Any) -> str:
    name = f"url{uuid.uuid4().hex[:10]}"
    create(client, name, answering("'x'"))
    return name


def refusal(call: Any, **arguments: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


def bare(answer: dict[str, Any]) -> dict[str, Any]:
    return {member: value for member, value in answer.items() if member != "ResponseMetadata"}


def test_the_life_of_a_url(client: Any, name: str, stack: Trial) -> None:
    created = client.create_function_url_config(FunctionName=name, AuthType="NONE")
    assert created["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert bare(created).keys() == {"AuthType", "CreationTime", "FunctionArn", "FunctionUrl"}
    assert created["FunctionArn"] == ARN + name
    assert MOMENT.fullmatch(created["CreationTime"])
    address = re.fullmatch(rf"http://[a-z0-9]{{32}}\.lambda-url\.us-east-1\.localhost:{stack.endpoint_port}/", created["FunctionUrl"])
    assert address is not None

    updated = client.update_function_url_config(FunctionName=name, AuthType="AWS_IAM", Cors=CORS, InvokeMode="RESPONSE_STREAM")
    assert updated["LastModifiedTime"] > updated["CreationTime"] == created["CreationTime"]
    assert (updated["AuthType"], updated["Cors"], updated["InvokeMode"]) == ("AWS_IAM", CORS, "RESPONSE_STREAM")
    client.update_function_url_config(FunctionName=name, InvokeMode="BUFFERED")

    got = bare(client.get_function_url_config(FunctionName=name))
    assert got == {
        "AuthType": "AWS_IAM",
        "Cors": CORS,
        "InvokeMode": "BUFFERED",
        "FunctionUrl": created["FunctionUrl"],
        "FunctionArn": ARN + name,
        "CreationTime": created["CreationTime"],
        "LastModifiedTime": got["LastModifiedTime"],
    }
    assert client.list_function_url_configs(FunctionName=name)["FunctionUrlConfigs"] == [got]
    assert client.delete_function_url_config(FunctionName=name)["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert client.list_function_url_configs(FunctionName=name)["FunctionUrlConfigs"] == []


def test_create_tells_what_was_given(client: Any, name: str) -> None:
    created = client.create_function_url_config(FunctionName=name, AuthType="NONE", Cors=CORS, InvokeMode="BUFFERED")

    assert bare(created).keys() == {"AuthType", "CreationTime", "FunctionArn", "FunctionUrl", "Cors", "InvokeMode"}


def test_a_second_url_is_a_conflict(client: Any, name: str) -> None:
    client.create_function_url_config(FunctionName=name, AuthType="NONE")

    message = (
        f"Failed to create function url config for [functionArn = {ARN}{name}]. "
        "Error message:  FunctionUrlConfig exists for this Lambda function"
    )
    asked = {"FunctionName": name, "AuthType": "NONE"}
    assert refusal(client.create_function_url_config, **asked) == (409, "ResourceConflictException", message)


@pytest.mark.parametrize("verb", ["get", "update", "delete"])
def test_none_is_there(client: Any, name: str, verb: str) -> None:
    call = getattr(client, f"{verb}_function_url_config")

    message = "The resource you requested does not exist."
    assert refusal(call, FunctionName=name) == (404, "ResourceNotFoundException", message)


def test_an_unknown_function_has_none(client: Any) -> None:
    message = "Function does not exist"
    assert refusal(client.list_function_url_configs, FunctionName="nobody") == (404, "ResourceNotFoundException", message)
    asked = {"FunctionName": "nobody", "AuthType": "NONE"}
    assert refusal(client.create_function_url_config, **asked) == (404, "ResourceNotFoundException", message)


@pytest.mark.parametrize("qualifier", ["1", "$LATEST"])
def test_versions_have_none(client: Any, name: str, qualifier: str) -> None:
    client.publish_version(FunctionName=name)

    message = (
        f"1 validation error detected: Value '{qualifier}' at 'qualifier' failed to satisfy constraint: Member must satisfy regular "
        r"expression pattern: ((?!^\d+$)^[0-9a-zA-Z-_]+$)"
    )
    asked = {"FunctionName": name, "AuthType": "NONE"}
    assert refusal(client.create_function_url_config, Qualifier=qualifier, **asked) == (400, "ValidationException", message)


def test_an_unknown_mode(client: Any, name: str) -> None:
    message = (
        "1 validation error detected: Value 'UNKNOWN' at 'invokeMode' failed to satisfy constraint: "
        "Member must satisfy enum value set: [RESPONSE_STREAM, BUFFERED]"
    )
    asked = {"FunctionName": name, "AuthType": "NONE", "InvokeMode": "UNKNOWN"}
    assert refusal(client.create_function_url_config, **asked) == (400, "ValidationException", message)


def test_an_alias_has_its_own_and_takes_it_along(client: Any, name: str) -> None:
    client.publish_version(FunctionName=name)
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    plain = client.create_function_url_config(FunctionName=name, AuthType="NONE")
    live = client.create_function_url_config(FunctionName=name, Qualifier="live", AuthType="AWS_IAM")
    assert live["FunctionArn"] == f"{ARN}{name}:live"
    assert live["FunctionUrl"] != plain["FunctionUrl"]
    listed = client.list_function_url_configs(FunctionName=name)["FunctionUrlConfigs"]
    assert [each["FunctionArn"] for each in listed] == [ARN + name, f"{ARN}{name}:live"]
    first = client.list_function_url_configs(FunctionName=name, MaxItems=1)
    rest = client.list_function_url_configs(FunctionName=name, Marker=first["NextMarker"])
    assert [*first["FunctionUrlConfigs"], *rest["FunctionUrlConfigs"]] == listed

    client.delete_alias(FunctionName=name, Name="live")

    missing = refusal(client.get_function_url_config, FunctionName=name, Qualifier="live")
    assert missing == (404, "ResourceNotFoundException", "The resource you requested does not exist.")
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    anew = client.create_function_url_config(FunctionName=name, Qualifier="live", AuthType="NONE")
    assert anew["FunctionUrl"] != live["FunctionUrl"]
