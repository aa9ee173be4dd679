"""SNS: publishing, one message or up to ten."""

import re
from typing import Any, Final

from invocations import lineage
from invocations.errors import aws_error
from invocations.services import sns
from invocations.services.sns import messages
from invocations.services.sns.errors import invalid_parameter
from playground.endpoint.registry import Call, operation

MOST_ENTRIES: Final = 10
_ENTRY_ID = re.compile(r"[\w-]+", re.ASCII)


@operation("sns", "Publish")
def publish(call: Call) -> dict[str, Any]:
    """One message, delivered or durable on its way when answered."""
    if "PhoneNumber" in call.input:
        raise invalid_parameter("PhoneNumber Reason: Text messages exist on AWS, but not in this playground")
    arn = call.input.get("TopicArn", call.input.get("TargetArn"))
    if arn is None:
        raise invalid_parameter("TopicArn or TargetArn Reason: no value for required parameter")
    if ":endpoint/" in arn:
        raise invalid_parameter("TargetArn Reason: No endpoint found for the target arn specified")
    published = sns.publish_one(_topic(arn), _message(call.input), trace_id=_trace_id(call), parent_request_id=call.request_id)
    return _member(published)


@operation("sns", "PublishBatch")
def publish_batch(call: Call) -> dict[str, Any]:
    """Up to ten; one that is refused refuses them all, as recorded on AWS."""
    entries = call.input["PublishBatchRequestEntries"]
    if len(entries) > MOST_ENTRIES:
        raise aws_error("TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible.")
    topic = _topic(call.input["TopicArn"])
    _check_ids([entry["Id"] for entry in entries])
    given = [_message(entry) for entry in entries]
    if sum(message.size for message in given) > messages.LARGEST:
        raise aws_error("BatchRequestTooLong", "The length of all the messages put together is more than the limit.")
    published = sns.publish_many(topic, given, trace_id=_trace_id(call), parent_request_id=call.request_id)
    successful = [{"Id": entry["Id"], **_member(each)} for entry, each in zip(entries, published, strict=True)]
    return {"Successful": successful, "Failed": []}


def _topic(arn: str) -> sns.TopicConfig:
    return sns.find(*sns.read_topic_arn(arn))


def _message(members: dict[str, Any]) -> sns.Message:
    return sns.Message(
        members["Message"],
        members.get("Subject"),
        members.get("MessageAttributes", {}),
        members.get("MessageStructure", ""),
        members.get("MessageGroupId", ""),
        members.get("MessageDeduplicationId", ""),
    )


def _member(published: sns.Published) -> dict[str, Any]:
    return {"MessageId": published.message_id, "SequenceNumber": published.sequence_number or None}


def _trace_id(call: Call) -> str:
    return lineage.decoded(call.headers.get("x-amzn-trace-id", ""))


def _check_ids(ids: list[str]) -> None:
    if not ids:
        raise aws_error("EmptyBatchRequest", "The batch request doesn't contain any entries.")
    if len(set(ids)) < len(ids):
        raise aws_error("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.")
    for each in ids:
        if len(each) > 80:
            raise aws_error("InvalidBatchEntryId", f"The Id of a batch entry in the batch request is too long: {each}")
        if not _ENTRY_ID.fullmatch(each):
            message = f"The Id of a batch entry in the batch request contains an impermissible character: {each}"
            raise aws_error("InvalidBatchEntryId", message)
