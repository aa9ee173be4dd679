"""What services and roles may do: the questions that deliveries ask."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from invocations import attached_policies, identities
from invocations.authorize import may_invoke, may_role_send, source_keys
from invocations.catalogue import FunctionSnapshot
from invocations.models import Account, Queue, Role
from invocations.policies import Layer, Policy, Verdict, parse
from invocations.resources import policy_holders
from invocations.values import Principal
from tests.invocations.snapshots import ACCOUNT, a_function

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]

FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:orders"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:orders"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:failed"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/orders"
TRUST = '{"Statement": {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}}'


@pytest.fixture(autouse=True)
def _nothing_known_from_another_test() -> Iterator[None]:
    def forget() -> None:
        for remembered in (identities._remembered, attached_policies._remembered):
            remembered.forget(lambda _: True)

    forget()
    yield
    forget()


def admitting(service: str, resource: str = FUNCTION, **condition: dict[str, str]) -> Policy:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "lambda:InvokeFunction", "Resource": resource}
    return parse({"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]})


def ask(service: str, function: FunctionSnapshot, qualifier: str | None, source_arn: str, source_account: str = "") -> Verdict:
    """As a delivery of that service asks."""
    keys = source_keys(source_arn, source_account)
    return asyncio.run(may_invoke(Principal.service(service), ACCOUNT, function.name, qualifier, function, keys=keys))


@pytest.mark.parametrize(
    ("policies", "qualifier", "source", "allowed"),
    [
        ({}, None, TOPIC, False),
        ({"": admitting("sns.amazonaws.com")}, None, TOPIC, True),
        ({"": admitting("sns.amazonaws.com")}, "live", TOPIC, False),
        ({"live": admitting("sns.amazonaws.com", FUNCTION + ":live")}, "live", TOPIC, True),
        ({"": admitting("s3.amazonaws.com")}, None, TOPIC, False),
        ({"": admitting("sns.amazonaws.com", ArnLike={"AWS:SourceArn": TOPIC})}, None, TOPIC, True),
        ({"": admitting("sns.amazonaws.com", ArnLike={"AWS:SourceArn": TOPIC})}, None, TOPIC + "2", False),
        ({"": admitting("sns.amazonaws.com", StringEquals={"AWS:SourceAccount": ACCOUNT})}, None, TOPIC, True),
        ({"": admitting("sns.amazonaws.com", StringEquals={"AWS:SourceAccount": "1" * 12})}, None, TOPIC, False),
    ],
)
def test_a_service_invokes_what_the_policy_of_the_qualifier_lets_it(
    policies: dict[str, Policy], qualifier: str | None, source: str, allowed: bool
) -> None:
    function = replace(a_function(), policies=policies)
    verdict = ask("sns.amazonaws.com", function, qualifier, source)
    assert verdict.allowed == allowed
    assert verdict.layer is Layer.RESOURCE


def test_a_bucket_has_its_account_beside_its_arn() -> None:
    policy = admitting("s3.amazonaws.com", StringEquals={"AWS:SourceAccount": ACCOUNT})
    function = replace(a_function(), policies={"": policy})
    asked = [ask("s3.amazonaws.com", function, None, "arn:aws:s3:::b", owner) for owner in (ACCOUNT, "1" * 12)]
    assert [verdict.allowed for verdict in asked] == [True, False]


def test_a_role_sends_where_its_policies_let_it() -> None:
    account = Account.objects.create(account_id=ACCOUNT)

    def asked() -> tuple[bool, Layer]:
        verdict = may_role_send(ACCOUNT, ROLE, "orders", "sqs:SendMessage", QUEUE)
        return verdict.allowed, verdict.layer

    assert asked() == (True, Layer.UNRESTRICTED)
    policy_holders.create(Role, ACCOUNT, "orders", assume_role_policy_document=TRUST)
    assert asked() == (False, Layer.IDENTITY)
    allow = '{"Statement": {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "' + QUEUE + '"}}'
    policy_holders.put_policy(Role, ACCOUNT, "orders", "send", allow)
    assert asked() == (True, Layer.IDENTITY)
    deny = '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}}'
    queue = Queue.objects.create(
        account=account, name="failed", attributes={"Policy": deny}, created_at=account.created_at, last_modified=account.created_at
    )
    assert asked() == (False, Layer.RESOURCE)
    queue.attributes = {}
    queue.save(update_fields=["attributes"])
    assert asked() == (True, Layer.IDENTITY)
    queue.delete()


def test_a_role_that_is_not_allowed_is_refused_in_awss_words() -> None:
    Account.objects.create(account_id=ACCOUNT)
    policy_holders.create(Role, ACCOUNT, "orders", assume_role_policy_document=TRUST)
    verdict = may_role_send(ACCOUNT, ROLE, "orders", "sns:Publish", TOPIC)
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/orders/orders"
    assert verdict.message == (
        f"User: {session} is not authorized to perform: sns:Publish on resource: {TOPIC} because no identity-based policy allows the "
        "sns:Publish action"
    )
