"""What Lambda refuses, in AWS's recorded words: name of the error, status and message."""

import base64
import io
import json
import uuid
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from playground.supervision.trial import Trial
from tests.playground.endpoint.operations.test_lambda import ROLE, answering, create, zipped

ARN = "arn:aws:lambda:us-east-1:000000000000:function:"


@pytest.fixture
def client(stack: Trial) -> Any:
    """A client that sends what it is given: the refusal is to be the server's."""
    return stack.boto3("lambda", config=Config(parameter_validation=False))


@pytest.fixture(scope="module")
def name(stack: Trial) -> str:
    """A function with versions 1 and 2."""
    client, name = stack.boto3("lambda"), f"r{uuid.uuid4().hex[:10]}"
    create(client, name, answering("1"), Publish=True)
    client.update_function_code(FunctionName=name, ZipFile=answering("2"), Publish=True)
    client.get_waiter("function_updated_v2").wait(FunctionName=name)
    return name


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, int, str]:
    """(code, HTTP status, message) of a call that must not succeed."""
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    answer = refused.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


def test_invoking_what_is_not_there(client: Any, name: str) -> None:
    missing = "ResourceNotFoundException", 404
    assert refusal(client.invoke, FunctionName="nobody") == (*missing, f"Function not found: {ARN}nobody:$LATEST")
    assert refusal(client.invoke, FunctionName=name, Qualifier="9") == (*missing, f"Function not found: {ARN}{name}:9")
    assert refusal(client.invoke, FunctionName=f"{name}:prod") == (*missing, f"Function not found: {ARN}{name}:prod")
    elsewhere = "arn:aws:lambda:us-west-1:000000000000:function:nobody"
    sentence = "Functions from 'us-west-1' are not reachable in this region ('us-east-1')"
    assert refusal(client.invoke, FunctionName=elsewhere) == (*missing, sentence)


def test_two_qualifiers_that_differ(client: Any, name: str) -> None:
    sentence = "The derived qualifier from the function name does not match the specified qualifier."
    assert refusal(client.invoke, FunctionName=f"{name}:1", Qualifier="2") == ("InvalidParameterValueException", 400, sentence)


@pytest.mark.parametrize("payload", [b"\x99", b"{", b"nothing", b'{"a": NaN}', b"[1] 2"])
def test_a_payload_that_is_no_json(client: Any, name: str, payload: bytes) -> None:
    code, status, message = refusal(client.invoke, FunctionName=name, Payload=payload)
    assert (code, status) == ("InvalidRequestContentException", 400)
    assert message.startswith("Could not parse request body into json: Could not parse payload into json: ")


def test_a_payload_that_is_too_large(client: Any, name: str) -> None:
    code, status, message = refusal(client.invoke, FunctionName=name, Payload=b'"' + b"x" * 6_291_556 + b'"')
    assert (code, status) == ("RequestTooLargeException", 413)
    assert "6291558 byte payload is too large" in message


def test_a_client_context_that_is_none(client: Any, name: str) -> None:
    assert refusal(client.invoke, FunctionName=name, ClientContext="{}")[:2] == ("InvalidRequestContentException", 400)
    large = base64.b64encode(json.dumps({"custom": {"x": "y" * 4000}}).encode()).decode()
    assert refusal(client.invoke, FunctionName=name, ClientContext=large)[:2] == ("InvalidRequestContentException", 400)


def test_an_event_that_is_too_large(client: Any, name: str) -> None:
    largest = b'"' + b"x" * 1_048_574 + b'"'
    code, status, message = refusal(client.invoke, FunctionName=name, InvocationType="Event", Payload=b" " + largest)
    assert (code, status) == ("RequestTooLargeException", 413)
    assert message == "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)"
    assert client.invoke(FunctionName=name, InvocationType="Event", Payload=largest)["StatusCode"] == 202


def test_an_operation_that_is_not_here_is_named(client: Any, name: str) -> None:
    _, status, message = refusal(client.list_event_source_mappings, FunctionName=name)
    assert status == 501
    assert "ListEventSourceMappings" in message


