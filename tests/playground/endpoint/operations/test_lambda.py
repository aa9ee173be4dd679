"""Lambda's API through boto3 against a whole playground: the life of a function, its versions, aliases, layers and limits."""

import base64
import io
import json
import time
import uuid
import zipfile
from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError

from playground.supervision.trial import Trial

ROLE = "arn:aws:iam::000000000000:role/r"


def zipped(files: dict[str, str]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for path, text in files.items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = 0o755 << 16
            file.writestr(entry, text)
    return archive.getvalue()


def answering(value: str) -> bytes:
    return zipped({"m.py": f"def handler(event, context):\n    return {value}\n"})


@pytest.fixture
def client(stack: Trial) -> Any:
    return stack.boto3("lambda")


@pytest.fixture
def name(client: Any) -> str:
    """A function that says which code it is."""
    name = f"f{uuid.uuid4().hex[:10]}"
    create(client, name, answering("'first'"))
    return name


def create(client: Any, name: str, code: bytes, **arguments: Any) -> dict[str, Any]:
    settings = {"Runtime": "python3.12", "Handler": "m.handler", "Role": ROLE} | arguments
    made: dict[str, Any] = client.create_function(FunctionName=name, Code={"ZipFile": code}, **settings)
    client.get_waiter("function_active_v2").wait(FunctionName=name)
    return made


def deploy(client: Any, name: str, code: bytes) -> None:
    client.update_function_code(FunctionName=name, ZipFile=code)
    client.get_waiter("function_updated_v2").wait(FunctionName=name)


def result(client: Any, name: str, **arguments: Any) -> Any:
    return json.loads(client.invoke(FunctionName=name, **arguments)["Payload"].read())


def refused(call: Any, **arguments: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"]


def test_every_form_of_a_name_reaches_the_function(client: Any, name: str) -> None:
    arn = client.get_function_configuration(FunctionName=name)["FunctionArn"]
    assert arn == f"arn:aws:lambda:us-east-1:000000000000:function:{name}"
    for form in (name, f"000000000000:function:{name}", f"function:{name}", arn, f"{name}:$LATEST", f"{arn}:$LATEST"):
        assert result(client, form) == "first", form
    assert refused(client.get_function, FunctionName=f"{name}-missing") == ("ResourceNotFoundException", 404)


def test_code_is_downloaded_as_it_was_uploaded(client: Any, name: str) -> None:
    found = client.get_function(FunctionName=name)
    archive = urllib3.request("GET", found["Code"]["Location"])
    assert (archive.status, found["Code"]["RepositoryType"]) == (200, "S3")
    with zipfile.ZipFile(io.BytesIO(archive.data)) as file:
        assert file.read("m.py") == b"def handler(event, context):\n    return 'first'\n"


def test_a_version_stays_what_it_was_when_the_code_changes(client: Any, name: str) -> None:
    version = client.publish_version(FunctionName=name, Description="one")
    deploy(client, name, answering("'second'"))
    assert (version["Version"], result(client, name), result(client, name, Qualifier="1")) == ("1", "second", "first")
    assert client.publish_version(FunctionName=name)["Version"] == "2"
    assert client.publish_version(FunctionName=name)["Version"] == "2", "nothing changed since"
    pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=name, PaginationConfig={"PageSize": 1})
    assert [each["Version"] for page in pages for each in page["Versions"]] == ["$LATEST", "1", "2"]
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    assert refused(client.delete_function, FunctionName=name, Qualifier="live") == ("InvalidParameterValueException", 400)
    assert refused(client.delete_function, FunctionName=name, Qualifier="1") == ("ResourceConflictException", 409)
    client.delete_alias(FunctionName=name, Name="live")
    client.delete_function(FunctionName=name, Qualifier="1")
    assert refused(client.invoke, FunctionName=name, Qualifier="1") == ("ResourceNotFoundException", 404)
    assert result(client, name) == "second"


def test_an_alias_with_weights_leads_to_both_versions(client: Any, name: str) -> None:
    client.publish_version(FunctionName=name)
    deploy(client, name, answering("'second'"))
    client.publish_version(FunctionName=name)
    made = client.create_alias(FunctionName=name, Name="live", FunctionVersion="1", RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}})
    assert made["AliasArn"].endswith(f":function:{name}:live")
    answers = [client.invoke(FunctionName=name, Qualifier="live") for _ in range(60)]
    assert {answer["ExecutedVersion"] for answer in answers} == {"1", "2"}
    stale = refused(client.update_alias, FunctionName=name, Name="live", FunctionVersion="2", RevisionId=str(uuid.uuid4()))
    assert stale == ("PreconditionFailedException", 412)
    client.update_alias(FunctionName=name, Name="live", FunctionVersion="2", RoutingConfig={}, RevisionId=made["RevisionId"])
    assert client.invoke(FunctionName=f"{name}:live")["ExecutedVersion"] == "2"
    assert [alias["Name"] for alias in client.list_aliases(FunctionName=name)["Aliases"]] == ["live"]
    client.delete_alias(FunctionName=name, Name="live")
    assert refused(client.get_alias, FunctionName=name, Name="live") == ("ResourceNotFoundException", 404)


