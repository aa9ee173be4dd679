"""Policy documents: what IAM checks before it keeps one."""

import json
from typing import Any

from invocations.errors import AwsError, aws_error

VERSIONS = ("2012-10-17", "2008-10-17")


def check_identity_policy(document: str) -> None:
    """Raises MalformedPolicyDocument unless *document* may be put into or attached to a role or user."""
    for statement in _statements(document):
        if "Principal" in statement or "NotPrincipal" in statement:
            raise _malformed("Policy document should not specify a principal.")
        if "Action" not in statement and "NotAction" not in statement:
            raise _malformed("Policy statement must contain actions.")
        if "Resource" not in statement and "NotResource" not in statement:
            raise _malformed("Policy statement must contain resources.")


def check_trust_policy(document: str) -> None:
    """Raises MalformedPolicyDocument unless *document* can say who may assume a role."""
    for statement in _statements(document):
        if "Resource" in statement or "NotResource" in statement:
            raise _malformed("Has prohibited field Resource")
        if "Principal" not in statement and "NotPrincipal" not in statement:
            raise _malformed("Missing required field Principal")
        if "Action" not in statement and "NotAction" not in statement:
            raise _malformed("Missing required field Action")


def allows_service_to_assume(document: str, service: str) -> bool:
    """Whether a trust policy lets *service* ("lambda.amazonaws.com") call sts:AssumeRole, its conditions aside; a Deny wins."""
    found = [each for each in _statements(document) if _names(each, service) and _has_action(each)]
    return any(each["Effect"] == "Allow" for each in found) and not any(each["Effect"] == "Deny" for each in found)


def _names(statement: dict[str, Any], service: str) -> bool:
    principal = statement.get("Principal")
    if principal == "*":
        return True
    return isinstance(principal, dict) and bool({service, "*"} & set(_listed(principal.get("Service", []))))


def _has_action(statement: dict[str, Any]) -> bool:
    return any(action.lower() in {"sts:assumerole", "sts:*", "*"} for action in _listed(statement.get("Action", [])))


def _statements(document: str) -> list[dict[str, Any]]:
    try:
        body = json.loads(document)
    except (ValueError, RecursionError):
        raise _malformed("This policy contains invalid Json") from None
    if not isinstance(body, dict) or body.get("Version", VERSIONS[1]) not in VERSIONS:
        raise _malformed("Syntax errors in policy.")
    found = body.get("Statement")
    statements = [found] if isinstance(found, dict) else found
    if not isinstance(statements, list) or not statements or not all(_is_statement(each) for each in statements):
        raise _malformed("Syntax errors in policy.")
    return statements


def _is_statement(value: object) -> bool:
    return isinstance(value, dict) and value.get("Effect") in ("Allow", "Deny")


def _listed(value: object) -> list[str]:
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]


def _malformed(message: str) -> AwsError:
    return aws_error("MalformedPolicyDocument", message)