CREATIONS: list[tuple[dict[str, Any], str, int, str]] = [
    ({"Runtime": "java8"}, "InvalidParameterValueException", 400, "The runtime parameter of java8 is no longer supported"),
    ({"Runtime": "cobol1"}, "InvalidParameterValueException", 400, "Value cobol1 at 'runtime' failed to satisfy constraint"),
    ({"Runtime": None}, "InvalidParameterValueException", 400, "Runtime is mandatory"),
    ({"Code": {"ZipFile": b"no zip"}}, "InvalidParameterValueException", 400, "Could not unzip uploaded file. Please check your file"),
    ({"Code": {"ImageUri": "x"}, "PackageType": "Image"}, "InvalidParameterValueException", 400, "Container images cannot run"),
    ({"Layers": ["arn:aws:lambda:us-east-1:000000000000:layer:l:1"] * 6}, "InvalidParameterValueException", 400, "more than 5 layers"),
    ({"Timeout": 901}, "ValidationException", 400, "Value '901' at 'timeout' failed to satisfy constraint"),
    ({"Timeout": 0}, "ValidationException", 400, "Value '0' at 'timeout' failed to satisfy constraint"),
    ({"MemorySize": 10241}, "ValidationException", 400, "Value '10241' at 'memorySize' failed to satisfy constraint"),
    ({"EphemeralStorage": {"Size": 511}}, "ValidationException", 400, "'ephemeralStorage.size' failed to satisfy constraint"),
    ({"FunctionName": "x" * 65}, "ValidationException", 400, "failed to satisfy constraint"),
    ({"FunctionName": "no good"}, "ValidationException", 400, "failed to satisfy constraint"),
    (
        {"Environment": {"Variables": {"AB": "x" * 4096}}},
        "InvalidParameterValueException",
        400,
        "exceeded the 4KB limit. String measured",
    ),
    ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, "InvalidParameterValueException", 400, "AWS_REGION"),
]


@pytest.mark.parametrize(("changes", "code", "status", "part"), CREATIONS, ids=[str(each[0])[:40] for each in CREATIONS])
def test_a_function_that_cannot_be(client: Any, changes: dict[str, Any], code: str, status: int, part: str) -> None:
    name = f"x{uuid.uuid4().hex[:10]}"
    settings = {"FunctionName": name, "Runtime": "python3.12", "Handler": "m.handler", "Role": ROLE, "Code": {"ZipFile": answering("1")}}
    arguments = {key: value for key, value in (settings | changes).items() if value is not None}

    found = refusal(client.create_function, **arguments)

    assert found[:2] == (code, status), found
    assert part in found[2]
    assert refusal(client.get_function, FunctionName=name)[0] == "ResourceNotFoundException", "no half of it is left"


def test_an_archive_that_unpacks_to_too_much(client: Any) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file, file.open("zeros", "w") as entry:
        for _ in range(251):
            entry.write(bytes(1024 * 1024))
    arguments = {"Runtime": "python3.12", "Handler": "m.handler", "Role": ROLE, "Code": {"ZipFile": archive.getvalue()}}
    found = refusal(client.create_function, FunctionName=f"x{uuid.uuid4().hex[:10]}", **arguments)
    assert found == ("InvalidParameterValueException", 400, "Unzipped size must be smaller than 262144000 bytes")


def test_a_second_function_of_a_name(client: Any, name: str) -> None:
    arguments = {"Runtime": "python3.12", "Handler": "m.handler", "Role": ROLE, "Code": {"ZipFile": answering("1")}}
    found = refusal(client.create_function, FunctionName=name, **arguments)
    assert found == ("ResourceConflictException", 409, f"Function already exist: {name}")


ALIASES: list[tuple[dict[str, Any], str, int, str]] = [
    ({"Name": "7"}, "ValidationException", 400, "failed to satisfy constraint"),
    ({"FunctionVersion": "9"}, "ResourceNotFoundException", 404, "Function not found: {arn}:9"),
    ({"weights": {"2": 0.5, "1": 0.1}}, "InvalidParameterValueException", 400, "cannot be greater than 1"),
    ({"weights": {"1": 0.5}}, "InvalidParameterValueException", 400, "Function version 1 is already included in routing configuration."),
    ({"FunctionVersion": "$LATEST", "weights": {"2": 0.5}}, "InvalidParameterValueException", 400, "$LATEST is not supported for an alias"),
    ({"weights": {"2": 1.5}}, "ValidationException", 400, "Member must have value less than or equal to 1.0"),
]