def test_a_layer_is_on_the_path_of_the_function(client: Any) -> None:
    name = f"l{uuid.uuid4().hex[:10]}"
    code = zipped({"python/shared.py": "VALUE = 42\n"})
    layer = client.publish_layer_version(LayerName=name, Content={"ZipFile": code}, CompatibleRuntimes=["python3.12"])
    create(
        client,
        name,
        zipped({"m.py": "import shared\ndef handler(event, context):\n    return shared.VALUE\n"}),
        Layers=[layer["LayerVersionArn"]],
    )
    assert result(client, name) == 42
    assert [each["Version"] for each in client.list_layer_versions(LayerName=name)["LayerVersions"]] == [1]
    client.delete_layer_version(LayerName=name, VersionNumber=1)
    assert refused(client.get_layer_version, LayerName=name, VersionNumber=1) == ("ResourceNotFoundException", 404)
    assert result(client, name) == 42, "a function keeps the layer it was given"


def test_configuration_changes_reach_the_next_invocation(client: Any) -> None:
    name = f"c{uuid.uuid4().hex[:10]}"
    code = zipped({"m.py": "import os\ndef handler(event, context):\n    return [os.environ['MODE'], context.memory_limit_in_mb]\n"})
    create(client, name, code, Environment={"Variables": {"MODE": "1"}})
    assert result(client, name) == ["1", "128"]
    client.update_function_configuration(FunctionName=name, MemorySize=256, Environment={"Variables": {"MODE": "2"}})
    client.get_waiter("function_updated_v2").wait(FunctionName=name)
    assert result(client, name) == ["2", "256"]


def test_the_log_and_the_error_of_a_failing_function(client: Any) -> None:
    name = f"e{uuid.uuid4().hex[:10]}"
    create(client, name, zipped({"m.py": "def handler(event, context):\n    print('before')\n    raise KeyError('gone')\n"}))
    answer = client.invoke(FunctionName=name, LogType="Tail")
    error = json.loads(answer["Payload"].read())
    assert (answer["StatusCode"], answer["FunctionError"], error["errorType"]) == (200, "Unhandled", "KeyError")
    log = base64.b64decode(answer["LogResult"]).decode()
    assert [word in log for word in ("START RequestId", "before", "[ERROR] KeyError", "REPORT RequestId")] == [True] * 4
    assert client.invoke(FunctionName=name, InvocationType="DryRun")["StatusCode"] == 204
    assert refused(client.invoke, FunctionName=name, Payload=b"{") == ("InvalidRequestContentException", 400)


def test_reserved_concurrency_zero_throttles(client: Any, name: str) -> None:
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    assert client.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"] == 0
    with pytest.raises(ClientError) as caught:
        client.invoke(FunctionName=name)
    assert caught.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert caught.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    client.delete_function_concurrency(FunctionName=name)
    assert result(client, name) == "first"


