"""Sending, receiving, deleting: what operations, pollers, destinations and pages do with a queue's messages."""

import asyncio
import threading
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from invocations import clock
from invocations.errors import AwsError
from invocations.services.sqs import messages, receipts, scripts
from invocations.services.sqs.errors import invalid_value, sqs_error
from invocations.services.sqs.messages import Attributes, Message, Outgoing, Sent
from invocations.services.sqs.queue_config import QueueConfig, find
from invocations.services.sqs.wakeups import listener

MOST_RECEIVED: Final = 10
LONGEST_WAIT: Final = 20
LONGEST_VISIBILITY_TIMEOUT: Final = 43_200
"""Seconds."""
LOOK_AGAIN_SECONDS: Final = 5.0
"""How long a waiting receiver relies on being woken."""
PURGE_INTERVAL_SECONDS: Final = 60

NOT_AVAILABLE: Final = "Message does not exist or is not available for visibility timeout change."


@dataclass(frozen=True, slots=True)
class Counts:
    """GetQueueAttributes' ApproximateNumberOfMessages…; here they are exact."""

    available: int
    in_flight: int
    delayed: int
    oldest_sent: float | None
    """Epoch seconds on the account's clock."""


def send(
    account_id: str,
    queue_name: str,
    body: str,
    *,
    attributes: Attributes | None = None,
    system_attributes: Attributes | None = None,
    delay_seconds: int | None = None,
    message_group_id: str = "",
    message_deduplication_id: str = "",
    sender_id: str = "",
) -> Sent:
    """Sends one message; durable when it returns. Raises what SendMessage raises."""
    message = Outgoing(body, attributes or {}, system_attributes or {}, delay_seconds, message_group_id, message_deduplication_id)
    (result,) = send_many(find(account_id, queue_name), [message], sender_id)
    if isinstance(result, AwsError):
        raise result
    return result


def send_many(queue: QueueConfig, outgoing: Sequence[Outgoing], sender_id: str = "") -> list[Sent | AwsError]:
    """Sends several at once; for each its result, or why it was refused. Raises QueueDoesNotExist."""
    results: dict[int, Sent | AwsError] = {}
    accepted: list[tuple[int, Outgoing]] = []
    for number, message in enumerate(outgoing):
        try:
            messages.check(message, queue)
            accepted.append((number, message))
        except AwsError as error:
            results[number] = error
    arguments: list[Any] = []
    for _, message in accepted:
        delay = "" if message.delay_seconds is None or queue.is_fifo else message.delay_seconds
        content = messages.pack(message, queue, sender_id or queue.account_id)
        key = messages.deduplication_key(message, queue)
        arguments += [message.message_id or str(uuid.uuid4()), content, delay, message.message_group_id, key]
    stored = scripts.run("send", queue, *arguments) if accepted else []
    for (number, message), (message_id, sequence) in zip(accepted, stored, strict=True):
        results[number] = Sent(
            message_id.decode(),
            messages.md5_of_body(message.body),
            messages.md5_of_attributes(message.attributes),
            messages.md5_of_attributes(message.system_attributes),
            sequence.decode(),
        )
    return [results[number] for number in range(len(outgoing))]


@dataclass(frozen=True, slots=True)
class ReceiveRequest:
    """One ReceiveMessage, checked."""

    queue: QueueConfig
    maximum: int = 1
    visibility_timeout: int | None = None
    wait_seconds: int = 0
    lease: timedelta = timedelta(0)
    """Real time during which what is received stays with its receiver, whatever the account's clock does."""
    attempt_id: str = ""


