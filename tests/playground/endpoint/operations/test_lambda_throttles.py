"""A burst of callers against an account's limit, on a whole playground."""

import io
import json
import zipfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from playground.supervision.trial import Trial

ACCOUNT, LIMIT, CALLERS = "464646464646", 20, 30


def set_local(stack: Trial, path: str, body: Any, method: str = "PUT", account_id: str = ACCOUNT) -> Any:
    """What an address below /_playground/ answers the account's root."""
    request = AWSRequest(method, f"{stack.endpoint_url}/_playground/{path}", data=json.dumps(body).encode())
    SigV4Auth(Credentials(account_id, "test"), "lambda", "us-east-1").add_auth(request)
    return urllib3.request(method, request.url, headers=dict(request.headers), body=request.data, retries=False).json()


def test_thirty_at_once_where_twenty_may_run_shows_the_throttles_with_their_reason(stack: Trial) -> None:
    lambda_ = stack.boto3("lambda", aws_access_key_id=ACCOUNT, config=Config(max_pool_connections=CALLERS))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("m.py", "import time\ndef handler(event, context):\n    time.sleep(2)\n")
    lambda_.create_function(
        FunctionName="burst",
        Runtime="python3.12",
        Handler="m.handler",
        Role=f"arn:aws:iam::{ACCOUNT}:role/r",
        Timeout=60,
        Code={"ZipFile": archive.getvalue()},
    )
    lambda_.get_waiter("function_active_v2").wait(FunctionName="burst")
    assert set_local(stack, "limits", {"concurrent_executions": LIMIT})["concurrent_executions"] == LIMIT

    def call(_: int) -> tuple[int, str]:
        try:
            return lambda_.invoke(FunctionName="burst")["StatusCode"], ""
        except ClientError as error:
            return error.response["ResponseMetadata"]["HTTPStatusCode"], f"{error.response['Error']['Code']} {error.response['Reason']}"

    with ThreadPoolExecutor(CALLERS) as callers:
        answers = Counter(callers.map(call, range(CALLERS)))

    assert set(answers) == {(200, ""), (429, "TooManyRequestsException ConcurrentInvocationLimitExceeded")}
    assert answers[200, ""] >= LIMIT