def test_provisioned_environments_are_ready_before_the_first_invocation(client: Any) -> None:
    name = f"p{uuid.uuid4().hex[:10]}"
    create(
        client, name, zipped({"m.py": "import os\ndef handler(event, context):\n    return os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']\n"})
    )
    client.publish_version(FunctionName=name)
    where = {"FunctionName": name, "Qualifier": "1"}
    asked = client.put_provisioned_concurrency_config(**where, ProvisionedConcurrentExecutions=1)
    assert asked["RequestedProvisionedConcurrentExecutions"] == 1
    for _ in range(200):
        if client.get_provisioned_concurrency_config(**where)["Status"] == "READY":
            break
        time.sleep(0.05)
    answer = client.invoke(**where, LogType="Tail")
    assert json.loads(answer["Payload"].read()) == "provisioned-concurrency"
    client.delete_provisioned_concurrency_config(**where)
    assert refused(client.get_provisioned_concurrency_config, **where)[1] == 404


def test_a_response_streams_in_the_chunks_that_the_function_writes(client: Any) -> None:
    name = f"s{uuid.uuid4().hex[:10]}"
    source = """
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  for (const part of ['one ', 'two ', 'three']) {
    stream.write(part);
    await new Promise((done) => setTimeout(done, 100));
  }
  stream.end();
});
"""
    create(client, name, zipped({"index.js": source}), Runtime="nodejs22.x", Handler="index.handler")
    events = list(client.invoke_with_response_stream(FunctionName=name)["EventStream"])
    chunks = [event["PayloadChunk"]["Payload"] for event in events if "PayloadChunk" in event]
    assert b"".join(chunks) == b"one two three"
    assert len(chunks) >= 3
    assert "InvokeComplete" in events[-1]


def test_a_bootstrap_runs_as_a_runtime_of_its_own(client: Any) -> None:
    name = f"b{uuid.uuid4().hex[:10]}"
    script = """#!/bin/sh
API="http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation"
while true; do
  HEADERS=$(mktemp)
  EVENT=$(curl -sS -D "$HEADERS" "$API/next")
  ID=$(grep -i Lambda-Runtime-Aws-Request-Id "$HEADERS" | tr -d '[:space:]' | cut -d: -f2)
  curl -sS -X POST "$API/$ID/response" -d "{\\"echo\\": $EVENT}" > /dev/null
done
"""
    create(client, name, zipped({"bootstrap": script}), Runtime="provided.al2023", Handler="anything")
    assert result(client, name, Payload=b'{"a": 1}') == {"echo": {"a": 1}}


def test_tags_are_put_read_and_removed(client: Any, name: str) -> None:
    arn = client.get_function_configuration(FunctionName=name)["FunctionArn"]
    client.tag_resource(Resource=arn, Tags={"a": "1", "b": "2"})
    client.untag_resource(Resource=arn, TagKeys=["a"])
    assert client.list_tags(Resource=arn)["Tags"] == {"b": "2"}


def test_what_terraform_reads_is_there(client: Any, name: str) -> None:
    assert client.get_function_code_signing_config(FunctionName=name).get("CodeSigningConfigArn", "") == ""
    assert client.get_runtime_management_config(FunctionName=name)["UpdateRuntimeOn"] == "Auto"
    assert client.get_function_recursion_config(FunctionName=name)["RecursiveLoop"] == "Terminate"
    client.put_function_recursion_config(FunctionName=name, RecursiveLoop="Allow")
    assert client.get_function_recursion_config(FunctionName=name)["RecursiveLoop"] == "Allow"
    assert client.get_account_settings()["AccountLimit"]["ConcurrentExecutions"] == 1000


def test_a_deleted_function_is_gone(client: Any, name: str) -> None:
    settings = {"Runtime": "python3.12", "Handler": "m.handler", "Role": ROLE}
    again = refused(client.create_function, FunctionName=name, Code={"ZipFile": answering("1")}, **settings)
    assert again == ("ResourceConflictException", 409)
    client.delete_function(FunctionName=name)
    assert refused(client.get_function, FunctionName=name) == ("ResourceNotFoundException", 404)
    assert refused(client.delete_function, FunctionName=name) == ("ResourceNotFoundException", 404)
