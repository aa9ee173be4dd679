"""IAM: managed policies and their versions."""

from typing import Any

from invocations.errors import aws_error
from invocations.models import ManagedPolicy, ManagedPolicyVersion
from invocations.policies import aws_managed
from invocations.resources import managed_policies
from playground.endpoint.operations.iam.common import encoded, page, policy_members, tag_list, tags_in
from playground.endpoint.registry import Call, operation


@operation("iam", "CreatePolicy")
def create_policy(call: Call) -> dict[str, Any]:
    policy = managed_policies.create(
        call.principal.account_id,
        call.input["PolicyName"],
        call.input["PolicyDocument"],
        path=call.input.get("Path") or "/",
        description=call.input.get("Description") or "",
        tags=tags_in(call),
    )
    return {"Policy": policy_members(policy)}


@operation("iam", "GetPolicy")
def get_policy(call: Call) -> dict[str, Any]:
    arn = call.input["PolicyArn"]
    aws_name = aws_managed.find(arn)
    return {"Policy": _aws_members(aws_name) if aws_name else policy_members(managed_policies.get(call.principal.account_id, arn))}


@operation("iam", "ListPolicies")
def list_policies(call: Call) -> dict[str, Any]:
    """Those of AWS and the account's own; Scope chooses."""
    scope, rows = call.input.get("Scope") or "All", list[dict[str, Any]]()
    if scope in ("All", "Local"):
        rows += [policy_members(policy) for policy in ManagedPolicy.objects.of(call.principal.account_id).order_by("name")]
    if scope in ("All", "AWS"):
        rows += [_aws_members(name) for name in aws_managed.names()]
    prefix = call.input.get("PathPrefix") or "/"
    rows = [row for row in rows if row["Path"].startswith(prefix)]
    if call.input.get("OnlyAttached"):
        rows = [row for row in rows if any(managed_policies.holders(call.principal.account_id, row["Arn"]))]
    found, more = page(rows, call)
    return {"Policies": found, **more}


@operation("iam", "DeletePolicy")
def delete_policy(call: Call) -> dict[str, Any]:
    managed_policies.delete(*_own(call))
    return {}


@operation("iam", "CreatePolicyVersion")
def create_policy_version(call: Call) -> dict[str, Any]:
    is_default = bool(call.input.get("SetAsDefault"))
    made = managed_policies.create_version(*_own(call), call.input["PolicyDocument"], set_as_default=is_default)
    return {"PolicyVersion": {"VersionId": f"v{made.number}", "IsDefaultVersion": is_default, "CreateDate": made.created_at}}


@operation("iam", "GetPolicyVersion")
def get_policy_version(call: Call) -> dict[str, Any]:
    arn, version_id = call.input["PolicyArn"], call.input["VersionId"]
    aws_name = aws_managed.find(arn)
    if aws_name and version_id == "v1":
        return {"PolicyVersion": {"Document": encoded(aws_managed.document(aws_name)), "VersionId": "v1", "IsDefaultVersion": True}}
    policy = managed_policies.get(call.principal.account_id, arn)
    version = managed_policies.version(policy, version_id)
    return {"PolicyVersion": {"Document": encoded(version.document), **_version_members(policy, version)}}


@operation("iam", "ListPolicyVersions")
def list_policy_versions(call: Call) -> dict[str, Any]:
    if aws_managed.find(call.input["PolicyArn"]):
        return {"Versions": [{"VersionId": "v1", "IsDefaultVersion": True}], "IsTruncated": False}
    policy = managed_policies.get(call.principal.account_id, call.input["PolicyArn"])
    found, more = page(policy.versions.order_by("-number"), call)
    return {"Versions": [_version_members(policy, version) for version in found], **more}


@operation("iam", "DeletePolicyVersion")
def delete_policy_version(call: Call) -> dict[str, Any]:
    managed_policies.delete_version(*_own(call), call.input["VersionId"])
    return {}


@operation("iam", "SetDefaultPolicyVersion")
def set_default_policy_version(call: Call) -> dict[str, Any]:
    managed_policies.set_default_version(*_own(call), call.input["VersionId"])
    return {}


@operation("iam", "ListEntitiesForPolicy")
def list_entities_for_policy(call: Call) -> dict[str, Any]:
    """Who has it attached, or as permissions boundary; EntityFilter and PolicyUsageFilter choose."""
    account_id, arn = call.principal.account_id, call.input["PolicyArn"]
    if not managed_policies.exists(account_id, arn):
        raise managed_policies.not_found(arn)
    usage, kind = call.input.get("PolicyUsageFilter"), call.input.get("EntityFilter")
    roles, users, groups = ([], [], []) if usage == "PermissionsBoundary" else managed_policies.holders(account_id, arn)
    if usage != "PermissionsPolicy":
        bounded_roles, bounded_users = managed_policies.bounded(account_id, arn)
        roles = [*roles, *(role for role in bounded_roles if role not in roles)]
        users = [*users, *(user for user in bounded_users if user not in users)]
    return {
        "PolicyRoles": [{"RoleName": role.name, "RoleId": role.unique_id} for role in roles if kind in (None, "Role")],
        "PolicyUsers": [{"UserName": user.name, "UserId": user.unique_id} for user in users if kind in (None, "User")],
        "PolicyGroups": [{"GroupName": group.name, "GroupId": group.unique_id} for group in groups if kind in (None, "Group")],
        "IsTruncated": False,
    }


@operation("iam", "TagPolicy")
def tag_policy(call: Call) -> dict[str, Any]:
    managed_policies.change_tags(*_own(call), tags_in(call))
    return {}


@operation("iam", "UntagPolicy")
def untag_policy(call: Call) -> dict[str, Any]:
    managed_policies.change_tags(*_own(call), {}, call.input["TagKeys"])
    return {}


@operation("iam", "ListPolicyTags")
def list_policy_tags(call: Call) -> dict[str, Any]:
    return {"Tags": tag_list(managed_policies.get(*_own(call)).tags), "IsTruncated": False}


def _own(call: Call) -> tuple[str, str]:
    """Account and ARN; AWS's own policies cannot be changed."""
    arn = call.input["PolicyArn"]
    if aws_managed.find(arn):
        raise aws_error(
            "AccessDenied", f"User: {call.principal.arn} is not authorized to perform: iam:{call.operation} on resource: {arn}", 403
        )
    return call.principal.account_id, arn


def _version_members(policy: ManagedPolicy, version: ManagedPolicyVersion) -> dict[str, Any]:
    is_default = version.number == policy.default_version
    return {"VersionId": f"v{version.number}", "IsDefaultVersion": is_default, "CreateDate": version.created_at}


def _aws_members(name: str) -> dict[str, Any]:
    path, _, bare = f"/{name}".rpartition("/")
    return {
        "PolicyName": bare,
        "Arn": f"arn:aws:iam::aws:policy/{name}",
        "Path": path + "/",
        "DefaultVersionId": "v1",
        "IsAttachable": True,
    }
