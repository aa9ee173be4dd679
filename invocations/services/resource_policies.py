"""Policies of queues and topics, asked about a caller of another account."""

import re
from collections.abc import Mapping
from typing import Any

from invocations.values import Principal


def allows(policy: Mapping[str, Any], principal: Principal, arn: str, action: str) -> bool:
    """Whether a policy allows *action*, "sqs:SendMessage", on *arn* to a principal of another account.

    A statement with a condition is taken to deny, and not to allow: conditions are not evaluated here.
    """
    allowed = False
    for statement in as_list(policy.get("Statement", [])):
        concerns = (
            _names(statement.get("Principal"), principal)
            and any(_is_like(action, str(each)) for each in as_list(statement.get("Action", [])))
            and any(_is_like(arn, str(each)) for each in as_list(statement.get("Resource", arn)))
        )
        if concerns and statement.get("Effect") == "Deny":
            return False
        allowed = allowed or (concerns and statement.get("Effect") == "Allow" and not statement.get("Condition"))
    return allowed


def as_list(value: Any) -> list[Any]:
    """A policy's element that may be one thing or several."""
    return value if isinstance(value, list) else [value]


def _names(element: Any, principal: Principal) -> bool:
    if element == "*":
        return True
    named = as_list(element.get("AWS", [])) if isinstance(element, dict) else []
    own = {"*", principal.account_id, f"arn:aws:iam::{principal.account_id}:root", principal.arn, principal.role_arn}
    return any(each in own for each in named)


def _is_like(value: str, pattern: str) -> bool:
    """Whether *value* is what *pattern* describes; * and ? stand for characters, letters of actions have no case."""
    expression = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    return re.fullmatch(expression, value, re.IGNORECASE) is not None
