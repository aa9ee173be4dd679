"""The policy simulator through boto3 against a whole playground."""

import json
from typing import Any

import pytest

from playground.supervision.trial import Trial
from tests.playground.endpoint.operations.iam_names import ACCOUNT, LAMBDA_TRUST, a_name, allow, deny, document, refused

FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:fn"


@pytest.fixture
def iam(stack: Trial) -> Any:
    return stack.boto3("iam")


def decisions(answer: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(each["EvalActionName"], each["EvalResourceName"], each["EvalDecision"]) for each in answer["EvaluationResults"]]


def test_custom_policies_are_asked_each_action_on_each_resource(iam: Any) -> None:
    answer = iam.simulate_custom_policy(
        PolicyInputList=[document(allow("lambda:*")), document(deny("lambda:Delete*", resource=FUNCTION))],
        ActionNames=["lambda:InvokeFunction", "lambda:DeleteFunction", "s3:GetObject"],
        ResourceArns=[FUNCTION, FUNCTION + "2"],
    )
    assert decisions(answer) == [
        ("lambda:InvokeFunction", FUNCTION, "allowed"),
        ("lambda:InvokeFunction", FUNCTION + "2", "allowed"),
        ("lambda:DeleteFunction", FUNCTION, "explicitDeny"),
        ("lambda:DeleteFunction", FUNCTION + "2", "allowed"),
        ("s3:GetObject", FUNCTION, "implicitDeny"),
        ("s3:GetObject", FUNCTION + "2", "implicitDeny"),
    ]
    matched = [[each["SourcePolicyId"] for each in result["MatchedStatements"]] for result in answer["EvaluationResults"]]
    assert matched[2:5] == [["PolicyInputList.2"], ["PolicyInputList.1"], []]


def test_a_matched_statement_says_where_it_stands(iam: Any) -> None:
    text = json.dumps({"Version": "2012-10-17", "Id": "[{", "Statement": [deny("s3:*"), allow("lambda:*")]}, indent=1)
    answer = iam.simulate_custom_policy(PolicyInputList=[text], ActionNames=["lambda:InvokeFunction"])
    (statement,) = answer["EvaluationResults"][0]["MatchedStatements"]
    lines = text.splitlines()
    start, end = statement["StartPosition"], statement["EndPosition"]
    assert start == {"Line": [number for number, line in enumerate(lines, 1) if line == "  {"][1], "Column": 3}
    assert lines[end["Line"] - 1][: end["Column"] - 1] == "  }"


def test_context_keys_that_were_not_given_are_named(iam: Any) -> None:
    policy = document(allow("s3:*", resource="arn:aws:s3:::${aws:username}/*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))
    ask = {"PolicyInputList": [policy], "ActionNames": ["s3:GetObject"], "ResourceArns": ["arn:aws:s3:::ada/x"]}
    assert iam.get_context_keys_for_custom_policy(PolicyInputList=[policy])["ContextKeyNames"] == ["aws:sourceip", "aws:username"]
    (without,) = iam.simulate_custom_policy(**ask)["EvaluationResults"]
    assert (without["EvalDecision"], without["MissingContextValues"]) == ("implicitDeny", ["aws:sourceip", "aws:username"])
    entries = [
        {"ContextKeyName": "aws:SourceIp", "ContextKeyValues": ["10.1.1.1"], "ContextKeyType": "ip"},
        {"ContextKeyName": "aws:username", "ContextKeyValues": ["ada"], "ContextKeyType": "string"},
    ]
    (given,) = iam.simulate_custom_policy(**ask, ContextEntries=entries)["EvaluationResults"]
    assert (given["EvalDecision"], given["MissingContextValues"]) == ("allowed", [])


def test_a_principals_own_policies_its_groups_and_its_boundary_count(iam: Any) -> None:
    user, group, policy = a_name(), a_name(), a_name()
    boundary = iam.create_policy(PolicyName=policy, PolicyDocument=document(allow("lambda:*")))["Policy"]["Arn"]
    arn = iam.create_user(UserName=user, PermissionsBoundary=boundary)["User"]["Arn"]
    iam.create_group(GroupName=group)
    iam.put_group_policy(GroupName=group, PolicyName="all", PolicyDocument=document(allow("lambda:*", "sqs:*")))
    ask = {"PolicySourceArn": arn, "ActionNames": ["lambda:InvokeFunction", "sqs:SendMessage"]}
    before = iam.simulate_principal_policy(**ask)
    iam.add_user_to_group(GroupName=group, UserName=user)
    after = iam.simulate_principal_policy(**ask)
    assert [each[2] for each in decisions(before) + decisions(after)] == ["implicitDeny", "implicitDeny", "allowed", "implicitDeny"]
    first, second = after["EvaluationResults"]
    assert [each["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"] for each in (first, second)] == [True, False]
    assert {(each["SourcePolicyId"], each["SourcePolicyType"]) for each in first["MatchedStatements"]} == {
        (f"{group}/all", "group"),
        (boundary, "user-managed"),
    }
    assert [each[2] for each in decisions(iam.simulate_principal_policy(**ask, PolicyInputList=[document(deny("*"))]))] == [
        "explicitDeny",
        "explicitDeny",
    ]


def test_a_resource_policy_needs_a_user_who_asks(iam: Any) -> None:
    name = a_name()
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=LAMBDA_TRUST)["Role"]["Arn"]
    user = f"arn:aws:iam::{ACCOUNT}:user/someone"
    policy = document(allow("s3:GetObject", resource="*", Principal={"AWS": user}))
    ask = {"PolicySourceArn": role, "ActionNames": ["s3:GetObject"], "ResourcePolicy": policy}
    assert refused(iam.simulate_principal_policy, **ask)[0] == "InvalidInput"
    (result,) = iam.simulate_principal_policy(**ask, CallerArn=user)["EvaluationResults"]
    assert (result["EvalDecision"], result["MatchedStatements"][0]["SourcePolicyType"]) == ("allowed", "resource")


def test_what_cannot_be_simulated_is_refused(iam: Any) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/p"
    assert refused(iam.simulate_principal_policy, PolicySourceArn=arn, ActionNames=["s3:GetObject"])[0] == "InvalidInput"
    assert refused(iam.simulate_custom_policy, PolicyInputList=["{"], ActionNames=["s3:GetObject"])[0] == "MalformedPolicyDocument"
    assert refused(iam.simulate_custom_policy, PolicyInputList=[document(allow("*"))], ActionNames=["s3bucket"])[0] == "InvalidInput"
