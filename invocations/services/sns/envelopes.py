"""What subscribers receive: the JSON around a message, as recorded on AWS.

Source: Developer Guide, "Amazon SNS message delivery - parsing message formats"; Lambda's, "Invoking with Amazon SNS".
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings

from invocations.services.sns import signing
from invocations.services.sns.messages import Attributes, Message
from invocations.services.sns.topic_config import SubscriptionConfig, TopicConfig

CERTIFICATE_PATH: Final = "/_playground/sns/"
USER_AGENT: Final = "Amazon Simple Notification Service Agent"
CONTENT_TYPE: Final = "text/plain; charset=UTF-8"


@dataclass(slots=True)
class Issued:
    """A message on its way to the subscribers."""

    message: Message
    message_id: str
    timestamp: str
    """2012-05-02T00:54:06.655Z, on the account's clock."""
    sequence_number: str = ""
    """Of a FIFO topic's."""
    trace_id: str = ""
    parent_request_id: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    signatures: dict[str, str] = field(default_factory=dict)
    """By text: a signature costs most of a millisecond, and says nothing of the subscription."""

    def __post_init__(self) -> None:
        self.texts = self.message.texts()

    def text_for(self, protocol: str) -> str:
        """What subscribers of a protocol are told."""
        return self.texts.get(protocol, self.texts["default"])


def base_url() -> str:
    """Where receivers reach this server's endpoint."""
    return f"http://{settings.DOMAIN or 'localhost'}:{settings.ENDPOINT_PORT}"


def notification(topic: TopicConfig, subscription: SubscriptionConfig, issued: Issued) -> str:
    """The body that SQS, HTTP and email-json get."""
    members = _members(topic, issued, subscription.protocol)
    if not topic.is_fifo:  # what a FIFO topic sends is not signed
        members |= _signature(issued, members, topic.signature_version)
        members["SigningCertURL"] = _certificate_url()
    members["UnsubscribeURL"] = unsubscribe_url(subscription.arn)
    if issued.message.attributes:
        members["MessageAttributes"] = _attributes(issued.message.attributes)
    return _pretty(members)


def lambda_event(topic: TopicConfig, subscription: SubscriptionConfig, issued: Issued) -> str:
    """The event of a function. Its SignatureVersion is "1" whatever the topic's, as recorded."""
    members = _members(topic, issued, "lambda")
    members |= _signature(issued, members, topic.signature_version) | {"SignatureVersion": "1"}
    sns = {
        **members,
        "SigningCertUrl": _certificate_url(),
        "Subject": issued.message.subject,
        "UnsubscribeUrl": unsubscribe_url(subscription.arn),
        "MessageAttributes": _attributes(issued.message.attributes),
    }
    record = {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": subscription.arn, "Sns": sns}
    return json.dumps({"Records": [record]}, separators=(",", ":"), ensure_ascii=False)


def confirmation(topic: TopicConfig, token: str, message_id: str, timestamp: str) -> str:
    """The body that asks an HTTP endpoint to confirm its subscription."""
    text = (
        f"You have chosen to subscribe to the topic {topic.arn}.\n"
        "To confirm the subscription, visit the SubscribeURL included in this message."
    )
    members: dict[str, str | None] = {
        "Type": "SubscriptionConfirmation",
        "MessageId": message_id,
        "Token": token,
        "TopicArn": topic.arn,
        "Message": text,
        "SubscribeURL": subscribe_url(topic.arn, token),
        "Timestamp": timestamp,
    }
    signature = {"SignatureVersion": topic.signature_version, "Signature": signing.sign(members, topic.signature_version)}
    return _pretty({**members, **signature, "SigningCertURL": _certificate_url()})


def headers(topic: TopicConfig, message_type: str, message_id: str) -> dict[str, str]:
    """Those of every POST to an HTTP endpoint."""
    return {
        "x-amz-sns-message-type": message_type,
        "x-amz-sns-message-id": message_id,
        "x-amz-sns-topic-arn": topic.arn,
        "Content-Type": CONTENT_TYPE,
        "User-Agent": USER_AGENT,
        "Accept-Encoding": "gzip,deflate",
    }


def subscribe_url(arn: str, token: str) -> str:
    """The address that confirms a subscription."""
    return f"{base_url()}/?{urlencode({'Action': 'ConfirmSubscription', 'TopicArn': arn, 'Token': token}, safe=':')}"


def unsubscribe_url(arn: str) -> str:
    """The address that ends a subscription."""
    return f"{base_url()}/?{urlencode({'Action': 'Unsubscribe', 'SubscriptionArn': arn}, safe=':')}"


def _members(topic: TopicConfig, issued: Issued, protocol: str) -> dict[str, Any]:
    members: dict[str, Any] = {"Type": "Notification", "MessageId": issued.message_id}
    if issued.sequence_number:
        members["SequenceNumber"] = issued.sequence_number
    members["TopicArn"] = topic.arn
    if issued.message.subject is not None:
        members["Subject"] = issued.message.subject
    return members | {"Message": issued.text_for(protocol), "Timestamp": issued.timestamp}


def _signature(issued: Issued, members: Mapping[str, Any], version: str) -> dict[str, str]:
    text = members["Message"]
    if text not in issued.signatures:
        issued.signatures[text] = signing.sign(members, version)
    return {"SignatureVersion": version, "Signature": issued.signatures[text]}


def _certificate_url() -> str:
    return f"{base_url()}{CERTIFICATE_PATH}{signing.identity().certificate_name}"


def _attributes(attributes: Attributes) -> dict[str, dict[str, str]]:
    """Numbers stay text, and binary values are in base64."""
    return {
        name: {
            "Type": attribute["DataType"],
            "Value": base64.b64encode(attribute["BinaryValue"]).decode() if "BinaryValue" in attribute else attribute["StringValue"],
        }
        for name, attribute in attributes.items()
    }


def _pretty(members: Mapping[str, Any]) -> str:
    """One member a line, as AWS writes it."""
    lines = []
    for name, value in members.items():
        text = json.dumps(value, ensure_ascii=False)
        if isinstance(value, dict):
            inner = ",\n".join(
                f"    {json.dumps(key, ensure_ascii=False)} : {json.dumps(item, separators=(',', ':'), ensure_ascii=False)}"
                for key, item in value.items()
            )
            text = f"{{\n{inner}\n  }}"
        lines.append(f'  "{name}" : {text}')
    return "{\n" + ",\n".join(lines) + "\n}"
