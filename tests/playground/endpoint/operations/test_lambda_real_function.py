"""A function as people deploy it: packages in its archive, a layer, calls of AWS from inside, in three runtimes."""

import importlib.metadata
import io
import json
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest

from playground.supervision.trial import Trial
from tests.playground.endpoint.operations.test_lambda import ROLE, answering, create, result, zipped


@pytest.fixture
def client(stack: Trial) -> Any:
    return stack.boto3("lambda")


def packed(distributions: list[str], prefix: str, files: dict[str, str] | None = None) -> bytes:
    """An archive with installed packages of pure Python, as `pip install --target` would lay them out."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped_code:
        for name, text in (files or {}).items():
            zipped_code.writestr(name, text)
        for file in (file for name in distributions for file in importlib.metadata.distribution(name).files or ()):
            source = Path(str(file.locate()))
            if source.suffix in {".py", ".mo", ".txt"} and ".." not in file.parts:
                zipped_code.write(source, prefix + str(file))
    return archive.getvalue()


def test_packages_of_an_archive_and_of_a_layer(client: Any) -> None:
    name = f"real{uuid.uuid4().hex[:8]}"
    content = {"ZipFile": packed(["sqlparse"], "python/")}
    layer = client.publish_layer_version(LayerName=name, Content=content, CompatibleRuntimes=["python3.12"])
    code = (
        "import django, sqlparse\n"
        "from django.template import Context, Engine\n\n"
        "def handler(event, context):\n"
        "    text = Engine().from_string('{{ sql|upper }}').render(Context({'sql': event['sql']}))\n"
        "    return {'formatted': sqlparse.format(text, reindent=True), 'django': django.__file__, 'sqlparse': sqlparse.__file__}\n"
    )
    archive = packed(["django", "asgiref"], "", {"m.py": code})
    assert len(archive) > 3_000_000
    create(client, name, archive, Layers=[layer["LayerVersionArn"]], MemorySize=256, Timeout=20)

    answer = result(client, name, Payload=json.dumps({"sql": "select a from b"}))

    assert answer == {
        "formatted": "SELECT A\nFROM B",
        "django": "/var/task/django/__init__.py",
        "sqlparse": "/opt/python/sqlparse/__init__.py",
    }


def test_calls_of_aws_from_inside_are_its_role_and_reach_this_server(client: Any) -> None:
    callee, caller = f"callee{uuid.uuid4().hex[:8]}", f"caller{uuid.uuid4().hex[:8]}"
    create(client, callee, answering("{'from': event}"))
    code = (
        "import boto3, json\n\n"
        "def handler(event, context):\n"
        "    who = boto3.client('sts').get_caller_identity()['Arn']\n"
        f"    answer = boto3.client('lambda').invoke(FunctionName='{callee}', Payload=json.dumps(event))\n"
        "    return {'who': who, 'answer': json.load(answer['Payload'])}\n"
    )
    create(client, caller, zipped({"m.py": code}), Timeout=20, MemorySize=256)

    answer = result(client, caller, Payload=b'{"n": 1}')

    assert answer == {"who": f"arn:aws:sts::000000000000:assumed-role/{ROLE.rpartition('/')[2]}/{caller}", "answer": {"from": {"n": 1}}}


BOOTSTRAP = """#!/bin/sh
set -eu
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  event=$(curl -sS -D /tmp/head "$api/next")
  id=$(grep -i lambda-runtime-aws-request-id /tmp/head | tr -d '[:space:]' | cut -d: -f2)
  curl -sS -X POST "$api/$id/response" -d "{\\"GREETING\\": $event}" > /dev/null
done
"""
RUNTIMES = {
    "python3.12": ("m.handler", "m.py", "def handler(event, context):\n    return {'GREETING': event}\n"),
    "nodejs20.x": ("index.handler", "index.mjs", "export const handler = async (event) => ({ GREETING: event });\n"),
    "provided.al2023": ("bootstrap", "bootstrap", BOOTSTRAP),
}


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_life_of_a_function_in_each_runtime(client: Any, runtime: str) -> None:
    handler, path, text = RUNTIMES[runtime]
    name = f"life{uuid.uuid4().hex[:8]}"
    create(client, name, zipped({path: text.replace("GREETING", "first")}), Runtime=runtime, Handler=handler)
    assert result(client, name, Payload=b'"x"') == {"first": "x"}
    assert client.publish_version(FunctionName=name)["Version"] == "1"
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")

    client.update_function_code(FunctionName=name, ZipFile=zipped({path: text.replace("GREETING", "second")}))
    client.get_waiter("function_updated_v2").wait(FunctionName=name)

    assert result(client, name, Payload=b'"x"') == {"second": "x"}
    answer = client.invoke(FunctionName=name, Qualifier="live", Payload=b'"x"')
    assert (answer["ExecutedVersion"], json.load(answer["Payload"])) == ("1", {"first": "x"})
    client.delete_function(FunctionName=name)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.invoke(FunctionName=name)