def receive_request(
    account_id: str,
    queue_name: str,
    *,
    maximum: int | None = None,
    visibility_timeout: int | None = None,
    wait_seconds: int | None = None,
    lease: timedelta = timedelta(0),
    attempt_id: str = "",
) -> ReceiveRequest:
    """Checks the parameters of a receive; None stands for the queue's own. Raises what ReceiveMessage raises."""
    queue = find(account_id, queue_name)
    maximum = 1 if maximum is None else maximum
    if not 1 <= maximum <= MOST_RECEIVED:
        raise invalid_value(maximum, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")
    if wait_seconds is not None and not 0 <= wait_seconds <= LONGEST_WAIT:
        raise invalid_value(wait_seconds, "WaitTimeSeconds", f"Must be >= 0 and <= {LONGEST_WAIT}, if provided.")
    if visibility_timeout is not None and not 0 <= visibility_timeout <= LONGEST_VISIBILITY_TIMEOUT:
        reason = f"Must be >= 0 and <= {LONGEST_VISIBILITY_TIMEOUT}, if provided."
        raise invalid_value(visibility_timeout, "VisibilityTimeout", reason)
    if attempt_id and not queue.is_fifo:
        reason = "The request include parameter that is not valid for this queue type."
        raise invalid_value(attempt_id, "ReceiveRequestAttemptId", reason)
    wait = queue.wait_time if wait_seconds is None else wait_seconds
    return ReceiveRequest(queue, maximum, visibility_timeout, wait, lease, attempt_id)


def receive(account_id: str, queue_name: str, **parameters: Any) -> list[Message]:
    """Receives, waiting in this thread where *wait_seconds* says so. Parameters as `receive_request` takes them."""
    request = receive_request(account_id, queue_name, **parameters)
    found, _ = receive_now(request)
    if found or not request.wait_seconds:
        return found
    deadline = clock.monotonic() + request.wait_seconds
    woken = threading.Event()
    listener().add(request.queue.prefix, woken.set)
    try:
        while not found and (left := deadline - clock.monotonic()) > 0:
            woken.clear()
            found, hint = receive_now(request, left)
            if not found:
                woken.wait(min(left, hint, LOOK_AGAIN_SECONDS))
        return found
    finally:
        listener().remove(request.queue.prefix, woken.set)


async def receive_async(request: ReceiveRequest) -> list[Message]:
    """The same on a loop; waiting holds no thread. The caller may cancel it."""
    found, _ = await asyncio.to_thread(receive_now, request)
    if found or not request.wait_seconds:
        return found
    deadline = clock.monotonic() + request.wait_seconds
    loop, woken = asyncio.get_running_loop(), asyncio.Event()
    wake = _waker(loop, woken)
    await asyncio.to_thread(listener().add, request.queue.prefix, wake)
    try:
        while not found and (left := deadline - clock.monotonic()) > 0:
            woken.clear()
            found, hint = await asyncio.to_thread(receive_now, request, left)
            if not found:
                await _wait(woken, min(left, hint, LOOK_AGAIN_SECONDS))
        return found
    finally:
        listener().remove(request.queue.prefix, wake)


def receive_now(request: ReceiveRequest, will_wait: float = 0.0) -> tuple[list[Message], float]:
    """What is available at once, and the real seconds after which time by itself may bring more (infinite: never).

    With *will_wait* seconds the queue remembers for so long that somebody waits.
    """
    queue = request.queue
    answer = scripts.run(
        "receive",
        queue,
        request.maximum,
        "" if request.visibility_timeout is None else request.visibility_timeout,
        f"{request.lease.total_seconds():.6f}",
        int(will_wait * 1000),
        uuid.uuid4().hex,
        request.attempt_id,
    )
    if answer == b"OverLimit":
        raise sqs_error("OverLimit", "Too many messages are in flight in this queue.", 403)
    hint, *found = answer
    received = [
        messages.unpack(
            message_id.decode(),
            content,
            receipt_handle=receipts.handle_of(queue, message_id.decode(), token.decode()),
            receive_count=count,
            first_received=float(first),
            sent=float(sent),
            group=group.decode(),
            sequence=sequence.decode(),
            source_arn=source.decode(),
        )
        for message_id, content, count, first, sent, group, sequence, source, token in found
    ]
    return received, float(hint) if hint else float("inf")


def delete(account_id: str, queue_name: str, receipt_handles: Sequence[str]) -> list[AwsError | None]:
    """Deletes received messages; for each None, or why it was refused. Raises QueueDoesNotExist."""
    queue = find(account_id, queue_name)
    results, read = _read_handles(queue, receipt_handles)
    codes = scripts.run("delete", queue, *[part for receipt in read.values() for part in receipt]) if read else []
    for number, deleted in zip(read, codes, strict=True):
        if not deleted:
            results[number] = invalid_value(receipt_handles[number], "ReceiptHandle", "The receipt handle has expired.")
    return results


def change_visibility(account_id: str, queue_name: str, changes: Sequence[tuple[str, int]]) -> list[AwsError | None]:
    """Gives messages, by receipt handle, new seconds of invisibility from now; for each None, or why it was refused."""
    queue = find(account_id, queue_name)
    results, read = _read_handles(queue, [handle for handle, _ in changes])
    for number, (_, seconds) in enumerate(changes):
        if not 0 <= seconds <= LONGEST_VISIBILITY_TIMEOUT:
            reason = f"VisibilityTimeout must be an integer between 0 and {LONGEST_VISIBILITY_TIMEOUT}."
            results[number] = invalid_value(seconds, "VisibilityTimeout", reason)
            read.pop(number, None)
    triples = [part for number, receipt in read.items() for part in (*receipt, changes[number][1])]
    for number, outcome in zip(read, scripts.run("visibility", queue, *triples) if read else [], strict=True):
        handle, seconds = changes[number]
        if outcome == b"gone":
            results[number] = invalid_value(handle, "ReceiptHandle", NOT_AVAILABLE)
        elif outcome == b"visible":
            results[number] = sqs_error("MessageNotInflight", "The specified message isn't in flight.")
        elif outcome == b"limit":
            total = f"Total VisibilityTimeout for the message is beyond the limit [{LONGEST_VISIBILITY_TIMEOUT} seconds]."
            results[number] = invalid_value(seconds, "VisibilityTimeout", total)
    return results


def extend_lease(account_id: str, queue_name: str, receipt_handles: Iterable[str], lease: timedelta) -> int:
    """Gives the holder of messages *lease* of real time from now. Returns how many of them it still holds."""
    queue = find(account_id, queue_name)
    flat = [part for handle in receipt_handles for part in receipts.read(queue, handle)]
    return scripts.extend_lease(queue, clock.epoch() + lease.total_seconds(), *flat)


def counts(account_id: str, queue_name: str) -> Counts:
    """How many messages are in which state."""
    available, in_flight, delayed, oldest = scripts.run("tend", find(account_id, queue_name))
    return Counts(available, in_flight, delayed, float(oldest) if oldest else None)


def purge(account_id: str, queue_name: str) -> None:
    """Deletes all messages. Raises PurgeQueueInProgress within 60 seconds of the last time."""
    if not scripts.run("purge", find(account_id, queue_name), PURGE_INTERVAL_SECONDS, "purge"):
        message = f"Only one PurgeQueue operation on {queue_name} is allowed every {PURGE_INTERVAL_SECONDS} seconds."
        raise sqs_error("PurgeQueueInProgress", message, 403)


def remove(queue: QueueConfig) -> None:
    """Deletes a queue's messages and what messages know of its configuration: the first step of deleting the queue."""
    scripts.run("purge", queue, 0, "delete")


def _read_handles(queue: QueueConfig, handles: Sequence[str]) -> tuple[list[AwsError | None], dict[int, receipts.Receipt]]:
    """The handles that can be read, by their numbers, and for each handle a place for its error."""
    results: list[AwsError | None] = [None] * len(handles)
    read: dict[int, receipts.Receipt] = {}
    for number, handle in enumerate(handles):
        try:
            read[number] = receipts.read(queue, handle)
        except AwsError as error:
            results[number] = error
    return results, read


def _waker(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> Callable[[], None]:
    def wake() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(event.set)

    return wake


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
