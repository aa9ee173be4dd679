"""From a topic to its subscribers: what each kind of them gets, and what is remembered of it."""

import json
from typing import Any

import pytest
from django.conf import settings

from invocations import outbox, store
from invocations.errors import AwsError
from invocations.models import Topic
from invocations.outbox import Delivery
from invocations.resources import queues, subscriptions, topics
from invocations.services import sns, sqs
from invocations.services.sns import envelopes, signing, topic_config
from invocations.services.sns.envelopes import Issued
from tests.invocations.services.sns.topics_of_tests import ACCOUNT, a_queue, a_topic, event, fates, queue_arn, subscribe
from tests.queue_policies import letting_in

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db]

FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:hello:live"
URL = "http://127.0.0.1:9/hook"
ATTRIBUTES = {
    "Test": {"DataType": "String", "StringValue": "TestString"},
    "TestBinary": {"DataType": "Binary", "BinaryValue": b"TestBinary"},
}


def owed(target: str) -> list[Delivery]:
    return [outbox.read(waiting.fields) for waiting in outbox.waiting(ACCOUNT, target)]


def links(arn: str) -> dict[str, str]:
    base = f"http://localhost:{settings.ENDPOINT_PORT}"
    return {
        "certificate": f"{base}/_playground/sns/{signing.identity().certificate_name}",
        "unsubscribe": f"{base}/?Action=Unsubscribe&SubscriptionArn={arn}",
        "subscription": arn.rpartition(":")[2],
    }


def test_a_function_is_owed_the_documented_event() -> None:
    row = subscribe(a_topic(), "lambda", FUNCTION)
    published = sns.publish(ACCOUNT, "orders", "Hello from SNS!", subject="TestInvoke", attributes=ATTRIBUTES, trace_id="Root=1-a")
    (delivery,) = owed(FUNCTION)
    body = json.loads(delivery.body)
    written = body["Records"][0]["Sns"]
    values = {"message": published.message_id, "timestamp": written["Timestamp"], "signature": written["Signature"]}
    assert body == event("sns_lambda", **values, **links(subscriptions.arn_of(row)))["event"]
    assert (delivery.source, delivery.origin, delivery.trace_id) == ("sns", sns.topic_arn(ACCOUNT, "orders"), "Root=1-a")
    assert (delivery.retry.schedule, delivery.retry.maximum_retry_attempts) == ("sns", 100_015)


def test_a_function_without_subject_and_attributes_sees_that_there_are_none() -> None:
    subscribe(a_topic(SignatureVersion="2"), "lambda", FUNCTION)
    sns.publish(ACCOUNT, "orders", "x")
    (delivery,) = owed(FUNCTION)
    written = json.loads(delivery.body)["Records"][0]["Sns"]
    assert (written["Subject"], written["MessageAttributes"], written["SignatureVersion"]) == (None, {}, "1")


def test_an_http_endpoint_is_asked_and_then_told() -> None:
    row = subscribe(a_topic(), "http", URL)
    published = sns.publish(ACCOUNT, "orders", "Hello from SNS!", subject="TestInvoke", attributes=ATTRIBUTES)
    asked, told = owed(URL)
    expected = event(
        "sns_http",
        message=asked.detail["headers"]["x-amz-sns-message-id"],
        token=row.token,
        **_written(asked),
        **links(subscriptions.arn_of(row)),
    )
    assert (asked.detail["headers"], json.loads(asked.body)) == (expected["confirmation"]["headers"], expected["confirmation"]["body"])
    expected = event("sns_http", message=published.message_id, **_written(told), **links(subscriptions.arn_of(row)))
    assert (told.detail["headers"], json.loads(told.body)) == (expected["notification"]["headers"], expected["notification"]["body"])
    assert (told.retry.schedule, told.retry.delays) == ("delays", (20.0, 20.0, 20.0))


def _written(delivery: Delivery) -> dict[str, str]:
    body = json.loads(delivery.body)
    return {"timestamp": body["Timestamp"], "signature": body["Signature"]}


