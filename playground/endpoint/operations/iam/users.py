"""IAM: users and their access keys."""

from typing import Any

from invocations.enums import PrincipalType
from invocations.models import AccessKey, Account, User
from invocations.region import REGION
from invocations.resources import policy_holders, users
from playground.endpoint.operations.iam.common import page, tags_in, user_members
from playground.endpoint.registry import Call, operation


@operation("iam", "CreateUser")
def create_user(call: Call) -> dict[str, Any]:
    account_id, name = call.principal.account_id, call.input["UserName"]
    boundary = policy_holders.boundary(account_id, call.input.get("PermissionsBoundary"))
    path = call.input.get("Path") or "/"
    user = policy_holders.create(User, account_id, name, path=path, tags=tags_in(call), permissions_boundary_arn=boundary)
    return {"User": user_members(user)}


@operation("iam", "GetUser")
def get_user(call: Call) -> dict[str, Any]:
    """A user; without a name the caller."""
    principal, name = call.principal, call.input.get("UserName") or _own_name(call)
    if not name:
        created_at = Account.objects.get(pk=principal.account_id).created_at
        return {"User": {"Path": "/", "UserId": principal.account_id, "Arn": principal.arn, "CreateDate": created_at}}
    return {"User": user_members(policy_holders.get(User, principal.account_id, name))}


@operation("iam", "ListUsers")
def list_users(call: Call) -> dict[str, Any]:
    found, more = page(
        User.objects.of(call.principal.account_id).filter(path__startswith=call.input.get("PathPrefix") or "/").order_by("name"), call
    )
    return {"Users": [user_members(user) for user in found], **more}


@operation("iam", "DeleteUser")
def delete_user(call: Call) -> dict[str, Any]:
    users.delete(call.principal.account_id, call.input["UserName"])
    return {}


@operation("iam", "CreateAccessKey")
def create_access_key(call: Call) -> dict[str, Any]:
    """A key pair, whose secret is told this once."""
    key = users.create_access_key(call.principal.account_id, call.input.get("UserName") or _own_name(call))
    return {"AccessKey": {**_key_members(key), "SecretAccessKey": key.secret_access_key}}


@operation("iam", "ListAccessKeys")
def list_access_keys(call: Call) -> dict[str, Any]:
    name = call.input.get("UserName") or _own_name(call)
    if name:
        policy_holders.get(User, call.principal.account_id, name)
    found, more = page(AccessKey.objects.of(call.principal.account_id).filter(user_name=name).order_by("created_at", "pk"), call)
    return {"AccessKeyMetadata": [_key_members(key) for key in found], **more}


@operation("iam", "UpdateAccessKey")
def update_access_key(call: Call) -> dict[str, Any]:
    users.update_access_key(call.principal.account_id, call.input["AccessKeyId"], call.input["Status"])
    return {}


@operation("iam", "GetAccessKeyLastUsed")
def get_access_key_last_used(call: Call) -> dict[str, Any]:
    """When, to the minute or so, and for which service a key signed last."""
    key = users.find_key(call.principal.account_id, call.input["AccessKeyId"])
    used = {"LastUsedDate": key.last_used_at, "ServiceName": key.last_used_service, "Region": REGION}
    return {
        "UserName": key.user_name or None,
        "AccessKeyLastUsed": used if key.last_used_at else {"ServiceName": "N/A", "Region": "N/A"},
    }


@operation("iam", "DeleteAccessKey")
def delete_access_key(call: Call) -> dict[str, Any]:
    users.delete_access_key(call.principal.account_id, call.input["AccessKeyId"])
    return {}


def _own_name(call: Call) -> str:
    principal = call.principal
    return principal.arn.rpartition("/")[2] if principal.type is PrincipalType.IAM_USER else ""


def _key_members(key: AccessKey) -> dict[str, Any]:
    return {"UserName": key.user_name or None, "AccessKeyId": key.access_key_id, "Status": key.status, "CreateDate": key.created_at}
