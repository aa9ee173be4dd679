"""IAM through boto3 against a whole playground."""

import json
import uuid
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from playground.supervision.trial import Trial

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


@pytest.fixture
def iam(stack: Trial) -> Any:
    return stack.boto3("iam")


@pytest.fixture
def name() -> str:
    return f"n{uuid.uuid4().hex[:10]}"


def code_and_message(call: Any, **arguments: Any) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response
    return error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Message"]


def test_a_role_is_read_as_it_was_created(iam: Any, name: str) -> None:
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), Path="/service/", Tags=[{"Key": "a", "Value": "b"}])
    role = iam.get_role(RoleName=name)["Role"]
    assert role == made["Role"]
    assert role["Arn"] == f"arn:aws:iam::000000000000:role/service/{name}"
    assert role["AssumeRolePolicyDocument"] == TRUST
    assert (role["MaxSessionDuration"], role["Tags"], role["RoleId"][:4]) == (3600, [{"Key": "a", "Value": "b"}], "AROA")
    assert name in {
        each["RoleName"] for page in iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 1}) for each in page["Roles"]
    }
    assert iam.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"] == []


def test_the_second_role_of_a_name_and_an_unknown_one(iam: Any, name: str) -> None:
    missing = ("NoSuchEntity", 404, f"The role with name {name} cannot be found.")
    assert code_and_message(iam.get_role, RoleName=name) == missing
    assert code_and_message(iam.delete_role, RoleName=name) == missing
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    again = code_and_message(iam.create_role, RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    assert again == ("EntityAlreadyExists", 409, f"Role with name {name} already exists.")


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "This policy contains invalid Json"),
        ("[]", "Syntax errors in policy."),
        (json.dumps(ALLOW), "Has prohibited field Resource"),
        (json.dumps({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole"}}), "Missing required field Principal"),
    ],
)
def test_a_trust_policy_that_is_none_is_refused(iam: Any, name: str, document: str, message: str) -> None:
    refused = code_and_message(iam.create_role, RoleName=name, AssumeRolePolicyDocument=document)
    assert refused == ("MalformedPolicyDocument", 400, message)


def test_policies_of_a_role_are_in_the_way_of_its_deletion(iam: Any, name: str) -> None:
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.attach_role_policy(RoleName=name, PolicyArn=BASIC)
    iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=json.dumps(ALLOW))
    assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == [
        {"PolicyName": "AWSLambdaBasicExecutionRole", "PolicyArn": BASIC}
    ]
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["inline"]
    assert iam.get_role_policy(RoleName=name, PolicyName="inline")["PolicyDocument"] == ALLOW
    conflict = code_and_message(iam.delete_role, RoleName=name)
    assert conflict == ("DeleteConflict", 409, "Cannot delete entity, must detach all policies first.")
    iam.detach_role_policy(RoleName=name, PolicyArn=BASIC)
    assert code_and_message(iam.delete_role, RoleName=name)[2] == "Cannot delete entity, must delete policies first."
    iam.delete_role_policy(RoleName=name, PolicyName="inline")
    iam.delete_role(RoleName=name)
    assert code_and_message(iam.get_role, RoleName=name)[0] == "NoSuchEntity"


def test_a_policy_has_up_to_five_versions_and_one_default(iam: Any, name: str) -> None:
    arn = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(ALLOW))["Policy"]["Arn"]
    other = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
    made = iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(other), SetAsDefault=True)["PolicyVersion"]
    assert (made["VersionId"], iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]) == ("v2", "v2")
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]["Document"] == other
    assert code_and_message(iam.delete_policy_version, PolicyArn=arn, VersionId="v2")[0] == "DeleteConflict"
    for _ in range(3):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(other))
    assert code_and_message(iam.create_policy_version, PolicyArn=arn, PolicyDocument=json.dumps(other))[0] == "LimitExceeded"
    assert [each["VersionId"] for each in iam.list_policy_versions(PolicyArn=arn)["Versions"]] == ["v5", "v4", "v3", "v2", "v1"]
    assert code_and_message(iam.delete_policy, PolicyArn=arn)[0] == "DeleteConflict"
    for version in ("v1", "v3", "v4", "v5"):
        iam.delete_policy_version(PolicyArn=arn, VersionId=version)
    iam.delete_policy(PolicyArn=arn)
    assert code_and_message(iam.get_policy, PolicyArn=arn) == ("NoSuchEntity", 404, f"Policy {arn} was not found.")


def test_a_users_key_signs_calls_until_it_is_deleted(stack: Trial, iam: Any, name: str) -> None:
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    sts = boto3.client(
        "sts",
        endpoint_url=stack.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::000000000000:user/{name}"
    assert code_and_message(iam.delete_user, UserName=name)[2] == "Cannot delete entity, must delete access keys first."
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    assert code_and_message(sts.get_caller_identity)[0] == "InvalidClientTokenId"
    iam.delete_user(UserName=name)


def test_lambda_must_be_trusted_by_the_role_of_a_function(stack: Trial, iam: Any, name: str, hello_zip: bytes) -> None:
    distrust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(distrust))["Role"]["Arn"]
    create = stack.boto3("lambda").create_function
    arguments = {"FunctionName": name, "Runtime": "python3.12", "Handler": "m.handler", "Role": role, "Code": {"ZipFile": hello_zip}}
    refused = code_and_message(create, **arguments)
    assert refused == ("InvalidParameterValueException", 400, "The role defined for the function cannot be assumed by Lambda.")
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(TRUST))
    assert create(**arguments)["Role"] == role
