"""What Lambda's operations ask permission for, beyond what a call itself says."""

from typing import Any

import pytest

from invocations import clock
from invocations.arn import LATEST
from invocations.models import Account, FunctionUrl
from invocations.values import Principal
from playground.endpoint.permissions import lambda_
from playground.endpoint.registry import Call
from tests.function_rows import a_function_row

ACCOUNT = "777700001111"
KEY = "lambda:functionurlauthtype"


@pytest.mark.django_db
def test_the_auth_type_of_a_url_counts_where_a_call_names_none() -> None:
    account, _ = Account.objects.get_or_create(account_id=ACCOUNT)
    function, now = a_function_row(account).function, clock.now()
    for qualifier, auth_type in ((LATEST, "AWS_IAM"), ("live", "NONE")):
        times = {"creation_time": now, "last_modified_time": now}
        FunctionUrl.objects.create(function=function, qualifier=qualifier, url_id=f"{qualifier}-{ACCOUNT}", auth_type=auth_type, **times)

    def key_of(operation: str, **members: Any) -> Any:
        principal = Principal(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/ada")
        (asked,) = lambda_.questions(Call(principal, "lambda", operation, {"FunctionName": "orders", **members}, "", {}, "", ""))
        return asked.keys.get(KEY)

    for verb in ("Get", "Update", "Delete"):
        operation = f"{verb}FunctionUrlConfig"
        assert (key_of(operation), key_of(operation, Qualifier="live"), key_of(operation, Qualifier="old")) == ("AWS_IAM", "NONE", None)
    assert key_of("UpdateFunctionUrlConfig", AuthType="NONE") == "NONE"
    assert key_of("GetFunction") is None
