"""Messages of a queue as its page shows them: their state, and the invocation that sent them here, if one did."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from invocations import readable_json
from invocations.arn import LATEST
from invocations.services.sqs import Message
from playground.dashboard.json_text import mistake_in
from playground.dashboard.payload import Payload

EXCERPT_CHARACTERS = 160
_STATES = {"available": "visible"}
"""The state that a queue gives -> the word of the legend, where they differ."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The asynchronous invocation behind a message."""

    request_id: str
    what: str
    """What the message is of it: "dead-letter message" or "invocation record"."""
    event: str
    """The event as the function got it: JSON."""
    function_name: str = ""
    """Empty where the message does not say."""
    qualifier: str = ""
    condition: str = ""
    """Why it is here: Success, RetriesExhausted, …; empty in a dead-letter message."""
    error_code: str = ""
    error_message: str = ""


@dataclass(frozen=True)
class MessageView:
    """One message."""

    message: Message
    is_held: bool = False
    """Received on this page, which can delete it."""

    @property
    def id(self) -> str:
        """Its MessageId."""
        return self.message.message_id

    @property
    def state(self) -> str:
        """visible, in flight or delayed."""
        return _STATES.get(self.message.state, self.message.state)

    @property
    def until(self) -> float | None:
        """When it is visible (again), on the account's clock."""
        return self.message.until

    @property
    def sent_at(self) -> float:
        """Epoch seconds on the account's clock."""
        return int(self.message.system["SentTimestamp"]) / 1000

    @property
    def receives(self) -> int:
        """How often it was received."""
        return int(self.message.system["ApproximateReceiveCount"])

    @property
    def group(self) -> str:
        """MessageGroupId; empty without one."""
        return self.message.system.get("MessageGroupId", "")

    @property
    def excerpt(self) -> str:
        """The beginning of the body, on one line."""
        return " ".join(self.message.body[: 2 * EXCERPT_CHARACTERS].split())[:EXCERPT_CHARACTERS]

    @cached_property
    def body(self) -> Payload:
        """The body, to be shown as sent or indented."""
        return Payload(self.message.body.encode())

    @property
    def attributes(self) -> list[tuple[str, str, str]]:
        """(name, type, value) of each message attribute."""
        return [(name, each["DataType"], _shown(each)) for name, each in sorted(self.message.attributes.items())]

    @cached_property
    def origin(self) -> Origin | None:
        """The asynchronous invocation whose event, or whose record, it is."""
        return origin_of(self.message)


def event_of(message: Message) -> str:
    """What a function is sent when the message is replayed: the original event, else the body; JSON in any case."""
    origin = origin_of(message)
    if origin is not None:
        return origin.event
    return message.body if mistake_in(message.body) is None else json.dumps(message.body)


def origin_of(message: Message) -> Origin | None:
    """Reads a dead-letter message by its attributes, an invocation record by its shape, also inside the envelopes of a topic or bus."""
    attributes = {name: str(each.get("StringValue", "")) for name, each in message.attributes.items()}
    body, content = message.body, _parsed(message.body)
    if isinstance(content, dict) and content.get("Type") == "Notification":  # from a topic, not raw
        attributes |= {name: str(each.get("Value", "")) for name, each in content.get("MessageAttributes", {}).items()}
        body = str(content.get("Message", ""))
        content = _parsed(body)
    elif isinstance(content, dict) and isinstance(content.get("detail"), dict):  # from a bus
        content = content["detail"]
    if "RequestID" in attributes and "ErrorCode" in attributes:
        error_code, error_message = attributes["ErrorCode"], attributes.get("ErrorMessage", "")
        return Origin(attributes["RequestID"], "dead-letter message", body, error_code=error_code, error_message=error_message)
    return _of_record(content) if isinstance(content, dict) else None


def origin_of_record(text: str) -> Origin | None:
    """Reads an invocation record by its shape; None for any other text."""
    content = _parsed(text)
    return _of_record(content) if isinstance(content, dict) else None


def _of_record(record: Mapping[str, Any]) -> Origin | None:
    """From the invocation record that a destination gets (Developer Guide, "Capturing records of Lambda asynchronous invocations")."""
    context = record.get("requestContext")
    if not isinstance(context, dict) or "requestPayload" not in record or "requestId" not in context:
        return None
    _, _, resource = str(context.get("functionArn", "")).partition(":function:")
    name, _, qualifier = resource.partition(":")
    response = record.get("responsePayload")
    message = str(response.get("errorMessage", "")) if isinstance(response, dict) else ""
    return Origin(
        str(context["requestId"]),
        "invocation record",
        readable_json.dumps(record["requestPayload"]),
        function_name=name,
        qualifier="" if qualifier == LATEST else qualifier,
        condition=str(context.get("condition", "")),
        error_message=message,
    )


def _parsed(text: str) -> Any:
    """The value, None where it is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _shown(attribute: Mapping[str, Any]) -> str:
    value = attribute.get("StringValue", attribute.get("BinaryValue", ""))
    return f"{len(value)} bytes: {value[:32].hex(' ')}" if isinstance(value, bytes) else str(value)
