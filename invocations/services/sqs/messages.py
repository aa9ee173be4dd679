"""Messages: what SQS checks of them, their digests, and how they are kept."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from invocations import fast_json
from invocations.errors import AwsError
from invocations.services.sqs.errors import invalid_parameter, invalid_value, missing_parameter, sqs_error
from invocations.services.sqs.queue_config import QueueConfig

MOST_ATTRIBUTES: Final = 10
LONGEST_DELAY: Final = 900
"""Seconds."""
MOST_DIGITS: Final = 38
SMALLEST_NUMBER: Final = Decimal("1e-128")
LARGEST_NUMBER: Final = Decimal("1e126")
INVALID_CHARACTERS: Final = (
    "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF"
)
BAD_CHARACTER: Final = re.compile("[^\u0009\u000a\u000d\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FIFO_ID: Final = re.compile(r"[0-9a-zA-Z!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]{1,128}")
_ATTRIBUTE_NAME: Final = re.compile(r"[\u00c0-\u017fa-zA-Z0-9_.\-]+")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?0*\d{1,4})?", re.ASCII)
_ATTRIBUTE_TYPE: Final = re.compile(r"(String|Number|Binary)(\..*)?", re.DOTALL)

Attributes = Mapping[str, Mapping[str, Any]]
"""Message attributes as boto3 takes them: name -> {"DataType", "StringValue" or "BinaryValue"}."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be sent."""

    body: str
    attributes: Attributes = field(default_factory=dict)
    system_attributes: Attributes = field(default_factory=dict)
    """AWSTraceHeader alone."""
    delay_seconds: int | None = None
    """None: the queue's own."""
    message_group_id: str = ""
    message_deduplication_id: str = ""
    trace_header: str = ""
    """X-Amzn-Trace-Id of the call that sends it: its AWSTraceHeader, unless it brings one itself."""
    message_id: str = ""
    """The id that it is to have. Sent again while the first is in the queue, it is one message. Empty: a new one."""

    @property
    def size(self) -> int:
        """Bytes that count towards the limits."""
        return _bytes(self.body) + sum(
            _bytes(name) + sum(_bytes(value) if isinstance(value, str) else len(value) for value in attribute.values())
            for name, attribute in self.attributes.items()
        )


