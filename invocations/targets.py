"""Sends one message to whatever an ARN names: a queue, a topic, an event bus, a function, a bucket; or to a web address on this machine.

Destinations use it, and the outbox of the services. One function a kind of target, found in one table.
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final
from weakref import WeakKeyDictionary

import redis
from django.db import connection

from invocations import delivery_rights, http_post
from invocations.arn import parse_function_name
from invocations.enums import InvocationType
from invocations.errors import AwsError, ServiceException, aws_error
from invocations.execution import dispatch
from invocations.outbox import Delivery
from invocations.services import eventbridge, s3, sns, sqs
from invocations.together import Together
from invocations.values import InvokeRequest, new_trace_id

log = logging.getLogger(__name__)


async def send(delivery: Delivery) -> str:
    """Sends it once; the id that the target gave it. Raises AwsError where the target does not take it, AccessDeniedException where
    whoever owes it may not send there."""
    try:
        return await _send(delivery)
    except (AwsError, redis.ConnectionError, redis.TimeoutError):
        raise
    except Exception as error:  # it counts as a try: or what breaks its sender would be taken up for ever, unseen
        log.exception("a delivery to %s failed", delivery.target)
        raise ServiceException(f"Sending to {delivery.target} failed: {type(error).__name__}.") from error


async def _send(delivery: Delivery) -> str:
    if delivery.target.startswith(("http://", "https://")):
        return await http_post.send(delivery.target, delivery.body, delivery.detail.get("headers", {}))
    service = service_of(delivery.target)
    sender = SENDERS.get(service)
    if sender is None:
        raise aws_error("InvalidParameterValue", f"Nothing can be sent to {delivery.target} here.")
    if service != "lambda":
        await delivery_rights.check(delivery)
    return await sender(delivery)


def service_of(arn: str) -> str:
    """The service part of an ARN; empty where it is none."""
    parts = arn.split(":")
    return parts[2] if len(parts) >= 6 and parts[0] == "arn" else ""


async def _to_function(delivery: Delivery) -> str:
    """Invokes it asynchronously, by the front door like everybody, where permission is asked for too."""
    reference = parse_function_name(delivery.target)
    if reference is None:
        raise aws_error("InvalidParameterValue", f"{delivery.target} is not the ARN of a function.")
    request = InvokeRequest(
        account_id=reference.account_id or delivery.account_id,
        function_name=reference.name,
        qualifier=reference.qualifier,
        payload=delivery.body.encode(),
        invocation_type=InvocationType.EVENT,
        request_id=stable_id(delivery.delivery_id),
        trace_id=delivery.trace_id or new_trace_id(),
        source=delivery.source,
        parent_request_id=delivery.parent_request_id or None,
    )
    (sending,) = delivery_rights.sendings_of(delivery)
    try:
        return (await dispatch.invoke(request, sending.principal, sending.keys)).request_id
    except AwsError as error:
        if request.account_id != delivery.account_id:
            error.detail = {}  # why it was refused is the function's account's to know
        raise


async def _to_queue(delivery: Delivery) -> str:
    found = sqs.parse_queue_arn(delivery.target)
    if found is None:
        raise aws_error("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
    detail = delivery.detail
    message = sqs.Outgoing(
        delivery.body,
        detail.get("message_attributes") or {},
        _trace_attribute(delivery.trace_id),
        message_group_id=detail.get("message_group_id", ""),
        message_deduplication_id=detail.get("message_deduplication_id", ""),
        message_id=stable_id(delivery.delivery_id),
    )
    loop = asyncio.get_running_loop()
    together = _queues_of.get(loop)
    if together is None:
        together = _queues_of[loop] = Together(_send_messages)
    return (await together(found, message)).message_id


_queues_of: "WeakKeyDictionary[asyncio.AbstractEventLoop, Together[tuple[str, str], sqs.Outgoing, sqs.Sent]]" = WeakKeyDictionary()
"""What sends a loop's messages, those of the same moment for the same queue in one round trip."""


async def _send_messages(queue: tuple[str, str], messages: list[sqs.Outgoing]) -> Sequence[sqs.Sent | BaseException]:
    return await asyncio.to_thread(lambda: sqs.send_many(sqs.find(*queue), messages))


async def _to_bus(delivery: Delivery) -> str:
    return await asyncio.to_thread(eventbridge.receive, delivery)


def _trace_attribute(trace_id: str) -> dict[str, Any]:
    return {"AWSTraceHeader": {"DataType": "String", "StringValue": trace_id}} if trace_id else {}


async def _to_topic(delivery: Delivery) -> str:
    found = sns.read_topic_arn(delivery.target)
    detail = delivery.detail
    published = await asyncio.to_thread(
        sns.publish,
        *found,
        delivery.body,
        subject=detail.get("subject"),
        attributes=detail.get("message_attributes"),
        message_group_id=detail.get("message_group_id", ""),
        message_deduplication_id=detail.get("message_deduplication_id", ""),
        trace_id=delivery.trace_id,
        parent_request_id=delivery.parent_request_id,
    )
    return published.message_id


async def _to_bucket(delivery: Delivery) -> str:
    """An object, under the key that the detail names; its ETag."""
    _, _, bucket = delivery.target.partition(":::")

    def put() -> str:
        try:
            row = s3.put_object(
                delivery.account_id,
                bucket,
                delivery.detail.get("key") or delivery.delivery_id,
                delivery.body.encode(),
                content_type=delivery.detail.get("content_type") or "application/json",
            )
        finally:
            connection.close_if_unusable_or_obsolete()
        return row.etag

    return await asyncio.to_thread(put)


Sender = Callable[[Delivery], Awaitable[str]]
SENDERS: Final[Mapping[str, Sender]] = {
    "events": _to_bus,
    "lambda": _to_function,
    "s3": _to_bucket,
    "sns": _to_topic,
    "sqs": _to_queue,
}
"""Service part of the ARN -> how one sends there."""


def stable_id(name: str) -> str:
    """A request id that is the same for the same delivery, so that one sent twice by accident is one event."""
    digits = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def problem_of(error: AwsError) -> dict[str, str]:
    """An error as steps and pages have it."""
    return {"error_code": error.code, "error_message": error.message or ""}
