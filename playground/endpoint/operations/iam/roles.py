"""IAM: roles."""

from typing import Any

from invocations.models import Role
from invocations.resources import policy_holders
from invocations.resources.policy_documents import check_trust_policy
from playground.endpoint.operations.iam.common import page, role_members, tags_in
from playground.endpoint.registry import Call, operation


@operation("iam", "CreateRole")
def create_role(call: Call) -> dict[str, Any]:
    """A role, and who may assume it."""
    check_trust_policy(call.input["AssumeRolePolicyDocument"])
    role = policy_holders.create(
        Role,
        call.principal.account_id,
        call.input["RoleName"],
        path=call.input.get("Path") or "/",
        assume_role_policy_document=call.input["AssumeRolePolicyDocument"],
        description=call.input.get("Description") or "",
        max_session_duration_seconds=call.input.get("MaxSessionDuration") or 3600,
        tags=tags_in(call),
        permissions_boundary_arn=policy_holders.boundary(call.principal.account_id, call.input.get("PermissionsBoundary")),
    )
    return {"Role": role_members(role)}


@operation("iam", "GetRole")
def get_role(call: Call) -> dict[str, Any]:
    return {"Role": role_members(_role(call))}


@operation("iam", "ListRoles")
def list_roles(call: Call) -> dict[str, Any]:
    roles = Role.objects.of(call.principal.account_id).filter(path__startswith=call.input.get("PathPrefix") or "/").order_by("name")
    found, more = page(roles, call)
    return {"Roles": [role_members(role) for role in found], **more}


@operation("iam", "DeleteRole")
def delete_role(call: Call) -> dict[str, Any]:
    policy_holders.delete(Role, call.principal.account_id, call.input["RoleName"])
    return {}


@operation("iam", "UpdateRole")
def update_role(call: Call) -> dict[str, Any]:
    """Changes what is sent of description and longest session."""
    role = _role(call)
    role.description = call.input.get("Description", role.description)
    role.max_session_duration_seconds = call.input.get("MaxSessionDuration", role.max_session_duration_seconds)
    role.save(update_fields=["description", "max_session_duration_seconds"])
    return {}


@operation("iam", "UpdateRoleDescription")
def update_role_description(call: Call) -> dict[str, Any]:
    role = _role(call)
    role.description = call.input["Description"]
    role.save(update_fields=["description"])
    return {"Role": role_members(role)}


@operation("iam", "UpdateAssumeRolePolicy")
def update_assume_role_policy(call: Call) -> dict[str, Any]:
    """Who may assume the role from now on."""
    check_trust_policy(call.input["PolicyDocument"])
    role = _role(call)
    role.assume_role_policy_document = call.input["PolicyDocument"]
    role.save(update_fields=["assume_role_policy_document"])
    return {}


@operation("iam", "ListInstanceProfilesForRole")
def list_instance_profiles_for_role(call: Call) -> dict[str, Any]:
    """Always none: there are no machines here."""
    _role(call)
    return {"InstanceProfiles": [], "IsTruncated": False}


def _role(call: Call) -> Role:
    return policy_holders.get(Role, call.principal.account_id, call.input["RoleName"])
