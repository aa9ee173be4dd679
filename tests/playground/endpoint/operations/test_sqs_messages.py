"""Messages through boto3 against a live server; boto3 itself checks the MD5 of what it receives."""

import hashlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.playground.endpoint.conftest import Server
from tests.playground.endpoint.operations.test_sqs import refusal

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def sqs(server: Server) -> Any:
    return server.client("sqs")


@pytest.fixture
def url(sqs: Any) -> str:
    return str(sqs.create_queue(QueueName="orders")["QueueUrl"])


def test_the_trace_header_of_a_call_stays_with_its_messages_unless_they_bring_one(sqs: Any, url: str) -> None:
    header, own = "Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=a87bd80c:1|68fd508a:5", "Root=1-67891233-abcdef012345678912345678"
    sqs.meta.events.register(
        "before-call.sqs.*", lambda params, **_: params["headers"].update({"X-Amzn-Trace-Id": header.replace("|", "%7C")})
    )
    attribute = {"AWSTraceHeader": {"DataType": "String", "StringValue": own}}
    entries = [{"Id": "a", "MessageBody": "a"}, {"Id": "b", "MessageBody": "b", "MessageSystemAttributes": attribute}]
    assert "MD5OfMessageSystemAttributes" not in sqs.send_message(QueueUrl=url, MessageBody="c")
    sqs.send_message_batch(QueueUrl=url, Entries=entries)

    found = sqs.receive_message(QueueUrl=url, MessageSystemAttributeNames=["All"], MaxNumberOfMessages=10)["Messages"]

    assert {message["Body"]: message["Attributes"]["AWSTraceHeader"] for message in found} == {"a": header, "b": own, "c": header}


def test_a_message_goes_through_with_attributes_and_digests(sqs: Any, url: str) -> None:
    attributes = {
        "Hello": {"DataType": "String", "StringValue": "There"},
        "General": {"DataType": "String", "StringValue": "Kenobi"},
        "Help.Me": {"DataType": "String", "StringValue": "Me"},
    }
    trace = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}}
    sent = sqs.send_message(QueueUrl=url, MessageBody="msg", MessageAttributes=attributes, MessageSystemAttributes=trace)
    assert sent["MD5OfMessageBody"] == "6e2baaf3b97dbeef01c0043275f9a0e7"
    assert sent["MD5OfMessageAttributes"] == "4c360f3fdafd970e05fae2f149d997f5"  # as recorded on AWS for these attributes
    assert len(sent["MD5OfMessageSystemAttributes"]) == 32
    assert "SequenceNumber" not in sent
    (message,) = sqs.receive_message(QueueUrl=url, AttributeNames=["All"], MessageAttributeNames=["All"])["Messages"]
    system = message.pop("Attributes")
    assert message.pop("ReceiptHandle")
    assert message == {
        "MessageId": sent["MessageId"],
        "Body": "msg",
        "MD5OfBody": "6e2baaf3b97dbeef01c0043275f9a0e7",
        "MessageAttributes": attributes,
        "MD5OfMessageAttributes": "4c360f3fdafd970e05fae2f149d997f5",
    }
    times = [int(system.pop(name)) / 1000 for name in ("SentTimestamp", "ApproximateFirstReceiveTimestamp")]
    assert all(abs(each - time.time()) < 5 for each in times)
    assert system == {"SenderId": "000000000000", "ApproximateReceiveCount": "1", "AWSTraceHeader": trace["AWSTraceHeader"]["StringValue"]}


@pytest.mark.parametrize(
    ("names", "expected", "digest"),
    [
        ([], [], None),
        ([".*"], ["General", "Hello", "Help.Me"], "4c360f3fdafd970e05fae2f149d997f5"),
        (["Hello", "General"], ["General", "Hello"], "fca026605781cb4126a1e9044df24232"),
        (["Hello", "Nothing"], ["Hello"], "a311262e065454b75da111d535b8dacd"),
        (["Hel.*"], ["Hello", "Help.Me"], "83fee93c1bcd8b9a5a923ffacdc636c7"),
        (["Nothing"], [], None),
    ],
)
def test_a_receiver_names_the_attributes_it_wants(sqs: Any, url: str, names: list[str], expected: list[str], digest: str | None) -> None:
    values = {"Hello": "There", "General": "Kenobi", "Help.Me": "Me"}
    attributes = {name: {"DataType": "String", "StringValue": value} for name, value in values.items()}
    sqs.send_message(QueueUrl=url, MessageBody="msg", MessageAttributes=attributes)
    (message,) = sqs.receive_message(QueueUrl=url, MessageAttributeNames=names)["Messages"]
    assert sorted(message.get("MessageAttributes", {})) == expected
    assert message.get("MD5OfMessageAttributes") == digest
    assert "Attributes" not in message


