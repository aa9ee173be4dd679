"""Forms of a topic's page. They only read what was typed; what SNS allows is decided by its own checks."""

import json
from typing import Any

from django import forms

from invocations.event_patterns.sns import FilterPolicyScope
from invocations.models import Subscription
from invocations.region import REGION
from invocations.resources.subscription_attributes import RAW_PROTOCOLS
from invocations.services.sns import Message
from invocations.services.sqs import queue_arn
from playground.dashboard.forms import StyledForm, clean_lines, message_attributes

PROTOCOLS = [
    ("sqs", "SQS queue"),
    ("lambda", "Lambda function"),
    ("email", "E-mail"),
    ("email-json", "E-mail (JSON)"),
    ("http", "HTTP"),
    ("https", "HTTPS"),
]
SCOPES = [(FilterPolicyScope.MESSAGE_ATTRIBUTES, "the message attributes"), (FilterPolicyScope.MESSAGE_BODY, "the message body")]


def _code(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "spellcheck": "false"})


class PublishForm(StyledForm):
    """Publish."""

    message = forms.CharField(label="Message", strip=False, widget=_code(5))
    subject = forms.CharField(label="Subject", max_length=100, required=False)
    attributes = forms.CharField(
        label="Message attributes", required=False, widget=_code(2), help_text="One a line: Name=value, or Name:Number=7."
    )
    is_structured = forms.BooleanField(
        label="A text for each protocol", required=False, help_text='The message is JSON: {"default": "…", "sqs": "…"}.'
    )
    message_group_id = forms.CharField(label="Message group id", max_length=128)
    message_deduplication_id = forms.CharField(label="Deduplication id", max_length=128, required=False, help_text="Empty: from the body.")

    def __init__(self, *args: Any, is_fifo: bool, **kwargs: Any) -> None:
        omitted = () if is_fifo else ("message_group_id", "message_deduplication_id")
        super().__init__(*args, auto_id="publish-%s", omitted=omitted, **kwargs)

    def clean_message(self) -> str:
        """As typed."""
        return clean_lines(self.cleaned_data["message"])

    def clean_attributes(self) -> dict[str, dict[str, str]]:
        """As Publish takes them."""
        return message_attributes(self.cleaned_data["attributes"])

    def message_to_publish(self) -> Message:
        """What is to be published."""
        data = self.cleaned_data
        return Message(
            data["message"],
            data["subject"] or None,
            data["attributes"],
            "json" if data["is_structured"] else "",
            data.get("message_group_id", ""),
            data.get("message_deduplication_id", ""),
        )

    def members(self) -> dict[str, Any]:
        """The same as members of Publish, without the topic."""
        message = self.message_to_publish()
        members = {
            "Message": message.body,
            "Subject": message.subject,
            "MessageAttributes": message.attributes,
            "MessageStructure": message.structure,
            "MessageGroupId": message.message_group_id,
            "MessageDeduplicationId": message.message_deduplication_id,
        }
        return {name: value for name, value in members.items() if value not in (None, "", {})}


class SubscribeForm(StyledForm):
    """Subscribe."""

    protocol = forms.ChoiceField(label="Protocol", choices=PROTOCOLS)
    endpoint = forms.CharField(
        label="Endpoint",
        max_length=2048,
        help_text="The name or ARN of a queue or function, an e-mail address, or an address on this machine.",
    )
    filter_policy = forms.CharField(
        label="Filter policy (JSON)", required=False, widget=_code(2), help_text="Empty: it gets every message."
    )
    filter_policy_scope = forms.ChoiceField(label="It looks at", choices=SCOPES)

    FIELDS = {"FilterPolicy": "filter_policy", "Endpoint": "endpoint", "endpoint": "endpoint", "Email": "endpoint", "protocol": "protocol"}
    """What a refusal may name -> the field that shows it."""

    def __init__(self, *args: Any, account_id: str, is_fifo: bool, **kwargs: Any) -> None:
        self._account_id = account_id
        offered = {"protocol": PROTOCOLS[:1] if is_fifo else PROTOCOLS}
        super().__init__(*args, auto_id="subscribe-%s", choices=offered, **kwargs)
        self.fields["endpoint"].widget.attrs["list"] = "subscribe-endpoints"

    def arn(self) -> str:
        """The endpoint; a bare name of a queue or function stands for its ARN."""
        protocol, endpoint = self.cleaned_data["protocol"], str(self.cleaned_data["endpoint"])
        if ":" not in endpoint and protocol == "sqs":
            return queue_arn(self._account_id, endpoint)
        if ":" not in endpoint and protocol == "lambda":
            return f"arn:aws:lambda:{REGION}:{self._account_id}:function:{endpoint}"
        return endpoint

    def attributes(self) -> dict[str, str]:
        """As Subscribe takes them."""
        policy = self.cleaned_data["filter_policy"]
        return {"FilterPolicy": policy, "FilterPolicyScope": self.cleaned_data["filter_policy_scope"]} if policy else {}


