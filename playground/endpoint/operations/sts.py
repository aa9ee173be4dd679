"""AWS Security Token Service."""

from datetime import timedelta
from typing import Any

from invocations import credentials, identities
from invocations.credentials import Credentials
from invocations.errors import aws_error
from invocations.models import AccessKey, Role
from invocations.resources import role_trust
from invocations.resources.policy_documents import check_identity_policy
from playground.endpoint.registry import Call, operation
from playground.endpoint.request_context import keys_of, tags_in

ROLE_SESSION = timedelta(hours=1)
"""Where AssumeRole says nothing of DurationSeconds."""
USER_SESSION = timedelta(hours=12)
LARGEST_SESSION_POLICY = 2048
"""Characters of AssumeRole's Policy."""


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
def assume_role(call: Call) -> dict[str, Any]:
    """Temporary credentials of a role, for whom its trust policy and, where that leaves it to them, the caller's own policies let.

    A role that does not exist here can be assumed within its account."""
    role_arn, session_name = call.input["RoleArn"], call.input["RoleSessionName"]
    parts = role_arn.split(":", 5)
    if len(parts) != 6 or parts[2] != "iam" or not parts[5].startswith("role/"):
        raise aws_error("ValidationError", f"{role_arn} is invalid")
    account_id = parts[4]
    role = role_trust.find(role_arn)
    _check_trust(call, role_arn, role)
    policies = _session_policies(call, account_id)
    issued = credentials.issue_session(
        account_id,
        role_arn,
        session_name,
        _role_lifetime(call, role),
        policies=policies,
        tags=tuple(tags_in(call.input).items()),
    )
    size = sum(map(len, policies or ()))
    return {
        "Credentials": _members(issued),
        "AssumedRoleUser": {
            "AssumedRoleId": f"{credentials.role_id(role_arn)}:{session_name}",
            "Arn": credentials.assumed_role_arn(account_id, role_arn, session_name),
        },
        "PackedPolicySize": max(1, size * 100 // LARGEST_SESSION_POLICY) if size else None,
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


@operation("sts", "DecodeAuthorizationMessage")
def decode_authorization_message(call: Call) -> dict[str, Any]:
    """The decision behind a refusal, from the header that came with it (`permissions.MESSAGE_HEADER`)."""
    try:
        return {"DecodedMessage": credentials.open_message(call.principal.account_id, call.input["EncodedMessage"])}
    except credentials.InvalidToken:
        raise aws_error("InvalidAuthorizationMessageException", "Message is not valid") from None


def _check_trust(call: Call, role_arn: str, role: Role | None) -> None:
    """Raises AccessDenied."""
    keys = keys_of(call) | {"sts:rolesessionname": call.input["RoleSessionName"]}
    if call.input.get("ExternalId"):
        keys["sts:externalid"] = call.input["ExternalId"]
    for action in ("sts:AssumeRole", *(["sts:TagSession"] if call.input.get("Tags") else [])):
        verdict = role_trust.decide(call.principal, role, keys, action) if role else role_trust.decide_unknown(call.principal, role_arn)
        if not verdict.allowed:
            raise aws_error("AccessDenied", verdict.message, 403)


def _session_policies(call: Call, account_id: str) -> tuple[str, ...] | None:
    """Policy and PolicyArns as documents. Raises MalformedPolicyDocument, ValidationError, PackedPolicyTooLarge."""
    documents = []
    if call.input.get("Policy"):
        check_identity_policy(call.input["Policy"])
        documents.append(call.input["Policy"])
    for each in call.input.get("PolicyArns") or ():
        document = identities.managed_document(account_id, each.get("arn", ""))
        if document is None:
            raise aws_error("ValidationError", f"Policy {each.get('arn')} does not exist or is not attachable.")
        documents.append(document)
    if len(call.input.get("Policy") or "") > LARGEST_SESSION_POLICY:
        raise aws_error("PackedPolicyTooLarge", "Serialized token too large for session")
    return tuple(documents) or None


def _role_lifetime(call: Call, role: Role | None) -> timedelta:
    """How long a role's session lasts. Raises ValidationError where that is longer than the role, or its caller's session, lets."""
    asked = _lifetime(call, ROLE_SESSION)
    if call.principal.access_key_id.startswith(credentials.TEMPORARY_PREFIX) and call.principal.role_arn and asked > ROLE_SESSION:
        message = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
        raise aws_error("ValidationError", message)
    if role is not None and asked.total_seconds() > role.max_session_duration_seconds:
        raise aws_error("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    return asked


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
