"""STS through boto3 against a whole playground: who may assume which role."""

from typing import Any

import pytest

from playground.supervision.trial import Trial
from tests.playground.endpoint.operations.iam_names import ACCOUNT, Caller, a_name, a_user, allow, caller_with, document, refused, trust

ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}


@pytest.fixture
def iam(stack: Trial) -> Any:
    return stack.boto3("iam")


def a_role(iam: Any, trust_policy: str, **options: Any) -> str:
    return str(iam.create_role(RoleName=a_name(), AssumeRolePolicyDocument=trust_policy, **options)["Role"]["Arn"])


def test_a_user_whom_the_trust_policy_names_needs_no_policy_of_its_own(stack: Trial, iam: Any) -> None:
    name, ada = a_user(stack)
    role = a_role(iam, trust({"AWS": f"arn:aws:iam::{ACCOUNT}:user/{name}"}))
    given = ada.client("sts").assume_role(RoleArn=role, RoleSessionName="session")
    session = caller_with(stack, given["Credentials"])
    assert session.client("sts").get_caller_identity()["Arn"] == given["AssumedRoleUser"]["Arn"]


def test_a_user_of_a_trusted_account_needs_a_policy_of_its_own(stack: Trial, iam: Any) -> None:
    role = a_role(iam, trust(ROOT))
    name, ada = a_user(stack)
    refusal = refused(ada.client("sts").assume_role, RoleArn=role, RoleSessionName="session")
    user = f"arn:aws:iam::{ACCOUNT}:user/{name}"
    message = f"User: {user} is not authorized to perform: sts:AssumeRole on resource: {role} because no identity-based policy allows the "
    assert refusal == ("AccessDenied", 403, message + "sts:AssumeRole action")
    _, bob = a_user(stack, allow("sts:AssumeRole", resource=role))
    bob.client("sts").assume_role(RoleArn=role, RoleSessionName="session")


def test_a_user_whom_the_trust_policy_does_not_name_is_refused(stack: Trial, iam: Any) -> None:
    role = a_role(iam, trust({"Service": "lambda.amazonaws.com"}))
    _, ada = a_user(stack, allow("sts:AssumeRole"))
    refusal = refused(ada.client("sts").assume_role, RoleArn=role, RoleSessionName="session")
    assert refusal[:2] == ("AccessDenied", 403)
    assert refusal[2].endswith("because no role trust policy allows the sts:AssumeRole action")


def test_another_accounts_user_needs_both(stack: Trial, iam: Any) -> None:
    other = "555566667777"
    _, eve = a_user(stack, allow("sts:AssumeRole"), account=other)
    closed, open_role = a_role(iam, trust(ROOT)), a_role(iam, trust({"AWS": other}))
    assert refused(eve.client("sts").assume_role, RoleArn=closed, RoleSessionName="session")[2].endswith(
        "because no role trust policy allows the sts:AssumeRole action"
    )
    given = eve.client("sts").assume_role(RoleArn=open_role, RoleSessionName="session")
    assert caller_with(stack, given["Credentials"]).client("sts").get_caller_identity()["Account"] == ACCOUNT
    unknown = f"arn:aws:iam::{ACCOUNT}:role/{a_name()}"
    assert refused(eve.client("sts").assume_role, RoleArn=unknown, RoleSessionName="session")[0] == "AccessDenied"
    assert refused(Caller(stack, other, "test").client("sts").assume_role, RoleArn=closed, RoleSessionName="session")[0] == "AccessDenied"


def test_conditions_of_a_trust_policy_see_the_call(stack: Trial, iam: Any) -> None:
    role = a_role(iam, trust("*", Condition={"StringEquals": {"sts:ExternalId": "right", "sts:RoleSessionName": "${aws:username}"}}))
    name, ada = a_user(stack)
    assume = ada.client("sts").assume_role
    assert refused(assume, RoleArn=role, RoleSessionName=name)[0] == "AccessDenied"
    assert refused(assume, RoleArn=role, RoleSessionName=name, ExternalId="else")[0] == "AccessDenied"
    assert refused(assume, RoleArn=role, RoleSessionName="other", ExternalId="right")[0] == "AccessDenied"
    assume(RoleArn=role, RoleSessionName=name, ExternalId="right")


def test_session_tags_need_a_permission_of_their_own(stack: Trial, iam: Any) -> None:
    role = a_role(iam, trust("*"))
    _, ada = a_user(stack)
    asked = {"RoleArn": role, "RoleSessionName": "session", "Tags": [{"Key": "team", "Value": "red"}]}
    assert refused(ada.client("sts").assume_role, **asked)[2].endswith("no role trust policy allows the sts:TagSession action")
    both = document({"Effect": "Allow", "Principal": "*", "Action": ["sts:AssumeRole", "sts:TagSession"]})
    iam.update_assume_role_policy(RoleName=role.rpartition("/")[2], PolicyDocument=both)
    ada.client("sts").assume_role(**asked)


def test_how_long_a_session_may_last(stack: Trial, iam: Any) -> None:
    role = a_role(iam, trust("*"), MaxSessionDuration=7200)
    sts = stack.boto3("sts")
    assert refused(sts.assume_role, RoleArn=role, RoleSessionName="session", DurationSeconds=7201) == (
        "ValidationError",
        400,
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    )
    given = sts.assume_role(RoleArn=role, RoleSessionName="session", DurationSeconds=7200)
    chained = caller_with(stack, given["Credentials"]).client("sts")
    assert refused(chained.assume_role, RoleArn=role, RoleSessionName="other", DurationSeconds=3601)[2] == (
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
    )


def test_session_policies_must_be_policies(stack: Trial, iam: Any) -> None:
    role, sts = a_role(iam, trust("*")), stack.boto3("sts")
    asked = {"RoleArn": role, "RoleSessionName": "session"}
    assert refused(sts.assume_role, **asked, Policy="{")[0] == "MalformedPolicyDocument"
    assert refused(sts.assume_role, **asked, PolicyArns=[{"arn": f"arn:aws:iam::{ACCOUNT}:policy/none"}])[0] == "ValidationError"
    long = document(allow("s3:GetObject", resource=["arn:aws:s3:::" + "b" * 50 + str(number) for number in range(40)]))
    assert refused(sts.assume_role, **asked, Policy=long)[0] == "PackedPolicyTooLarge"
    assert sts.assume_role(**asked, Policy=document(allow("s3:*")))["PackedPolicySize"] > 0


def test_a_role_that_does_not_exist_can_be_assumed_by_who_may_assume_it(stack: Trial) -> None:
    ghost = f"arn:aws:iam::{ACCOUNT}:role/{a_name()}"
    stack.boto3("sts").assume_role(RoleArn=ghost, RoleSessionName="session")
    _, ada = a_user(stack)
    assert refused(ada.client("sts").assume_role, RoleArn=ghost, RoleSessionName="session")[0] == "AccessDenied"


def test_session_credentials_get_no_session_token(stack: Trial) -> None:
    name, ada = a_user(stack)
    given = ada.client("sts").get_session_token()["Credentials"]
    same = caller_with(stack, given).client("sts")
    assert same.get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/{name}"
    assert refused(same.get_session_token)[0] == "AccessDenied"
    assert stack.boto3("sts").get_access_key_info(AccessKeyId=given["AccessKeyId"])["Account"] == ACCOUNT
