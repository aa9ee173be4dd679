"""Every operation asks for permission: tried with boto3, as users, role sessions and other accounts' users."""

import io
import json
import urllib.request
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from playground.supervision.trial import Trial
from tests.playground.endpoint.operations.iam_names import (
    ACCOUNT,
    LAMBDA_TRUST,
    Caller,
    a_name,
    a_user,
    allow,
    caller_with,
    deny,
    document,
    refused,
    trust,
)

LAMBDA = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:"
OTHER = "777788889999"


@pytest.fixture
def function(stack: Trial, hello_zip: bytes) -> str:
    return a_function(stack, hello_zip)


def a_function(stack: Trial, code: bytes, role: str = f"arn:aws:iam::{ACCOUNT}:role/nowhere") -> str:
    name, client = a_name(), stack.boto3("lambda")
    client.create_function(FunctionName=name, Runtime="python3.12", Handler="m.handler", Role=role, Code={"ZipFile": code})
    client.get_waiter("function_active_v2").wait(FunctionName=name)
    return name


def user_arn(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:user/{name}"


def no_policy(principal: str, action: str, resource: str, layer: str = "identity-based policy") -> str:
    return f"User: {principal} is not authorized to perform: {action} on resource: {resource} because no {layer} allows the {action} action"


def test_a_user_without_policies_may_invoke_nothing_and_is_told_so(stack: Trial, function: str) -> None:
    name, ada = a_user(stack)
    refusal = refused(ada.client("lambda").invoke, FunctionName=function)
    message = no_policy(user_arn(name), "lambda:InvokeFunction", LAMBDA + function)
    assert refusal == ("AccessDeniedException", 403, message)
    _, bob = a_user(stack, allow("lambda:InvokeFunction", resource=LAMBDA + function))
    assert bob.client("lambda").invoke(FunctionName=function)["StatusCode"] == 200
    unknown = a_name()
    assert refused(bob.client("lambda").invoke, FunctionName=unknown)[0] == "AccessDeniedException"
    _, eve = a_user(stack, allow("lambda:*"), deny("lambda:InvokeFunction"))
    assert refused(eve.client("lambda").invoke, FunctionName=function)[2].endswith("with an explicit deny in an identity-based policy")


def test_a_changed_policy_counts_at_once(stack: Trial, function: str) -> None:
    name, ada = a_user(stack, allow("lambda:InvokeFunction"))
    invoke, iam = ada.client("lambda").invoke, stack.boto3("iam")
    invoke(FunctionName=function)
    iam.put_user_policy(UserName=name, PolicyName="no", PolicyDocument=document(deny("lambda:*")))
    assert refused(invoke, FunctionName=function)[1] == 403
    iam.delete_user_policy(UserName=name, PolicyName="no")
    invoke(FunctionName=function)
    group = a_name()
    iam.create_group(GroupName=group)
    iam.put_group_policy(GroupName=group, PolicyName="no", PolicyDocument=document(deny("lambda:*")))
    iam.add_user_to_group(GroupName=group, UserName=name)
    assert refused(invoke, FunctionName=function)[1] == 403
    iam.remove_user_from_group(GroupName=group, UserName=name)
    invoke(FunctionName=function)
    boundary = iam.create_policy(PolicyName=a_name(), PolicyDocument=document(allow("s3:*")))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=boundary)
    assert refused(invoke, FunctionName=function)[2].endswith("no permissions boundary allows the lambda:InvokeFunction action")
    iam.create_policy_version(PolicyArn=boundary, PolicyDocument=document(allow("lambda:*")), SetAsDefault=True)
    invoke(FunctionName=function)


def test_the_policy_of_the_qualifier_counts(stack: Trial, function: str) -> None:
    client = stack.boto3("lambda")
    client.publish_version(FunctionName=function)
    client.create_alias(FunctionName=function, Name="live", FunctionVersion="1")
    name, ada = a_user(stack)
    invoke = ada.client("lambda").invoke
    client.add_permission(
        FunctionName=function, Qualifier="live", StatementId="ada", Action="lambda:InvokeFunction", Principal=user_arn(name)
    )
    assert invoke(FunctionName=function, Qualifier="live")["ExecutedVersion"] == "1"
    for qualifier in ({}, {"Qualifier": "1"}, {"Qualifier": "$LATEST"}):
        arn = LAMBDA + function + "".join(f":{each}" for each in qualifier.values())
        assert refused(invoke, FunctionName=function, **qualifier)[2] == no_policy(user_arn(name), "lambda:InvokeFunction", arn)
    client.remove_permission(FunctionName=function, Qualifier="live", StatementId="ada")
    assert refused(invoke, FunctionName=function, Qualifier="live")[1] == 403