def test_an_http_endpoint_may_have_its_own_content_type_retries_and_raw_messages() -> None:
    policy = {
        "healthyRetryPolicy": {"minDelayTarget": 1, "maxDelayTarget": 5, "numRetries": 4, "numNoDelayRetries": 1, "numMaxDelayRetries": 1},
        "requestPolicy": {"headerContentType": "text/csv"},
    }
    subscribe(a_topic(), "http", URL, RawMessageDelivery="true", DeliveryPolicy=json.dumps(policy))
    sns.publish(ACCOUNT, "orders", "a,b")
    told = owed(URL)[-1]
    assert (told.body, told.detail["headers"]["Content-Type"], told.detail["headers"]["x-amz-sns-rawdelivery"]) == (
        "a,b",
        "text/csv",
        "true",
    )
    assert told.retry.delays == (0.0, 1.0, 5.0, 5.0)
    topics.set_attribute(ACCOUNT, "orders", "DeliveryPolicy", '{"http": {"disableSubscriptionOverrides": true}}')
    sns.publish(ACCOUNT, "orders", "a,b")
    assert owed(URL)[-1].retry.delays == (20.0, 20.0, 20.0)


def test_e_mail_is_put_into_the_inbox_and_only_when_confirmed() -> None:
    row = subscribe(a_topic(), "email", "ada@example.com", confirmed=False)
    sns.publish(ACCOUNT, "orders", "too early")
    assert [mail.subject for mail in sns.inbox(ACCOUNT, "orders")] == ["AWS Notification - Subscription Confirmation"]
    assert fates("orders") == [("ada@example.com", "pending confirmation")]
    subscriptions.confirm(sns.topic_arn(ACCOUNT, "orders"), row.token, is_authenticated=False)
    sns.publish(ACCOUNT, "orders", "hello", subject="Hi")
    mail = sns.inbox(ACCOUNT, "orders")[0]
    assert (mail.address, mail.subject, mail.body.partition("\n")[0], mail.token) == ("ada@example.com", "Hi", "hello", "")
    subscribe("orders", "email-json", "bot@example.com")
    sns.publish(ACCOUNT, "orders", "hello")
    mails = {mail.address: mail for mail in sns.inbox(ACCOUNT, "orders")[:2]}
    assert mails["ada@example.com"].subject == "AWS Notification Message"
    assert json.loads(mails["bot@example.com"].body)["Message"] == "hello"


def test_it_is_remembered_who_got_what() -> None:
    a_topic()
    for name in ("good", "picky", "gone", "lost"):
        a_queue(name)
    a_queue("dead")
    subscribe("orders", "sqs", queue_arn("good"))
    subscribe("orders", "sqs", queue_arn("picky"), FilterPolicy='{"kind": ["other"]}')
    subscribe("orders", "sqs", queue_arn("gone"), RedrivePolicy=json.dumps({"deadLetterTargetArn": queue_arn("dead")}))
    subscribe("orders", "sqs", queue_arn("lost"))
    subscribe("orders", "lambda", FUNCTION)
    for name in ("gone", "lost"):
        queues.delete(ACCOUNT, name)
    sns.publish(ACCOUNT, "orders", "x" * 5000, attributes=ATTRIBUTES)
    assert fates("orders") == [
        (queue_arn("good"), "delivered"),
        (queue_arn("picky"), "filtered out"),
        (queue_arn("gone"), "dead-lettered"),
        (queue_arn("lost"), "dropped"),
        (FUNCTION, "queued"),
    ]
    (message,) = sns.recent(ACCOUNT, "orders")
    assert (len(message.body), message.is_cut, message.attributes["TestBinary"]) == (4096, True, ["Binary", "10 bytes"])
    assert message.outcomes[3].reason == "The specified queue does not exist."


def test_what_is_remembered_is_bounded() -> None:
    a_topic()
    subscribe("orders", "email", "ada@example.com")
    for _ in range(11):
        sns.publish_many(sns.find(ACCOUNT, "orders"), [sns.Message(str(number)) for number in range(10)])
    assert (len(sns.recent(ACCOUNT, "orders")), len(sns.inbox(ACCOUNT, "orders"))) == (50, 100)


