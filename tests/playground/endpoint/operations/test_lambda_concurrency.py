"""A burst that grows faster than the scaling rate, on a whole playground."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import ClientError

from playground.supervision.trial import Trial
from tests.playground.endpoint.operations.test_lambda import create, zipped
from tests.playground.endpoint.operations.test_lambda_throttles import set_local

SLOW = zipped({"m.py": "import time\ndef handler(event, context):\n    time.sleep(1.5)\n"})


def made(stack: Trial, account_id: str, *names: str, **limits: int) -> Any:
    """Lambda in an account of its own, with these limits and functions."""
    client = stack.boto3("lambda", aws_access_key_id=account_id)
    client.get_account_settings()
    set_local(stack, "limits", limits, account_id=account_id)
    for name in names:
        create(client, name, SLOW, Role=f"arn:aws:iam::{account_id}:role/r", Timeout=10)
    return client


def refusal(call: Any, **parameters: Any) -> str:
    """The Reason, or else the code, with which *call* is refused; empty where it is not."""
    try:
        call(**parameters)
    except ClientError as error:
        response: Any = error.response
        return str(response.get("Reason") or response["Error"]["Code"])
    return ""


def test_a_function_grows_no_faster_than_the_scaling_rate(stack: Trial) -> None:
    client = made(stack, "545454545454", "bursting", scaling_rate=2)

    with ThreadPoolExecutor(5) as callers:
        answers = list(callers.map(lambda _: refusal(client.invoke, FunctionName="bursting"), range(5)))

    assert sorted(answers) == ["", "", *["FunctionInvocationRateLimitExceeded"] * 3]
