"""What tests of IAM and of permissions share."""

import json
import uuid
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from playground.supervision.trial import Trial

ACCOUNT = "000000000000"


def a_name() -> str:
    return f"n{uuid.uuid4().hex[:10]}"


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def deny(*actions: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return allow(*actions, resource=resource, **more) | {"Effect": "Deny"}


def trust(principal: Any, **more: Any) -> str:
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more})


LAMBDA_TRUST = trust({"Service": "lambda.amazonaws.com"})


def refused(call: Any, **arguments: Any) -> tuple[str, int, str]:
    """Code, status and message of the error that a call must end in."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response
    return error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Message"]


class Caller:
    """Clients that sign with somebody's keys."""

    def __init__(self, stack: Trial, key: str, secret: str, token: str | None = None) -> None:
        self._url = stack.endpoint_url
        self._keys = {"aws_access_key_id": key, "aws_secret_access_key": secret, "aws_session_token": token}

    def client(self, service: str) -> Any:
        config = Config(retries={"max_attempts": 0}, inject_host_prefix=False)
        return boto3.client(service, endpoint_url=self._url, region_name="us-east-1", config=config, **self._keys)


def caller_with(stack: Trial, credentials: dict[str, Any]) -> Caller:
    """Who holds the Credentials that STS gave."""
    return Caller(stack, credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])


def a_user(stack: Trial, *statements: dict[str, Any], account: str = "test", **options: Any) -> tuple[str, Caller]:
    """A new user with these statements as inline policy: name, and clients that sign as the user."""
    iam, name = Caller(stack, account, "test").client("iam"), a_name()
    iam.create_user(UserName=name, **options)
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(*statements))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return name, Caller(stack, key["AccessKeyId"], key["SecretAccessKey"])
