"""Who may use a queue of another account: only those whom its policy lets in."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from django.db import connection

from invocations.errors import AwsError
from invocations.models.queue import Queue
from invocations.services.sqs.errors import queue_does_not_exist, sqs_error
from invocations.services.sqs.queue_config import queue_arn
from invocations.values import Principal

OWNERS_ONLY: Final = frozenset(
    {"AddPermission", "CancelMessageMoveTask", "CreateQueue", "DeleteQueue", "ListMessageMoveTasks", "ListQueues", "ListQueueTags"}
    | {"RemovePermission", "SetQueueAttributes", "StartMessageMoveTask", "TagQueue", "UntagQueue"}
)
"""Operations that work within an account alone, whatever a policy says."""


def check(principal: Principal, account_id: str, queue_name: str, action: str) -> None:
    """Raises AccessDenied where a principal of another account may not do *action* on the queue, QueueDoesNotExist where there
    is none. Within its own account nothing is asked here."""
    if principal.account_id == account_id:
        return
    try:
        row = Queue.objects.of(account_id).filter(name=queue_name).first()
    finally:
        connection.close_if_unusable_or_obsolete()
    if row is None:
        raise queue_does_not_exist()
    if action in OWNERS_ONLY or not allows(
        json.loads(row.attributes.get("Policy", "{}")), principal, queue_arn(account_id, queue_name), action
    ):
        raise _denied(principal, queue_arn(account_id, queue_name), action)


def allows(policy: Mapping[str, Any], principal: Principal, arn: str, action: str) -> bool:
    """Whether a queue policy allows *action*, "SendMessage", to a principal of another account.

    A statement with a condition is taken to deny, and not to allow: conditions are not evaluated here.
    """
    allowed = False
    for statement in _as_list(policy.get("Statement", [])):
        concerns = (
            _names(statement.get("Principal"), principal)
            and any(_is_like(f"sqs:{action}", str(each)) for each in _as_list(statement.get("Action", [])))
            and any(_is_like(arn, str(each)) for each in _as_list(statement.get("Resource", arn)))
        )
        if concerns and statement.get("Effect") == "Deny":
            return False
        allowed = allowed or (concerns and statement.get("Effect") == "Allow" and not statement.get("Condition"))
    return allowed


def _names(element: Any, principal: Principal) -> bool:
    if element == "*":
        return True
    named = _as_list(element.get("AWS", [])) if isinstance(element, dict) else []
    own = {"*", principal.account_id, f"arn:aws:iam::{principal.account_id}:root", principal.arn, principal.role_arn}
    return any(each in own for each in named)


def _is_like(value: str, pattern: str) -> bool:
    """Whether *value* is what *pattern* describes; * and ? stand for characters, letters of actions have no case."""
    expression = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    return re.fullmatch(expression, value, re.IGNORECASE) is not None


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _denied(principal: Principal, arn: str, action: str) -> AwsError:
    named = f"sqs:{action.lower()}"
    reason = f"no resource-based policy allows the {named} action"
    message = f"User: {principal.arn} is not authorized to perform: {named} on resource: {arn} because {reason}"
    return sqs_error("AccessDeniedException", message, 403)
