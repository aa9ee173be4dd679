"""Queues through boto3 against a live server."""

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.playground.endpoint.conftest import Server

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]

ACCOUNT = "000000000000"


@pytest.fixture
def sqs(server: Server) -> Any:
    return server.client("sqs")


def arn_of(name: str) -> str:
    return f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"


def refusal(call: Any, **parameters: Any) -> tuple[str, str, int]:
    """(code, message, HTTP status) of a refused call."""
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    error = raised.value.response
    return error["Error"]["Code"], error["Error"]["Message"], error["ResponseMetadata"]["HTTPStatusCode"]


def test_a_queue_has_every_attribute(sqs: Any, server: Server) -> None:
    url = sqs.create_queue(QueueName="orders", Attributes={"VisibilityTimeout": "20"}, tags={"team": "a"})["QueueUrl"]
    assert url == f"{server.url}/{ACCOUNT}/orders"
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert abs(int(attributes.pop("CreatedTimestamp")) - time.time()) < 5
    assert abs(int(attributes.pop("LastModifiedTimestamp")) - time.time()) < 5
    assert attributes == {
        "QueueArn": arn_of("orders"),
        "ApproximateNumberOfMessages": "0",
        "ApproximateNumberOfMessagesNotVisible": "0",
        "ApproximateNumberOfMessagesDelayed": "0",
        "VisibilityTimeout": "20",
        "MaximumMessageSize": "1048576",
        "MessageRetentionPeriod": "345600",
        "DelaySeconds": "0",
        "ReceiveMessageWaitTimeSeconds": "0",
        "SqsManagedSseEnabled": "true",
    }
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"] == {"QueueArn": arn_of("orders")}
    assert "Attributes" not in sqs.get_queue_attributes(QueueUrl=url)


def test_a_fifo_queue_has_its_own_attributes(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="orders.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    names = ["FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"]
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"] == {
        "FifoQueue": "true",
        "ContentBasedDeduplication": "false",
        "DeduplicationScope": "queue",
        "FifoThroughputLimit": "perQueue",
    }
    high = {"DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}
    sqs.set_queue_attributes(QueueUrl=url, Attributes=high)
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(high))["Attributes"] == high


def test_creating_a_queue_again_is_no_error_unless_it_should_be_another(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="orders", Attributes={"DelaySeconds": "1"})["QueueUrl"]
    assert sqs.create_queue(QueueName="orders", Attributes={"DelaySeconds": "1"})["QueueUrl"] == url
    assert sqs.create_queue(QueueName="orders")["QueueUrl"] == url
    code, message, status = refusal(sqs.create_queue, QueueName="orders", Attributes={"DelaySeconds": "2"})
    assert (code, status) == ("QueueAlreadyExists", 400)
    assert message == "A queue already exists with the same name and a different value for attribute DelaySeconds"


def test_queues_are_found_listed_by_pages_and_deleted(sqs: Any) -> None:
    urls = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("a-1", "a-2", "a-3", "b")]
    assert sqs.list_queues()["QueueUrls"] == urls
    first = sqs.list_queues(QueueNamePrefix="a-", MaxResults=2)
    second = sqs.list_queues(QueueNamePrefix="a-", MaxResults=2, NextToken=first["NextToken"])
    assert first["QueueUrls"] + second["QueueUrls"] == urls[:3]
    assert "NextToken" not in second
    assert sqs.get_queue_url(QueueName="b")["QueueUrl"] == urls[3]
    sqs.delete_queue(QueueUrl=urls[3])
    gone = ("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.", 400)
    assert refusal(sqs.get_queue_url, QueueName="b") == gone
    assert refusal(sqs.send_message, QueueUrl=urls[3], MessageBody="x") == gone
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.receive_message(QueueUrl=urls[3])


