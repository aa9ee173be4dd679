"""SQS: sending, receiving and deleting messages, one by one and in batches."""

import re
from collections.abc import Sequence
from typing import Any, Final

from asgiref.sync import sync_to_async

from invocations import lineage
from invocations.errors import AwsError
from invocations.services import sqs
from invocations.services.sqs.errors import invalid_parameter, missing_parameter, sqs_error
from invocations.services.sqs.messages import no_deduplication_id
from playground.endpoint.operations.sqs import failed_entry, queue_of
from playground.endpoint.registry import Call, operation

MOST_ENTRIES: Final = 10
LARGEST_BATCH: Final = 1_048_576
"""Bytes of all messages together."""
_ENTRY_ID = re.compile(r"[\w-]{1,80}", re.ASCII)


@operation("sqs", "SendMessage")
def send_message(call: Call) -> dict[str, Any]:
    """One message, durable when answered."""
    (result,) = sqs.send_many(sqs.find(*queue_of(call)), [_outgoing(call.input, call)], _sender_id(call))
    if isinstance(result, AwsError):
        raise result
    return _sent(result)


@operation("sqs", "SendMessageBatch")
def send_message_batch(call: Call) -> dict[str, Any]:
    """Up to ten; each has its own result."""
    queue = sqs.find(*queue_of(call))
    entries = _entries(call, "SendMessageBatchRequestEntry")
    messages = [_outgoing(entry, call) for entry in entries]
    size = sum(message.size for message in messages)
    if size > LARGEST_BATCH:
        message = f"Batch requests cannot be longer than {LARGEST_BATCH} bytes. You have sent {size} bytes."
        raise sqs_error("BatchRequestTooLong", message)
    if queue.is_fifo:
        for each in messages:
            if not each.message_deduplication_id and not queue.content_based_deduplication:
                raise no_deduplication_id()
            if not each.message_group_id:
                raise invalid_parameter("The request must contain the parameter MessageGroupId.")
    results = sqs.send_many(queue, messages, _sender_id(call))
    successful = [
        {"Id": entry["Id"], **_sent(result)} for entry, result in zip(entries, results, strict=True) if isinstance(result, sqs.Sent)
    ]
    return {"Successful": successful, "Failed": _failed(entries, results)}


@operation("sqs", "ReceiveMessage")
async def receive_message(call: Call) -> dict[str, Any]:
    """Up to ten messages; waits for the first where the call or the queue says so."""
    request = await sync_to_async(_receive_request, thread_sensitive=False)(call)
    found = await sqs.receive_async(request)
    members = call.input
    system_names = [*members.get("AttributeNames", []), *members.get("MessageSystemAttributeNames", [])]
    names = members.get("MessageAttributeNames", [])
    return {"Messages": [message.as_member(system_names, names) for message in found] or None}


@operation("sqs", "DeleteMessage")
def delete_message(call: Call) -> dict[str, Any]:
    """By receipt handle."""
    _raise_first(sqs.delete(*queue_of(call), [_handle(call.input)]))
    return {}


@operation("sqs", "DeleteMessageBatch")
def delete_message_batch(call: Call) -> dict[str, Any]:
    """Up to ten; each has its own result."""
    queue, entries = queue_of(call), _entries(call, "DeleteMessageBatchRequestEntry")
    return _results(entries, sqs.delete(*queue, [_handle(entry) for entry in entries]))


@operation("sqs", "ChangeMessageVisibility")
def change_message_visibility(call: Call) -> dict[str, Any]:
    """From now on, so many seconds; 0 gives the message back."""
    _raise_first(sqs.change_visibility(*queue_of(call), [_change(call.input)]))
    return {}


@operation("sqs", "ChangeMessageVisibilityBatch")
def change_message_visibility_batch(call: Call) -> dict[str, Any]:
    """Up to ten; each has its own result."""
    queue, entries = queue_of(call), _entries(call, "ChangeMessageVisibilityBatchRequestEntry")
    return _results(entries, sqs.change_visibility(*queue, [_change(entry) for entry in entries]))


def _receive_request(call: Call) -> sqs.ReceiveRequest:
    account_id, name = queue_of(call)
    members = call.input
    return sqs.receive_request(
        account_id,
        name,
        maximum=members.get("MaxNumberOfMessages"),
        visibility_timeout=members.get("VisibilityTimeout"),
        wait_seconds=members.get("WaitTimeSeconds"),
        attempt_id=members.get("ReceiveRequestAttemptId", ""),
    )


def _outgoing(members: dict[str, Any], call: Call) -> sqs.Outgoing:
    return sqs.Outgoing(
        members.get("MessageBody", ""),
        members.get("MessageAttributes", {}),
        members.get("MessageSystemAttributes", {}),
        members.get("DelaySeconds"),
        members.get("MessageGroupId", ""),
        members.get("MessageDeduplicationId", ""),
        lineage.decoded(call.headers.get("x-amzn-trace-id", "")),
    )


def _sent(result: sqs.Sent) -> dict[str, Any]:
    return {
        "MessageId": result.message_id,
        "MD5OfMessageBody": result.md5_of_body,
        "MD5OfMessageAttributes": result.md5_of_attributes or None,
        "MD5OfMessageSystemAttributes": result.md5_of_system_attributes or None,
        "SequenceNumber": result.sequence_number or None,
    }


def _sender_id(call: Call) -> str:
    return call.principal.principal_id or call.principal.account_id


def _handle(members: dict[str, Any]) -> str:
    if "ReceiptHandle" not in members:
        raise missing_parameter("ReceiptHandle")
    return str(members["ReceiptHandle"])


def _change(members: dict[str, Any]) -> tuple[str, int]:
    if "VisibilityTimeout" not in members:
        raise missing_parameter("VisibilityTimeout")
    return _handle(members), int(members["VisibilityTimeout"])


def _entries(call: Call, kind: str) -> list[dict[str, Any]]:
    """The batch's entries. Raises what every batch call raises."""
    entries: list[dict[str, Any]] = call.input.get("Entries", [])
    if not entries:
        raise sqs_error("EmptyBatchRequest", f"There should be at least one {kind} in the request.")
    if len(entries) > MOST_ENTRIES:
        message = f"Maximum number of entries per request are {MOST_ENTRIES}. You have sent {len(entries)}."
        raise sqs_error("TooManyEntriesInBatchRequest", message)
    seen = set()
    for entry in entries:
        entry_id = entry.get("Id", "")
        if not _ENTRY_ID.fullmatch(entry_id):
            message = (
                "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long."
            )
            raise sqs_error("InvalidBatchEntryId", message)
        if entry_id in seen:
            raise sqs_error("BatchEntryIdsNotDistinct", f"Id {entry_id} repeated.")
        seen.add(entry_id)
    return entries


def _results(entries: Sequence[dict[str, Any]], results: Sequence[AwsError | None]) -> dict[str, Any]:
    successful = [{"Id": entry["Id"]} for entry, error in zip(entries, results, strict=True) if error is None]
    return {"Successful": successful, "Failed": _failed(entries, results)}


def _failed(entries: Sequence[dict[str, Any]], results: Sequence[object]) -> list[dict[str, Any]]:
    return [failed_entry(entry["Id"], result) for entry, result in zip(entries, results, strict=True) if isinstance(result, AwsError)]


def _raise_first(results: Sequence[AwsError | None]) -> None:
    for error in results:
        if error is not None:
            raise error
