"""A call's record, and the row that keeps it. Source: CloudTrail User Guide, "CloudTrail record contents"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from invocations import clock
from invocations.enums import PrincipalType, TrailCategory
from invocations.errors import AwsError
from invocations.region import REGION
from invocations.trail.identities import caller_of, guest_identity, user_identity, username
from invocations.trail.names import VERSION, event_name, event_source, is_management, is_read
from invocations.values import Principal, new_request_id

_DENIED: Final = frozenset({"AccessDeniedException", "AuthorizationError"})
DENIED: Final = "AccessDenied"


@dataclass(frozen=True, slots=True)
class Happened:
    """One call that has been answered."""

    principal: Principal
    service: str
    """botocore's name."""
    operation: str
    request_id: str
    source_ip: str
    user_agent: str
    request_parameters: Mapping[str, Any] | None
    """As they may be shown: no secrets."""
    response_elements: Mapping[str, Any] | None = None
    error: AwsError | None = None
    resources: Sequence[tuple[str, str]] = ()
    """(type, ARN) of what the call names."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Further members of the record."""
    recipient: str = ""
    """The account in whose trail it is, where that is not the caller's: whose resource the call is about."""
    shared_event_id: str = ""
    """Of a call that is in the trails of several accounts."""


def error_code_of(code: str) -> str:
    """CloudTrail's word for an error: a refused permission has the same one whatever the service calls it."""
    return DENIED if code in _DENIED else code


def row_of(happened: Happened) -> dict[str, Any]:
    """The columns of a TrailEvent; the time is in epoch seconds."""
    principal, at, event_id = happened.principal, clock.epoch(), new_request_id()
    account_id, is_guest = happened.recipient or principal.account_id, happened.recipient != ""
    read_only, error = is_read(happened.operation), happened.error
    is_data = not is_management(happened.service, happened.operation)
    record: dict[str, Any] = {
        "eventVersion": VERSION,
        "userIdentity": guest_identity(principal) if is_guest else user_identity(principal.arn, caller_of(principal)),
        "eventTime": time_text(at),
        "eventSource": event_source(happened.service),
        "eventName": event_name(happened.service, happened.operation),
        "awsRegion": REGION,
        "sourceIPAddress": happened.source_ip,
        "userAgent": happened.user_agent,
    }
    if error is not None:
        record |= {"errorCode": error_code_of(error.code), "errorMessage": error.message or ""}
    record |= {
        "requestParameters": happened.request_parameters,
        "responseElements": None if read_only or error is not None else happened.response_elements,
        "requestID": happened.request_id,
        "eventID": event_id,
        "readOnly": read_only,
    }
    arns = [{"accountId": _owner(name) or principal.account_id, "type": kind, "ARN": name} for kind, name in happened.resources]
    if arns:
        record["resources"] = arns
    record |= {
        "eventType": "AwsApiCall",
        "managementEvent": not is_data,
        "recipientAccountId": account_id,
        **({"sharedEventID": happened.shared_event_id} if happened.shared_event_id else {}),
        "eventCategory": "Data" if is_data else "Management",
    }
    return {
        "account_id": account_id,
        "event_id": event_id,
        "event_time": at,
        "event_source": record["eventSource"],
        "event_name": record["eventName"],
        "category": str(_category(principal, is_data=is_data)),
        "read_only": read_only,
        "username": principal.account_id if is_guest else username(principal.arn, principal.type)[:128],
        "access_key_id": "" if is_guest else principal.access_key_id,
        "request_id": happened.request_id,
        "error_code": record.get("errorCode", "")[:128],
        "resource_lines": _lines(happened.resources),
        "record": {**record, **happened.extra},
        "decision": _decision(error, happened.recipient) if error is not None else {},
    }


def _decision(error: AwsError, recipient: str) -> Mapping[str, Any]:
    """As far as the recipient may see it; empty where the call was not refused for a permission."""
    decision: Mapping[str, Any] = error.detail.get("decision_for", {}).get(recipient, {}) if recipient else error.detail.get("decision", {})
    return decision


def _category(principal: Principal, *, is_data: bool) -> TrailCategory:
    if principal.type is PrincipalType.UNKNOWN:
        return TrailCategory.UNKNOWN_CALLER
    return TrailCategory.DATA if is_data else TrailCategory.MANAGEMENT


def time_text(epoch: float) -> str:
    """2025-11-24T22:13:46Z"""
    return clock.from_epoch(epoch).strftime("%Y-%m-%dT%H:%M:%SZ")


def _owner(arn: str) -> str:
    return arn.split(":")[4]


def _lines(resources: Sequence[tuple[str, str]]) -> str:
    """TrailEvent.resource_lines; a function is found by its ARN and by its name."""
    names = [(kind, name) for kind, arn in resources for name in (arn, short_name(arn))]
    return "".join(f"\n{kind} {name}\n" for kind, name in dict.fromkeys(names))


def short_name(arn: str) -> str:
    """What a person calls a resource: the last part of its ARN, without the path before it."""
    return arn.split(":", 5)[-1].removeprefix("function:").rpartition("/")[2].removesuffix(":$LATEST")
