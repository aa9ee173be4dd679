"""May this principal do this action on this resource, and why?"""

from dataclasses import dataclass

from invocations.enums import PrincipalType
from invocations.errors import AccessDeniedException
from invocations.values import Principal


@dataclass(frozen=True, slots=True)
class Decision:
    """Yes or no, and the reason that the pages show."""

    allowed: bool
    reason: str
    message: str = ""
    """AWS's sentence where it is a no."""


def decide(principal: Principal, action: str, resource_arn: str, owner_account_id: str) -> Decision:
    """Whether *principal* may do *action* ("lambda:InvokeFunction") on a resource of *owner_account_id*.

    An account's own principals may do everything in it; nobody else may do anything.
    """
    if principal.account_id != owner_account_id:
        message = (
            f"User: {principal.arn} is not authorized to perform: {action} on resource: {resource_arn} "
            f"because no resource-based policy allows the {action} action"
        )
        return Decision(False, f"the function belongs to account {owner_account_id}, and nothing there admits {principal.arn}", message)
    if principal.type is PrincipalType.ROOT:
        return Decision(True, "the account's root may do everything in its account")
    return Decision(True, "principals of the function's own account are admitted")


def authorize(principal: Principal, action: str, resource_arn: str, owner_account_id: str) -> Decision:
    """`decide`, with a no raised as AccessDeniedException."""
    decision = decide(principal, action, resource_arn, owner_account_id)
    if not decision.allowed:
        raise AccessDeniedException(decision.message)
    return decision
