"""Functions as the database has them, for tests that run none."""

from invocations import clock
from invocations.arn import LATEST
from invocations.models import Account, Function, FunctionVersion


def a_function_row(account: Account, name: str = "orders", role: str = "") -> FunctionVersion:
    """A function's $LATEST; its role is one that does not exist, unless it is named."""
    function = Function.objects.create(account=account, name=name)
    role = role or f"arn:aws:iam::{account.account_id}:role/none-here"
    given = {"runtime": "python3.12", "handler": "app.handler", "role": role, "code_sha256": "x", "revision_id": "r"}
    return FunctionVersion.objects.create(function=function, version=LATEST, last_modified=clock.now(), **given)
