"""Subscriptions through boto3 against a live server. The refusals are worded as recorded on AWS (LocalStack's snapshots)."""

import json
import urllib.error
import urllib.request
import uuid
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from invocations import outbox
from invocations.models import Subscription, Topic
from invocations.services import sns as service
from tests.playground.endpoint.conftest import Server
from tests.playground.endpoint.operations.test_sns import ACCOUNT, OTHER, arn_of
from tests.playground.endpoint.operations.test_sqs import refusal

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]

QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:hello"
TOPIC = arn_of("x")


@pytest.fixture(name="client", scope="module")
def boto3_client(server: Server) -> Any:
    return server.client("sns")


@pytest.fixture
def sns(client: Any) -> Any:
    client.create_topic(Name="x")
    return client


def subscribe(sns: Any, protocol: str, endpoint: str, topic: str = TOPIC, **attributes: str) -> str:
    answer = sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint, Attributes=attributes, ReturnSubscriptionArn=True)
    return str(answer["SubscriptionArn"])


def attributes_of(sns: Any, arn: str) -> dict[str, Any]:
    return dict(sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"])


def get(server: Server, **parameters: str) -> tuple[int, dict[str, str]]:
    """Status and the texts of the XML that an unsigned GET is answered with."""
    try:
        with urllib.request.urlopen(f"{server.url}/?{urlencode(parameters)}") as answer:
            status, body = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, body = error.code, error.read()
    return status, {node.tag.rpartition("}")[2]: node.text or "" for node in ElementTree.fromstring(body).iter()}


def test_a_queue_of_ones_own_is_subscribed_at_once(sns: Any) -> None:
    arn = sns.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=QUEUE)["SubscriptionArn"]
    assert arn.startswith(f"{TOPIC}:")
    assert attributes_of(sns, arn) == {
        "SubscriptionArn": arn,
        "TopicArn": TOPIC,
        "Owner": ACCOUNT,
        "Protocol": "sqs",
        "Endpoint": QUEUE,
        "SubscriptionPrincipal": f"arn:aws:iam::{ACCOUNT}:root",
        "PendingConfirmation": "false",
        "ConfirmationWasAuthenticated": "true",
        "RawMessageDelivery": "false",
    }
    member = {"SubscriptionArn": arn, "Owner": ACCOUNT, "Protocol": "sqs", "Endpoint": QUEUE, "TopicArn": TOPIC}
    assert sns.list_subscriptions()["Subscriptions"] == [member]
    assert sns.list_subscriptions_by_topic(TopicArn=TOPIC)["Subscriptions"] == [member]
    assert sns.get_topic_attributes(TopicArn=TOPIC)["Attributes"]["SubscriptionsConfirmed"] == "1"
    sns.unsubscribe(SubscriptionArn=arn)
    sns.unsubscribe(SubscriptionArn=arn)
    assert sns.list_subscriptions_by_topic(TopicArn=TOPIC)["Subscriptions"] == []
    assert refusal(sns.get_subscription_attributes, SubscriptionArn=arn) == ("NotFound", "Subscription does not exist", 404)
    assert sns.get_topic_attributes(TopicArn=TOPIC)["Attributes"]["SubscriptionsDeleted"] == "1"


def test_subscribing_again_is_no_error_unless_it_should_be_another(sns: Any) -> None:
    arn = subscribe(sns, "sqs", QUEUE, RawMessageDelivery="true", FilterPolicy='{"a": ["b"]}')
    same: tuple[dict[str, str], ...] = ({}, {"RawMessageDelivery": "True"}, {"FilterPolicy": '{"a": ["b"]}'})
    for attributes in same:
        assert subscribe(sns, "sqs", QUEUE, **attributes) == arn
    message = "Invalid parameter: Attributes Reason: Subscription already exists with different attributes"
    other = {"TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": QUEUE, "Attributes": {"RawMessageDelivery": "false"}}
    assert refusal(sns.subscribe, **other) == ("InvalidParameter", message, 400)