def test_binary_attributes_come_back_as_they_were(sqs: Any, url: str) -> None:
    attributes = {"b": {"DataType": "Binary", "BinaryValue": bytes(range(256))}, "n": {"DataType": "Number.int", "StringValue": "-5"}}
    sqs.send_message(QueueUrl=url, MessageBody="msg", MessageAttributes=attributes)
    (message,) = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert message["MessageAttributes"] == attributes


def test_system_attributes_can_be_asked_for_by_either_name(sqs: Any, url: str) -> None:
    sqs.send_message(QueueUrl=url, MessageBody="x")
    (message,) = sqs.receive_message(QueueUrl=url, MessageSystemAttributeNames=["ApproximateReceiveCount"])["Messages"]
    assert message["Attributes"] == {"ApproximateReceiveCount": "1"}


@pytest.mark.parametrize(
    ("parameters", "code", "message"),
    [
        ({"MessageBody": ""}, "MissingParameter", "The request must contain the parameter MessageBody."),
        (
            {"MessageBody": "x" * 1_048_577},
            "InvalidParameterValue",
            "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.",
        ),
        (
            {"MessageBody": "\x00"},
            "InvalidMessageContents",
            "Invalid characters found. Valid unicode characters are "
            "#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
        ),
        (
            {"MessageBody": "x", "DelaySeconds": 901},
            "InvalidParameterValue",
            "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.",
        ),
        (
            {"MessageBody": "x", "MessageAttributes": {"ErrorDetails": {"DataType": "String", "StringValue": ""}}},
            "InvalidParameterValue",
            "Message (user) attribute 'ErrorDetails' must contain a non-empty value of type 'String'.",
        ),
        (
            {"MessageBody": "x", "MessageAttributes": {"AWS.x": {"DataType": "String", "StringValue": "x"}}},
            "InvalidParameterValue",
            "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. "
            "These strings are reserved for internal use. Additionally, they cannot start or end with '.'.",
        ),
        (
            {"MessageBody": "x", "MessageAttributes": {"a..b": {"DataType": "String", "StringValue": "x"}}},
            "InvalidParameterValue",
            "Message (user) attribute names cannot have successive '.' characters.",
        ),
        (
            {"MessageBody": "x", "MessageAttributes": {"a": {"DataType": "Number", "StringValue": "1e400"}}},
            "InvalidParameterValue",
            "Can't cast the value of message (user) attribute 'a' to a number.",
        ),
        (
            {"MessageBody": "x", "MessageAttributes": {f"a{n}": {"DataType": "String", "StringValue": "x"} for n in range(11)}},
            "InvalidParameterValue",
            "Number of message attributes [11] exceeds the allowed maximum [10].",
        ),
        ({"MessageBody": "x", "MessageAttributes": {"a": {"DataType": "Float", "StringValue": "1"}}}, "InvalidParameterValue", None),
        ({"MessageBody": "x", "MessageDeduplicationId": "1"}, "InvalidParameterValue", None),
    ],
)
def test_a_message_that_cannot_be_is_refused(sqs: Any, url: str, parameters: dict[str, Any], code: str, message: str | None) -> None:
    got = refusal(sqs.send_message, QueueUrl=url, **parameters)
    assert got[0] == code
    assert message is None or got[1] == message


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"MaxNumberOfMessages": 11},
            "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.",
        ),
        ({"WaitTimeSeconds": 21}, "Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided."),
        ({"VisibilityTimeout": 43_201}, None),
        ({"ReceiveRequestAttemptId": "x"}, None),
    ],
)
def test_a_receive_out_of_bounds_is_refused(sqs: Any, url: str, parameters: dict[str, Any], message: str | None) -> None:
    got = refusal(sqs.receive_message, QueueUrl=url, **parameters)
    assert got[0] == "InvalidParameterValue"
    assert message is None or got[1] == message


def test_the_largest_message_of_the_queue_goes_through(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="small", Attributes={"MaximumMessageSize": "1024"})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="ü" * 512)
    code, message, _ = refusal(sqs.send_message, QueueUrl=url, MessageBody="ü" * 512 + "x")
    assert (code, message) == (
        "InvalidParameterValue",
        "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.",
    )


