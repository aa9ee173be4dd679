"""Whether Lambda may assume a role: what its trust policy says, where the role exists here."""

from invocations import arn
from invocations.models import Role
from invocations.resources.policy_documents import allows_service_to_assume


def is_assumable_by_lambda(account_id: str, role_arn: str) -> bool:
    """True for a role that does not exist here, and for one whose trust policy lets lambda.amazonaws.com assume it."""
    role = Role.objects.of(account_id).filter(name=arn.role_name(role_arn)).first()
    return role is None or role.arn != role_arn or allows_service_to_assume(role.assume_role_policy_document, "lambda.amazonaws.com")