def test_another_accounts_user_needs_the_functions_policy_and_one_of_its_own(stack: Trial, function: str) -> None:
    client, arn = stack.boto3("lambda"), LAMBDA + function
    allowed, eve = a_user(stack, allow("lambda:InvokeFunction"), account=OTHER)
    bare, bob = a_user(stack, account=OTHER)
    missing = no_policy(user_arn(allowed, OTHER), "lambda:InvokeFunction", arn, "resource-based policy")
    assert refused(eve.client("lambda").invoke, FunctionName=arn) == ("AccessDeniedException", 403, missing)
    client.add_permission(FunctionName=function, StatementId="other", Action="lambda:InvokeFunction", Principal=OTHER)
    assert json.load(eve.client("lambda").invoke(FunctionName=arn, Payload=b'{"a": 1}')["Payload"]) == {"a": 1}
    assert refused(bob.client("lambda").invoke, FunctionName=arn)[2] == no_policy(user_arn(bare, OTHER), "lambda:InvokeFunction", arn)
    assert Caller(stack, OTHER, "test").client("lambda").invoke(FunctionName=arn)["StatusCode"] == 200
    assert refused(eve.client("lambda").get_function, FunctionName=arn)[0] == "AccessDeniedException"
    client.add_permission(FunctionName=function, StatementId="read", Action="lambda:GetFunction", Principal=OTHER)
    found = Caller(stack, OTHER, "test").client("lambda").get_function(FunctionName=arn)
    assert found["Configuration"]["FunctionArn"] == arn


def test_a_refusal_is_in_the_record_with_every_statement_looked_at(stack: Trial, function: str) -> None:
    name, ada = a_user(stack, allow("lambda:InvokeFunction", resource=LAMBDA + "another"))
    with pytest.raises(ClientError) as caught:
        ada.client("lambda").invoke(FunctionName=function)
    request_id = caught.value.response["ResponseMetadata"]["RequestId"]
    with urllib.request.urlopen(f"{stack.dashboard_url}/w/{ACCOUNT}/invocations/{request_id}/files/record.json") as answer:
        accepted, step = json.load(answer)["steps"]
    assert (accepted["station"], step["station"], step["outcome"]) == ("accept", "authorize", "refused")
    decision = step["detail"]["decision"]
    assert (decision["principal"], decision["allowed"], decision["layer"]) == (user_arn(name), False, "identity-based policy")
    (statement,) = decision["statements"]
    assert (statement["policy"], statement["mismatch"]["element"]) == ("own", "Resource")


