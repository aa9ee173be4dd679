"""Publishing through boto3 against a live server: what arrives in queues, what is owed, and what is refused."""

import base64
import json
import urllib.request
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.playground.endpoint.conftest import Server
from tests.playground.endpoint.operations.test_sns import ACCOUNT, arn_of
from tests.playground.endpoint.operations.test_sqs import refusal
from tests.queue_policies import letting_in

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]

TOPIC = arn_of("x")


def queue_arn(name: str) -> str:
    return f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"


@pytest.fixture(name="client", scope="module")
def boto3_client(server: Server) -> Any:
    return server.client("sns")


@pytest.fixture
def sns(client: Any) -> Any:
    client.create_topic(Name="x")
    return client


@pytest.fixture(scope="module")
def sqs(server: Server) -> Any:
    return server.client("sqs")


def subscribed(sns: Any, sqs: Any, name: str = "orders", topic: str = TOPIC, **attributes: str) -> str:
    """A queue that gets what the topic is told; its URL."""
    fifo = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
    url = str(sqs.create_queue(QueueName=name, Attributes={"Policy": letting_in(), **fifo})["QueueUrl"])
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn(name), Attributes=attributes)
    return url


def received(sqs: Any, url: str) -> list[dict[str, Any]]:
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"], MessageAttributeNames=["All"])
    return list(found.get("Messages", []))


def bodies(sqs: Any, url: str) -> list[Any]:
    return [json.loads(message["Body"]) for message in received(sqs, url)]


def test_a_queue_gets_the_envelope_signed_by_the_certificate_it_names(sns: Any, sqs: Any, server: Server) -> None:
    url = subscribed(sns, sqs)
    attributes = {"n": {"DataType": "Number", "StringValue": "99.12"}, "b": {"DataType": "Binary", "BinaryValue": b"\x02\x03\x04"}}
    answer = sns.publish(TopicArn=TOPIC, Message="ö§ hello", Subject="Hi", MessageAttributes=attributes)
    (body,) = bodies(sqs, url)
    certificate_path = body["SigningCertURL"].partition("/_playground/")[2]
    with urllib.request.urlopen(f"{server.url}/_playground/{certificate_path}") as pem:
        certificate = x509.load_pem_x509_certificate(pem.read())
    fields = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
    text = "".join(f"{name}\n{body[name]}\n" for name in fields)
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(base64.b64decode(body.pop("Signature")), text.encode(), padding.PKCS1v15(), hashes.SHA1())
    assert body.pop("SigningCertURL").endswith(".pem")
    assert body.pop("UnsubscribeURL").rpartition("?")[2].startswith(f"Action=Unsubscribe&SubscriptionArn={TOPIC}:")
    assert body.pop("Timestamp").endswith("Z")
    assert body == {
        "Type": "Notification",
        "MessageId": answer["MessageId"],
        "TopicArn": TOPIC,
        "Subject": "Hi",
        "Message": "ö§ hello",
        "SignatureVersion": "1",
        "MessageAttributes": {"n": {"Type": "Number", "Value": "99.12"}, "b": {"Type": "Binary", "Value": "AgME"}},
    }
    assert "SequenceNumber" not in answer


def test_raw_delivery_passes_the_text_and_the_attributes_on(sns: Any, sqs: Any) -> None:
    url = subscribed(sns, sqs, RawMessageDelivery="true")
    attributes = {"a": {"DataType": "Number", "StringValue": "1"}, "l": {"DataType": "String.Array", "StringValue": '["x", 1]'}}
    sns.publish(TopicArn=TOPIC, Message="text", MessageAttributes=attributes)
    (message,) = received(sqs, url)
    assert (message["Body"], message["MessageAttributes"]) == ("text", attributes)


def test_the_trace_and_the_group_travel_on(sns: Any, sqs: Any) -> None:
    url = subscribed(sns, sqs)
    trace = "Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1"
    sns.meta.events.register("before-call.sns.Publish", lambda params, **_: params["headers"].update({"X-Amzn-Trace-Id": trace}))
    sns.publish(TopicArn=TOPIC, Message="text", MessageGroupId="my-group")
    (message,) = received(sqs, url)
    assert (message["Attributes"]["AWSTraceHeader"], message["Attributes"]["MessageGroupId"]) == (trace, "my-group")


