"""AWS Security Token Service."""

from datetime import timedelta
from typing import Any

from invocations import credentials
from invocations.credentials import Credentials
from invocations.errors import aws_error
from invocations.models import AccessKey
from playground.endpoint.registry import Call, operation

ROLE_SESSION = timedelta(hours=1)
"""Where AssumeRole says nothing of DurationSeconds."""
USER_SESSION = timedelta(hours=12)


@operation("sts", "GetCallerIdentity")
async def get_caller_identity(call: Call) -> dict[str, Any]:
    """Who signed the call. Nobody can be denied it."""
    principal = call.principal
    return {"UserId": principal.principal_id, "Account": principal.account_id, "Arn": principal.arn}


@operation("sts", "GetSessionToken")
async def get_session_token(call: Call) -> dict[str, Any]:
    """Temporary credentials of the caller itself."""
    if call.principal.access_key_id.startswith(credentials.TEMPORARY_PREFIX):
        raise aws_error("AccessDenied", "Cannot call GetSessionToken with session credentials", 403)
    return {"Credentials": _members(credentials.issue_for(call.principal, _lifetime(call, USER_SESSION)))}


@operation("sts", "AssumeRole")
async def assume_role(call: Call) -> dict[str, Any]:
    """Temporary credentials of a role, whose account its ARN names."""
    role_arn, session_name = call.input["RoleArn"], call.input["RoleSessionName"]
    parts = role_arn.split(":", 5)
    if len(parts) != 6 or parts[2] != "iam" or not parts[5].startswith("role/"):
        raise aws_error("ValidationError", f"{role_arn} is invalid")
    account_id = parts[4]
    issued = credentials.issue_session(account_id, role_arn, session_name, _lifetime(call, ROLE_SESSION))
    return {
        "Credentials": _members(issued),
        "AssumedRoleUser": {
            "AssumedRoleId": f"{credentials.role_id(role_arn)}:{session_name}",
            "Arn": credentials.assumed_role_arn(account_id, role_arn, session_name),
        },
    }


@operation("sts", "GetAccessKeyInfo")
def get_access_key_info(call: Call) -> dict[str, Any]:
    """The account that an access key belongs to."""
    access_key_id = call.input["AccessKeyId"]
    account_id = credentials.account_of(access_key_id)
    if account_id is None:
        account_id = AccessKey.objects.filter(access_key_id=access_key_id).values_list("account_id", flat=True).first()
    if account_id is None:
        raise aws_error("ValidationError", f"The access key {access_key_id} is not known here.")
    return {"Account": account_id}


def _lifetime(call: Call, default: timedelta) -> timedelta:
    seconds = call.input.get("DurationSeconds")
    return default if seconds is None else timedelta(seconds=seconds)


def _members(issued: Credentials) -> dict[str, Any]:
    return {
        "AccessKeyId": issued.access_key_id,
        "SecretAccessKey": issued.secret_access_key,
        "SessionToken": issued.session_token,
        "Expiration": issued.expires_at,
    }
