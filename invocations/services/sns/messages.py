"""Messages: what SNS checks of them, and what each protocol is told."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from invocations.services.sns.errors import invalid_parameter, invalid_value
from invocations.services.sns.topic_config import TopicConfig
from invocations.services.sqs.messages import is_number

LARGEST: Final = 262_144
"""Bytes of a message with its attributes, and of all messages of a batch."""
LONGEST_SUBJECT: Final = 100
_TYPE: Final = re.compile(r"(String|Number|Binary)(\..+)?", re.DOTALL)
_NAME: Final = re.compile(r"[A-Za-z0-9_\-.]")
_FIFO_ID: Final = re.compile(r"[0-9a-zA-Z!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]{1,128}")
_SUBJECT: Final = re.compile(r"[\x20-\x7e]+")
_HALF: Final = re.compile("[\ud800-\udfff]")
"""Half a surrogate pair, which no message can have in it."""
_STARTS_WELL: Final = re.compile(r"[A-Za-z0-9!-/:-@\[-`{-~]")

Attributes = Mapping[str, Mapping[str, Any]]
"""Message attributes as boto3 takes them: name -> {"DataType", "StringValue" or "BinaryValue"}."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message to be published."""

    body: str
    subject: str | None = None
    attributes: Attributes = field(default_factory=dict)
    structure: str = ""
    """"json": the body is an object with a text for each protocol, and "default"."""
    message_group_id: str = ""
    message_deduplication_id: str = ""

    @property
    def size(self) -> int:
        """Bytes that count towards the limit."""
        return len(self.body.encode()) + sum(
            len(name.encode()) + sum(len(value.encode() if isinstance(value, str) else value) for value in attribute.values())
            for name, attribute in self.attributes.items()
        )

    def texts(self) -> Mapping[str, str]:
        """The message by protocol; "default" is for all others. Raises InvalidParameter."""
        if self.structure != "json":
            return {"default": self.body}
        try:
            parsed = json.loads(self.body)
        except (ValueError, RecursionError):
            parsed = None
        if not isinstance(parsed, dict):
            raise invalid_parameter("Message Structure - JSON message body failed to parse")
        texts = {name: text for name, text in parsed.items() if isinstance(text, str)}
        if any(_HALF.search(text) for text in texts.values()):
            raise invalid_parameter("Message Structure - JSON message body failed to parse")
        if "default" not in texts:
            raise invalid_parameter("Message Structure - No default entry in JSON message body")
        return texts

    @property
    def content_hash(self) -> str:
        """What makes it the same as another for content-based deduplication."""
        return hashlib.sha256(self.body.encode()).hexdigest()


def check(message: Message, topic: TopicConfig) -> None:
    """Raises what Publish raises for this message to this topic."""
    if message.subject is not None:
        check_subject(message.subject)
    if not message.body:
        raise invalid_parameter("Empty message")
    if message.structure not in ("", "json"):
        raise invalid_parameter("MessageStructure")
    check_attributes(message.attributes)
    _check_ids(message, topic)
    message.texts()


def check_size(message: Message) -> None:
    """Raises InvalidParameter for a message over the limit."""
    if message.size > LARGEST:
        raise invalid_parameter("Message too long")


def check_subject(subject: str) -> None:
    """ASCII without control characters, begun by a letter, digit or punctuation mark, at most 100 characters."""
    if len(subject) > LONGEST_SUBJECT or not _SUBJECT.fullmatch(subject) or not _STARTS_WELL.match(subject):
        raise invalid_parameter("Subject")


def check_attributes(attributes: Attributes) -> None:
    """Raises ParameterValueInvalid, in the words recorded on AWS."""
    for name, attribute in attributes.items():
        _check_name(name)
        kind = str(attribute.get("DataType", ""))
        if not _TYPE.fullmatch(kind):
            supported = "the set of supported type prefixes is Binary, Number, and String."
            raise invalid_value(f"The message attribute '{name}' has an invalid message attribute type, {supported}")
        wanted = "Binary" if kind.startswith("Binary") else "String"
        given = [each for each in ("String", "Binary") if f"{each}Value" in attribute]
        if given and wanted not in given:
            raise invalid_value(f"The message attribute '{name}' with type '{kind}' must use field '{wanted}'.")
        if not attribute.get(f"{wanted}Value"):
            what = f"must contain non-empty message attribute value for message attribute type '{kind}'."
            raise invalid_value(f"The message attribute '{name}' {what}")
        if kind.startswith("Number") and not is_number(attribute["StringValue"]):
            raise invalid_value(f"Could not cast message attribute '{name}' value to number.")


def _check_name(name: str) -> None:
    if len(name.encode()) > 256:
        raise invalid_value("Length of message attribute name must be less than 256 bytes.")
    if name.startswith("."):
        raise invalid_value("Invalid message attribute name starting with character '.' was found.")
    if name.endswith("."):
        raise invalid_value("Invalid message attribute name ending with character '.' was found.")
    for character in name:
        if not _NAME.match(character):
            allowed = "Can only include alphanumeric characters, hyphens, underscores, or dots."
            found = f"Invalid non-alphanumeric character '#x{ord(character):X}' was found in the message attribute name."
            raise invalid_value(f"{found} {allowed}")
    if ".." in name:
        raise invalid_value("Message attribute name can not have successive '.' character.")


def _check_ids(message: Message, topic: TopicConfig) -> None:
    if topic.is_fifo:
        if not message.message_group_id:
            raise invalid_parameter("The MessageGroupId parameter is required for FIFO topics")
        if not message.message_deduplication_id and not topic.content_based_deduplication:
            raise invalid_parameter(
                "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
            )
    elif message.message_deduplication_id:
        reason = "The request includes MessageDeduplicationId parameter that is not valid for this topic type"
        raise invalid_parameter(f"MessageDeduplicationId Reason: {reason}")
    for parameter, value in (
        ("MessageGroupId", message.message_group_id),
        ("MessageDeduplicationId", message.message_deduplication_id),
    ):
        if value and not _FIFO_ID.fullmatch(value):
            reason = f"{parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length"
            raise invalid_parameter(f"{parameter} Reason: {reason}")
