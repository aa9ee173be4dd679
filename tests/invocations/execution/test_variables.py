"""The environment variables a function sees."""

import os

import pytest

from invocations.enums import LogFormat
from tests.invocations.execution.workbench import Workbench

CODE = "import os\ndef handler(event, context):\n    return dict(os.environ)\n"


def test_a_python_function_sees_exactly_what_aws_shows_and_the_endpoint(isolated: Workbench) -> None:
    environment = isolated.start(CODE, variables=(("MINE", "x=ü y"), ("EMPTY", "")), version="3")
    outcome = isolated.invoke(environment)
    import json

    seen = json.loads(outcome.payload)
    assert len(seen.pop("AWS_ACCESS_KEY_ID")) == 20
    assert len(seen.pop("AWS_SECRET_ACCESS_KEY")) == 40
    assert seen.pop("AWS_SESSION_TOKEN")
    assert seen.pop("LD_LIBRARY_PATH").endswith("/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib")
    assert seen == {
        "MINE": "x=ü y",
        "EMPTY": "",
        "_HANDLER": "index.handler",
        "LAMBDA_TASK_ROOT": "/var/task",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "PWD": "/var/task",
        "SHLVL": "0",
        "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin:/bin:/opt/bin",
        "PYTHONPATH": "/var/runtime",
        "LANG": "en_US.UTF-8",
        "LC_CTYPE": "C.UTF-8",
        "TZ": ":UTC",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.11",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
        "AWS_LAMBDA_FUNCTION_NAME": "f",
        "AWS_LAMBDA_FUNCTION_VERSION": "3",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/f",
        "AWS_LAMBDA_LOG_STREAM_NAME": environment.log_stream_name,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_XRAY_DAEMON_ADDRESS": "169.254.100.1:2000",
        "_AWS_XRAY_DAEMON_ADDRESS": "169.254.100.1",
        "_AWS_XRAY_DAEMON_PORT": "2000",
        "_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
    }


def test_prepared_and_fresh_environments_see_the_same(isolated: Workbench) -> None:
    prepared = wait_for_prepared(isolated)
    first = isolated.call(CODE)
    assert isolated.sandboxes.describe()["prepared"] < prepared
    fresh = isolated.call(CODE, ephemeral_storage_mb=600)
    own = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_LOG_STREAM_NAME"}
    assert {name: value for name, value in first.items() if name not in own} == {
        name: value for name, value in fresh.items() if name not in own
    }


def wait_for_prepared(bench: Workbench) -> int:
    for _ in range(100):
        if bench.sandboxes.describe()["prepared"] >= 2:
            break
        bench.pause(0.1)
    prepared: int = bench.sandboxes.describe()["prepared"]
    assert prepared >= 2
    return prepared


def test_reserved_names_cannot_be_changed_the_endpoint_can(bench: Workbench) -> None:
    variables = (("AWS_LAMBDA_FUNCTION_NAME", "forged"), ("AWS_ENDPOINT_URL", "http://elsewhere"))
    seen = bench.call(CODE, variables=variables)
    assert (seen["AWS_LAMBDA_FUNCTION_NAME"], seen["AWS_ENDPOINT_URL"]) == ("f", "http://elsewhere")


def test_json_logging_shows_in_the_variables(bench: Workbench) -> None:
    seen = bench.call(CODE, log_format=LogFormat.JSON)
    assert (seen["AWS_LAMBDA_LOG_FORMAT"], seen["AWS_LAMBDA_LOG_LEVEL"]) == ("JSON", "INFO")
    assert "AWS_LAMBDA_LOG_FORMAT" not in bench.call(CODE)


@pytest.mark.parametrize(
    ("name", "value", "expression", "expected"),
    [
        ("TZ", "Asia/Tokyo", "__import__('time').strftime('%Z', (2020,1,1,0,0,0,0,1,0))", "JST"),
        ("PYTHONDONTWRITEBYTECODE", "1", "__import__('sys').dont_write_bytecode", True),
        ("PYTHONPATH", "/opt/extra", "'/opt/extra' in __import__('sys').path and '/var/runtime' in __import__('sys').path", True),
    ],
)
def test_variables_that_interpreters_read_work(bench: Workbench, name: str, value: str, expression: str, expected: object) -> None:
    seen = bench.call(f"def handler(event, context):\n    return {expression}\n", variables=((name, value),))
    assert seen == expected


def test_nothing_of_the_service_is_inherited(isolated: Workbench) -> None:
    os.environ["SECRET_OF_THE_SERVICE"] = "x"
    try:
        code = "exports.handler = async () => Object.keys(process.env);\n"
        names = isolated.call({"index.js": code}, runtime="nodejs20.x", ephemeral_storage_mb=513)
    finally:
        del os.environ["SECRET_OF_THE_SERVICE"]
    assert "SECRET_OF_THE_SERVICE" not in names
    assert "NODE_PATH" in names


def test_a_wrapper_script_starts_the_runtime(bench: Workbench) -> None:
    wrapper = '#!/bin/sh\nexport WRAPPED="$1"\nexec "$@"\n'
    layer = bench.tree({"wrapper": wrapper})
    code = "import os\ndef handler(event, context):\n    return os.environ['WRAPPED'].rsplit('/', 1)[1].startswith('python')\n"
    variables = (("AWS_LAMBDA_EXEC_WRAPPER", "/opt/wrapper"),)
    assert bench.call(code, layer_trees=(layer,), variables=variables) is True