CALLS: dict[str, Callable[[Caller, str], Any]] = {
    "lambda:GetFunction": lambda caller, name: caller.client("lambda").get_function(FunctionName=name),
    "lambda:ListFunctions": lambda caller, _: caller.client("lambda").list_functions(),
    "lambda:UpdateFunctionConfiguration": lambda caller, name: caller.client("lambda").update_function_configuration(
        FunctionName=name, Timeout=4
    ),
    "lambda:DeleteFunction": lambda caller, name: caller.client("lambda").delete_function(FunctionName=name),
    "lambda:TagResource": lambda caller, name: caller.client("lambda").tag_resource(Resource=LAMBDA + name, Tags={"a": "b"}),
    "lambda:PublishLayerVersion": lambda caller, _: caller.client("lambda").publish_layer_version(LayerName="l", Content={"ZipFile": b"x"}),
    "sqs:ListQueues": lambda caller, _: caller.client("sqs").list_queues(),
    "sqs:CreateQueue": lambda caller, _: caller.client("sqs").create_queue(QueueName="q"),
    "sns:CreateTopic": lambda caller, _: caller.client("sns").create_topic(Name="t"),
    "sns:ListTopics": lambda caller, _: caller.client("sns").list_topics(),
    "events:PutRule": lambda caller, _: caller.client("events").put_rule(Name="r", ScheduleExpression="rate(1 day)"),
    "events:PutEvents": lambda caller, _: caller.client("events").put_events(Entries=[{"Source": "s", "DetailType": "d", "Detail": "{}"}]),
    "scheduler:ListSchedules": lambda caller, _: caller.client("scheduler").list_schedules(),
    "s3:ListAllMyBuckets": lambda caller, _: caller.client("s3").list_buckets(),
    "s3:CreateBucket": lambda caller, _: caller.client("s3").create_bucket(Bucket="some-bucket"),
    "logs:DescribeLogGroups": lambda caller, _: caller.client("logs").describe_log_groups(),
    "logs:FilterLogEvents": lambda caller, name: caller.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}"),
    "iam:ListUsers": lambda caller, _: caller.client("iam").list_users(),
    "iam:CreateUser": lambda caller, _: caller.client("iam").create_user(UserName="u"),
    "iam:GetUser": lambda caller, _: caller.client("iam").get_user(),
    "sts:DecodeAuthorizationMessage": lambda caller, _: caller.client("sts").decode_authorization_message(EncodedMessage="x"),
}
RESOURCES = {
    "lambda:GetFunction": LAMBDA + "{function}",
    "lambda:UpdateFunctionConfiguration": LAMBDA + "{function}",
    "lambda:DeleteFunction": LAMBDA + "{function}",
    "lambda:TagResource": LAMBDA + "{function}",
    "lambda:PublishLayerVersion": f"arn:aws:lambda:us-east-1:{ACCOUNT}:layer:l",
    "sqs:ListQueues": f"arn:aws:sqs:us-east-1:{ACCOUNT}:*",
    "sqs:CreateQueue": f"arn:aws:sqs:us-east-1:{ACCOUNT}:q",
    "sns:CreateTopic": f"arn:aws:sns:us-east-1:{ACCOUNT}:t",
    "sns:ListTopics": f"arn:aws:sns:us-east-1:{ACCOUNT}:*",
    "events:PutRule": f"arn:aws:events:us-east-1:{ACCOUNT}:rule/r",
    "events:PutEvents": f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default",
    "s3:CreateBucket": '"arn:aws:s3:::some-bucket"',
    "s3:ListAllMyBuckets": '"*"',
    "logs:DescribeLogGroups": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group::log-stream:",
    "logs:FilterLogEvents": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/{{function}}:log-stream:",
    "iam:ListUsers": f"arn:aws:iam::{ACCOUNT}:user/",
    "iam:CreateUser": f"arn:aws:iam::{ACCOUNT}:user/u",
    "iam:GetUser": f"arn:aws:iam::{ACCOUNT}:user/{{user}}",
}
CODES = {"sqs": "AccessDenied", "sns": "AuthorizationError", "s3": "AccessDenied", "iam": "AccessDenied", "sts": "AccessDenied"}


@pytest.fixture(scope="module")
def nobody(stack: Trial) -> tuple[str, Caller]:
    return a_user(stack)


@pytest.mark.parametrize("action", CALLS)
def test_each_service_words_its_refusal(stack: Trial, nobody: tuple[str, Caller], action: str) -> None:
    name, caller = nobody
    code, status, message = refused(lambda: CALLS[action](caller, "some-function"))
    service, verb = action.split(":")
    worded = {"sqs": action.lower(), "sns": f"SNS:{verb}"}.get(service, action)
    resource = RESOURCES.get(action, "*").format(function="some-function", user=name)
    assert (code, status) == (CODES.get(service, "AccessDeniedException"), 400 if service in ("events", "logs") else 403)
    assert message == no_policy(user_arn(name), worded, resource)


@pytest.mark.parametrize("action", ["lambda:GetFunction", "lambda:ListFunctions", "sqs:ListQueues", "s3:ListAllMyBuckets", "iam:GetUser"])
def test_with_just_that_action_the_same_call_is_answered(stack: Trial, function: str, action: str) -> None:
    _, caller = a_user(stack, allow(action))
    assert CALLS[action](caller, function)["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_who_gives_a_function_a_role_must_be_allowed_to_pass_it(stack: Trial, function: str, hello_zip: bytes) -> None:
    iam = stack.boto3("iam")
    role = iam.create_role(RoleName=a_name(), AssumeRolePolicyDocument=LAMBDA_TRUST)["Role"]["Arn"]
    name, ada = a_user(stack, allow("lambda:*"))
    asked = {"Runtime": "python3.12", "Handler": "m.handler", "Role": role, "Code": {"ZipFile": hello_zip}}
    create, new = ada.client("lambda").create_function, a_name()
    refusal = refused(create, FunctionName=new, **asked)
    assert refusal == ("AccessDeniedException", 403, no_policy(user_arn(name), "iam:PassRole", role))
    to_lambda = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    iam.put_user_policy(
        UserName=name, PolicyName="pass", PolicyDocument=document(allow("iam:PassRole", resource=role, Condition=to_lambda))
    )
    assert create(FunctionName=new, **asked)["Role"] == role


def test_a_role_session_is_narrowed_down_by_its_session_policy_and_by_the_roles_boundary(stack: Trial, function: str) -> None:
    iam, name = stack.boto3("iam"), a_name()
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust("*"))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=document(allow("lambda:*", "sqs:*")))
    assume = stack.boto3("sts").assume_role
    whole = caller_with(stack, assume(RoleArn=role, RoleSessionName="whole")["Credentials"])
    whole.client("lambda").invoke(FunctionName=function)
    narrow = assume(RoleArn=role, RoleSessionName="narrow", Policy=document(allow("sqs:*")))
    caller = caller_with(stack, narrow["Credentials"])
    caller.client("sqs").list_queues()
    message = refused(caller.client("lambda").invoke, FunctionName=function)[2]
    session = narrow["AssumedRoleUser"]["Arn"]
    assert message == no_policy(session, "lambda:InvokeFunction", LAMBDA + function, "session policy")
    managed = assume(RoleArn=role, RoleSessionName="managed", PolicyArns=[{"arn": "arn:aws:iam::aws:policy/AmazonSQSFullAccess"}])
    assert refused(caller_with(stack, managed["Credentials"]).client("lambda").list_functions)[1] == 403