@pytest.mark.parametrize(
    ("protocol", "endpoint", "message"),
    [
        ("test-protocol", "x", "Invalid parameter: Amazon SNS does not support this protocol string: test-protocol"),
        ("sqs", "http://localhost:4566/000000000000/orders", "Invalid parameter: SQS endpoint ARN"),
        (
            "sqs",
            f"{QUEUE}.fifo",
            "Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
        ),
        ("sqs", QUEUE.replace(ACCOUNT, OTHER), None),
        ("lambda", "hello", "Invalid parameter: Lambda endpoint ARN"),
        ("email", "nobody", "Invalid parameter: Email address"),
        ("http", "https://localhost/", "Invalid parameter: Endpoint must match the specified protocol"),
        ("http", "http://example.com/", None),
        ("http", "http://127.0.0.1.example.com/", None),
        ("http", "http://169.254.169.254/latest/meta-data", None),
        ("http", "http://user@localhost/", "Invalid parameter: Endpoint"),
        ("http", "http://localhost:x/", "Invalid parameter: Endpoint"),
        ("http", "http://[::1/", "Invalid parameter: Endpoint"),
        ("sms", "+4912345678", "Invalid parameter: Protocol Reason: sms exists on AWS, but not in this playground"),
    ],
)
def test_an_endpoint_that_cannot_be_subscribed_is_refused(sns: Any, protocol: str, endpoint: str, message: str | None) -> None:
    code, said, status = refusal(sns.subscribe, TopicArn=TOPIC, Protocol=protocol, Endpoint=endpoint)
    assert (code, status) == ("InvalidParameter", 400)
    assert said == message if message else said.startswith("Invalid parameter: Endpoint Reason: ")
    assert sns.list_subscriptions()["Subscriptions"] == []


@pytest.mark.parametrize("endpoint", ["http://localhost:1/x", "http://127.0.0.2/", "http://[::1]:8080/", "http://a.localhost/"])
def test_addresses_of_this_machine_can_be_subscribed(sns: Any, endpoint: str) -> None:
    assert sns.subscribe(TopicArn=TOPIC, Protocol="http", Endpoint=endpoint)["SubscriptionArn"] == "pending confirmation"


def test_a_fifo_topic_takes_queues_alone(sns: Any) -> None:
    sns.create_topic(Name="x.fifo", Attributes={"FifoTopic": "true"})
    topic = arn_of("x.fifo")
    assert subscribe(sns, "sqs", QUEUE, topic)
    fifo = subscribe(sns, "sqs", f"{QUEUE}.fifo", topic)
    message = "Invalid parameter: Invalid parameter: Endpoint Reason: Please use FIFO SQS queue"
    assert refusal(sns.subscribe, TopicArn=topic, Protocol="lambda", Endpoint=FUNCTION)[1] == message
    redrive = {"AttributeName": "RedrivePolicy", "AttributeValue": json.dumps({"deadLetterTargetArn": QUEUE})}
    refused = refusal(sns.set_subscription_attributes, SubscriptionArn=fifo, **redrive)
    assert refused[1] == "Invalid parameter: RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic."


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("FakeAttribute", "x", "AttributeName"),
        ("RawMessageDelivery", "test-ValUe", "RawMessageDelivery: Invalid value [test-ValUe]. Must be true or false."),
        ("RawMessageDelivery", "", "RawMessageDelivery: Invalid value []. Must be true or false."),
        ("RedrivePolicy", '{"deadLetterTargetArn": "fake"}', "RedrivePolicy: deadLetterTargetArn is an invalid arn"),
        ("FilterPolicyScope", "x", "FilterPolicyScope: Invalid value [x]. Please use either MessageBody or MessageAttributes"),
        ("FilterPolicy", '{"a": {"b": ["c"]}}', "Filter policy scope MessageAttributes does not support nested filter policy"),
        ("FilterPolicy", '{"a": "b"}', None),
        ("DeliveryPolicy", "{}", "DeliveryPolicy: Delivery protocol [sqs] does not support delivery policies."),
        ("ReplayPolicy", "{}", None),
    ],
)
def test_attributes_that_cannot_be_are_refused_at_both_places(sns: Any, name: str, value: str, message: str | None) -> None:
    refused = refusal(sns.subscribe, TopicArn=TOPIC, Protocol="sqs", Endpoint=QUEUE, Attributes={name: value})
    arn = subscribe(sns, "sqs", QUEUE)
    again = refusal(sns.set_subscription_attributes, SubscriptionArn=arn, AttributeName=name, AttributeValue=value)
    assert {refused[0], again[0]} == {"InvalidParameter"}
    assert refused[1].startswith("Invalid parameter: Attributes Reason: ")
    if message is not None:
        assert refused[1] == f"Invalid parameter: Attributes Reason: {message}"
        assert again[1] == f"Invalid parameter: {message}"


