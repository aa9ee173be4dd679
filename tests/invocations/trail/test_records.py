"""What CloudTrail's records say: who, what, with what result. No server, no database."""

from datetime import timedelta
from typing import Any

import pytest

from invocations import clock, credentials
from invocations.clock import from_epoch
from invocations.enums import PrincipalType
from invocations.errors import AccessDeniedException, ResourceNotFoundException
from invocations.models import Invocation
from invocations.trail import data_events, names
from invocations.trail.events import Happened, row_of
from invocations.trail.identities import caller_of, user_identity
from invocations.values import Principal

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/r"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:orders"

IDENTITIES: list[tuple[Principal, dict[str, Any], str]] = [
    (
        Principal.root(ACCOUNT, "AKIAX"),
        {
            "type": "Root",
            "principalId": ACCOUNT,
            "arn": f"arn:aws:iam::{ACCOUNT}:root",
            "accountId": ACCOUNT,
            "accessKeyId": "AKIAX",
        },
        "root",
    ),
    (
        Principal(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/team/ada", PrincipalType.IAM_USER, "AIDAX", "AKIAX"),
        {
            "type": "IAMUser",
            "principalId": "AIDAX",
            "arn": f"arn:aws:iam::{ACCOUNT}:user/team/ada",
            "accountId": ACCOUNT,
            "accessKeyId": "AKIAX",
            "userName": "ada",
        },
        "ada",
    ),
    (
        Principal(ACCOUNT, SESSION, PrincipalType.ASSUMED_ROLE, "AROAX:s", "ASIAX", role_arn=ROLE),
        {
            "type": "AssumedRole",
            "principalId": "AROAX:s",
            "arn": SESSION,
            "accountId": ACCOUNT,
            "accessKeyId": "ASIAX",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": credentials.role_id(ROLE),
                    "arn": ROLE,
                    "accountId": ACCOUNT,
                    "userName": "r",
                },
                "attributes": {"mfaAuthenticated": "false"},
            },
        },
        "s",
    ),
    (
        Principal(ACCOUNT, SESSION, PrincipalType.ASSUMED_ROLE, "AROAX:s", "ASIAX", source_function_arn=FUNCTION),
        {
            "type": "AssumedRole",
            "principalId": "AROAX:s",
            "arn": SESSION,
            "accountId": ACCOUNT,
            "accessKeyId": "ASIAX",
            "sessionContext": {"sessionIssuer": {}, "attributes": {"mfaAuthenticated": "false"}},
            "inScopeOf": {"issuerType": "AWS::Lambda::Function", "credentialsIssuedTo": FUNCTION},
        },
        "s",
    ),
    (
        Principal(ACCOUNT, SESSION, PrincipalType.ASSUMED_ROLE, "AROAX:s", "ASIAX", session_began_at=1_700_000_000),
        {
            "type": "AssumedRole",
            "principalId": "AROAX:s",
            "arn": SESSION,
            "accountId": ACCOUNT,
            "accessKeyId": "ASIAX",
            "sessionContext": {"sessionIssuer": {}, "attributes": {"creationDate": "2023-11-14T22:13:20Z", "mfaAuthenticated": "false"}},
        },
        "s",
    ),
    (Principal.service("sns.amazonaws.com"), {"type": "AWSService", "invokedBy": "sns.amazonaws.com"}, ""),
    (Principal.anonymous(), {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}, ""),
]


def happened(operation: str = "DeleteFunction", **fields: Any) -> Happened:
    principal = fields.pop("principal", Principal.root(ACCOUNT))
    return Happened(principal, "lambda", operation, "req-1", "127.0.0.1", "curl", {"functionName": "orders"}, **fields)


@pytest.mark.parametrize(("principal", "identity", "username"), IDENTITIES)
def test_who_called(principal: Principal, identity: dict[str, Any], username: str) -> None:
    assert user_identity(principal.arn, caller_of(principal)) == identity
    row = row_of(happened(principal=principal))
    assert (row["record"]["userIdentity"], row["username"]) == (identity, username)


@pytest.mark.parametrize(
    ("arn", "kind"),
    [
        (f"arn:aws:iam::{ACCOUNT}:root", "Root"),
        (f"arn:aws:iam::{ACCOUNT}:user/ada", "IAMUser"),
        (SESSION, "AssumedRole"),
        ("sns.amazonaws.com", "AWSService"),
        ("anonymous", "AWSAccount"),
        ("", "AWSAccount"),
    ],
)
def test_who_called_before_more_than_the_arn_was_kept(arn: str, kind: str) -> None:
    assert user_identity(arn, {})["type"] == kind


@pytest.mark.parametrize(
    ("service", "operation", "told"),
    [
        ("lambda", "CreateFunction", ("CreateFunction20150331", False, True)),
        ("lambda", "UpdateFunctionCode", ("UpdateFunctionCode20150331v2", False, True)),
        ("lambda", "GetPolicy", ("GetPolicy20150331v2", True, True)),
        ("lambda", "CreateFunctionUrlConfig", ("CreateFunctionUrlConfig", False, True)),
        ("lambda", "Invoke", ("Invoke", False, False)),
        ("sqs", "CreateQueue", ("CreateQueue", False, True)),
        ("sqs", "SendMessage", ("SendMessage", False, False)),
        ("s3", "PutObject", ("PutObject", False, False)),
        ("s3", "PutBucketPolicy", ("PutBucketPolicy", False, True)),
        ("s3", "CreateMultipartUpload", ("CreateMultipartUpload", False, False)),
        ("sts", "AssumeRole", ("AssumeRole", True, True)),
    ],
)
def test_what_is_recorded_of_an_operation(service: str, operation: str, told: tuple[str, bool, bool]) -> None:
    name = names.event_name(service, operation)
    assert (name, names.is_read(operation), names.is_management(service, operation)) == told
    assert names.operation_of(names.event_source(service), name) == operation


