"""Groups, boundaries and keys through boto3 against a whole playground."""

from typing import Any

import pytest

from playground.supervision.trial import Trial
from tests.playground.endpoint.operations.iam_names import ACCOUNT, LAMBDA_TRUST, a_name, a_user, allow, document, refused

BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


@pytest.fixture
def iam(stack: Trial) -> Any:
    return stack.boto3("iam")


def test_a_group_has_users_and_policies_which_are_in_the_way_of_its_deletion(iam: Any) -> None:
    group, user = a_name(), a_name()
    made = iam.create_group(GroupName=group, Path="/team/")["Group"]
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:group/team/{group}"
    assert made["GroupId"].startswith("AGPA")
    iam.create_user(UserName=user)
    iam.add_user_to_group(GroupName=group, UserName=user)
    iam.add_user_to_group(GroupName=group, UserName=user)
    assert [each["UserName"] for each in iam.get_group(GroupName=group)["Users"]] == [user]
    assert [each["GroupName"] for each in iam.list_groups_for_user(UserName=user)["Groups"]] == [group]
    assert group in [each["GroupName"] for each in iam.list_groups(PathPrefix="/team/")["Groups"]]
    iam.attach_group_policy(GroupName=group, PolicyArn=BASIC)
    iam.put_group_policy(GroupName=group, PolicyName="inline", PolicyDocument=document(allow("sqs:*")))
    assert iam.list_group_policies(GroupName=group)["PolicyNames"] == ["inline"]
    assert [each["GroupName"] for each in iam.list_entities_for_policy(PolicyArn=BASIC, EntityFilter="Group")["PolicyGroups"]] == [group]
    conflict = ("DeleteConflict", 409, "Cannot delete entity, must remove users from group first.")
    assert refused(iam.delete_group, GroupName=group) == refused(iam.delete_user, UserName=user) == conflict
    iam.remove_user_from_group(GroupName=group, UserName=user)
    assert refused(iam.remove_user_from_group, GroupName=group, UserName=user)[0] == "NoSuchEntity"
    assert refused(iam.delete_group, GroupName=group)[2] == "Cannot delete entity, must detach all policies first."
    iam.detach_group_policy(GroupName=group, PolicyArn=BASIC)
    iam.delete_group_policy(GroupName=group, PolicyName="inline")
    iam.delete_group(GroupName=group)
    assert refused(iam.get_group, GroupName=group) == ("NoSuchEntity", 404, f"The group with name {group} cannot be found.")


def test_a_boundary_is_set_shown_counted_and_taken_away(iam: Any) -> None:
    name, policy = a_name(), a_name()
    arn = iam.create_policy(PolicyName=policy, PolicyDocument=document(allow("s3:*")))["Policy"]["Arn"]
    missing = f"arn:aws:iam::{ACCOUNT}:policy/{a_name()}"
    unknown = ("NoSuchEntity", 404, f"Scope ARN: {missing} does not exist or is not attachable.")
    assert refused(iam.create_role, RoleName=name, AssumeRolePolicyDocument=LAMBDA_TRUST, PermissionsBoundary=missing) == unknown
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=LAMBDA_TRUST, PermissionsBoundary=arn)
    iam.create_user(UserName=name)
    assert refused(iam.put_user_permissions_boundary, UserName=name, PermissionsBoundary=missing) == unknown
    iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=arn)
    shown = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}
    assert iam.get_role(RoleName=name)["Role"]["PermissionsBoundary"] == shown
    assert iam.get_user(UserName=name)["User"]["PermissionsBoundary"] == shown
    assert iam.get_policy(PolicyArn=arn)["Policy"]["PermissionsBoundaryUsageCount"] == 2
    entities = iam.list_entities_for_policy(PolicyArn=arn, PolicyUsageFilter="PermissionsBoundary")
    assert [each["RoleName"] for each in entities["PolicyRoles"]] == [each["UserName"] for each in entities["PolicyUsers"]] == [name]
    assert refused(iam.delete_policy, PolicyArn=arn)[0] == "DeleteConflict"
    iam.delete_role_permissions_boundary(RoleName=name)
    iam.delete_user_permissions_boundary(UserName=name)
    assert "PermissionsBoundary" not in iam.get_role(RoleName=name)["Role"]
    iam.delete_policy(PolicyArn=arn)


def test_when_a_key_was_last_used(stack: Trial, iam: Any) -> None:
    name, ada = a_user(stack)
    key = iam.list_access_keys(UserName=name)["AccessKeyMetadata"][0]["AccessKeyId"]
    never = iam.get_access_key_last_used(AccessKeyId=key)
    assert (never["UserName"], never["AccessKeyLastUsed"]) == (name, {"ServiceName": "N/A", "Region": "N/A"})
    ada.client("sts").get_caller_identity()
    used = iam.get_access_key_last_used(AccessKeyId=key)["AccessKeyLastUsed"]
    assert (used["ServiceName"], used["Region"], "LastUsedDate" in used) == ("sts", "us-east-1", True)
    assert refused(iam.get_access_key_last_used, AccessKeyId="AKIAAAAAAAAAAAAAAAAA")[0] == "AccessDenied"


def test_a_users_arn_has_its_path(stack: Trial) -> None:
    name, ada = a_user(stack, Path="/people/")
    identity = ada.client("sts").get_caller_identity()
    assert identity["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/people/{name}"
    assert identity["UserId"].startswith("AIDA")


def test_a_policy_that_is_too_long_or_has_a_condition_that_is_none_is_refused(iam: Any) -> None:
    name = a_name()
    long = document(*(allow("s3:GetObject", resource=f"arn:aws:s3:::{'b' * 60}-{number}") for number in range(60)))
    assert refused(iam.create_policy, PolicyName=name, PolicyDocument=long) == (
        "LimitExceeded",
        409,
        "Cannot exceed quota for PolicySize: 6144",
    )
    iam.create_user(UserName=name)
    message = f"Maximum policy size of 2048 bytes exceeded for user {name}"
    assert refused(iam.put_user_policy, UserName=name, PolicyName="p", PolicyDocument=long) == ("LimitExceeded", 409, message)
    wrong = document(allow("s3:*", Condition={"StringIs": {"aws:SourceIp": "x"}}))
    assert refused(iam.create_policy, PolicyName=name, PolicyDocument=wrong) == (
        "MalformedPolicyDocument",
        400,
        "Invalid Condition type : StringIs.",
    )