def test_filters_decide_who_gets_a_message(sns: Any, sqs: Any) -> None:
    by_attribute = subscribed(sns, sqs, "red", FilterPolicy='{"colour": ["red"]}')
    by_body = subscribed(sns, sqs, "big", FilterPolicy='{"size": [{"numeric": [">", 10]}]}', FilterPolicyScope="MessageBody")
    for colour, size in (("red", 5), ("blue", 50), ("red", 50)):
        attributes = {"colour": {"DataType": "String", "StringValue": colour}}
        sns.publish(TopicArn=TOPIC, Message=json.dumps({"size": size}), MessageAttributes=attributes)
    assert [json.loads(body["Message"])["size"] for body in bodies(sqs, by_attribute)] == [5, 50]
    assert [body["MessageAttributes"]["colour"]["Value"] for body in bodies(sqs, by_body)] == ["blue", "red"]


def test_a_message_may_have_a_text_for_each_protocol(sns: Any, sqs: Any) -> None:
    url = subscribed(sns, sqs)
    sns.publish(TopicArn=TOPIC, MessageStructure="json", Message='{"default": "for all", "sqs": "{\\"a\\": 1}", "email": 5}')
    sns.publish(TargetArn=TOPIC, MessageStructure="json", Message='{"default": "for all"}')
    assert [body["Message"] for body in bodies(sqs, url)] == ['{"a": 1}', "for all"]
    no_default = "Invalid parameter: Message Structure - No default entry in JSON message body"
    for message in ('{"sqs": "x"}', '{"default": {"object": "test"}}'):
        assert refusal(sns.publish, TopicArn=TOPIC, MessageStructure="json", Message=message) == ("InvalidParameter", no_default, 400)
    broken = "Invalid parameter: Message Structure - JSON message body failed to parse"
    for message in ("{", r'{"default": "\ud800"}'):
        assert refusal(sns.publish, TopicArn=TOPIC, MessageStructure="json", Message=message)[1] == broken


def test_a_message_for_a_queue_that_is_gone_goes_to_the_dead_letter_queue(sns: Any, sqs: Any) -> None:
    dead = sqs.create_queue(QueueName="dead", Attributes={"Policy": letting_in()})["QueueUrl"]
    raw = subscribed(sns, sqs, "raw", RawMessageDelivery="true", RedrivePolicy=json.dumps({"deadLetterTargetArn": queue_arn("dead")}))
    plain = subscribed(sns, sqs, "plain", RedrivePolicy=json.dumps({"deadLetterTargetArn": queue_arn("dead")}))
    for url in (raw, plain):
        sqs.delete_queue(QueueUrl=url)
    attributes = {"a": {"DataType": "Number", "StringValue": "111"}}
    answer = sns.publish(TopicArn=TOPIC, Message="left over", MessageAttributes=attributes)
    first, second = received(sqs, dead)
    assert (first["Body"], first["MessageAttributes"]) == ("left over", attributes)
    envelope = json.loads(second["Body"])
    assert (envelope["MessageId"], envelope["Message"], envelope["MessageAttributes"]) == (
        answer["MessageId"],
        "left over",
        {"a": {"Type": "Number", "Value": "111"}},
    )


def test_a_batch_arrives_in_order_with_an_id_for_each(sns: Any, sqs: Any) -> None:
    url = subscribed(sns, sqs, RawMessageDelivery="true")
    entries = [{"Id": str(number), "Message": f"message {number}"} for number in range(10)]
    answer = sns.publish_batch(TopicArn=TOPIC, PublishBatchRequestEntries=entries)
    assert [each["Id"] for each in answer["Successful"]] == [entry["Id"] for entry in entries]
    assert answer.get("Failed", []) == []
    assert len({each["MessageId"] for each in answer["Successful"]}) == 10
    assert [message["Body"] for message in received(sqs, url)] == [entry["Message"] for entry in entries]


def test_a_fifo_topic_numbers_its_messages_and_drops_repetitions(sns: Any, sqs: Any) -> None:
    topic = sns.create_topic(Name="x.fifo", Attributes={"FifoTopic": "true", "ContentBasedDeduplication": "true"})["TopicArn"]
    fifo, standard = subscribed(sns, sqs, "q.fifo", topic), subscribed(sns, sqs, "q", topic)
    first = sns.publish(TopicArn=topic, Message="Test", MessageGroupId="g")
    again = sns.publish(TopicArn=topic, Message="Test", MessageGroupId="g")
    second = sns.publish(TopicArn=topic, Message="Test", MessageGroupId="g", MessageDeduplicationId="d")
    assert (again["MessageId"], again["SequenceNumber"]) == (first["MessageId"], first["SequenceNumber"])
    assert (len(first["SequenceNumber"]), first["SequenceNumber"] < second["SequenceNumber"]) == (20, True)
    one, two = received(sqs, fifo)
    assert one["Attributes"]["MessageGroupId"] == "g"
    assert one["Attributes"]["MessageDeduplicationId"] == "532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25"
    assert two["Attributes"]["MessageDeduplicationId"] == "d"
    body = json.loads(one["Body"])
    assert body["SequenceNumber"] == first["SequenceNumber"]
    assert {"Signature", "SignatureVersion", "SigningCertURL"} & set(body) == set()
    plain = received(sqs, standard)
    assert len(plain) == 2
    assert "MessageGroupId" not in plain[0]["Attributes"]


