"""Who asks in these tests, and for what."""

from typing import Any

from invocations.enums import PrincipalType
from invocations.policies import Context, Policy, Question, parse
from invocations.values import Principal

OWNER, OTHER = "111111111111", "222222222222"
ACTION = "lambda:InvokeFunction"
FUNCTION = f"arn:aws:lambda:us-east-1:{OWNER}:function:fn"
TOPIC = f"arn:aws:sns:us-east-1:{OWNER}:orders"


def a_user(account_id: str = OWNER, name: str = "ada") -> Principal:
    return Principal(account_id, f"arn:aws:iam::{account_id}:user/{name}", PrincipalType.IAM_USER, "AIDAADA")


def a_session(account_id: str = OWNER, role: str = "worker", session: str = "s1") -> Principal:
    arn = f"arn:aws:sts::{account_id}:assumed-role/{role}/{session}"
    return Principal(
        account_id, arn, PrincipalType.ASSUMED_ROLE, f"AROAWORKER:{session}", role_arn=f"arn:aws:iam::{account_id}:role/{role}"
    )


def a_policy(*statements: dict[str, Any], name: str = "") -> Policy:
    return parse({"Version": "2012-10-17", "Statement": list(statements)}, name)


def a_question(principal: Principal | None = None, action: str = ACTION, resource: str = FUNCTION, **keys: Any) -> Question:
    """*keys*: of the context, with two underscores for the colon: aws__SourceArn."""
    context = Context.of({key.replace("__", ":"): value for key, value in keys.items()})
    return Question(principal or a_user(), action, resource, OWNER, context)