def test_tags_of_principal_session_and_resource_can_be_compared(stack: Trial, function: str) -> None:
    same_team = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    _, ada = a_user(stack, allow("lambda:GetFunction", Condition=same_team), Tags=[{"Key": "team", "Value": "red"}])
    get, client = ada.client("lambda").get_function, stack.boto3("lambda")
    assert refused(get, FunctionName=function)[1] == 403
    client.tag_resource(Resource=LAMBDA + function, Tags={"team": "red"})
    get(FunctionName=function)
    client.tag_resource(Resource=LAMBDA + function, Tags={"team": "blue"})
    assert refused(get, FunctionName=function)[1] == 403


def test_conditions_see_where_a_call_comes_from(stack: Trial, function: str) -> None:
    here, elsewhere = ({"IpAddress": {"aws:SourceIp": block}} for block in (["127.0.0.0/8", "::1/128"], "203.0.113.0/24"))
    _, ada = a_user(stack, allow("lambda:InvokeFunction", Condition=here))
    _, bob = a_user(stack, allow("lambda:InvokeFunction", Condition=elsewhere))
    ada.client("lambda").invoke(FunctionName=function)
    assert refused(bob.client("lambda").invoke, FunctionName=function)[1] == 403


def test_a_queues_policy_with_a_condition_lets_another_account_in_by_it(stack: Trial) -> None:
    sqs, name = stack.boto3("sqs"), a_name()
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
    stranger = Caller(stack, OTHER, "test").client("sqs")
    statement = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "sqs:SendMessage", "Resource": arn}

    def let_in(condition: dict[str, Any]) -> None:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document({**statement, "Condition": condition})})

    assert refused(stranger.send_message, QueueUrl=url, MessageBody="m")[1] == 403
    let_in({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})
    assert refused(stranger.send_message, QueueUrl=url, MessageBody="m")[1] == 403
    let_in({"IpAddress": {"aws:SourceIp": ["127.0.0.0/8", "::1/128"]}})
    stranger.send_message(QueueUrl=url, MessageBody="m")
    assert refused(stranger.set_queue_attributes, QueueUrl=url, Attributes={"DelaySeconds": "1"})[1] == 403
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert refused(stranger.send_message, QueueUrl=url, MessageBody="m")[1] == 403


