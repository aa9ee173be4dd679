"""What would allow what was refused: applied, it does; and where no statement helps, none is offered."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from invocations import attached_policies, identities
from invocations.authorize import Sending, may_send_now, role_session, source_keys
from invocations.enums import PrincipalType
from invocations.models import Account, Bucket, Queue, Role, Topic, User
from invocations.policies import Verdict
from invocations.resources import event_buses, function_policies, grants, policy_holders, queues, topics
from invocations.values import Principal
from tests.function_rows import a_function_row

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]

ACCOUNT, OTHER = "515151515151", "626262626262"
LAMBDA, SQS, SNS = (f"arn:aws:{service}:us-east-1:{ACCOUNT}:" for service in ("lambda", "sqs", "sns"))
FUNCTION, QUEUE, TOPIC = f"{LAMBDA}function:orders", f"{SQS}orders", f"{SNS}orders"
BUS, BUCKET = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/orders", "arn:aws:s3:::orders-of-grants"
RULE = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/large"
USER = Principal(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/ada", PrincipalType.IAM_USER)
ROLE = role_session(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:role/sender", "orders")
TRUST = '{"Statement": {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}}'
INVOKE, SEND, PUBLISH, PUT = "lambda:InvokeFunction", "sqs:SendMessage", "sns:Publish", "s3:PutObject"


@pytest.fixture(autouse=True)
def _resources() -> Iterator[None]:
    account = Account.objects.create(account_id=ACCOUNT)
    a_function_row(account)
    queues.create(ACCOUNT, "orders")
    topics.create(ACCOUNT, "orders")
    event_buses.create(ACCOUNT, {"Name": "orders"})
    Bucket.objects.create(account=account, name="orders-of-grants", created_at=account.created_at)
    policy_holders.create(User, ACCOUNT, "ada")
    policy_holders.create(Role, ACCOUNT, "sender", assume_role_policy_document=TRUST)
    yield
    for remembered in (identities._remembered, attached_policies._remembered):
        remembered.forget(lambda _: True)


def service(name: str, source: str = "") -> dict[str, Any]:
    principal = Principal(ACCOUNT, f"{name}.amazonaws.com", PrincipalType.AWS_SERVICE)
    return {"principal": principal, "keys": source_keys(source, ACCOUNT)}


def ask(principal: Principal, action: str, target: str, resource: str = "", keys: Any = None) -> Verdict:
    return may_send_now(Sending(principal, action, target, resource, keys or {}))


@pytest.mark.parametrize(
    ("who", "action", "target", "resource", "operation"),
    [
        (service("sns", TOPIC), INVOKE, FUNCTION, "", "AddPermission"),
        (service("s3", BUCKET), INVOKE, FUNCTION, "", "AddPermission"),
        (service("sns", TOPIC), SEND, QUEUE, "", "SetQueueAttributes"),
        (service("events", RULE), PUBLISH, TOPIC, "", "SetTopicAttributes"),
        ({"principal": USER}, INVOKE, FUNCTION, "", "PutUserPolicy"),
        ({"principal": ROLE}, SEND, QUEUE, "", "PutRolePolicy"),
        ({"principal": ROLE}, PUT, BUCKET, f"{BUCKET}/a/key", "PutRolePolicy"),
        ({"principal": Principal.root(OTHER)}, INVOKE, FUNCTION, "", "AddPermission"),
        ({"principal": Principal.root(OTHER)}, SEND, QUEUE, "", "SetQueueAttributes"),
        ({"principal": Principal.root(OTHER)}, "events:PutEvents", BUS, "", "PutPermission"),
        ({"principal": Principal.anonymous()}, PUT, BUCKET, f"{BUCKET}/a/key", "PutBucketPolicy"),
        ({"principal": Principal.anonymous()}, "lambda:InvokeFunctionUrl", FUNCTION, "", "AddPermission"),
    ],
)
def test_what_is_offered_first_allows_it(who: dict[str, Any], action: str, target: str, resource: str, operation: str) -> None:
    refused = ask(**who, action=action, target=target, resource=resource)
    assert not refused.allowed
    grant = grants.of(refused, ACCOUNT)[0]
    assert grant.operation == operation
    grant.apply()
    assert ask(**who, action=action, target=target, resource=resource).allowed
    assert grants.of(ask(**who, action=action, target=target, resource=resource), ACCOUNT) == []


def test_a_statement_names_who_and_on_behalf_of_what_and_nothing_more() -> None:
    (grant,) = grants.of(ask(**service("s3", BUCKET), action=INVOKE, target=FUNCTION), ACCOUNT)
    assert grant.members == {
        "FunctionName": "orders",
        "StatementId": "s3-orders-of-grants",
        "Action": INVOKE,
        "Principal": "s3.amazonaws.com",
        "SourceArn": BUCKET,
        "SourceAccount": ACCOUNT,
    }
    grant.apply()
    assert not ask(**service("s3", f"{BUCKET}2"), action=INVOKE, target=FUNCTION).allowed
    policy, _ = function_policies.get(ACCOUNT, "orders", None)
    assert policy.document == grant.after


def test_a_second_queue_is_another_statement_of_the_same_inline_policy() -> None:
    queues.create(ACCOUNT, "second")
    for queue in (QUEUE, f"{SQS}second"):
        grants.of(ask(ROLE, "sqs:SendMessage", queue), ACCOUNT)[0].apply()
    (document,) = policy_holders.get(Role, ACCOUNT, "sender").inline_policies.values()
    assert [each["Resource"] for each in json.loads(document)["Statement"]] == [QUEUE, f"{SQS}second"]


def test_no_statement_is_offered_where_none_helps_or_the_policy_is_anothers() -> None:
    deny = {"Statement": {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}}
    policy_holders.put_policy(User, ACCOUNT, "ada", "never", json.dumps(deny))
    assert grants.of(ask(USER, "sqs:SendMessage", QUEUE), ACCOUNT) == []
    assert grants.of(ask(Principal.root(OTHER), "sqs:SendMessage", QUEUE), OTHER) == []
    assert grants.of(ask(**service("sns", TOPIC), action="sqs:SendMessage", target=f"{SQS}nobody"), ACCOUNT) == []
    assert grants.of(ask(**service("sns", TOPIC), action=INVOKE, target=f"{LAMBDA}function:nobody"), ACCOUNT) == []


def test_pages_add_a_statement_once_and_only_where_it_is_missing() -> None:
    sending = Sending(action="sqs:SendMessage", target_arn=QUEUE, **service("sns", TOPIC))
    assert [grants.ensure(sending) is not None for _ in range(3)] == [True, False, False]
    assert len(json.loads(Queue.objects.of(ACCOUNT).get().attributes["Policy"])["Statement"]) == 1
    assert "Policy" not in Topic.objects.of(ACCOUNT).get().attributes
