"""Pages of topics without a browser: what they cost, what they do, what they refuse, and why somebody gets nothing."""

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from invocations import store
from invocations.models import Account, Subscription, Topic
from invocations.resources import queues, subscriptions, topics
from invocations.services import sns, sqs
from invocations.values import Principal
from playground.dashboard.topic_messages import why_filtered_out
from tests.playground.dashboard.records import step
from tests.playground.dashboard.test_chain import stored
from tests.queue_policies import letting_in

ACCOUNT = "000000000000"
ROOT = f"/w/{ACCOUNT}/resources/"
PAGE = f"{ROOT}topics/news/"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]


@pytest.fixture
def visitor() -> Client:
    """Somebody on the pages of an account that has a topic."""
    Account.objects.create(account_id=ACCOUNT, seeded=True)
    topics.create(ACCOUNT, "news")
    return Client()


def subscribe(protocol: str, endpoint: str, **attributes: str) -> Subscription:
    return subscriptions.subscribe(Topic.objects.of(ACCOUNT).get(name="news"), Principal.root(ACCOUNT), protocol, endpoint, attributes)


def subscribe_queue(name: str, **attributes: str) -> Subscription:
    queues.create(ACCOUNT, name, {"Policy": letting_in()})
    return subscribe("sqs", sqs.queue_arn(ACCOUNT, name), **attributes)


