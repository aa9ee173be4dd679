"""May this delivery be made? Asked once for each, before anything is sent.

A service speaks for itself where its target's own policy decides (topics, rules), with the topic or rule as aws:SourceArn; it
speaks as a role where one was named: a function's for its destinations and dead-letter queue, a schedule's, a rule's target's.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

from invocations import attached_policies, authorize
from invocations.arn import account_in
from invocations.authorize import Sending
from invocations.enums import PrincipalType
from invocations.outbox import Delivery
from invocations.policies.context import Value
from invocations.values import Principal

PUT_OBJECT: Final = "s3:PutObject"
ACTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "events": ("events:PutEvents",),
    "lambda": (authorize.INVOKE_FUNCTION,),
    "s3": (PUT_OBJECT, "s3:ListBucket"),
    "sns": ("sns:Publish",),
    "sqs": ("sqs:SendMessage",),
}
"""Service part of a target's ARN -> all that whoever sends there must be allowed.

Source: Developer Guide, "Adding a destination", permissions of the execution role.
"""


def sendings_of(delivery: Delivery) -> list[Sending]:
    """Who makes it, and what must be allowed, one by one."""
    key = delivery.detail.get("key") or delivery.delivery_id
    if delivery.role_arn:
        account_id = account_in(delivery.role_arn) or delivery.account_id
        return sendings_to(delivery.target, key, authorize.role_session(account_id, delivery.role_arn, _session_name(delivery)))
    name = f"{delivery.source}.amazonaws.com"
    principal = Principal(delivery.account_id, name, PrincipalType.AWS_SERVICE, name)
    return sendings_to(delivery.target, key, principal, authorize.source_keys(delivery.origin, delivery.account_id))


def sendings_to(target: str, key: str, principal: Principal, keys: Mapping[str, Value] | None = None) -> list[Sending]:
    """What *principal* must be allowed to send to the ARN *target*, where in a bucket under *key*."""
    return [
        Sending(principal, action, target, f"{target}/{key}" if action == PUT_OBJECT else "", keys or {})
        for action in ACTIONS[target.split(":", 3)[2]]
    ]


async def check(delivery: Delivery) -> None:
    """Raises AccessDeniedException where it may not be made. Answers from memory, but for the first time in a while and for a no."""
    if not delivery.role_arn and delivery.target.split(":", 3)[2] == "events":
        return  # a bus of another account asks for itself
    for sending in sendings_of(delivery):
        if not authorize.is_known_to_be_allowed(sending):
            await asyncio.to_thread(_ask, sending, delivery.account_id)


def _ask(sending: Sending, account_id: str) -> None:
    if sending.principal.type is PrincipalType.AWS_SERVICE and not attached_policies.find(sending.target_arn, fresh=True).exists:
        return  # sending tells that there is no such target
    verdict = authorize.may_send(sending)
    if not verdict.allowed:
        raise authorize.refused(verdict, account_id)


def _session_name(delivery: Delivery) -> str:
    """The function's, the rule's or the schedule's name, as the session of its role is called."""
    parts = delivery.origin.split(":", 6)
    return parts[6].partition(":")[0] if delivery.source == "lambda" and len(parts) == 7 else delivery.origin.rpartition("/")[2]
