"""AddPermission, RemovePermission and GetPolicy through boto3 against a whole playground."""

import base64
import json
from typing import Any

import pytest

from playground.supervision.trial import Trial
from tests.playground.endpoint.operations.iam_names import ACCOUNT, a_name, refused

PREFIX = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:orders"
INVOKE = "lambda:InvokeFunction"
TAKEN = "The statement id (s3) provided already exists. Please provide a new statement id, or remove the existing statement."
STALE = "The Revision Id provided does not match the latest Revision Id. Call the {} API to retrieve the latest Revision Id"


@pytest.fixture
def lambda_(stack: Trial) -> Any:
    return stack.boto3("lambda")


@pytest.fixture
def name(lambda_: Any, hello_zip: bytes) -> str:
    name = a_name()
    role = f"arn:aws:iam::{ACCOUNT}:role/r"
    lambda_.create_function(FunctionName=name, Runtime="python3.12", Handler="m.handler", Role=role, Code={"ZipFile": hello_zip})
    lambda_.get_waiter("function_active_v2").wait(FunctionName=name)
    return name


def policy_of(lambda_: Any, name: str, **more: Any) -> dict[str, Any]:
    policy: dict[str, Any] = json.loads(lambda_.get_policy(FunctionName=name, **more)["Policy"])
    return policy


@pytest.mark.parametrize(
    ("members", "principal", "condition"),
    [
        ({"Principal": "s3.amazonaws.com"}, {"Service": "s3.amazonaws.com"}, None),
        ({"Principal": "alexa-appkit.amazon.com"}, {"Service": "alexa-appkit.amazon.com"}, None),
        ({"Principal": "123456789012"}, {"AWS": "arn:aws:iam::123456789012:root"}, None),
        ({"Principal": "arn:aws:iam::123456789012:role/a/r"}, {"AWS": "arn:aws:iam::123456789012:role/a/r"}, None),
        ({"Principal": "*"}, "*", None),
        (
            {"Principal": "sns.amazonaws.com", "SourceArn": TOPIC, "SourceAccount": ACCOUNT},
            {"Service": "sns.amazonaws.com"},
            {"ArnLike": {"AWS:SourceArn": TOPIC}, "StringEquals": {"AWS:SourceAccount": ACCOUNT}},
        ),
        (
            {"Principal": "*", "FunctionUrlAuthType": "NONE", "Action": "lambda:InvokeFunctionUrl"},
            "*",
            {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}},
        ),
        ({"Principal": "*", "InvokedViaFunctionUrl": True}, "*", {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}),
        (
            {"Principal": "*", "PrincipalOrgID": "o-1234567890", "EventSourceToken": "t"},
            "*",
            {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890", "lambda:EventSourceToken": "t"}},
        ),
    ],
)
def test_a_permission_becomes_a_statement(lambda_: Any, name: str, members: dict[str, Any], principal: Any, condition: Any) -> None:
    asked = {"StatementId": "one", "Action": INVOKE, **members}
    answer = lambda_.add_permission(FunctionName=name, **asked)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    statement = {"Sid": "one", "Effect": "Allow", "Principal": principal, "Action": asked["Action"], "Resource": PREFIX + name}
    expected = statement if condition is None else statement | {"Condition": condition}
    assert json.loads(answer["Statement"]) == expected
    assert policy_of(lambda_, name) == {"Version": "2012-10-17", "Id": "default", "Statement": [expected]}
    assert ", " not in answer["Statement"]
    assert '": ' not in answer["Statement"]


def test_function_version_and_alias_have_each_a_policy_of_their_own(lambda_: Any, name: str) -> None:
    lambda_.publish_version(FunctionName=name)
    lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    missing = ("ResourceNotFoundException", 404, "The resource you requested does not exist.")
    for qualifier in (None, "1", "live"):
        chosen = {} if qualifier is None else {"Qualifier": qualifier}
        assert refused(lambda_.get_policy, FunctionName=name, **chosen) == missing
        lambda_.add_permission(FunctionName=name, StatementId="s3", Action=INVOKE, Principal="s3.amazonaws.com", **chosen)
        arn = PREFIX + name + (f":{qualifier}" if qualifier else "")
        assert [each["Resource"] for each in policy_of(lambda_, name, **chosen)["Statement"]] == [arn]
    lambda_.delete_alias(FunctionName=name, Name="live")
    lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    assert refused(lambda_.get_policy, FunctionName=name, Qualifier="live") == missing
    lambda_.remove_permission(FunctionName=f"{name}:1", StatementId="s3")
    assert refused(lambda_.get_policy, FunctionName=name, Qualifier="1") == missing
    assert len(policy_of(lambda_, name)["Statement"]) == 1


