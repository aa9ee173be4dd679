import ast
import json
import shlex
from dataclasses import replace

import pytest

from invocations.enums import InvocationType, LogType
from playground.dashboard.call_as import Call, aws_cli, boto3, curl, forms

PLAIN = Call("000000000000", "orders", '{"name": "O\'Hara", "cost": "$5"}', "http://localhost:4566")
FULL = replace(PLAIN, account_id="111122223333", qualifier="live", log_type=LogType.TAIL, invocation_type=InvocationType.DRY_RUN)


def test_the_cli_gets_the_event_through_the_shell_unchanged() -> None:
    words = shlex.split(aws_cli(PLAIN))

    assert words[words.index("--payload") + 1] == PLAIN.payload
    assert words[-1] == "response.json"
    assert "--qualifier" not in words


def test_the_cli_names_every_option_that_is_not_the_default() -> None:
    words = shlex.split(aws_cli(FULL))

    assert words[0] == "AWS_ACCESS_KEY_ID=111122223333"
    for option, value in (("--qualifier", "live"), ("--invocation-type", "DryRun"), ("--log-type", "Tail")):
        assert words[words.index(option) + 1] == value


@pytest.mark.parametrize("call", [PLAIN, FULL])
def test_the_boto3_form_is_a_program(call: Call) -> None:
    call_node = next(
        node for node in ast.walk(ast.parse(boto3(call))) if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "invoke"
    )
    arguments = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call_node.keywords}

    assert json.loads(arguments["Payload"]) == json.loads(call.payload)
    assert arguments.get("Qualifier", "") == call.qualifier


def test_curl_signs_and_addresses_the_qualifier() -> None:
    words = shlex.split(curl(replace(FULL, qualifier="$LATEST")))

    assert "http://localhost:4566/2015-03-31/functions/orders/invocations?Qualifier=%24LATEST" in words
    assert words[words.index("--user") + 1] == "111122223333:test"
    assert words[words.index("--data-raw") + 1] == FULL.payload


def test_a_long_event_comes_from_a_file() -> None:
    assert all("event.json" in form.text for form in forms(replace(PLAIN, payload='"' + "x" * 5000 + '"')))
