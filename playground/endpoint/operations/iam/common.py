"""What IAM's operations share: pages and shapes."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from invocations.errors import aws_error
from invocations.models import Group, ManagedPolicy, Role, User
from invocations.resources import managed_policies
from playground.endpoint.registry import Call

LARGEST_PAGE = 1000
USUAL_PAGE = 100


def page(rows: Sequence[Any], call: Call) -> tuple[list[Any], dict[str, Any]]:
    """The page that Marker and MaxItems ask for, and the members that say whether there is more."""
    marker = call.input.get("Marker") or "0"
    if not marker.isdigit():
        raise aws_error("InvalidInput", f"Invalid Marker: {marker}")
    start, count = int(marker), min(call.input.get("MaxItems") or USUAL_PAGE, LARGEST_PAGE)
    found = list(rows[start : start + count + 1])
    if len(found) <= count:
        return found, {"IsTruncated": False}
    return found[:count], {"IsTruncated": True, "Marker": str(start + count)}


def encoded(document: str) -> str:
    """A policy document as IAM answers it: URL-encoded (RFC 3986)."""
    return quote(document, safe="")


def tags_in(call: Call) -> dict[str, str]:
    """The Tags member as a mapping."""
    return {tag["Key"]: tag["Value"] for tag in call.input.get("Tags") or ()}


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def role_members(role: Role) -> dict[str, Any]:
    """The Role shape."""
    return {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.unique_id,
        "Arn": role.arn,
        "CreateDate": role.created_at,
        "AssumeRolePolicyDocument": encoded(role.assume_role_policy_document),
        "Description": role.description or None,
        "MaxSessionDuration": role.max_session_duration_seconds,
        "PermissionsBoundary": _boundary(role),
        "Tags": tag_list(role.tags) or None,
    }


def user_members(user: User) -> dict[str, Any]:
    """The User shape."""
    return {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.unique_id,
        "Arn": user.arn,
        "CreateDate": user.created_at,
        "PermissionsBoundary": _boundary(user),
        "Tags": tag_list(user.tags) or None,
    }


def group_members(group: Group) -> dict[str, Any]:
    """The Group shape."""
    return {"Path": group.path, "GroupName": group.name, "GroupId": group.unique_id, "Arn": group.arn, "CreateDate": group.created_at}


def _boundary(caller: Role | User) -> dict[str, str] | None:
    arn = caller.permissions_boundary_arn
    return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn} if arn else None


def policy_members(policy: ManagedPolicy) -> dict[str, Any]:
    """The Policy shape."""
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.unique_id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": f"v{policy.default_version}",
        "AttachmentCount": sum(map(len, managed_policies.holders(policy.account_id, policy.arn))),
        "PermissionsBoundaryUsageCount": sum(map(len, managed_policies.bounded(policy.account_id, policy.arn))),
        "IsAttachable": True,
        "Description": policy.description or None,
        "CreateDate": policy.created_at,
        "UpdateDate": policy.updated_at,
        "Tags": tag_list(policy.tags) or None,
    }