def test_a_deny_in_a_queues_policy_stops_its_own_root(stack: Trial) -> None:
    sqs, name = stack.boto3("sqs"), a_name()
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    policy = document(
        {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"}
    )
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    assert refused(sqs.send_message, QueueUrl=url, MessageBody="m")[2].endswith("with an explicit deny in a resource-based policy")


def test_a_buckets_policy_lets_another_account_read_what_it_says(stack: Trial) -> None:
    s3, bucket = stack.boto3("s3"), a_name()
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="open/a", Body=b"a")
    s3.put_object(Bucket=bucket, Key="closed/b", Body=b"b")
    stranger = Caller(stack, OTHER, "test").client("s3")
    assert refused(stranger.get_object, Bucket=bucket, Key="open/a")[:2] == ("AccessDenied", 403)
    statement = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/open/*"}
    s3.put_bucket_policy(Bucket=bucket, Policy=document(statement))
    assert stranger.get_object(Bucket=bucket, Key="open/a")["Body"].read() == b"a"
    assert refused(stranger.get_object, Bucket=bucket, Key="closed/b")[1] == 403
    assert refused(stranger.put_object, Bucket=bucket, Key="open/c", Body=b"c")[1] == 403
    _, eve = a_user(stack, account=OTHER)
    assert refused(eve.client("s3").get_object, Bucket=bucket, Key="open/a")[1] == 403
    s3.delete_bucket_policy(Bucket=bucket)
    assert refused(stranger.get_object, Bucket=bucket, Key="open/a")[1] == 403


def test_a_topic_and_a_bus_let_in_whom_their_policies_say(stack: Trial) -> None:
    sns, name = stack.boto3("sns"), a_name()
    topic = sns.create_topic(Name=name)["TopicArn"]
    stranger = Caller(stack, OTHER, "test")
    code, status, message = refused(stranger.client("sns").publish, TopicArn=topic, Message="m")
    assert (code, status) == ("AuthorizationError", 403)
    assert message == no_policy(f"arn:aws:iam::{OTHER}:root", "SNS:Publish", topic, "resource-based policy")
    sns.add_permission(TopicArn=topic, Label="other", AWSAccountId=[OTHER], ActionName=["Publish"])
    stranger.client("sns").publish(TopicArn=topic, Message="m")
    bus = stack.boto3("events").create_event_bus(Name=name)["EventBusArn"]
    entries = [{"Source": "shop", "DetailType": "d", "Detail": "{}", "EventBusName": bus}]
    put = stranger.client("events").put_events
    assert refused(put, Entries=entries)[0] == "AccessDeniedException"
    shop = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "events:PutEvents", "Resource": bus, "Sid": "s"}
    only_shop = {**shop, "Condition": {"StringEquals": {"events:source": "shop"}}}
    stack.boto3("events").put_permission(EventBusName=name, Policy=document(only_shop))
    assert put(Entries=entries)["FailedEntryCount"] == 0
    assert refused(put, Entries=[{**entries[0], "Source": "bank"}])[0] == "AccessDeniedException"


def test_a_functions_calls_are_its_roles(stack: Trial) -> None:
    code = (
        "import boto3\nfrom botocore.exceptions import ClientError\n\n"
        "def handler(event, context):\n    try:\n        return len(boto3.client('sqs').list_queues().get('QueueUrls', [])) >= 0\n"
        "    except ClientError as error:\n        return error.response['Error']['Message']\n"
    )
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("m.py", code)
    iam, name = stack.boto3("iam"), a_name()
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=LAMBDA_TRUST)["Role"]["Arn"]
    function = a_function(stack, archive.getvalue(), role)
    invoke = stack.boto3("lambda").invoke
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{function}"
    answer = json.load(invoke(FunctionName=function)["Payload"])
    assert answer == no_policy(session, "sqs:listqueues", f"arn:aws:sqs:us-east-1:{ACCOUNT}:*")
    from_it = {"ArnEquals": {"lambda:SourceFunctionArn": LAMBDA + function}}
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(allow("sqs:ListQueues", Condition=from_it)))
    assert json.load(invoke(FunctionName=function)["Payload"]) is True


def test_a_refusal_can_be_decoded_by_its_own_account(stack: Trial, function: str) -> None:
    _, ada = a_user(stack, allow("lambda:GetFunction", resource=LAMBDA + "another"), allow("sts:DecodeAuthorizationMessage"))
    with pytest.raises(ClientError) as caught:
        ada.client("lambda").get_function(FunctionName=function)
    message = caught.value.response["ResponseMetadata"]["HTTPHeaders"]["x-playground-encoded-authorization-message"]
    decoded = json.loads(ada.client("sts").decode_authorization_message(EncodedMessage=message)["DecodedMessage"])
    assert (decoded["allowed"], decoded["explicitDeny"], decoded["matchedStatements"]["items"]) == (False, False, [])
    assert (decoded["context"]["action"], decoded["context"]["resource"]) == ("lambda:GetFunction", LAMBDA + function)
    first = decoded["failures"]["items"][0]["mismatch"]
    assert (first["element"], first["expected"], first["actual"]) == ("Resource", [LAMBDA + "another"], [LAMBDA + function])
    other = Caller(stack, OTHER, "test").client("sts")
    for sealed in (message, "x" * 20):
        assert refused(other.decode_authorization_message, EncodedMessage=sealed) == (
            "InvalidAuthorizationMessageException",
            400,
            "Message is not valid",
        )


def test_a_role_that_does_not_exist_may_do_everything(stack: Trial, function: str) -> None:
    ghost = f"arn:aws:iam::{ACCOUNT}:role/{a_name()}"
    given = stack.boto3("sts").assume_role(RoleArn=ghost, RoleSessionName="session")
    session = caller_with(stack, given["Credentials"])
    session.client("lambda").invoke(FunctionName=function)
    session.client("iam").list_users()