def text_of(response: HttpResponse) -> str:
    """What is to be read on a page, on one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode().partition("<main")[2]).split())


def post(visitor: Client, change: str, **fields: Any) -> HttpResponse:
    return visitor.post(f"{PAGE}{change}/", fields)  # type: ignore[return-value]


@pytest.mark.parametrize("path", [ROOT, f"{ROOT}topics/", PAGE, f"{PAGE}?tab=inbox", f"{PAGE}?tab=attributes"])
def test_three_topics_subscriptions_and_messages_more_cost_no_query_more(visitor: Client, path: str) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert visitor.get(path).status_code == 200
        return len(captured)

    subscribe("email", "a0@example.com")
    sns.publish(ACCOUNT, "news", "x")
    one = cost()
    for number in (1, 2, 3):
        topics.create(ACCOUNT, f"news{number}")
        subscribe("email", f"a{number}@example.com")
        sns.publish(ACCOUNT, "news", "x")
    assert cost() == one


def test_a_topic_is_made_and_deleted_once_its_name_is_typed(visitor: Client) -> None:
    made = visitor.post(f"{ROOT}topics/", {"name": "steps", "is_fifo": "on"})
    assert (made.status_code, made["Location"]) == (302, f"{ROOT}topics/steps.fifo/")
    assert topics.attributes_of(ACCOUNT, "steps.fifo")["ContentBasedDeduplication"] == "true"
    refused = visitor.post(f"{ROOT}topics/", {"name": "no spaces"})
    assert refused.status_code == 422
    assert "Invalid parameter: Topic Name (InvalidParameter)" in text_of(refused)  # type: ignore[arg-type]
    visitor.post(f"{ROOT}topics/steps.fifo/delete/", {"confirm": "steps"})
    assert Topic.objects.of(ACCOUNT).filter(name="steps.fifo").exists()
    visitor.post(f"{ROOT}topics/steps.fifo/delete/", {"confirm": "steps.fifo"})
    assert not Topic.objects.of(ACCOUNT).filter(name="steps.fifo").exists()


def test_what_is_published_is_told_with_who_got_it(visitor: Client) -> None:
    subscribe_queue("good")
    subscribe_queue("picky", FilterPolicy='{"kind": ["return"]}')
    answer = post(visitor, "publish", message='{"order": 42}', subject="Order", attributes="kind=sale\ntotal:Number=5")
    (message,) = sns.recent(ACCOUNT, "news")
    assert (answer.status_code, answer["Location"]) == (302, f"{PAGE}?message={message.message_id}")
    shown = text_of(visitor.get(answer["Location"]))  # type: ignore[arg-type]
    assert "Published" in shown
    assert "delivered good sqs" in shown
    assert "filtered out picky sqs kind: &quot;return&quot;, got &quot;sale&quot;" in shown
    assert sqs.counts(ACCOUNT, "good").available == 1


def test_what_a_publish_from_the_page_led_to_is_linked_both_ways(visitor: Client) -> None:
    Account.objects.filter(pk=ACCOUNT).update(records_messages=True)
    answer = post(visitor, "publish", message="hello")
    (message,) = sns.recent(ACCOUNT, "news")
    let_in = step("authorize", 0.5, source_arn=sns.topic_arn(ACCOUNT, "news"))
    event = json.dumps({"Records": [{"Sns": {"MessageId": message.message_id}}]}).encode()
    caused = {"parent": message.parent_request_id, "source": "sns"}
    stored("made-by-it", let_in, **caused, request_payload=event)

    page = visitor.get(answer["Location"]).content.decode()
    assert f'href="/w/{ACCOUNT}/invocations/made-by-it/"' in page
    page = visitor.get(f"/w/{ACCOUNT}/invocations/made-by-it/").content.decode()
    assert f'<a href="{PAGE}?message={message.message_id}#message">topic news, message {message.message_id[:8]}…</a>' in page
    told = [json.loads(fields[b"trail"])["record"] for _, fields in store.connection().xrange(store.TRAIL_KEY)]
    assert [(row["eventName"], row["requestID"]) for row in told] == [("Publish", message.parent_request_id)]


def test_one_can_ask_who_would_get_it_without_publishing(visitor: Client) -> None:
    subscribe_queue("good")
    subscribe_queue("big", FilterPolicy='{"total": [{"numeric": [">", 10]}]}', FilterPolicyScope="MessageBody")
    subscribe("email", "ada@example.com")
    answer = post(visitor, "try", message='{"total": 5}')
    assert answer.status_code == 200
    shown = text_of(answer)
    assert "would get it good sqs filtered out big sqs total: numeric &gt; 10, got 5 pending confirmation ada@example.com" in shown
    assert sns.recent(ACCOUNT, "news") == []
    assert sqs.counts(ACCOUNT, "good").available == 0


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"message": "x", "subject": "ä"}, "Invalid parameter: Subject (InvalidParameter)"),
        ({"message": "{}", "is_structured": "on"}, "No default entry in JSON message body"),
        ({"message": "x", "attributes": "no equals sign"}, "Line 1 has no equals sign"),
        ({"message": "x", "attributes": "a:Number=x"}, "Could not cast message attribute"),
    ],
)
def test_what_cannot_be_published_comes_back_as_it_was_typed(visitor: Client, fields: dict[str, str], sentence: str) -> None:
    for change in ("publish", "try"):
        answer = post(visitor, change, **fields)
        assert answer.status_code == 422
        assert sentence in text_of(answer)
        assert all(value in answer.content.decode() for name, value in fields.items() if name != "is_structured")


def test_a_queue_that_is_subscribed_here_lets_the_topic_in(visitor: Client) -> None:
    queues.create(ACCOUNT, "let-in")
    for _ in range(2):
        post(visitor, "subscribe", protocol="sqs", endpoint="let-in", filter_policy_scope="MessageAttributes")
    (statement,) = json.loads(queues.get(ACCOUNT, "let-in").attributes["Policy"])["Statement"]
    assert statement == {
        "Sid": "sns-news",
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": sqs.queue_arn(ACCOUNT, "let-in"),
        "Condition": {"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:news"}},
    }


def test_names_stand_for_the_accounts_own_queues_and_functions(visitor: Client) -> None:
    for protocol, endpoint in (("sqs", "parcels"), ("lambda", "hello"), ("email", "ada@example.com")):
        answer = post(visitor, "subscribe", protocol=protocol, endpoint=endpoint, filter_policy_scope="MessageAttributes")
        assert answer.status_code == 302
    endpoints = [each.endpoint for each in sns.find(ACCOUNT, "news").subscriptions]
    assert endpoints == [sqs.queue_arn(ACCOUNT, "parcels"), f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:hello", "ada@example.com"]
    refused = post(visitor, "subscribe", protocol="http", endpoint="http://example.com/", filter_policy_scope="MessageAttributes")
    assert refused.status_code == 422
    assert "example.com is not on this machine" in text_of(refused)
    bad = post(visitor, "subscribe", protocol="sqs", endpoint="q", filter_policy="{", filter_policy_scope="MessageAttributes")
    assert "FilterPolicy: failed to parse JSON" in text_of(bad)


def test_a_subscription_is_changed_confirmed_and_ended(visitor: Client) -> None:
    row = subscribe_queue("parcels")
    queues.create(ACCOUNT, "dead")
    policy, target = '{"total": [1]}', sqs.queue_arn(ACCOUNT, "dead")
    fields = {"subscription": row.subscription_id, "filter_policy": policy, "filter_policy_scope": "MessageBody", "raw": "on"}
    assert post(visitor, "subscription", **fields, dead_letter_queue=target).status_code == 302
    row.refresh_from_db()
    assert row.attributes == {
        "FilterPolicy": policy,
        "FilterPolicyScope": "MessageBody",
        "RawMessageDelivery": "true",
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": target}),
    }
    refused = post(visitor, "subscription", **fields | {"filter_policy": '{"a": 1}'}, dead_letter_queue="")
    assert refused.status_code == 422
    row.refresh_from_db()
    assert (row.attributes["FilterPolicy"], "RedrivePolicy" in row.attributes) == (policy, True)
    mail = subscribe("email", "ada@example.com")
    assert "Confirm subscription of ada@example.com" in text_of(visitor.get(f"{PAGE}?tab=inbox"))  # type: ignore[arg-type]
    post(visitor, "confirm", subscription=mail.subscription_id, **{"from": "inbox"})
    assert "Confirm subscription" not in text_of(visitor.get(f"{PAGE}?tab=inbox"))  # type: ignore[arg-type]
    post(visitor, "unsubscribe", subscription=row.subscription_id)
    assert [(each.endpoint, each.pending_confirmation) for each in sns.find(ACCOUNT, "news").subscriptions] == [("ada@example.com", False)]
    assert post(visitor, "unsubscribe", subscription=row.subscription_id).status_code == 404


def test_attributes_that_differ_are_set(visitor: Client) -> None:
    unchanged = {"signature_version": "1", "policy": topics.attributes_of(ACCOUNT, "news")["Policy"]}
    assert "Nothing differs" in text_of(visitor.post(f"{PAGE}attributes/", unchanged, follow=True))  # type: ignore[arg-type]
    post(visitor, "attributes", **unchanged | {"display_name": "News", "signature_version": "2"})
    assert Topic.objects.of(ACCOUNT).get().attributes == {"DisplayName": "News", "SignatureVersion": "2"}
    refused = post(visitor, "attributes", **unchanged | {"delivery_policy": "[]"})
    assert refused.status_code == 422
    assert "DeliveryPolicy: failed to parse JSON." in text_of(refused)


def test_another_accounts_topic_is_not_there(visitor: Client) -> None:
    topics.create("111111111111", "theirs")
    assert visitor.get(f"{ROOT}topics/theirs/").status_code == 404
    assert "theirs" not in text_of(visitor.get(f"{ROOT}topics/"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("policy", "scope", "body", "why"),
    [
        ('{"a": ["x"]}', "MessageBody", "no JSON", "The body is no JSON object, and the filter policy looks at the body."),
        ('{"a": ["x"]}', "MessageBody", '{"b": 1}', 'a: "x", key missing'),
        ('{"a": [{"numeric": [">", 1]}]}', "MessageBody", '{"a": "2"}', 'a: numeric > 1, got "2", a string'),
        ('{"a": [{"exists": false}]}', "MessageBody", '{"a": 1}', "a: does not exist, got 1"),
        ('{"a": ["x"]}', "MessageBody", '{"a": "x"}', ""),
    ],
)
def test_it_is_said_why_a_filter_did_not_let_a_message_pass(visitor: Client, policy: str, scope: str, body: str, why: str) -> None:
    subscribe_queue("q", FilterPolicy=policy, FilterPolicyScope=scope)
    (subscription,) = sns.find(ACCOUNT, "news").subscriptions
    assert why_filtered_out(subscription, body, {}) == why
