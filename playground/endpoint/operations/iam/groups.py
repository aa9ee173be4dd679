"""IAM: groups."""

from typing import Any

from invocations.models import Group, User
from invocations.resources import groups, policy_holders
from playground.endpoint.operations.iam.common import group_members, page, user_members
from playground.endpoint.registry import Call, operation


@operation("iam", "CreateGroup")
def create_group(call: Call) -> dict[str, Any]:
    group = policy_holders.create(Group, call.principal.account_id, call.input["GroupName"], path=call.input.get("Path") or "/")
    return {"Group": group_members(group)}


@operation("iam", "GetGroup")
def get_group(call: Call) -> dict[str, Any]:
    """A group and its users."""
    group = policy_holders.get(Group, call.principal.account_id, call.input["GroupName"])
    found, more = page(group.users.order_by("name"), call)
    return {"Group": group_members(group), "Users": [user_members(user) for user in found], **more}


@operation("iam", "ListGroups")
def list_groups(call: Call) -> dict[str, Any]:
    rows = Group.objects.of(call.principal.account_id).filter(path__startswith=call.input.get("PathPrefix") or "/").order_by("name")
    found, more = page(rows, call)
    return {"Groups": [group_members(group) for group in found], **more}


@operation("iam", "DeleteGroup")
def delete_group(call: Call) -> dict[str, Any]:
    groups.delete(call.principal.account_id, call.input["GroupName"])
    return {}


@operation("iam", "AddUserToGroup")
def add_user_to_group(call: Call) -> dict[str, Any]:
    groups.add_user(call.principal.account_id, call.input["GroupName"], call.input["UserName"])
    return {}


@operation("iam", "RemoveUserFromGroup")
def remove_user_from_group(call: Call) -> dict[str, Any]:
    groups.remove_user(call.principal.account_id, call.input["GroupName"], call.input["UserName"])
    return {}


@operation("iam", "ListGroupsForUser")
def list_groups_for_user(call: Call) -> dict[str, Any]:
    user = policy_holders.get(User, call.principal.account_id, call.input["UserName"])
    found, more = page(user.groups.order_by("name"), call)
    return {"Groups": [group_members(group) for group in found], **more}
