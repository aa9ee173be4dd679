"""Topics through boto3 against a live server. The refusals are worded as recorded on AWS (LocalStack's snapshots, 2023 to 2025)."""

import json
from typing import Any

import pytest

from invocations.models import Topic
from tests.playground.endpoint.conftest import Server
from tests.playground.endpoint.operations.test_sqs import refusal

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]

ACCOUNT, OTHER = "000000000000", "111111111111"
DEFAULT_RETRIES = {
    "minDelayTarget": 20,
    "maxDelayTarget": 20,
    "numRetries": 3,
    "numMaxDelayRetries": 0,
    "numNoDelayRetries": 0,
    "numMinDelayRetries": 0,
    "backoffFunction": "linear",
}


@pytest.fixture(scope="module")
def sns(server: Server) -> Any:
    return server.client("sns")


def arn_of(name: str, account_id: str = ACCOUNT) -> str:
    return f"arn:aws:sns:us-east-1:{account_id}:{name}"


def attributes_of(sns: Any, name: str) -> dict[str, Any]:
    return dict(sns.get_topic_attributes(TopicArn=arn_of(name))["Attributes"])


def test_a_topic_has_every_attribute(sns: Any) -> None:
    assert sns.create_topic(Name="orders", Attributes={"DisplayName": "Orders"}, Tags=[])["TopicArn"] == arn_of("orders")
    attributes = attributes_of(sns, "orders")
    policy, effective = json.loads(attributes.pop("Policy")), json.loads(attributes.pop("EffectiveDeliveryPolicy"))
    assert attributes == {
        "TopicArn": arn_of("orders"),
        "Owner": ACCOUNT,
        "DisplayName": "Orders",
        "SubscriptionsConfirmed": "0",
        "SubscriptionsPending": "0",
        "SubscriptionsDeleted": "0",
    }
    (statement,) = policy["Statement"]
    assert (policy["Version"], policy["Id"], statement["Sid"]) == ("2008-10-17", "__default_policy_ID", "__default_statement_ID")
    assert statement["Condition"] == {"StringEquals": {"AWS:SourceOwner": ACCOUNT}}
    assert effective == {
        "http": {
            "defaultHealthyRetryPolicy": DEFAULT_RETRIES,
            "disableSubscriptionOverrides": False,
            "defaultRequestPolicy": {"headerContentType": "text/plain; charset=UTF-8"},
        }
    }


def test_a_fifo_topic_says_so_and_a_standard_one_does_not(sns: Any) -> None:
    sns.create_topic(Name="orders.fifo", Attributes={"FifoTopic": "true", "SignatureVersion": "2"})
    attributes = attributes_of(sns, "orders.fifo")
    assert (attributes["FifoTopic"], attributes["ContentBasedDeduplication"], attributes["SignatureVersion"]) == ("true", "false", "2")
    sns.create_topic(Name="plain", Attributes={"FifoTopic": "false"})
    assert "FifoTopic" not in attributes_of(sns, "plain")
    set_fifo = {"TopicArn": arn_of("plain"), "AttributeName": "FifoTopic", "AttributeValue": "false"}
    assert refusal(sns.set_topic_attributes, **set_fifo) == ("InvalidParameter", "Invalid parameter: AttributeName", 400)