def test_a_function_and_an_e_mail_get_no_raw_messages(sns: Any) -> None:
    arn = subscribe(sns, "lambda", FUNCTION, RawMessageDelivery="false")
    raw = {"SubscriptionArn": arn, "AttributeName": "RawMessageDelivery", "AttributeValue": "true"}
    assert refusal(sns.set_subscription_attributes, **raw)[1] == (
        "Invalid parameter: Delivery protocol [lambda] does not support raw message delivery."
    )


def test_a_filter_policy_is_set_seen_with_its_scope_and_taken_away(sns: Any) -> None:
    arn = subscribe(sns, "sqs", QUEUE)

    def put(name: str, value: str) -> None:
        sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName=name, AttributeValue=value)

    put("FilterPolicyScope", "MessageBody")
    assert "FilterPolicyScope" not in attributes_of(sns, arn)
    put("FilterPolicy", '{"a": {"b": ["c"]}}')
    assert (attributes_of(sns, arn)["FilterPolicy"], attributes_of(sns, arn)["FilterPolicyScope"]) == ('{"a": {"b": ["c"]}}', "MessageBody")
    back = {"SubscriptionArn": arn, "AttributeName": "FilterPolicyScope", "AttributeValue": "MessageAttributes"}
    assert refusal(sns.set_subscription_attributes, **back)[0] == "InvalidParameter"
    put("FilterPolicy", "{}")
    assert "FilterPolicy" not in attributes_of(sns, arn)
    put("FilterPolicyScope", "MessageAttributes")


def test_an_http_endpoint_is_asked_and_confirms_by_token(sns: Any, server: Server) -> None:
    url = "http://localhost:1/hook"
    assert sns.subscribe(TopicArn=TOPIC, Protocol="http", Endpoint=url)["SubscriptionArn"] == "pending confirmation"
    (waiting,) = outbox.waiting(ACCOUNT, url)
    delivery = outbox.read(waiting.fields)
    body = json.loads(delivery.body)
    assert delivery.detail["headers"]["x-amz-sns-message-type"] == "SubscriptionConfirmation"
    assert (delivery.target, delivery.origin, body["Type"], body["TopicArn"]) == (url, TOPIC, "SubscriptionConfirmation", TOPIC)
    assert len(body["Token"]) == 288
    assert body["SubscribeURL"].endswith(f"/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token={body['Token']}")
    assert sns.list_subscriptions_by_topic(TopicArn=TOPIC)["Subscriptions"][0]["SubscriptionArn"] == "PendingConfirmation"
    arn = subscribe(sns, "http", url)
    assert attributes_of(sns, arn)["PendingConfirmation"] == "true"
    for _ in range(2):
        assert sns.confirm_subscription(TopicArn=TOPIC, Token=body["Token"])["SubscriptionArn"] == arn
    assert attributes_of(sns, arn)["PendingConfirmation"] == "false"
    assert service.find(ACCOUNT, "x").subscriptions[0].pending_confirmation is False