class SubscriptionForm(StyledForm):
    """SetSubscriptionAttributes."""

    filter_policy = forms.CharField(
        label="Filter policy (JSON)", required=False, widget=_code(4), help_text="Empty: it gets every message."
    )
    filter_policy_scope = forms.ChoiceField(label="It looks at", choices=SCOPES)
    raw = forms.BooleanField(label="Raw message delivery: the message alone, without its envelope", required=False)
    dead_letter_queue = forms.ChoiceField(label="Dead-letter queue", required=False)
    delivery_policy = forms.CharField(label="Delivery policy (JSON)", required=False, widget=_code(3))

    FIELDS = {
        "FilterPolicy": "filter_policy",
        "Filter policy": "filter_policy",
        "RedrivePolicy": "dead_letter_queue",
        "DeliveryPolicy": "delivery_policy",
    }
    """What a refusal may name -> the field that shows it."""

    def __init__(self, *args: Any, row: Subscription, queues: list[str], **kwargs: Any) -> None:
        """*queues*: names of those that can be its dead-letter queue."""
        target = json.loads(row.attributes.get("RedrivePolicy") or "{}").get("deadLetterTargetArn", "")
        arns = [queue_arn(row.account_id, name) for name in queues]
        names = [(arn, arn.rpartition(":")[2]) for arn in ([*arns, target] if target and target not in arns else arns)]
        omitted = [
            *([] if row.protocol in RAW_PROTOCOLS else ["raw"]),
            *([] if row.protocol in ("http", "https") else ["delivery_policy"]),
        ]
        kwargs.setdefault(
            "initial",
            {
                "filter_policy": row.attributes.get("FilterPolicy", ""),
                "filter_policy_scope": row.attributes.get("FilterPolicyScope", FilterPolicyScope.MESSAGE_ATTRIBUTES),
                "raw": row.attributes.get("RawMessageDelivery") == "true",
                "dead_letter_queue": target,
                "delivery_policy": row.attributes.get("DeliveryPolicy", ""),
            },
        )
        super().__init__(*args, auto_id="subscription-%s", choices={"dead_letter_queue": [("", "none"), *names]}, omitted=omitted, **kwargs)
        self._row = row

    def changed(self) -> dict[str, str]:
        """As SetSubscriptionAttributes takes them, one by one: those that differ from the subscription's own."""
        data = self.cleaned_data
        target = data["dead_letter_queue"]
        wanted = {"FilterPolicy": clean_lines(data["filter_policy"]), "FilterPolicyScope": data["filter_policy_scope"]}
        wanted["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": target}) if target else ""
        if "raw" in data:
            wanted["RawMessageDelivery"] = str(data["raw"]).lower()
        if "delivery_policy" in data:
            wanted["DeliveryPolicy"] = clean_lines(data["delivery_policy"])
        before = {"FilterPolicyScope": "MessageAttributes", "RawMessageDelivery": "false"} | self._row.attributes
        if target == json.loads(before.get("RedrivePolicy") or "{}").get("deadLetterTargetArn", ""):
            del wanted["RedrivePolicy"]
        return {name: value for name, value in wanted.items() if value != before.get(name, "")}


class AttributesForm(StyledForm):
    """SetTopicAttributes."""

    display_name = forms.CharField(label="Display name", max_length=100, required=False)
    signature_version = forms.ChoiceField(label="Signature version", choices=[("1", "1 (SHA-1)"), ("2", "2 (SHA-256)")])
    content_based = forms.ChoiceField(label="Content-based deduplication", choices=[("false", "off"), ("true", "on")])
    throughput_scope = forms.ChoiceField(
        label="Deduplication scope", required=False, choices=[("", "not set"), ("Topic", "Topic"), ("MessageGroup", "MessageGroup")]
    )
    delivery_policy = forms.CharField(label="Delivery policy (JSON)", required=False, widget=_code(3))
    policy = forms.CharField(
        label="Topic policy (JSON)", required=False, widget=_code(6), help_text="Empty: the policy every topic begins with."
    )

    PLAIN = {
        "DisplayName": "display_name",
        "SignatureVersion": "signature_version",
        "ContentBasedDeduplication": "content_based",
        "FifoThroughputScope": "throughput_scope",
        "DeliveryPolicy": "delivery_policy",
        "Policy": "policy",
    }
    """Attribute -> field; also what a refusal may name."""

    def __init__(self, *args: Any, is_fifo: bool, attributes: dict[str, str], **kwargs: Any) -> None:
        """*attributes*: the topic's own, as GetTopicAttributes tells them."""
        omitted = () if is_fifo else ("content_based", "throughput_scope")
        kwargs.setdefault("initial", {field: attributes.get(name, "") for name, field in self.PLAIN.items()} | self._defaults(attributes))
        super().__init__(*args, auto_id="attributes-%s", omitted=omitted, **kwargs)
        self._attributes = attributes

    @staticmethod
    def _defaults(attributes: dict[str, str]) -> dict[str, str]:
        return {"signature_version": attributes.get("SignatureVersion", "1")}

    def changed(self) -> dict[str, str]:
        """Those that differ from the topic's own."""
        data = self.cleaned_data
        wanted = {name: clean_lines(data[field]) for name, field in self.PLAIN.items() if field in data}
        before = {"SignatureVersion": "1"} | self._attributes
        return {name: value for name, value in wanted.items() if value != before.get(name, "")}
