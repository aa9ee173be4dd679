"""What takes away a Deny or a boundary: the change, applied, does, and says what else it changes."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from invocations import attached_policies, identities
from invocations.authorize import Sending, may_send_now, role_session
from invocations.enums import PrincipalType
from invocations.models import Account, Group, Queue, Role, User
from invocations.policies import Context, Question, Verdict, parse
from invocations.resources import grants, groups, managed_policies, obstacles, policy_holders, queues
from invocations.values import Principal

ACCOUNT = "525252525252"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders"
OTHER_QUEUE = f"{QUEUE}-old"
SEND = "sqs:SendMessage"
ADA = Principal(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/ada", PrincipalType.IAM_USER)
ROLE = role_session(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:role/sender", "orders")
TRUST = '{"Statement": {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}}'
ALLOW = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}

with_database = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]


@pytest.mark.parametrize(
    ("element", "narrowed"),
    [
        ({"Action": SEND, "Resource": [QUEUE, OTHER_QUEUE]}, {"Action": SEND, "Resource": [OTHER_QUEUE]}),
        ({"Action": SEND, "Resource": "*"}, {"Action": SEND, "NotResource": [QUEUE]}),
        ({"Action": [SEND, "sqs:PurgeQueue"], "Resource": QUEUE}, {"Action": ["sqs:PurgeQueue"], "Resource": QUEUE}),
        ({"Action": "*", "Resource": QUEUE}, {"NotAction": [SEND], "Resource": QUEUE}),
        ({"Action": "sqs:Send*", "Resource": f"{QUEUE}*"}, None),
        ({"Action": SEND, "Resource": [QUEUE, QUEUE.upper()]}, {"Action": SEND, "Resource": [QUEUE.upper()]}),
    ],
)
def test_a_deny_is_narrowed_by_as_little_as_can_be(element: dict[str, Any], narrowed: dict[str, Any] | None) -> None:
    question = Question(ADA, SEND, QUEUE, ACCOUNT, Context({}))
    found = obstacles.narrow({"Effect": "Deny", **element}, question, is_of_resource=False)
    assert found == (None if narrowed is None else {"Effect": "Deny", **narrowed})


def test_a_deny_of_a_resource_is_narrowed_to_everybody_else() -> None:
    question = Question(ADA, SEND, QUEUE, ACCOUNT, Context({"aws:principalarn": ADA.arn}))
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": QUEUE}
    found = obstacles.narrow(statement, question, is_of_resource=True)
    assert found == {**statement, "Condition": {"ArnNotEquals": {"aws:PrincipalArn": ADA.arn}}}
    (compiled,) = parse({"Statement": [found]}).statements
    bob = Question(ADA, SEND, QUEUE, ACCOUNT, Context({"aws:principalarn": f"{ADA.arn}-bob"}))
    assert (compiled.mismatch(question) is None, compiled.mismatch(bob) is None) == (False, True)


class TestApplied:
    pytestmark = with_database

    @pytest.fixture(autouse=True)
    def _resources(self) -> Iterator[None]:
        Account.objects.create(account_id=ACCOUNT)
        queues.create(ACCOUNT, "orders")
        policy_holders.create(User, ACCOUNT, "ada")
        policy_holders.create(User, ACCOUNT, "bob")
        policy_holders.create(Role, ACCOUNT, "sender", assume_role_policy_document=TRUST)
        yield
        for remembered in (identities._remembered, attached_policies._remembered):
            remembered.forget(lambda _: True)

    def test_an_inline_deny_is_narrowed_or_taken_out(self) -> None:
        for number, operation in ((0, "PutUserPolicy"), (1, "DeleteUserPolicy")):
            put_inline("never", {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"})
            put_inline("all", ALLOW)
            refused = ask(ADA)
            assert (refused.is_explicit_deny, grants.of(refused, ACCOUNT)) == (True, [])
            grant = obstacles.of(refused, ACCOUNT)[number]
            assert grant.operation == operation
            grant.apply()
            assert ask(ADA).allowed
            assert ask(ADA, OTHER_QUEUE).allowed is (operation == "DeleteUserPolicy")

    def test_a_policy_that_others_have_too_says_so(self) -> None:
        policy = managed_policies.create(ACCOUNT, "shared", document({"Effect": "Deny", "Action": SEND, "Resource": "*"}), **PLAIN)
        for name in ("ada", "bob"):
            policy_holders.attach(User, ACCOUNT, name, policy.arn)
        put_inline("all", ALLOW)
        (narrowed,) = obstacles.of(ask(ADA), ACCOUNT)  # taken out it would leave a policy of no statement
        assert narrowed.consequence.endswith("It changes this for others too: user bob.")
        narrowed.apply()
        assert ask(ADA).allowed
        assert managed_policies.get(ACCOUNT, policy.arn).default_version == 2

    def test_a_groups_deny_is_taken_out_of_the_group(self) -> None:
        policy_holders.create(Group, ACCOUNT, "team")
        for name in ("ada", "bob"):
            groups.add_user(ACCOUNT, "team", name)
        policy_holders.put_policy(Group, ACCOUNT, "team", "never", document({"Effect": "Deny", "Action": SEND, "Resource": f"{QUEUE}*"}))
        put_inline("all", ALLOW)
        (grant,) = obstacles.of(ask(ADA), ACCOUNT)
        assert (grant.operation, grant.members) == ("DeleteGroupPolicy", {"GroupName": "team", "PolicyName": "never"})
        assert "user bob" in grant.consequence
        grant.apply()
        assert ask(ADA).allowed

    def test_a_queues_deny_is_narrowed_and_stays_for_others(self) -> None:
        deny = {"Sid": "shut", "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": QUEUE}
        queues.set_attributes(ACCOUNT, "orders", {"Policy": document(deny)})
        put_inline("all", ALLOW)
        grant = obstacles.of(ask(ADA), ACCOUNT)[0]
        assert (grant.operation, grant.after["Statement"][0]["Sid"]) == ("SetQueueAttributes", "shut")
        assert grant.consequence.startswith("The statement shut holds no more for")
        grant.apply()
        assert ask(ADA).allowed
        assert json.loads(Queue.objects.of(ACCOUNT).get(name="orders").attributes["Policy"]) == grant.after

    def test_a_boundary_gets_what_it_lacks_and_one_of_awss_cannot(self) -> None:
        policy = managed_policies.create(ACCOUNT, "bound", document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}), **PLAIN)
        policy_holders.put_policy(Role, ACCOUNT, "sender", "all", document(ALLOW))
        policy_holders.put_boundary(Role, ACCOUNT, "sender", policy.arn)
        (grant,) = obstacles.of(ask(ROLE), ACCOUNT)
        assert grant.operation == "CreatePolicyVersion"
        grant.apply()
        assert ask(ROLE).allowed
        policy_holders.put_boundary(Role, ACCOUNT, "sender", "arn:aws:iam::aws:policy/AWSLambda_ReadOnlyAccess")
        refused = ask(ROLE)
        assert (refused.allowed, obstacles.of(refused, ACCOUNT)) == (False, [])


PLAIN: dict[str, Any] = {"path": "/", "description": "", "tags": {}}


def document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def put_inline(name: str, statement: dict[str, Any]) -> None:
    policy_holders.put_policy(User, ACCOUNT, "ada", name, document(statement))


def ask(principal: Principal, queue: str = QUEUE) -> Verdict:
    return may_send_now(Sending(principal, SEND, queue))
