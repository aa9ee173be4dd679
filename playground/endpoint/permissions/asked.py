"""What a call asks permission for."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from invocations.policies.context import Value
from invocations.region import REGION
from playground.endpoint.registry import Call


@dataclass(frozen=True, slots=True)
class Asked:
    """One action on one resource. Most calls ask for one."""

    action: str
    """ "lambda:InvokeFunction"."""
    resource: str = "*"
    owner_account_id: str = ""
    """Whose resource it is; empty for the caller's."""
    policy_arn: str = ""
    """The resource whose policy counts too, and who is asked for its owner and tags; empty for none."""
    is_policy_shared: bool = True
    """Whether that policy can let another account in: some operations work within an account alone."""
    is_missing_told: bool = False
    """Everybody may know that there is no such resource: the operation says so itself."""
    keys: Mapping[str, Value] = field(default_factory=dict)
    """More of the request context, by lower-case key."""


Questions = Callable[[Call], Iterable[Asked]]
"""What a call of one service asks. Nothing where the operation asks for itself, or refuses the call anyway."""


def account_of(arn: str) -> str:
    """The account in an ARN; empty where there is none."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and parts[0] == "arn" else ""


def arn(call: Call, service: str, rest: str) -> str:
    """An ARN of the caller's account."""
    return f"arn:aws:{service}:{REGION}:{call.principal.account_id}:{rest}"


def pass_role(role_arn: Any, service: str) -> list[Asked]:
    """Whoever gives a role to a service must be allowed to pass it."""
    if not isinstance(role_arn, str) or not role_arn.startswith("arn:"):
        return []
    return [Asked("iam:PassRole", role_arn, keys={"iam:passedtoservice": service})]


NOTHING: Final[tuple[Asked, ...]] = ()
