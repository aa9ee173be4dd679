"""Who may use a queue of another account: only those whom its policy lets in."""

import json
from typing import Final

from django.db import connection

from invocations.errors import AwsError
from invocations.models.queue import Queue
from invocations.services.resource_policies import allows
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
        json.loads(row.attributes.get("Policy", "{}")), principal, queue_arn(account_id, queue_name), f"sqs:{action}"
    ):
        raise _denied(principal, queue_arn(account_id, queue_name), action)


def _denied(principal: Principal, arn: str, action: str) -> AwsError:
    named = f"sqs:{action.lower()}"
    reason = f"no resource-based policy allows the {named} action"
    message = f"User: {principal.arn} is not authorized to perform: {named} on resource: {arn} because {reason}"
    return sqs_error("AccessDeniedException", message, 403)
