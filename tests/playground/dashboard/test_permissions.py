"""The permission explainer without a browser: the ladder, the question in the address, the change that is offered, the tab."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from invocations import attached_policies, clock, identities
from invocations.models import Account, TrailEvent, User
from invocations.resources import function_policies, policy_holders
from playground.dashboard.permissions import recorded
from playground.dashboard.permissions.ladder import ladder
from tests.function_rows import a_function_row

ACCOUNT = "000000000000"
PAGE, TAB = f"/w/{ACCOUNT}/permissions/", f"/w/{ACCOUNT}/functions/orders/permissions/"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:orders"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:news"
ADA = f"arn:aws:iam::{ACCOUNT}:user/ada"
NO_COLON = "sns.amazonaws.com"


def a_statement(layer: str, effect: str = "Allow", sid: str = "s", **mismatch: Any) -> dict[str, Any]:
    """As Examined.as_json has it."""
    wrong = {"element": "", "operator": "", "key": "", "expected": [], "actual": []} | mismatch if mismatch else None
    place = {"layer": layer, "policy": "", "position": 1, "sid": sid, "effect": effect, "statement": {"Sid": sid}}
    return {**place, "applies": not mismatch, "mismatch": wrong}


def a_decision(layer: str, *statements: dict[str, Any], allowed: bool = False, deny: bool = False, principal: str = ADA) -> dict[str, Any]:
    told = {"allowed": allowed, "layer": layer, "explicit_deny": deny, "reason": "because", "principal": principal}
    return {**told, "action": "lambda:InvokeFunction", "resource": FUNCTION, "context": {}, "statements": list(statements)}


RESOURCE, IDENTITY, BOUNDARY = "resource-based policy", "identity-based policy", "permissions boundary"


@pytest.mark.parametrize(
    ("decision", "rungs"),
    [
        (
            a_decision(RESOURCE, a_statement(RESOURCE, element="Principal"), principal=NO_COLON),
            ["Explicit deny: none applies", "Resource policy: does not allow it", "Default: denied!"],
        ),
        (
            a_decision(RESOURCE, a_statement(RESOURCE), allowed=True, principal=NO_COLON),
            ["Explicit deny: none applies", "Resource policy: allows!"],
        ),
        (
            a_decision(IDENTITY, a_statement(IDENTITY, "Deny"), a_statement(IDENTITY, element="Action"), deny=True),
            ["Explicit deny: denies!", "Resource policy: says nothing", "Identity policies: does not allow it"],
        ),
        (
            a_decision(BOUNDARY, a_statement(IDENTITY), a_statement(BOUNDARY, element="Action")),
            [
                "Explicit deny: none applies",
                "Resource policy: says nothing",
                "Identity policies: allows",
                "Permissions boundary: does not allow it",
                "Default: denied!",
            ],
        ),
        (
            a_decision("unrestricted", allowed=True),
            ["Explicit deny: none applies", "Resource policy: says nothing", "Identity policies: unrestricted!"],
        ),
        (
            a_decision("account root", allowed=True),
            ["Explicit deny: none applies", "Account root: allows!", "Resource policy: says nothing", "Identity policies: says nothing"],
        ),
    ],
)
def test_the_ladder_shows_each_question_and_which_decided(decision: dict[str, Any], rungs: list[str]) -> None:
    assert [f"{each.title}: {each.word}{'!' if each.is_decisive else ''}" for each in ladder(decision)] == rungs


def test_a_statement_that_does_not_apply_says_what_it_wants_and_what_the_call_has() -> None:
    condition = {"element": "Condition", "operator": "ArnLike", "key": "AWS:SourceArn", "expected": ["arn:x"]}
    qualifier = {"element": "Resource", "expected": [FUNCTION], "actual": [f"{FUNCTION}:live"]}
    found = ladder(a_decision(RESOURCE, a_statement(RESOURCE, sid="far", **qualifier), a_statement(RESOURCE, sid="near", **condition)))
    near, far = found[1].statements
    assert (near.title, near.why_not, near.expected, near.actual) == (
        "near",
        "Condition ArnLike AWS:SourceArn",
        "arn:x",
        "the call has no such key",
    )
    assert far.hint == "It speaks of the function without a qualifier; this call names live."


@pytest.fixture
def visitor(redis_server: None, transactional_db: None) -> Iterator[Client]:
    """Somebody on the pages of an account with a function and a user."""
    account = Account.objects.create(account_id=ACCOUNT, seeded=True)
    a_function_row(account)
    policy_holders.create(User, ACCOUNT, "ada")
    yield Client()
    for remembered in (identities._remembered, attached_policies._remembered):
        remembered.forget(lambda _: True)


def text_of(response: HttpResponse) -> str:
    """What is to be read on a page, on one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode().partition("<main")[2]).split())


def asking(principal: str, resource: str = "orders", **more: str) -> dict[str, str]:
    return {"principal": principal, "action": "lambda:InvokeFunction", "resource": resource, **more}