@pytest.mark.parametrize(
    ("parameters", "code", "message"),
    [
        ({"Message": ""}, "InvalidParameter", "Invalid parameter: Empty message"),
        ({"Message": "x", "Subject": ""}, "InvalidParameter", "Invalid parameter: Subject"),
        ({"Message": "x", "Subject": "a" * 101}, "InvalidParameter", "Invalid parameter: Subject"),
        ({"Message": "x", "Subject": "two\nlines"}, "InvalidParameter", "Invalid parameter: Subject"),
        ({"Message": "x" * 262_145}, "InvalidParameter", "Invalid parameter: Message too long"),
        (
            {"Message": "x", "MessageDeduplicationId": "d"},
            "InvalidParameter",
            "Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid "
            "for this topic type",
        ),
    ],
)
def test_a_message_that_cannot_be_is_refused(sns: Any, parameters: dict[str, Any], code: str, message: str) -> None:
    assert refusal(sns.publish, TopicArn=TOPIC, **parameters) == (code, message, 400)


def test_what_a_message_is_told_to_matters(sns: Any) -> None:
    assert refusal(sns.publish, Message="x")[1] == "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter"
    endpoint = f"arn:aws:sns:us-east-1:{ACCOUNT}:endpoint/APNS/app/id"
    assert refusal(sns.publish, TargetArn=endpoint, Message="x")[1] == (
        "Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified"
    )
    assert refusal(sns.publish, PhoneNumber="+4912345678", Message="x")[0] == "InvalidParameter"


def test_an_attribute_that_cannot_be_is_refused_alone_and_in_a_batch(sns: Any) -> None:
    entry = {"Message": "x", "MessageAttributes": {"a": {"DataType": "String", "BinaryValue": b"x"}}}
    refused = ("ParameterValueInvalid", "The message attribute 'a' with type 'String' must use field 'String'.", 400)
    assert refusal(sns.publish, TopicArn=TOPIC, **entry) == refused
    assert refusal(sns.publish_batch, TopicArn=TOPIC, PublishBatchRequestEntries=[{"Id": "1", **entry}]) == refused


def test_an_attribute_without_its_type_is_refused(server: Server, sns: Any) -> None:
    from botocore.config import Config

    careless = server.client("sns", config=Config(parameter_validation=False, retries={"total_max_attempts": 1}))
    entry = {"Message": "x", "MessageAttributes": {"attr1": {"StringValue": "x"}}}
    at = "messageAttributes.attr1.member.dataType"
    text = "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member must not be null"
    assert refusal(careless.publish, TopicArn=TOPIC, **entry) == ("ValidationError", text.format(at), 400)
    batch = refusal(careless.publish_batch, TopicArn=TOPIC, PublishBatchRequestEntries=[{"Id": "1", **entry}])
    assert batch[1] == text.format(f"publishBatchRequestEntries.1.member.{at}")


def test_a_batch_that_cannot_be_is_refused(sns: Any) -> None:
    def refused(*entries: dict[str, Any], topic: str = TOPIC) -> tuple[str, str]:
        return refusal(sns.publish_batch, TopicArn=topic, PublishBatchRequestEntries=list(entries))[:2]

    one = {"Id": "1", "Message": "x"}
    distinct = ("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.")
    assert refused(one, one) == distinct
    many = [{"Id": str(number), "Message": "x"} for number in range(11)]
    assert refused(*many) == ("TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible.")
    assert refused()[0] == "EmptyBatchRequest"
    assert refused({"Id": "a b", "Message": "x"})[0] == "InvalidBatchEntryId"
    long = [{"Id": str(number), "Message": "x" * 131_073} for number in range(2)]
    assert refused(*long) == ("BatchRequestTooLong", "The length of all the messages put together is more than the limit.")
    assert refused(one, topic=arn_of("nothing")) == ("NotFound", "Topic does not exist")
    fifo = sns.create_topic(Name="x.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    assert refused(one, topic=fifo)[1] == "Invalid parameter: The MessageGroupId parameter is required for FIFO topics"
    assert refused(one | {"MessageGroupId": "g"}, topic=fifo)[1] == (
        "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
    )