@pytest.mark.parametrize(
    ("parameters", "code", "message"),
    [
        (
            {"QueueName": "no spaces"},
            "InvalidParameterValue",
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
        ),
        (
            {"QueueName": "x.fifo"},
            "InvalidParameterValue",
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
        ),
        ({"QueueName": "x", "Attributes": {"Nonsense": "1"}}, "InvalidAttributeName", "Unknown Attribute Nonsense."),
        ({"QueueName": "x", "Attributes": {"FifoQueue": "false"}}, "InvalidAttributeName", "Unknown Attribute FifoQueue."),
        ({"QueueName": "x", "Attributes": {"ContentBasedDeduplication": "true"}}, "InvalidAttributeName", None),
        (
            {"QueueName": "x", "Attributes": {"DelaySeconds": "901"}},
            "InvalidAttributeValue",
            "Invalid value for the parameter DelaySeconds.",
        ),
        ({"QueueName": "x", "Attributes": {"VisibilityTimeout": "-1"}}, "InvalidAttributeValue", None),
        ({"QueueName": "x", "Attributes": {"Policy": "no json"}}, "InvalidAttributeValue", "Invalid value for the parameter Policy."),
        (
            {"QueueName": "x", "Attributes": {"KmsMasterKeyId": "k", "SqsManagedSseEnabled": "true"}},
            "InvalidAttributeName",
            "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.",
        ),
        (
            {"QueueName": "x", "Attributes": {"RedrivePolicy": '{"deadLetterTargetArn": "dummy", "maxReceiveCount": 42}'}},
            "InvalidParameterValue",
            'Value {"deadLetterTargetArn": "dummy", "maxReceiveCount": 42} for parameter RedrivePolicy is invalid. '
            "Reason: Invalid value for deadLetterTargetArn.",
        ),
        (
            {"QueueName": "x", "Attributes": {"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn_of("no"), "maxReceiveCount": 0})}},
            "InvalidParameterValue",
            None,
        ),
    ],
)
def test_a_queue_that_cannot_be_is_refused(sqs: Any, parameters: dict[str, Any], code: str, message: str | None) -> None:
    got = refusal(sqs.create_queue, **parameters)
    assert got[0] == code
    assert message is None or got[1] == message


def test_the_type_of_a_queue_cannot_be_changed(sqs: Any) -> None:
    standard = sqs.create_queue(QueueName="x")["QueueUrl"]
    fifo = sqs.create_queue(QueueName="x.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    change = {"FifoQueue": "true"}
    assert refusal(sqs.set_queue_attributes, QueueUrl=standard, Attributes=change)[1] == "Unknown Attribute FifoQueue."
    code, message, _ = refusal(sqs.set_queue_attributes, QueueUrl=fifo, Attributes={"FifoQueue": "false"})
    assert (code, message) == (
        "InvalidAttributeValue",
        "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.",
    )


def test_a_redrive_policy_can_be_set_seen_from_both_ends_and_taken_away(sqs: Any) -> None:
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    policy = json.dumps({"deadLetterTargetArn": arn_of("dead"), "maxReceiveCount": "3"})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"] == {"RedrivePolicy": policy}
    assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [url]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": ""})
    assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == []
    sqs.set_queue_attributes(QueueUrl=dead, Attributes={"RedriveAllowPolicy": '{"redrivePermission": "denyAll"}'})
    assert refusal(sqs.set_queue_attributes, QueueUrl=url, Attributes={"RedrivePolicy": policy})[0] == "InvalidParameterValue"
    allowed = json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [arn_of("orders")]})
    sqs.set_queue_attributes(QueueUrl=dead, Attributes={"RedriveAllowPolicy": allowed})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})


def test_tags_are_kept(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="x", tags={"a": "1"})["QueueUrl"]
    sqs.tag_queue(QueueUrl=url, Tags={"b": "2", "c": ""})
    sqs.untag_queue(QueueUrl=url, TagKeys=["a", "nothing"])
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"b": "2", "c": ""}


def test_permissions_make_the_policy(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="x")["QueueUrl"]
    arguments = {"QueueUrl": url, "Label": "one", "AWSAccountIds": ["111111111111"], "Actions": ["ReceiveMessage"]}
    sqs.add_permission(**arguments)
    policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    assert json.loads(policy) == {
        "Version": "2008-10-17",
        "Id": f"{arn_of('x')}/SQSDefaultPolicy",
        "Statement": [
            {
                "Sid": "one",
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
                "Action": "SQS:ReceiveMessage",
                "Resource": arn_of("x"),
            }
        ],
    }
    assert refusal(sqs.add_permission, **arguments)[1] == "Value one for parameter Label is invalid. Reason: Already exists."
    sqs.remove_permission(QueueUrl=url, Label="one")
    assert "Attributes" not in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    absent = refusal(sqs.remove_permission, QueueUrl=url, Label="one")
    assert absent[1] == "Value one for parameter Label is invalid. Reason: can't find label."