def test_a_change_of_the_policy_is_a_revision_of_its_function(lambda_: Any, name: str) -> None:
    first = lambda_.get_function_configuration(FunctionName=name)["RevisionId"]
    asked = {"FunctionName": name, "StatementId": "s3", "Action": INVOKE, "Principal": "s3.amazonaws.com"}
    assert refused(lambda_.add_permission, **asked, RevisionId="wrong") == (
        "PreconditionFailedException",
        412,
        STALE.format("GetFunction/GetAlias"),
    )
    lambda_.add_permission(**asked, RevisionId=first)
    second = lambda_.get_policy(FunctionName=name)["RevisionId"]
    assert second == lambda_.get_function_configuration(FunctionName=name)["RevisionId"] != first
    assert refused(lambda_.remove_permission, FunctionName=name, StatementId="s3", RevisionId=first) == (
        "PreconditionFailedException",
        412,
        STALE.format("GetPolicy"),
    )
    lambda_.remove_permission(FunctionName=name, StatementId="s3", RevisionId=second)
    third = lambda_.get_function_configuration(FunctionName=name)["RevisionId"]
    assert third not in (first, second)
    changed = lambda_.update_function_configuration(FunctionName=name, Description="changed", RevisionId=third)
    assert changed["RevisionId"] not in (first, second, third)


def test_an_aliass_policy_is_a_revision_of_the_alias(lambda_: Any, name: str) -> None:
    lambda_.publish_version(FunctionName=name)
    before = lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")["RevisionId"]
    asked = {"StatementId": "s3", "Action": INVOKE, "Principal": "s3.amazonaws.com", "Qualifier": "live"}
    lambda_.add_permission(FunctionName=name, **asked, RevisionId=before)
    after = lambda_.get_alias(FunctionName=name, Name="live")["RevisionId"]
    assert lambda_.get_policy(FunctionName=name, Qualifier="live")["RevisionId"] == after != before


def test_a_change_of_the_policy_keeps_environments_warm(lambda_: Any, name: str) -> None:
    def log() -> bytes:
        return base64.b64decode(lambda_.invoke(FunctionName=name, LogType="Tail")["LogResult"])

    assert b"Init Duration" in log()
    lambda_.add_permission(FunctionName=name, StatementId="s3", Action=INVOKE, Principal="s3.amazonaws.com")
    assert b"Init Duration" not in log()


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, ("ResourceConflictException", 409, TAKEN)),
        (
            {"StatementId": "new", "Principal": "nobody"},
            ("InvalidParameterValueException", 400, "The provided principal was invalid. Please check the principal and try again."),
        ),
        (
            {"StatementId": "new", "Principal": "arn:aws:iam::1:root"},
            ("InvalidParameterValueException", 400, "The provided principal was invalid. Please check the principal and try again."),
        ),
        ({"Qualifier": "$LATEST"}, ("InvalidParameterValueException", 400, "We currently do not support adding policies for $LATEST.")),
        ({"Qualifier": "alias-x"}, ("ResourceNotFoundException", 404, "Cannot find alias arn: {arn}:alias-x")),
        ({"Qualifier": "42"}, ("ResourceNotFoundException", 404, "Function not found: {arn}:42")),
    ],
)
def test_what_add_permission_refuses(lambda_: Any, name: str, members: dict[str, Any], expected: tuple[str, int, str]) -> None:
    asked = {"FunctionName": name, "StatementId": "s3", "Action": INVOKE, "Principal": "s3.amazonaws.com"}
    lambda_.add_permission(**asked)
    code, status, message = expected
    assert refused(lambda_.add_permission, **{**asked, **members}) == (code, status, message.format(arn=PREFIX + name))


def test_what_is_said_of_functions_and_statements_that_do_not_exist(lambda_: Any, name: str) -> None:
    asked = {"StatementId": "s3", "Action": INVOKE, "Principal": "s3.amazonaws.com"}
    unknown = a_name()
    assert refused(lambda_.add_permission, FunctionName=unknown, **asked)[2] == f"Function not found: {PREFIX}{unknown}"
    assert refused(lambda_.remove_permission, FunctionName=unknown, StatementId="s3") == (
        "ResourceNotFoundException",
        404,
        f"No policy found for: {PREFIX}{unknown}",
    )
    assert refused(lambda_.remove_permission, FunctionName=name, StatementId="s3")[2] == "No policy is associated with the given resource."
    lambda_.add_permission(FunctionName=name, **asked)
    assert refused(lambda_.remove_permission, FunctionName=name, StatementId="s4")[2] == "Statement s4 is not found in resource policy."


def test_a_policy_may_not_grow_for_ever(lambda_: Any, name: str) -> None:
    for number in range(3):
        source = f"arn:aws:s3:::{'b' * 6000}"
        lambda_.add_permission(FunctionName=name, StatementId=f"s{number}", Action=INVOKE, Principal="s3.amazonaws.com", SourceArn=source)
    code, status, message = refused(
        lambda_.add_permission,
        FunctionName=name,
        StatementId="last",
        Action=INVOKE,
        Principal="s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::{'b' * 6000}",
    )
    assert (code, status) == ("PolicyLengthExceededException", 400)
    assert message.endswith("is bigger than the limit (20480).")
