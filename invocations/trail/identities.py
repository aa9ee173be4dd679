"""Who called, as CloudTrail's userIdentity says it, and from where."""

from collections.abc import Mapping
from typing import Any, Final

from invocations import clock, credentials
from invocations.arn import role_name
from invocations.enums import PrincipalType
from invocations.values import Principal

ANONYMOUS: Final = "ANONYMOUS_PRINCIPAL"


def caller_of(principal: Principal) -> dict[str, str]:
    """A principal in the form in which the journal keeps it (Record.caller), without where it called from."""
    return {
        "type": str(principal.type),
        "account_id": principal.account_id,
        "principal_id": principal.principal_id,
        "access_key_id": principal.access_key_id,
        "role_arn": principal.role_arn or "",
        "source_function_arn": principal.source_function_arn,
        "session_began_at": str(principal.session_began_at or ""),
    }


def user_identity(arn: str, caller: Mapping[str, str]) -> dict[str, Any]:
    """userIdentity of *caller*, whose ARN is *arn*."""
    kind = caller.get("type") or _type_of(arn)
    if kind == PrincipalType.AWS_SERVICE:
        return {"type": kind, "invokedBy": arn}
    if kind == PrincipalType.AWS_ACCOUNT:
        return {"type": kind, "principalId": "", "accountId": ANONYMOUS}
    if kind == PrincipalType.UNKNOWN:
        return {"type": kind, "principalId": "", "accountId": caller["account_id"], "accessKeyId": caller["access_key_id"]}
    account_id = caller.get("account_id", "") or arn.split(":")[4]
    principal_id = caller.get("principal_id") or account_id
    found: dict[str, Any] = {"type": str(kind), "principalId": principal_id, "arn": arn, "accountId": account_id}
    if caller.get("access_key_id"):
        found["accessKeyId"] = caller["access_key_id"]
    if kind == PrincipalType.IAM_USER:
        found["userName"] = username(arn, kind)
    if kind == PrincipalType.ASSUMED_ROLE:
        function_arn = caller.get("source_function_arn")
        scope = {"inScopeOf": {"issuerType": "AWS::Lambda::Function", "credentialsIssuedTo": function_arn}} if function_arn else {}
        return {**found, "sessionContext": _session(caller, account_id), **scope}
    if caller.get("session_began_at"):
        found["sessionContext"] = {"attributes": _attributes(caller)}
    return found


def guest_identity(principal: Principal) -> dict[str, Any]:
    """userIdentity of a caller in the trail of another account, whose resource it used: no more than whose it is."""
    return {"type": str(PrincipalType.AWS_ACCOUNT), "principalId": principal.principal_id, "accountId": principal.account_id}


def _type_of(arn: str) -> PrincipalType:
    """Of a caller of whom nothing but the ARN is known: invocations older than the trail kept no more."""
    if arn.endswith(".amazonaws.com"):
        return PrincipalType.AWS_SERVICE
    if ":user/" in arn:
        return PrincipalType.IAM_USER
    if ":assumed-role/" in arn:
        return PrincipalType.ASSUMED_ROLE
    return PrincipalType.ROOT if arn.startswith("arn:") else PrincipalType.AWS_ACCOUNT


def username(arn: str, kind: str) -> str:
    """What LookupEvents tells of it: root, the user's name, the session's; empty for services and strangers."""
    if kind == PrincipalType.ROOT:
        return "root"
    return arn.rpartition("/")[2] if kind in (PrincipalType.IAM_USER, PrincipalType.ASSUMED_ROLE) else ""


def _session(caller: Mapping[str, str], account_id: str) -> dict[str, Any]:
    issuer: dict[str, str] = {}
    role_arn = caller.get("role_arn", "")
    if role_arn:
        ids = {"type": "Role", "principalId": credentials.role_id(role_arn), "arn": role_arn}
        issuer = {**ids, "accountId": account_id, "userName": role_name(role_arn)}
    return {"sessionIssuer": issuer, "attributes": _attributes(caller)}


def _attributes(caller: Mapping[str, str]) -> dict[str, str]:
    began_at = caller.get("session_began_at")
    began = {"creationDate": clock.from_epoch(int(began_at)).strftime("%Y-%m-%dT%H:%M:%SZ")} if began_at else {}
    return {**began, "mfaAuthenticated": "false"}
