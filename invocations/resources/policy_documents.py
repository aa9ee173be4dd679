"""Policy documents: what IAM checks before it keeps one."""

import json
from typing import Any

from invocations.errors import AwsError, aws_error
from invocations.policies import MalformedPolicy, Policy, parse


def check_identity_policy(document: str, largest: int | None = None) -> None:
    """Raises MalformedPolicyDocument unless *document* may be put into or attached to a role, user or group; LimitExceeded where
    it has more than *largest* characters, white space aside."""
    for statement in _statements(document):
        if "Principal" in statement or "NotPrincipal" in statement:
            raise _malformed("Policy document should not specify a principal.")
        if "Action" not in statement and "NotAction" not in statement:
            raise _malformed("Policy statement must contain actions.")
        if "Resource" not in statement and "NotResource" not in statement:
            raise _malformed("Policy statement must contain resources.")
    compiled(document)
    if largest is not None and length(document) > largest:
        raise aws_error("LimitExceeded", f"Cannot exceed quota for PolicySize: {largest}", 409)


def check_trust_policy(document: str) -> None:
    """Raises MalformedPolicyDocument unless *document* can say who may assume a role."""
    for statement in _statements(document):
        if "Resource" in statement or "NotResource" in statement:
            raise _malformed("Has prohibited field Resource")
        if "Principal" not in statement and "NotPrincipal" not in statement:
            raise _malformed("Missing required field Principal")
        if "Action" not in statement and "NotAction" not in statement:
            raise _malformed("Missing required field Action")
    compiled(document)


def compiled(document: str) -> Policy:
    """Raises MalformedPolicyDocument."""
    try:
        return parse(document)
    except MalformedPolicy as error:
        raise _malformed(str(error)) from None


def length(document: str) -> int:
    """Characters that count towards IAM's size limits: all but white space."""
    return sum(not character.isspace() for character in document)


def _statements(document: str) -> list[dict[str, Any]]:
    """The statements as written; what else is wrong with them `compiled` finds."""
    try:
        body = json.loads(document)
    except (ValueError, RecursionError):
        raise _malformed("This policy contains invalid Json") from None
    found = body.get("Statement") if isinstance(body, dict) else None
    statements = [found] if isinstance(found, dict) else found
    if not isinstance(statements, list) or not all(isinstance(each, dict) for each in statements):
        raise _malformed("Syntax errors in policy.")
    return statements


def _malformed(message: str) -> AwsError:
    return aws_error("MalformedPolicyDocument", message)
