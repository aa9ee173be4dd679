"""Who may assume a role: what its trust policy says, where the role exists here."""

from invocations import identities
from invocations.arn import role_name
from invocations.models import Role
from invocations.policies import Context, Layer, Policies, Question, Verdict, evaluate
from invocations.policies.context import Value
from invocations.resources.policy_documents import compiled
from invocations.values import Principal

ASSUME_ROLE = "sts:AssumeRole"


def find(role_arn: str) -> Role | None:
    """The role of an ARN; None where it does not exist here."""
    account_id = role_arn.split(":")[4]
    role = Role.objects.of(account_id).filter(name=role_name(role_arn)).first()
    return role if role is not None and role.arn == role_arn else None


def is_assumable_by_lambda(account_id: str, role_arn: str) -> bool:
    """True for a role that does not exist here, and for one whose trust policy lets lambda.amazonaws.com assume it."""
    role = find(role_arn)
    context: dict[str, Value] = {"aws:sourceaccount": account_id}
    return role is None or decide(Principal.service("lambda.amazonaws.com"), role, context).allowed


def decide(principal: Principal, role: Role, context: dict[str, Value], action: str = ASSUME_ROLE) -> Verdict:
    """Whether *principal* may assume the role: its trust policy must say so, and where it names the principal's account only, the
    principal's own policies too. An account's root may assume its roles, which AWS forbids: nothing here stops it."""
    caller = identities.find(principal)
    question = Question(principal, action, role.arn, role.account_id, Context(context, caller.context))
    trust = Policies(
        identity=caller.policies,
        boundary=caller.boundary,
        session=caller.session,
        resource=compiled(role.assume_role_policy_document),
        resource_layer=Layer.TRUST,
        resource_must_allow=True,
        is_unrestricted=caller.is_unrestricted,
    )
    return evaluate(question, trust)


def decide_unknown(principal: Principal, role_arn: str) -> Verdict:
    """Whether *principal* may assume a role that does not exist here: within its account, if its own policies say so."""
    caller, account_id = identities.find(principal), role_arn.split(":")[4]
    question = Question(principal, ASSUME_ROLE, role_arn, account_id, caller.context)
    own = Policies(
        identity=caller.policies,
        boundary=caller.boundary,
        session=caller.session,
        resource_layer=Layer.TRUST,
        is_unrestricted=caller.is_unrestricted,
    )
    return evaluate(question, own)