def test_a_change_has_its_answer_and_what_it_names() -> None:
    row = row_of(happened(response_elements={"functionName": "orders"}, resources=[("AWS::Lambda::Function", FUNCTION)]))
    record = row["record"]
    assert record.pop("eventTime").endswith("Z")
    assert len(record.pop("eventID")) == 36
    assert record.pop("userIdentity")["type"] == "Root"
    assert record == {
        "eventVersion": "1.08",
        "eventSource": "lambda.amazonaws.com",
        "eventName": "DeleteFunction20150331",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "127.0.0.1",
        "userAgent": "curl",
        "requestParameters": {"functionName": "orders"},
        "responseElements": {"functionName": "orders"},
        "requestID": "req-1",
        "readOnly": False,
        "resources": [{"accountId": ACCOUNT, "type": "AWS::Lambda::Function", "ARN": FUNCTION}],
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    }
    assert row["resource_lines"] == f"\nAWS::Lambda::Function {FUNCTION}\n\nAWS::Lambda::Function orders\n"


@pytest.mark.parametrize(
    ("error", "code"),
    [(AccessDeniedException("no"), "AccessDenied"), (ResourceNotFoundException("no"), "ResourceNotFoundException")],
)
def test_a_refusal_has_its_error_and_no_answer(error: Any, code: str) -> None:
    error.detail = {"decision": {"action": "lambda:DeleteFunction"}}
    row = row_of(happened(response_elements={"functionName": "orders"}, error=error))
    assert (row["record"]["errorCode"], row["record"]["errorMessage"], row["record"]["responseElements"]) == (code, "no", None)
    assert (row["error_code"], row["decision"]) == (code, {"action": "lambda:DeleteFunction"})


def test_a_read_has_no_answer() -> None:
    assert row_of(happened("GetFunction", response_elements={"a": 1}))["record"]["responseElements"] is None


def an_invocation(**fields: Any) -> Invocation:
    known: dict[str, Any] = {
        "account_id": ACCOUNT,
        "request_id": "11111111-1111-4111-a111-111111111111",
        "function_name": "orders",
        "qualifier": "live",
        "executed_version": "7",
        "invocation_type": "RequestResponse",
        "source": "api",
        "status_code": 200,
        "principal_arn": SESSION,
        "caller": {"type": "AssumedRole", "account_id": ACCOUNT, "source_ip": "10.0.0.9", "user_agent": "Boto3/1"},
        "received_at": from_epoch(1764022426.5),
    }
    return Invocation(**(known | fields))


def test_an_invocation_is_a_data_event_of_its_function() -> None:
    record = data_events.record_of(an_invocation(error_code="KeyError", function_error="Unhandled"))
    assert record.pop("userIdentity")["arn"] == SESSION
    assert record == {
        "eventVersion": "1.08",
        "eventTime": "2025-11-24T22:13:46Z",
        "eventSource": "lambda.amazonaws.com",
        "eventName": "Invoke",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "10.0.0.9",
        "userAgent": "Boto3/1",
        "requestParameters": {"functionName": FUNCTION, "invocationType": "RequestResponse", "qualifier": "live"},
        "responseElements": None,
        "additionalEventData": {"functionVersion": f"{FUNCTION}:7"},
        "requestID": "11111111-1111-4111-a111-111111111111",
        "eventID": data_events.event_id_of("11111111-1111-4111-a111-111111111111"),
        "readOnly": False,
        "resources": [{"accountId": ACCOUNT, "type": "AWS::Lambda::Function", "ARN": FUNCTION}],
        "eventType": "AwsApiCall",
        "managementEvent": False,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Data",
    }


def test_a_denied_invocation_is_a_denied_data_event() -> None:
    denied = an_invocation(status_code=403, error_code="AccessDeniedException", error_message="no", executed_version="")
    record = data_events.record_of(denied)
    assert (record["errorCode"], record["errorMessage"], "additionalEventData" in record) == ("AccessDenied", "no", False)


def test_a_service_calls_from_itself() -> None:
    record = data_events.record_of(an_invocation(principal_arn="sns.amazonaws.com", caller={"type": "AWSService"}))
    assert record["userIdentity"] == {"type": "AWSService", "invokedBy": "sns.amazonaws.com"}
    assert (record["sourceIPAddress"], record["userAgent"]) == ("sns.amazonaws.com", "sns.amazonaws.com")


def test_the_credentials_of_a_session_tell_when_it_began() -> None:
    before = int(clock.epoch())
    issued = credentials.issue_session(ACCOUNT, ROLE, "s", timedelta(hours=1))
    principal = credentials.verify_session(issued.access_key_id, issued.session_token).principal
    assert before <= principal.session_began_at <= clock.epoch()
    assert issued.expires_at.timestamp() - principal.session_began_at == 3600