def _bytes(text: str) -> int:
    """As UTF-8; of a lone surrogate too, which is refused for what it is."""
    return len(text.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class Sent:
    """What the sender of a message is told."""

    message_id: str
    md5_of_body: str
    md5_of_attributes: str
    """Empty without attributes."""
    md5_of_system_attributes: str
    sequence_number: str
    """Empty for standard queues."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as its receiver has it."""

    message_id: str
    receipt_handle: str
    """Empty for one that was only looked at."""
    body: str
    md5_of_body: str
    attributes: Attributes
    system: Mapping[str, str]
    """SenderId, SentTimestamp, ApproximateReceiveCount, …: system attributes by AWS name."""
    state: str = ""
    """Of one that was looked at: "available", "in flight" or "delayed"."""
    until: float | None = None
    """When that state ends on the account's clock."""

    def as_member(self, system_names: list[str] | None = None, attribute_names: list[str] | None = None) -> dict[str, Any]:
        """ReceiveMessage's Message, with the attributes asked for."""
        member: dict[str, Any] = {
            "MessageId": self.message_id,
            "ReceiptHandle": self.receipt_handle,
            "MD5OfBody": self.md5_of_body,
            "Body": self.body,
        }
        wanted = frozenset(system_names or ())
        system = {name: value for name, value in self.system.items() if name in wanted or "All" in wanted}
        chosen = {name: value for name, value in self.attributes.items() if _is_asked_for(name, attribute_names or [])}
        if system:
            member["Attributes"] = system
        if self.attributes and attribute_names:
            member["MessageAttributes"] = chosen  # empty, as recorded, where none of those asked for is there
        if chosen:
            member["MD5OfMessageAttributes"] = md5_of_attributes(chosen)
        return member


def _is_asked_for(name: str, wanted: list[str]) -> bool:
    return any(each in ("All", ".*", "*") or name == each or (each.endswith(".*") and name.startswith(each[:-2])) for each in wanted)


def check(message: Outgoing, queue: QueueConfig) -> None:
    """Raises what SendMessage raises for this message to this queue."""
    if not message.body:
        raise missing_parameter("MessageBody")
    if message.size > queue.maximum_message_size:
        raise invalid_parameter(
            f"One or more parameters are invalid. Reason: Message must be shorter than {queue.maximum_message_size} bytes."
        )
    if BAD_CHARACTER.search(message.body):
        raise sqs_error("InvalidMessageContents", INVALID_CHARACTERS)
    _check_delay(message.delay_seconds, queue)
    _check_attributes(message.attributes)
    _check_system_attributes(message.system_attributes)
    for parameter, value in (
        ("MessageDeduplicationId", message.message_deduplication_id),
        ("MessageGroupId", message.message_group_id),
    ):
        if value and not _FIFO_ID.fullmatch(value):
            raise invalid_value(
                value, parameter, f"{parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length."
            )
    if not queue.is_fifo:
        if message.message_deduplication_id:
            raise invalid_value(
                message.message_deduplication_id,
                "MessageDeduplicationId",
                "The request includes a parameter that is not valid for this queue type.",
            )
        return
    if not message.message_group_id:
        raise missing_parameter("MessageGroupId")
    if not message.message_deduplication_id and not queue.content_based_deduplication:
        raise no_deduplication_id()


def no_deduplication_id() -> AwsError:
    """A FIFO queue cannot tell whether the message is new."""
    return invalid_parameter("The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")


def _check_delay(seconds: int | None, queue: QueueConfig) -> None:
    if seconds is None:
        return
    if not 0 <= seconds <= LONGEST_DELAY:
        raise invalid_value(seconds, "DelaySeconds", f"DelaySeconds must be >= 0 and <= {LONGEST_DELAY}.")
    if seconds and queue.is_fifo:
        raise invalid_value(seconds, "DelaySeconds", "The request include parameter that is not valid for this queue type.")


def _check_attributes(attributes: Attributes) -> None:
    if len(attributes) > MOST_ATTRIBUTES:
        count = len(attributes)
        raise invalid_parameter(f"Number of message attributes [{count}] exceeds the allowed maximum [{MOST_ATTRIBUTES}].")
    for name, attribute in attributes.items():
        if _bytes(name) > 256:
            raise invalid_parameter("Message (user) attribute names must be shorter than 256 Bytes")
        if not _ATTRIBUTE_NAME.fullmatch(name):
            raise invalid_parameter(
                "Message (user) attributes name can only contain upper and lower score characters, digits, periods, "
                "hyphens and underscores. "
            )
        if name.lower().startswith(("aws.", "amazon.", ".")) or name.endswith("."):
            raise invalid_parameter(
                "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. "
                "These strings are reserved for internal use. Additionally, they cannot start or end with '.'."
            )
        if ".." in name:  # Developer Guide, "Message attribute components"; AWS's words for it are not known
            raise invalid_parameter("Message (user) attribute names cannot have successive '.' characters.")
        _check_attribute(name, attribute)


def _check_attribute(name: str, attribute: Mapping[str, Any]) -> None:
    kind = attribute.get("DataType")
    if not kind:
        raise invalid_parameter("Missing required parameter DataType")
    if not _ATTRIBUTE_TYPE.fullmatch(kind):
        raise invalid_parameter(
            "Type for parameter MessageAttributes.Attribute_name.DataType must be prefixed with "
            f'"String", "Binary", or "Number", but was: {kind}'
        )
    if _bytes(kind) > 256:
        raise invalid_parameter("Message (user) attribute types must be shorter than 256 Bytes")
    base = kind.partition(".")[0]
    value = attribute.get("BinaryValue" if base == "Binary" else "StringValue")
    if not value:
        raise invalid_parameter(f"Message (user) attribute '{name}' must contain a non-empty value of type '{base}'.")
    if isinstance(value, str) and BAD_CHARACTER.search(value):
        raise invalid_parameter(INVALID_CHARACTERS)
    if base == "Number" and not is_number(value):
        raise invalid_parameter(f"Can't cast the value of message (user) attribute '{name}' to a number.")


def is_number(text: Any) -> bool:
    """Whether it is what an attribute of type Number may hold: up to 38 digits that count, and no more than 10^126 or, but for
    zero, less than 10^-128 (Developer Guide, "Message attribute data types")."""
    if not isinstance(text, str) or _NUMBER.fullmatch(text) is None:
        return False
    number = Decimal(text).copy_abs()
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    return not digits or (len(digits) <= MOST_DIGITS and SMALLEST_NUMBER <= number <= LARGEST_NUMBER)


def _check_system_attributes(attributes: Attributes) -> None:
    for name, attribute in attributes.items():
        if name != "AWSTraceHeader":
            raise invalid_parameter(f"Message system attribute name '{name}' is invalid.")
        if not attribute.get("DataType"):
            raise invalid_parameter("Missing required parameter DataType")
        if attribute["DataType"] != "String" or not attribute.get("StringValue"):
            raise invalid_parameter(f"Message (system) attribute '{name}' must contain a non-empty value of type 'String'.")


def md5_of_body(body: str) -> str:
    """Hex."""
    return hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()


def md5_of_attributes(attributes: Attributes) -> str:
    """Hex digest over the attributes in the order of their names (Developer Guide, "Calculating the MD5 message digest
    for message attributes"); empty where there are none."""
    if not attributes:
        return ""
    digest = hashlib.md5(usedforsecurity=False)

    def add(value: bytes) -> None:
        digest.update(len(value).to_bytes(4, "big") + value)

    for name in sorted(attributes):
        attribute = attributes[name]
        add(name.encode())
        add(attribute["DataType"].encode())
        if "BinaryValue" in attribute:
            digest.update(b"\x02")
            add(attribute["BinaryValue"])
        else:
            digest.update(b"\x01")
            add(attribute["StringValue"].encode())
    return digest.hexdigest()


def deduplication_key(message: Outgoing, queue: QueueConfig) -> str:
    """What makes the message the same as another one; empty for standard queues."""
    if not queue.is_fifo:
        return ""
    own = message.message_deduplication_id or hashlib.sha256(message.body.encode()).hexdigest()
    return f"{message.message_group_id}\n{own}" if queue.deduplication_scope == "messageGroup" else own


def pack(message: Outgoing, queue: QueueConfig, sender_id: str) -> bytes:
    """What never changes about a message, as it is kept."""
    content: dict[str, Any] = {"body": message.body, "md5": md5_of_body(message.body), "sender": sender_id}
    if message.attributes:
        content["attributes"] = {
            name: {key: base64.b64encode(value).decode() if key == "BinaryValue" else value for key, value in attribute.items()}
            for name, attribute in message.attributes.items()
        }
    if message.system_attributes:
        content["trace"] = message.system_attributes["AWSTraceHeader"]["StringValue"]
    elif message.trace_header:
        content["trace"] = message.trace_header
    if queue.is_fifo:
        content["deduplication"] = message.message_deduplication_id or hashlib.sha256(message.body.encode()).hexdigest()
    return fast_json.dumps(content)


def unpack(
    message_id: str,
    content: bytes,
    *,
    receipt_handle: str = "",
    receive_count: int,
    first_received: float | None,
    sent: float,
    group: str,
    sequence: str,
    source_arn: str,
    state: str = "",
    until: float | None = None,
) -> Message:
    """A message from what is kept of it and what its queue knows."""
    kept = json.loads(content)
    system = {
        "SenderId": kept["sender"],
        "SentTimestamp": str(int(sent * 1000)),
        "ApproximateReceiveCount": str(receive_count),
    }
    if first_received is not None:
        system["ApproximateFirstReceiveTimestamp"] = str(int(first_received * 1000))
    optional = {
        "SequenceNumber": sequence,
        "MessageDeduplicationId": kept.get("deduplication"),
        "MessageGroupId": group,
        "AWSTraceHeader": kept.get("trace"),
        "DeadLetterQueueSourceArn": source_arn,
    }
    system |= {name: value for name, value in optional.items() if value}
    attributes = {
        name: {key: base64.b64decode(value) if key == "BinaryValue" else value for key, value in attribute.items()}
        for name, attribute in kept.get("attributes", {}).items()
    }
    return Message(message_id, receipt_handle, kept["body"], kept["md5"], attributes, system, state, until)