def test_creating_a_topic_again_is_no_error_unless_it_should_be_another(sns: Any) -> None:
    a, b = {"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}
    sns.create_topic(Name="orders", Tags=[a, b])
    for tags in ([a, b], [a], []):
        assert sns.create_topic(Name="orders", Tags=tags)["TopicArn"] == arn_of("orders")
    sns.set_topic_attributes(TopicArn=arn_of("orders"), AttributeName="DisplayName", AttributeValue="Set")
    sns.create_topic(Name="orders")
    assert attributes_of(sns, "orders")["DisplayName"] == "Set"
    more = refusal(sns.create_topic, Name="orders", Tags=[a, {"Key": "c", "Value": "3"}])
    assert more == ("InvalidParameter", "Invalid parameter: Tags Reason: Topic already exists with different tags", 400)
    other = refusal(sns.create_topic, Name="orders", Attributes={"DisplayName": "Other"})
    assert other == ("InvalidParameter", "Invalid parameter: Attributes Reason: Topic already exists with different attributes", 400)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"Name": ""}, "Invalid parameter: Topic Name"),
        ({"Name": "a" * 257}, "Invalid parameter: Topic Name"),
        ({"Name": "no spaces"}, "Invalid parameter: Topic Name"),
        ({"Name": "x.fifo"}, "Invalid parameter: Topic Name"),
        (
            {"Name": "x", "Attributes": {"FifoTopic": "true"}},
            "Invalid parameter: Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, "
            "numbers, underscores, and hyphens, and must be between 1 and 256 characters long.",
        ),
        ({"Name": "x", "Attributes": {"Nonsense": "1"}}, "Invalid parameter: AttributeName"),
        (
            {"Name": "x", "Attributes": {"SignatureVersion": "3"}},
            "Invalid parameter: SignatureVersion Reason: Invalid value [3]. Please use one of 1, 2",
        ),
        ({"Name": "x", "Attributes": {"Policy": "no json"}}, "Invalid parameter: Policy: failed to parse JSON."),
        ({"Name": "x", "Attributes": {"DeliveryPolicy": '{"https": {}}'}}, None),
        ({"Name": "x", "Attributes": {"DeliveryPolicy": '{"http": {"defaultHealthyRetryPolicy": {"numRetries": 101}}}'}}, None),
        ({"Name": "x", "Attributes": {"ContentBasedDeduplication": "true"}}, None),
        ({"Name": "x", "Attributes": {"DisplayName": "a" * 101}}, None),
        (
            {"Name": "x", "Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]},
            "Invalid parameter: Duplicated keys are not allowed.",
        ),
    ],
)
def test_a_topic_that_cannot_be_is_refused(sns: Any, parameters: dict[str, Any], message: str | None) -> None:
    code, said, status = refusal(sns.create_topic, **parameters)
    assert (code, status) == ("InvalidParameter", 400)
    assert message is None or said == message


def test_topics_are_listed_by_the_hundred_and_deleted_without_complaint(sns: Any) -> None:
    names = [f"topic-{number:03d}" for number in range(101)]
    sns.create_topic(Name=names[0])
    one = Topic.objects.of(ACCOUNT).get()
    Topic.objects.bulk_create(Topic(account_id=ACCOUNT, name=name, created_at=one.created_at) for name in names[1:])
    first = sns.list_topics()
    assert [topic["TopicArn"] for topic in first["Topics"]] == [arn_of(name) for name in names[:100]]
    second = sns.list_topics(NextToken=first["NextToken"])
    assert [topic["TopicArn"] for topic in second["Topics"]] == [arn_of(names[100])]
    assert "NextToken" not in second
    assert refusal(sns.list_topics, NextToken="?") == ("InvalidParameter", "Invalid parameter: NextToken", 400)
    for _ in range(2):
        sns.delete_topic(TopicArn=arn_of(names[0]))
    missing = ("NotFound", "Topic does not exist", 404)
    assert refusal(sns.get_topic_attributes, TopicArn=arn_of(names[0])) == missing
    assert refusal(sns.publish, TopicArn=arn_of(names[0]), Message="x") == missing


def test_an_arn_that_is_none_is_refused(sns: Any) -> None:
    text = "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not {}"
    assert refusal(sns.get_topic_attributes, TopicArn="topic")[1] == text.format(1)
    assert refusal(sns.publish, TopicArn="topic:", Message="x")[1] == text.format(2)
    assert refusal(sns.publish, TopicArn="", Message="x")[1] == text.format(1)
    elsewhere = arn_of("x").replace("us-east-1", "eu-west-1")
    for call in (sns.get_topic_attributes, sns.delete_topic, sns.list_subscriptions_by_topic):
        assert refusal(call, TopicArn=elsewhere) == ("InvalidParameter", "Invalid parameter: TopicArn", 400)


