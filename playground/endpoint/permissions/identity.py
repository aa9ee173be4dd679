"""IAM and STS: what their operations ask permission for. The ARNs have paths, which only the database knows.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Identity and Access Management".
"""

from collections.abc import Iterable
from typing import Any, Final

from invocations.models import Group, Role, User
from invocations.policies.context import Value
from playground.endpoint.permissions.asked import NOTHING, Asked
from playground.endpoint.registry import Call

_KINDS: Final[dict[str, tuple[str, type[Role] | type[User] | type[Group]]]] = {
    "RoleName": ("role", Role),
    "GroupName": ("group", Group),
    "UserName": ("user", User),
}
_LISTS: Final = {"ListUsers": "user", "ListRoles": "role", "ListGroups": "group", "ListPolicies": "policy"}
_OWN_KEYS: Final = frozenset({"CreateAccessKey", "ListAccessKeys", "UpdateAccessKey", "DeleteAccessKey", "GetUser"})
"""Without a UserName they mean the caller."""
_FREE: Final = frozenset({"GetCallerIdentity", "GetSessionToken", "AssumeRole"})
"""Nobody can be denied the first two; the third asks for itself, the role's trust policy besides."""


def of_iam(call: Call) -> Iterable[Asked]:
    """The user, group, role or policy that a call is about."""
    name, given = call.operation, call.input
    return [Asked(f"iam:{name}", _resource(call), keys=_keys(given))]


def of_sts(call: Call) -> Iterable[Asked]:
    """Most ask nothing here."""
    return NOTHING if call.operation in _FREE else [Asked(f"sts:{call.operation}")]


def _resource(call: Call) -> str:
    name, given, account_id = call.operation, call.input, call.principal.account_id
    start = f"arn:aws:iam::{account_id}:"
    if "PolicySourceArn" in given:
        return str(given["PolicySourceArn"])
    for member, (word, kind) in _KINDS.items():
        if given.get(member):
            if name.startswith("Create") and "AccessKey" not in name:
                return f"{start}{word}{given.get('Path') or '/'}{given[member]}"
            row = kind.objects.of(account_id).filter(name=given[member]).first()
            return f"{start}{word}/{given[member]}" if row is None else row.arn
    if name == "CreatePolicy":
        return f"{start}policy{given.get('Path') or '/'}{given['PolicyName']}"
    if "PolicyArn" in given:
        return str(given["PolicyArn"])
    if name in _LISTS:
        return f"{start}{_LISTS[name]}{given.get('PathPrefix') or '/'}"
    return call.principal.arn if name in _OWN_KEYS else "*"


def _keys(given: dict[str, Any]) -> dict[str, Value]:
    keys: dict[str, Value] = {}
    if "PolicyArn" in given:
        keys["iam:policyarn"] = given["PolicyArn"]
    if "PermissionsBoundary" in given:
        keys["iam:permissionsboundary"] = given["PermissionsBoundary"]
    return keys
