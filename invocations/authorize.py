"""May this principal do this action on this resource, and which statement says so?

`decide` puts the two sides of a decision together, the principal's (identities) and the resource's, and has the evaluator
(policies) answer. An account's root may do everything in it; so may a role that does not exist here.
"""

from collections.abc import Mapping

from asgiref.sync import sync_to_async

from invocations import attached_policies, clock, credentials, identities
from invocations.arn import LATEST, function_arn
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


async def may_service_invoke(
    service: str, function: FunctionSnapshot, qualifier: str | None, source_arn: str = "", source_account: str = ""
) -> Verdict:
    """Whether an AWS service ("sns.amazonaws.com") may invoke the function on behalf of *source_arn*: the function's policy alone
    decides. *source_account*: by default the one in the ARN; a bucket's ARN has none."""
    keys: dict[str, Value] = {}
    account_id = source_account or (source_arn.split(":")[4] if source_arn.count(":") >= 5 else "")
    if source_arn:
        keys["aws:sourcearn"] = source_arn
    if account_id:
        keys["aws:sourceaccount"] = account_id
    return await may_invoke(Principal.service(service), function.account_id, function.name, qualifier, function, keys=keys)


def may_role_send(account_id: str, role_arn: str, session_name: str, action: str, target_arn: str) -> Verdict:
    """Whether a role may do *action* ("sqs:SendMessage", "sns:Publish", "events:PutEvents", "lambda:InvokeFunction") on a target:
    a function's role for its destinations and dead-letter queue, a rule's or a schedule's for its targets. Asks the database."""
    principal = role_session(account_id, role_arn, session_name)
    attached = attached_policies.find(target_arn) if target_arn.split(":", 3)[2] in attached_policies.SERVICES else None
    owner = (attached.owner_account_id if attached is not None else target_arn.split(":")[4]) or account_id
    policy = None if attached is None else attached.policy
    return decide(principal, identities.find(principal), action, target_arn, owner, resource_policy=policy)


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


def explanation(verdict: Verdict) -> dict[str, Value | bool | None]:
    """What a step keeps of a yes: enough to say which statement it was."""
    statement, policy = verdict.statement, verdict.policy
    return {
        "reason": verdict.reason,
        "principal": verdict.question.principal.arn,
        "layer": str(verdict.layer),
        "policy": policy.name if policy is not None else None,
        "statement": (statement.sid or f"statement {statement.position}") if statement is not None else None,
    }


def refused(verdict: Verdict) -> AccessDeniedException:
    """Lambda's error for a no. The record of the invocation, which is the function's account's, keeps the decision."""
    error = AccessDeniedException(verdict.message)
    error.detail = {"decision": verdict.as_json(verdict.question.owner_account_id)}
    return error
