"""The ready-made functions do with each of their events what its name says."""

import json
import urllib.request
from typing import Any

import pytest

from invocations.resources import samples
from playground.supervision.trial import Trial

ACCOUNT = "777777777777"
FAILURES = {
    ("failing", "an exception"): "OutOfStock",
    ("failing", "the process exits"): "Runtime.ExitError",
    ("failing", "out of memory"): "Runtime.ExitError",
    ("failing", "a response over 6 MB"): "Function.ResponseSizeTooLarge",
    ("failing", "a response that is not JSON"): "Runtime.MarshalError",
    ("orders", "throw"): "ValueError",
    ("orders", "timeout"): "Sandbox.Timedout",
    ("orders", "exit"): "Runtime.ExitError",
    ("slow", "longer than its timeout"): "Sandbox.Timedout",
}


def events() -> list[Any]:
    folder = samples._FOLDER
    return [
        pytest.param(name, event, payload, id=f"{name}: {event}")
        for name in sorted(samples.names())
        for event, payload in json.loads((folder / name / "events.json").read_text()).items()
    ]


@pytest.fixture(scope="module")
def client(stack: Trial) -> Any:
    lambda_ = stack.boto3("lambda", aws_access_key_id=ACCOUNT)
    lambda_.get_account_settings()  # an account begins with its first call; its pages bring the ready-made functions
    with urllib.request.urlopen(f"{stack.dashboard_url}/w/{ACCOUNT}/") as page:
        assert page.status == 200
    return lambda_


@pytest.mark.parametrize(("name", "event", "payload"), events())
def test_each_event_does_what_it_says(client: Any, name: str, event: str, payload: Any) -> None:
    answer = client.invoke(FunctionName=name, Payload=json.dumps(payload))
    body = json.loads(answer["Payload"].read())

    assert answer["StatusCode"] == 200
    expected = FAILURES.get((name, event))
    assert answer.get("FunctionError") == (None if expected is None else "Unhandled"), body
    if expected is not None:
        assert body["errorType"] == expected