def test_a_batch_has_a_result_for_each_entry(sqs: Any, url: str) -> None:
    entries = [{"Id": "good", "MessageBody": "x"}, {"Id": "bad", "MessageBody": "\x01"}]
    result = sqs.send_message_batch(QueueUrl=url, Entries=entries)
    assert [entry["Id"] for entry in result["Successful"]] == ["good"]
    assert result["Successful"][0]["MD5OfMessageBody"] == hashlib.md5(b"x", usedforsecurity=False).hexdigest()
    assert [(entry["Id"], entry["Code"], entry["SenderFault"]) for entry in result["Failed"]] == [("bad", "InvalidMessageContents", True)]
    (message,) = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    handle = message["ReceiptHandle"]
    changes = [{"Id": "1", "ReceiptHandle": handle, "VisibilityTimeout": 5}, {"Id": "2", "ReceiptHandle": "x", "VisibilityTimeout": 5}]
    result = sqs.change_message_visibility_batch(QueueUrl=url, Entries=changes)
    assert (result["Successful"], [entry["Code"] for entry in result["Failed"]]) == ([{"Id": "1"}], ["ReceiptHandleIsInvalid"])
    deletions = [{"Id": "1", "ReceiptHandle": handle}, {"Id": "2", "ReceiptHandle": "x"}]
    result = sqs.delete_message_batch(QueueUrl=url, Entries=deletions)
    assert (result["Successful"], [entry["Id"] for entry in result["Failed"]]) == ([{"Id": "1"}], ["2"])


@pytest.mark.parametrize(
    ("entries", "code", "message"),
    [
        (
            [{"Id": str(n), "MessageBody": "x"} for n in range(20)],
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
            "Maximum number of entries per request are 10. You have sent 20.",
        ),
        (
            [{"Id": "in:valid", "MessageBody": "x"}],
            "AWS.SimpleQueueService.InvalidBatchEntryId",
            "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
        ),
        ([{"Id": "1", "MessageBody": "x"}] * 2, "AWS.SimpleQueueService.BatchEntryIdsNotDistinct", "Id 1 repeated."),
        (
            [],
            "AWS.SimpleQueueService.EmptyBatchRequest",
            "There should be at least one SendMessageBatchRequestEntry in the request.",
        ),
        (
            [{"Id": "1", "MessageBody": "a" * 1_048_576}, {"Id": "2", "MessageBody": "a"}],
            "AWS.SimpleQueueService.BatchRequestTooLong",
            "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.",
        ),
    ],
)
def test_a_batch_that_cannot_be_is_refused(sqs: Any, url: str, entries: list[dict[str, Any]], code: str, message: str) -> None:
    assert refusal(sqs.send_message_batch, QueueUrl=url, Entries=entries) == (code, message, 400)


def test_a_fifo_batch_needs_groups_and_deduplication_ids(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="x.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    entry = {"Id": "1", "MessageBody": "x", "MessageGroupId": "g"}
    code, message, _ = refusal(sqs.send_message_batch, QueueUrl=url, Entries=[entry])
    assert code == "InvalidParameterValue"
    assert message == "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
    code, message, _ = refusal(
        sqs.send_message_batch, QueueUrl=url, Entries=[{"Id": "1", "MessageBody": "x", "MessageDeduplicationId": "1"}]
    )
    assert (code, message) == ("InvalidParameterValue", "The request must contain the parameter MessageGroupId.")
    sent = sqs.send_message_batch(QueueUrl=url, Entries=[entry | {"MessageDeduplicationId": "1"}])["Successful"]
    (message,) = sqs.receive_message(QueueUrl=url, AttributeNames=["SequenceNumber"])["Messages"]
    assert message["Attributes"]["SequenceNumber"] == sent[0]["SequenceNumber"]


def test_a_message_given_back_comes_again(sqs: Any, url: str) -> None:
    sqs.send_message(QueueUrl=url, MessageBody="x")
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])  # again: no error
    assert refusal(sqs.delete_message, QueueUrl=url, ReceiptHandle="x")[0] == "ReceiptHandleIsInvalid"


def test_a_long_poll_ends_when_a_message_comes(sqs: Any, url: str) -> None:
    timer = threading.Timer(0.3, sqs.send_message, kwargs={"QueueUrl": url, "MessageBody": "x"})
    timer.start()
    started = time.monotonic()
    assert sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"][0]["Body"] == "x"
    assert 0.25 < time.monotonic() - started < 8
    timer.join()


def test_many_clients_share_a_queue_and_no_message_goes_to_two(sqs: Any, url: str, server: Server) -> None:
    total = 120
    for start in range(0, total, 10):
        sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(n), "MessageBody": str(start + n)} for n in range(10)])

    def consume(_: int) -> list[str]:
        client, seen = server.client("sqs"), []
        while messages := client.receive_message(QueueUrl=url, MaxNumberOfMessages=5, WaitTimeSeconds=1).get("Messages"):
            seen += [message["Body"] for message in messages]
            entries = [{"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]} for n, message in enumerate(messages)]
            assert not client.delete_message_batch(QueueUrl=url, Entries=entries)["Failed"]
        return seen

    with ThreadPoolExecutor(6) as pool:
        received = [body for seen in pool.map(consume, range(6)) for body in seen]
    assert sorted(received, key=int) == [str(n) for n in range(total)]