def test_what_is_denied_is_allowed_by_one_click_and_asked_again(visitor: Client) -> None:
    for who, operation in ((asking(NO_COLON, source=TOPIC), "AddPermission"), (asking(ADA), "PutUserPolicy")):
        page = visitor.get(PAGE, who)
        assert "Denied" in text_of(page)
        assert operation in text_of(page)
        answer = visitor.post(f"{PAGE}allow/", {**who, "fix": "0"})
        assert answer["Location"] == f"{PAGE}?{urlencode(who)}&done=1"
        assert "Changed, and asked again" in text_of(visitor.get(answer["Location"]))
        assert visitor.get(PAGE, who).context["answer"].is_allowed
        assert visitor.post(f"{PAGE}allow/", {**who, "fix": "0"})["Location"].endswith("&done=0")
    policy, _ = function_policies.get(ACCOUNT, "orders", None)
    assert [(each["Sid"], each["Condition"]["ArnLike"]["AWS:SourceArn"]) for each in policy.statements] == [("sns-news", TOPIC)]


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ({}, "Choose who, what and which resource."),
        (asking("nobody"), "No statement of a resource-based policy allows nobody.amazonaws.com"),
        (asking("arn:aws:iam::1:user/x"), "is nobody"),
        (asking(ADA, "arn:aws:x"), "is no ARN, and no name of"),
        (asking(ADA, "*") | {"action": "iam:ListUsers"}, "No statement of an identity-based policy allows the user ada to ListUsers *."),
        (asking(ADA) | {"action": "fly"}, "“fly” is no action"),
        (asking(ACCOUNT), "the account's root may do everything"),
        (asking(f"arn:aws:iam::{ACCOUNT}:role/nobody"), "does not exist here"),
        (asking("arn:aws:iam::999999999999:user/eve"), "belongs to another account"),
        (asking("\0"), "Choose who, what and which resource."),
        (asking(ADA, "arn:aws:s3:::") | {"action": "s3:GetObject", "context": "=\n=x\naws:SourceIp=no address"}, "Denied"),
        (asking(ADA, "arn:aws:lambda:us-east-1:1:layer:x:1"), "Denied"),
        (asking("arn:aws:sts::000000000000:assumed-role/nobody/me", "orders:nine"), "Allowed"),
        (asking(NO_COLON, "gone"), "There is no such resource in this account"),
    ],
)
def test_every_question_has_an_answer_or_says_what_is_wrong_with_it(visitor: Client, who: dict[str, str], said: str) -> None:
    response = visitor.get(PAGE, who)
    assert response.status_code == 200
    assert said in text_of(response).replace("&#x27;", "'")


def test_anothers_policies_are_not_shown(visitor: Client) -> None:
    Account.objects.create(account_id="999999999999")
    policy_holders.create(User, "999999999999", "eve")
    policy_holders.put_policy(
        User, "999999999999", "eve", "hidden-rule", '{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}'
    )
    response = visitor.get(PAGE, asking("arn:aws:iam::999999999999:user/eve"))
    assert response.context["answer"].decision["layer"] == RESOURCE
    assert "hidden-rule" not in text_of(response)


def test_statements_are_added_and_removed_on_the_functions_tab(visitor: Client) -> None:
    assert "No statement" in text_of(visitor.get(TAB))
    given = {"principal": NO_COLON, "action": "lambda:InvokeFunction", "source_arn": TOPIC}
    for _ in range(2):
        assert visitor.post(f"{TAB}add/", given).status_code == 302
    assert visitor.post(f"{TAB}add/", {"principal": "*", "action": "lambda:InvokeFunctionUrl"}).status_code == 302
    shown = visitor.get(TAB).context
    assert [(row.sid, row.who, row.is_public) for row in shown["statements"]] == [
        ("sns-news", NO_COLON, False),
        ("sns-news-2", NO_COLON, False),
        ("everybody-InvokeFunctionUrl", "everybody", True),
    ]
    assert shown["is_public"]
    assert visitor.post(f"{TAB}remove/", {"sid": "sns-news"}).status_code == 302
    assert len(visitor.get(TAB).context["statements"]) == 2
    refused = visitor.post(f"{TAB}remove/", {"sid": "sns-news"})
    assert (refused.status_code, "Statement sns-news is not found" in text_of(refused)) == (422, True)
    bad = visitor.post(f"{TAB}add/", {"principal": "no body", "action": "lambda:InvokeFunction"})
    assert (bad.status_code, list(bad.context["grant_form"].errors)) == (422, ["principal"])


def test_a_deny_is_taken_out_by_a_button_behind_a_sentence_that_says_what_else_changes(visitor: Client) -> None:
    allow, deny = ({"Effect": effect, "Action": "lambda:*", "Resource": "*"} for effect in ("Allow", "Deny"))
    policy_holders.put_policy(User, ACCOUNT, "ada", "mixed", json.dumps({"Version": "2012-10-17", "Statement": [allow, deny]}))
    page = visitor.get(PAGE, asking(ADA))
    assert [fix.grant.operation for fix in page.context["answer"].fixes] == ["PutUserPolicy", "PutUserPolicy"]
    assert "All that the statement 2 forbids is then decided by other statements: lambda:* on *." in text_of(page)
    assert visitor.post(f"{PAGE}allow/", {**asking(ADA), "fix": "1"})["Location"].endswith("&done=1")
    assert visitor.get(PAGE, asking(ADA)).context["answer"].is_allowed


def test_against_the_policies_of_a_session_only_a_new_one_helps(visitor: Client) -> None:
    decision = {"principal": f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/me", "allowed": False, "layer": "session policy"}
    call = recorded.new_session(ACCOUNT, decision)
    assert call is not None
    assert call.members == {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/worker", "RoleSessionName": "me"}
    for other in ({"layer": "permissions boundary"}, {"allowed": True}, {"principal": ADA}):
        assert recorded.new_session(ACCOUNT, {**decision, **other}) is None
    fields = {"event_source": "sqs.amazonaws.com", "event_name": "ListQueues", "read_only": True, "request_id": "r", "record": {}}
    TrailEvent.objects.create(
        account_id=ACCOUNT, event_id="e", event_time=clock.now(), decision={**decision, "reason": "no session policy allows it"}, **fields
    )
    said = text_of(visitor.get(PAGE, {**asking(f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/me"), "event": "e"}))
    assert "Only a new session helps" in said
    assert "aws --endpoint-url" in said
    assert "sts assume-role" in said