def test_a_delivery_policy_is_set_completed_and_taken_away(sns: Any) -> None:
    sns.create_topic(
        Name="x", Attributes={"DeliveryPolicy": '{"http": {"defaultRequestPolicy": {"headerContentType": "application/json"}}}'}
    )
    assert json.loads(attributes_of(sns, "x")["DeliveryPolicy"]) == {
        "http": {"disableSubscriptionOverrides": False, "defaultRequestPolicy": {"headerContentType": "application/json"}}
    }
    policy = {
        "http": {"defaultHealthyRetryPolicy": {"minDelayTarget": 5, "maxDelayTarget": 6, "numRetries": 1}, "defaultRequestPolicy": None}
    }
    sns.set_topic_attributes(TopicArn=arn_of("x"), AttributeName="DeliveryPolicy", AttributeValue=json.dumps(policy))
    attributes = attributes_of(sns, "x")
    kept = {"disableSubscriptionOverrides": False, "defaultHealthyRetryPolicy": policy["http"]["defaultHealthyRetryPolicy"]}
    assert json.loads(attributes["DeliveryPolicy"]) == {"http": kept}
    assert json.loads(attributes["EffectiveDeliveryPolicy"])["http"]["defaultHealthyRetryPolicy"] == {
        **DEFAULT_RETRIES,
        "minDelayTarget": 5,
        "maxDelayTarget": 6,
        "numRetries": 1,
    }
    sns.set_topic_attributes(TopicArn=arn_of("x"), AttributeName="DeliveryPolicy", AttributeValue="")
    assert "DeliveryPolicy" not in attributes_of(sns, "x")


def test_tags_are_kept(sns: Any) -> None:
    sns.create_topic(Name="x", Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    sns.tag_resource(ResourceArn=arn_of("x"), Tags=[{"Key": "b", "Value": "2b"}, {"Key": "c", "Value": ""}])
    sns.untag_resource(ResourceArn=arn_of("x"), TagKeys=["a", "nothing"])
    tags = sns.list_tags_for_resource(ResourceArn=arn_of("x"))["Tags"]
    assert tags == [{"Key": "b", "Value": "2b"}, {"Key": "c", "Value": ""}]
    many = [{"Key": str(number), "Value": ""} for number in range(51)]
    assert refusal(sns.tag_resource, ResourceArn=arn_of("x"), Tags=many)[0] == "TagLimitExceeded"
    assert refusal(sns.list_tags_for_resource, ResourceArn=arn_of("y")) == ("ResourceNotFound", "Resource does not exist", 404)


def test_permissions_make_the_policy_by_which_another_account_publishes(sns: Any, server: Server) -> None:
    sns.create_topic(Name="x")
    other = server.client("sns", OTHER)
    refused = refusal(other.publish, TopicArn=arn_of("x"), Message="hello")
    assert (refused[0], refused[2]) == ("AuthorizationError", 403)
    permission = {"TopicArn": arn_of("x"), "Label": "one", "AWSAccountId": [OTHER], "ActionName": ["Publish"]}
    sns.add_permission(**permission)
    statement = json.loads(attributes_of(sns, "x")["Policy"])["Statement"][1]
    assert statement == {
        "Sid": "one",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"},
        "Action": "SNS:Publish",
        "Resource": arn_of("x"),
    }
    assert other.publish(TopicArn=arn_of("x"), Message="hello")["MessageId"]
    assert refusal(other.get_topic_attributes, TopicArn=arn_of("x"))[0] == "AuthorizationError"
    assert refusal(sns.add_permission, **permission)[1] == "Invalid parameter: Statement already exists"
    unknown = permission | {"Label": "two", "ActionName": ["Sing"]}
    assert refusal(sns.add_permission, **unknown)[1] == "Invalid parameter: Policy statement action out of service scope!"
    sns.remove_permission(TopicArn=arn_of("x"), Label="one")
    assert refusal(other.publish, TopicArn=arn_of("x"), Message="hello")[0] == "AuthorizationError"


def test_a_data_protection_policy_is_kept(sns: Any) -> None:
    sns.create_topic(Name="x", DataProtectionPolicy='{"Name": "a"}')
    assert sns.get_data_protection_policy(ResourceArn=arn_of("x"))["DataProtectionPolicy"] == '{"Name": "a"}'
    sns.put_data_protection_policy(ResourceArn=arn_of("x"), DataProtectionPolicy='{"Name": "b"}')
    assert sns.get_data_protection_policy(ResourceArn=arn_of("x"))["DataProtectionPolicy"] == '{"Name": "b"}'
