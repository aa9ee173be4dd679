"""An invocation's record: the data event Invoke, from its row in the journal.

CloudTrail leaves the payload out, and names the executed version only by its ARN; the alias is not told.
"""

import uuid
from typing import Any, Final

from invocations.arn import function_arn
from invocations.enums import InvocationType, PrincipalType
from invocations.models import Invocation
from invocations.region import REGION
from invocations.trail.events import error_code_of, time_text
from invocations.trail.identities import user_identity
from invocations.trail.names import VERSION

EVENT_SOURCE: Final = "lambda.amazonaws.com"
EVENT_NAME: Final = "Invoke"
FUNCTION: Final = "AWS::Lambda::Function"
_CONSOLE: Final = "console.amazonaws.com"
_IDS: Final = uuid.UUID("5b0c3f3e-6f3e-4c5a-9d0e-3f2b8a7d1c44")
FIELDS: Final = (
    "account_id",
    "request_id",
    "function_name",
    "qualifier",
    "executed_version",
    "invocation_type",
    "source",
    "state",
    "status_code",
    "error_code",
    "error_message",
    "function_error",
    "principal_arn",
    "caller",
    "received_at",
)
"""The columns that it is made from; no payloads and no steps."""


def event_id_of(request_id: str) -> str:
    """The same for the same invocation, and none of a management event."""
    return str(uuid.uuid5(_IDS, request_id))


def is_refused(row: Invocation) -> bool:
    """Whether it never ran: a function that fails is no error of the call."""
    return row.status_code >= 400


def record_of(row: Invocation) -> dict[str, Any]:
    """The whole record."""
    arn = function_arn(row.account_id, REGION, row.function_name)
    caller, is_service = row.caller, row.caller.get("type") == PrincipalType.AWS_SERVICE
    told = row.principal_arn if is_service else _CONSOLE if row.source == "console" else ""
    record: dict[str, Any] = {
        "eventVersion": VERSION,
        "userIdentity": user_identity(row.principal_arn, caller),
        "eventTime": time_text(row.received_at.timestamp()),
        "eventSource": EVENT_SOURCE,
        "eventName": EVENT_NAME,
        "awsRegion": REGION,
        "sourceIPAddress": caller.get("source_ip") or told,
        "userAgent": caller.get("user_agent") or told,
    }
    if is_refused(row):
        record |= {"errorCode": error_code_of(row.error_code), "errorMessage": row.error_message}
    parameters = {"functionName": arn, "invocationType": row.invocation_type}
    if row.qualifier:
        parameters["qualifier"] = row.qualifier
    record |= {"requestParameters": parameters, "responseElements": None}
    if row.executed_version:
        record["additionalEventData"] = {"functionVersion": f"{arn}:{row.executed_version}"}
    return record | {
        "requestID": row.request_id,
        "eventID": event_id_of(row.request_id),
        "readOnly": row.invocation_type == InvocationType.DRY_RUN,
        "resources": [{"accountId": row.account_id, "type": FUNCTION, "ARN": arn}],
        "eventType": "AwsApiCall",
        "managementEvent": False,
        "recipientAccountId": row.account_id,
        "eventCategory": "Data",
    }
