"""May this principal do this action on this resource, and which statement says so?

`decide` puts the two sides of a decision together, the principal's (identities) and the resource's, and has the evaluator
(policies) answer. An account's root may do everything in it; so may a role that does not exist here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from asgiref.sync import sync_to_async

from invocations import attached_policies, clock, credentials, identities
from invocations.arn import LATEST, account_in, function_arn
from invocations.attached_policies import Attached
from invocations.catalogue import FunctionSnapshot
from invocations.enums import PrincipalType
from invocations.errors import AccessDeniedException
from invocations.identities import Identity
from invocations.policies import Context, Policies, Policy, Question, Verdict, evaluate
from invocations.policies.context import Value
from invocations.region import REGION
from invocations.values import Principal

INVOKE_FUNCTION = "lambda:InvokeFunction"
_NO_KEYS: Mapping[str, Value] = {}


def decide(
    principal: Principal,
    identity: Identity,
    action: str,
    resource_arn: str,
    owner_account_id: str,
    *,
    resource_policy: Policy | None = None,
    keys: Mapping[str, Value] = _NO_KEYS,
) -> Verdict:
    """Whether *principal* may do *action* ("lambda:InvokeFunction") on a resource of *owner_account_id*. *keys*: of the request
    context, in lower case, beside those that the principal brings."""
    context = Context({"aws:resourceaccount": owner_account_id, **keys}, identity.context, clock.epoch())
    policies = Policies(
        identity=identity.policies,
        boundary=identity.boundary,
        session=identity.session,
        resource=resource_policy,
        is_unrestricted=identity.is_unrestricted,
    )
    return evaluate(Question(principal, action, resource_arn, owner_account_id, context), policies)


async def identity_of(principal: Principal) -> Identity:
    """The principal's side: from memory, or from the database in a thread."""
    return identities.remembered(principal) or await sync_to_async(identities.find, thread_sensitive=False)(principal)


async def may_invoke(
    principal: Principal,
    account_id: str,
    function_name: str,
    qualifier: str | None,
    function: FunctionSnapshot | None,
    *,
    action: str = INVOKE_FUNCTION,
    keys: Mapping[str, Value] = _NO_KEYS,
) -> Verdict:
    """Whether *principal* may invoke the function by that qualifier, whose own policy counts. *function* is None where there is no
    such function: who may not invoke it anyway learns nothing about that."""
    return decide(
        principal,
        await identity_of(principal),
        action,
        function_arn(account_id, REGION, function_name, qualifier),
        account_id,
        resource_policy=policy_of(function, qualifier),
        keys=keys,
    )


def source_keys(source_arn: str, source_account: str = "") -> dict[str, Value]:
    """The condition keys of a call that an AWS service makes on behalf of a resource. *source_account*: by default the one in the
    ARN; a bucket's ARN has none."""
    account_id = source_account or account_in(source_arn)
    keys: dict[str, Value] = {"aws:sourcearn": source_arn} if source_arn else {}
    return keys | {"aws:sourceaccount": account_id} if account_id else keys


@dataclass(frozen=True, slots=True)
class Sending:
    """Who wants to send where: a service for one of its topics or rules, or a role for a function or a schedule."""

    principal: Principal
    action: str
    """ "sqs:SendMessage", "sns:Publish", "events:PutEvents", "lambda:InvokeFunction", "s3:PutObject"."""
    target_arn: str
    """Whose policy counts too."""
    resource: str = ""
    """What statements speak of where that is not the target itself: an object of a bucket."""
    keys: Mapping[str, Value] = field(default_factory=dict)


def is_known_to_be_allowed(sending: Sending) -> bool:
    """Whether memory alone says yes: the database is not asked."""
    identity, attached = identities.remembered(sending.principal), attached_policies.remembered(sending.target_arn)
    return identity is not None and attached is not None and _decide_sending(sending, identity, attached).allowed


def may_send(sending: Sending) -> Verdict:
    """The decision. The database is asked where memory does not say yes: what was allowed a moment ago is allowed now."""
    verdict = _decide_sending(sending, identities.find(sending.principal), attached_policies.find(sending.target_arn))
    return verdict if verdict.allowed else may_send_now(sending)


def may_send_now(sending: Sending) -> Verdict:
    """The decision by what the database says at this moment: for pages, whose process hears of no changes."""
    identity, attached = identities.find(sending.principal, fresh=True), attached_policies.find(sending.target_arn, fresh=True)
    return _decide_sending(sending, identity, attached)


def may_role_send(account_id: str, role_arn: str, session_name: str, action: str, target_arn: str) -> Verdict:
    """The same for a role: a function's for its destinations and dead-letter queue, a rule's or a schedule's for its targets."""
    return may_send(Sending(role_session(account_id, role_arn, session_name), action, target_arn))


def _decide_sending(sending: Sending, identity: Identity, attached: Attached) -> Verdict:
    owner = attached.owner_account_id or sending.principal.account_id
    resource = sending.resource or sending.target_arn
    return decide(sending.principal, identity, sending.action, resource, owner, resource_policy=attached.policy, keys=sending.keys)


def role_session(account_id: str, role_arn: str, session_name: str) -> Principal:
    """The principal that a service is when it has assumed a role."""
    arn = credentials.assumed_role_arn(account_id, role_arn, session_name)
    unique_id = f"{credentials.role_id(role_arn)}:{session_name}"
    return Principal(account_id, arn, PrincipalType.ASSUMED_ROLE, unique_id, role_arn=role_arn)


def policy_of(function: FunctionSnapshot | None, qualifier: str | None) -> Policy | None:
    """The resource policy of the function, version or alias that was named."""
    if function is None:
        return None
    return function.policies.get("" if qualifier is None or qualifier == LATEST else qualifier)


def explanation(*verdicts: Verdict) -> dict[str, Any]:
    """What a step keeps of a yes: what was asked, and which statement it was. *verdicts*: one for each action that the call needed,
    in their order; the first one's stands at the top, the others' under "further"."""
    told = [_told(verdict) for verdict in verdicts]
    question = verdicts[0].question
    source_arn = question.context.single("aws:sourcearn")
    return (
        ({"source_arn": source_arn} if source_arn else {})
        | {"principal": question.principal.arn, "context": dict(question.context.own)}
        | told[0]
        | ({"further": told[1:]} if told[1:] else {})
    )


def _told(verdict: Verdict) -> dict[str, Any]:
    statement, policy = verdict.statement, verdict.policy
    return {
        "action": verdict.question.action,
        "reason": verdict.reason,
        "layer": str(verdict.layer),
        "policy": policy.name if policy is not None else None,
        "statement": (statement.sid or f"statement {statement.position}") if statement is not None else None,
    }


def refused(verdict: Verdict, for_account_id: str = "") -> AccessDeniedException:
    """Lambda's error for a no. The record keeps the decision, as far as the account may see it: by default the resource's owner."""
    error = AccessDeniedException(verdict.message)
    error.detail = {"decision": verdict.as_json(for_account_id or verdict.question.owner_account_id)}
    return error