def test_one_signature_serves_all_subscribers_of_a_message() -> None:
    a_topic()
    for name in ("a", "b", "c"):
        subscribe("orders", "sqs", queue_arn(a_queue(name)))
    topic = sns.find(ACCOUNT, "orders")
    issued = Issued(sns.Message("x"), "id", "2026-01-01T00:00:00.000Z")
    made = {envelopes.notification(topic, subscription, issued) for subscription in topic.subscriptions}
    assert (len(made), len(issued.signatures)) == (3, 1)


def test_a_redis_that_lost_everything_is_told_again() -> None:
    a_topic()
    subscribe("orders", "sqs", queue_arn(a_queue()))
    store.connection().flushall()
    sns.publish(ACCOUNT, "orders", "x")
    assert sqs.counts(ACCOUNT, "orders").available == 1


def test_what_an_older_row_says_is_not_written_over_what_a_newer_one_said() -> None:
    a_topic()
    older = Topic.objects.of(ACCOUNT).get()
    topics.set_attribute(ACCOUNT, "orders", "SignatureVersion", "2")
    topic_config.write(older)
    assert sns.find(ACCOUNT, "orders").signature_version == "2"


def test_a_deleted_topic_leaves_nothing(redis_server: None) -> None:
    a_topic()
    subscribe("orders", "email", "ada@example.com")
    sns.publish(ACCOUNT, "orders", "x")
    topics.delete(ACCOUNT, "orders")
    assert store.connection().keys(f"sns:{ACCOUNT}:*") == []
    with pytest.raises(AwsError, match="Topic does not exist"):
        sns.publish(ACCOUNT, "orders", "x")


def test_a_large_publish_asks_the_database_nothing(django_assert_num_queries: Any) -> None:
    a_topic()
    for number in range(5):
        subscribe("orders", "sqs", queue_arn(a_queue(f"q{number}")))
    sns.publish(ACCOUNT, "orders", "the first asks for the policies of the queues")
    with django_assert_num_queries(0):
        sns.publish_many(sns.find(ACCOUNT, "orders"), [sns.Message(str(number)) for number in range(10)])
    assert [sqs.counts(ACCOUNT, f"q{number}").available for number in range(5)] == [11] * 5


def test_a_queue_gets_what_its_policy_lets_the_topic_send() -> None:
    topic = sns.topic_arn(ACCOUNT, a_topic())
    policies = {
        "none": "",
        "other": letting_in("sns.amazonaws.com", source_arn=f"{topic}2"),
        "rules": letting_in("events.amazonaws.com"),
        "let-in": letting_in("sns.amazonaws.com", source_arn=topic),
    }
    for name, policy in policies.items():
        subscribe("orders", "sqs", queue_arn(a_queue(name, Policy=policy)))
    a_queue("dead")
    subscribe(
        "orders", "sqs", queue_arn(a_queue("mourned", Policy="")), RedrivePolicy=json.dumps({"deadLetterTargetArn": queue_arn("dead")})
    )
    sns.publish(ACCOUNT, "orders", "x")
    assert [fate for _, fate in fates("orders")] == ["dropped", "dropped", "dropped", "delivered", "dead-lettered"]
    assert sns.recent(ACCOUNT, "orders")[0].outcomes[0].reason == (
        f"User: sns.amazonaws.com is not authorized to perform: sqs:SendMessage on resource: {queue_arn('none')} "
        "because no resource-based policy allows the sqs:SendMessage action"
    )
    queues.set_attributes(ACCOUNT, "none", {"Policy": letting_in()})
    sns.publish(ACCOUNT, "orders", "y")
    assert fates("orders")[0] == (queue_arn("none"), "delivered")


def test_a_subscription_that_nobody_confirms_goes() -> None:
    row = subscribe(a_topic(), "email", "ada@example.com", confirmed=False)
    subscribe("orders", "email", "bob@example.com")
    subscriptions.expire()
    row.created_at -= subscriptions.PENDING_FOR
    row.save(update_fields=["created_at"])
    subscriptions.expire()
    assert [each.endpoint for each in sns.find(ACCOUNT, "orders").subscriptions] == ["bob@example.com"]