@pytest.mark.parametrize(("changes", "code", "status", "part"), ALIASES, ids=[str(each[0])[:40] for each in ALIASES])
def test_an_alias_that_cannot_be(client: Any, name: str, changes: dict[str, Any], code: str, status: int, part: str) -> None:
    settings = {"FunctionName": name, "Name": f"a{uuid.uuid4().hex[:6]}", "FunctionVersion": "1"} | changes
    weights = settings.pop("weights", None)
    if weights is not None:
        settings["RoutingConfig"] = {"AdditionalVersionWeights": weights}

    found = refusal(client.create_alias, **settings)

    assert found[:2] == (code, status), found
    assert part.replace("{arn}", ARN + name) in found[2]


def test_aliases_that_are_there_or_not(client: Any, name: str) -> None:
    client.create_alias(FunctionName=name, Name="once", FunctionVersion="1")
    again = refusal(client.create_alias, FunctionName=name, Name="once", FunctionVersion="1")
    assert again == ("ResourceConflictException", 409, f"Alias already exists: {ARN}{name}:once")
    absent = refusal(client.get_alias, FunctionName=name, Name="never")
    assert absent == ("ResourceNotFoundException", 404, f"Cannot find alias arn: {ARN}{name}:never")


def test_a_revision_that_is_not_the_latest(client: Any, name: str) -> None:
    sentence = "The Revision Id provided does not match the latest Revision Id. "
    sentence += "Call the GetFunction/GetAlias API to retrieve the latest Revision Id"
    stale = "00000000-0000-4000-8000-000000000000"
    for call, arguments in (
        (client.update_function_code, {"ZipFile": answering("3")}),
        (client.update_function_configuration, {"Timeout": 5}),
        (client.publish_version, {}),
    ):
        assert refusal(call, FunctionName=name, RevisionId=stale, **arguments) == ("PreconditionFailedException", 412, sentence)


def test_an_update_while_another_is_under_way(client: Any) -> None:
    name = f"u{uuid.uuid4().hex[:10]}"
    create(client, name, answering("1"))
    sentence = f"The operation cannot be performed at this time. An update is in progress for resource: {ARN}{name}"
    for timeout in range(4, 60, 2):  # an update takes so short that the second call may come too late
        client.update_function_configuration(FunctionName=name, Timeout=timeout)
        try:
            client.update_function_configuration(FunctionName=name, Timeout=timeout + 1)
        except ClientError as error:
            found = error.response["Error"]
            assert (found["Code"], found["Message"]) == ("ResourceConflictException", sentence)
            break
        client.get_waiter("function_updated_v2").wait(FunctionName=name)
    else:
        raise AssertionError("no second update was refused")
    assert json.load(client.invoke(FunctionName=name)["Payload"]) == 1, "the old configuration serves meanwhile"


def test_a_version_published_from_other_code(client: Any, name: str) -> None:
    latest = client.get_function_configuration(FunctionName=name)["CodeSha256"]
    found = refusal(client.publish_version, FunctionName=name, CodeSha256="other")
    sentence = (
        f"CodeSHA256 (other) is different from current CodeSHA256 in $LATEST ({latest}). Please try again with the CodeSHA256 in $LATEST."
    )
    assert found == ("InvalidParameterValueException", 400, sentence)


def test_a_layer_that_is_broken(client: Any) -> None:
    found = refusal(client.publish_layer_version, LayerName="broken", Content={"ZipFile": b"no zip"})
    assert found[:2] == ("InvalidParameterValueException", 400)
    assert client.publish_layer_version(LayerName="whole", Content={"ZipFile": zipped({"python/x.py": ""})})["Version"] >= 1


def test_code_signing_that_is_not_there(client: Any, name: str) -> None:
    arn = "arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-0123456789abcdef0"
    sentence = "The code signing configuration cannot be found. Check that the provided configuration is not deleted."
    expected = "CodeSigningConfigNotFoundException", 404, sentence
    assert refusal(client.put_function_code_signing_config, FunctionName=name, CodeSigningConfigArn=arn) == expected
    made = {"FunctionName": "signed", "Runtime": "python3.12", "Handler": "m.handler", "Role": ROLE, "Code": {"ZipFile": answering("1")}}
    assert refusal(client.create_function, CodeSigningConfigArn=arn, **made) == expected
    assert refusal(client.get_function, FunctionName="signed")[1] == 404