def test_the_link_confirms_without_a_signature_and_nothing_else_goes_without(sns: Any, server: Server) -> None:
    arn = subscribe(sns, "email", "ada@example.com")
    (mail,) = service.inbox(ACCOUNT, "x")
    assert (mail.address, mail.subject) == ("ada@example.com", "AWS Notification - Subscription Confirmation")
    confirm = {"Action": "ConfirmSubscription", "TopicArn": TOPIC, "Token": mail.token}
    assert get(server, **confirm | {"TopicArn": "broken"})[1]["Message"] == "Invalid parameter: Topic"
    assert get(server, **confirm | {"TopicArn": TOPIC.replace("us-east-1", "us-west-2")})[1]["Message"] == "Invalid parameter: Topic"
    assert get(server, **confirm | {"Token": "abc123"})[1]["Message"] == "Invalid parameter: Token"
    assert get(server, **confirm | {"Token": "randomtoken"})[1]["Message"] == "Invalid token"
    assert attributes_of(sns, arn)["PendingConfirmation"] == "true"
    status, texts = get(server, **confirm)
    assert (status, texts["SubscriptionArn"]) == (200, arn)
    assert attributes_of(sns, arn)["ConfirmationWasAuthenticated"] == "false"
    unsubscribe = {"Action": "Unsubscribe", "SubscriptionArn": arn}
    assert get(server, **unsubscribe)[0] == 403
    assert attributes_of(sns, arn)["PendingConfirmation"] == "false"


def test_another_action_cannot_hide_behind_the_link(sns: Any, server: Server) -> None:
    form = urlencode({"Action": "DeleteTopic", "TopicArn": TOPIC}).encode()
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(f"{server.url}/?Action=ConfirmSubscription", form)
    assert raised.value.code == 403
    assert b"MissingAuthenticationToken" in raised.value.read()
    assert sns.get_topic_attributes(TopicArn=TOPIC)


def test_an_arn_that_is_no_subscriptions_is_refused(sns: Any) -> None:
    text = "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not {}"
    assert refusal(sns.unsubscribe, SubscriptionArn="x")[1] == text.format(1)
    assert refusal(sns.unsubscribe, SubscriptionArn="arn:aws:sns:us-east-1:x")[1] == text.format(5)
    assert refusal(sns.unsubscribe, SubscriptionArn=TOPIC)[1] == "Invalid parameter: SubscriptionId"
    missing = refusal(sns.unsubscribe, SubscriptionArn="")
    assert missing[1] == "Invalid parameter: SubscriptionArn Reason: no value for required parameter"


def test_subscriptions_are_listed_by_the_hundred(sns: Any) -> None:
    endpoints = [f"user{number}@example.com" for number in range(101)]
    topic = Topic.objects.of(ACCOUNT).get()
    common = {"account_id": ACCOUNT, "topic": topic, "protocol": "email", "pending_confirmation": True, "created_at": topic.created_at}
    Subscription.objects.bulk_create(
        Subscription(endpoint=each, subscription_id=str(uuid.uuid4()), token=each, **common) for each in endpoints
    )
    first = sns.list_subscriptions_by_topic(TopicArn=TOPIC)
    second = sns.list_subscriptions_by_topic(TopicArn=TOPIC, NextToken=first["NextToken"])
    assert [each["Endpoint"] for each in first["Subscriptions"]] == endpoints[:100]
    assert [each["Endpoint"] for each in second["Subscriptions"]] == endpoints[100:]
    assert "NextToken" not in second


def test_another_account_subscribes_its_own_queue_where_the_policy_lets_it(sns: Any, server: Server) -> None:
    other = server.client("sns", OTHER)
    queue = QUEUE.replace(ACCOUNT, OTHER)
    assert refusal(other.subscribe, TopicArn=TOPIC, Protocol="sqs", Endpoint=queue)[0] == "AuthorizationError"
    sns.add_permission(TopicArn=TOPIC, Label="a", AWSAccountId=[OTHER], ActionName=["Subscribe"])
    arn = subscribe(other, "sqs", queue)
    assert attributes_of(other, arn)["Owner"] == OTHER
    assert [each["SubscriptionArn"] for each in other.list_subscriptions()["Subscriptions"]] == [arn]
    assert sns.list_subscriptions()["Subscriptions"] == []
    assert [each["SubscriptionArn"] for each in sns.list_subscriptions_by_topic(TopicArn=TOPIC)["Subscriptions"]] == [arn]
    third = server.client("sns", "222222222222")
    assert refusal(third.get_subscription_attributes, SubscriptionArn=arn)[0] == "NotFound"
    assert refusal(third.unsubscribe, SubscriptionArn=arn)[0] == "NotFound"