def test_another_account_gets_in_only_where_the_policy_says_so(sqs: Any, server: Server) -> None:
    url = sqs.create_queue(QueueName="x")["QueueUrl"]
    stranger = server.client("sqs", key="111111111111")
    code, message, status = refusal(stranger.send_message, QueueUrl=url, MessageBody="x")
    assert (code, status) == ("AccessDenied", 403)
    assert message == (
        f"User: arn:aws:iam::111111111111:root is not authorized to perform: sqs:sendmessage on resource: {arn_of('x')} "
        "because no resource-based policy allows the sqs:sendmessage action"
    )
    sqs.add_permission(QueueUrl=url, Label="l", AWSAccountIds=["111111111111"], Actions=["SendMessage", "GetQueueUrl"])
    stranger.send_message(QueueUrl=url, MessageBody="x")
    assert stranger.get_queue_url(QueueName="x", QueueOwnerAWSAccountId=ACCOUNT)["QueueUrl"] == url
    assert refusal(stranger.receive_message, QueueUrl=url)[0] == "AccessDenied"
    assert refusal(stranger.delete_queue, QueueUrl=url)[0] == "AccessDenied"


def test_purging_twice_a_minute_is_refused(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="x")["QueueUrl"]
    sqs.purge_queue(QueueUrl=url)
    assert refusal(sqs.purge_queue, QueueUrl=url) == (
        "AWS.SimpleQueueService.PurgeQueueInProgress",
        "Only one PurgeQueue operation on x is allowed every 60 seconds.",
        403,
    )


def test_messages_move_back_from_a_dead_letter_queue(sqs: Any) -> None:
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    assert refusal(sqs.start_message_move_task, SourceArn=arn_of("dead"))[:2] == (
        "InvalidParameterValue",
        "Source queue must be configured as a Dead Letter Queue.",
    )
    policy = json.dumps({"deadLetterTargetArn": arn_of("dead"), "maxReceiveCount": 1})
    url = sqs.create_queue(QueueName="orders", Attributes={"RedrivePolicy": policy, "VisibilityTimeout": "0"})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="x")
    sqs.receive_message(QueueUrl=url)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    assert refusal(sqs.start_message_move_task, SourceArn=arn_of("gone")) == (
        "ResourceNotFoundException",
        "The resource that you specified for the SourceArn parameter doesn't exist.",
        404,
    )
    handle = sqs.start_message_move_task(SourceArn=arn_of("dead"))["TaskHandle"]
    (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    assert message["Body"] == "x"
    deadline = time.monotonic() + 5
    while (task := sqs.list_message_move_tasks(SourceArn=arn_of("dead"))["Results"][0])["Status"] == "RUNNING":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    started = task.pop("StartedTimestamp")
    assert abs(started / 1000 - time.time()) < 10
    assert task == {
        "Status": "COMPLETED",
        "SourceArn": arn_of("dead"),
        "ApproximateNumberOfMessagesMoved": 1,
        "ApproximateNumberOfMessagesToMove": 1,
    }
    assert refusal(sqs.cancel_message_move_task, TaskHandle=handle)[0] == "AWS.SimpleQueueService.UnsupportedOperation"
    assert refusal(sqs.cancel_message_move_task, TaskHandle="foo")[1] == "Value for parameter TaskHandle is invalid."
    assert dead


def test_an_address_that_is_none_is_refused(sqs: Any, server: Server) -> None:
    code, message, status = refusal(sqs.send_message, QueueUrl=f"{server.url}/nothing", MessageBody="x")
    assert (code, message, status) == ("InvalidAddress", f"The address {server.url}/nothing is not valid for this endpoint.", 404)
    sqs.create_queue(QueueName="x")
    sqs.send_message(QueueUrl="x", MessageBody="a bare name will do")
