"""Forms of a queue's page. They only read what was typed; what SQS allows is decided by its own checks."""

import json
from typing import Any

from django import forms

from invocations.services.sqs import Outgoing, parse_queue_arn, queue_arn
from playground.dashboard.forms import StyledForm, clean_lines, message_attributes

MOST_COPIES = 100


class SendForm(StyledForm):
    """SendMessage, once or several times."""

    body = forms.CharField(label="Body", strip=False, widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}))
    attributes = forms.CharField(
        label="Message attributes",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text="One a line: Name=value, or Name:Number=7.",
    )
    delay_seconds = forms.IntegerField(label="Delay (seconds)", required=False, help_text="Empty: the queue's own.")
    copies = forms.IntegerField(label="How many", initial=1, min_value=1, max_value=MOST_COPIES)
    message_group_id = forms.CharField(label="Message group id", max_length=128)
    message_deduplication_id = forms.CharField(label="Deduplication id", max_length=128, required=False, help_text="Empty: from the body.")

    def __init__(self, *args: Any, is_fifo: bool, **kwargs: Any) -> None:
        omitted = ("delay_seconds", "copies") if is_fifo else ("message_group_id", "message_deduplication_id")
        super().__init__(*args, auto_id="send-%s", omitted=omitted, **kwargs)

    def clean_body(self) -> str:
        """As typed: forms send two characters at the end of a line."""
        return clean_lines(self.cleaned_data["body"])

    def clean_attributes(self) -> dict[str, dict[str, str]]:
        """As SendMessage takes them."""
        return message_attributes(self.cleaned_data["attributes"])

    def messages(self) -> list[Outgoing]:
        """What is to be sent."""
        data = self.cleaned_data
        message = Outgoing(
            data["body"],
            data["attributes"],
            delay_seconds=data.get("delay_seconds"),
            message_group_id=data.get("message_group_id", ""),
            message_deduplication_id=data.get("message_deduplication_id", ""),
        )
        return [message] * data.get("copies", 1)

    def members(self) -> dict[str, Any]:
        """The same as members of SendMessage, without the queue."""
        data = self.cleaned_data
        members = {
            "MessageBody": data["body"],
            "MessageAttributes": data["attributes"],
            "DelaySeconds": data.get("delay_seconds"),
            "MessageGroupId": data.get("message_group_id"),
            "MessageDeduplicationId": data.get("message_deduplication_id"),
        }
        return {name: value for name, value in members.items() if value not in (None, "", {})}


class ReceiveForm(StyledForm):
    """ReceiveMessage."""

    maximum = forms.IntegerField(label="Up to", initial=1, help_text="1 to 10 messages.")
    visibility_timeout = forms.IntegerField(label="Visibility timeout", required=False, help_text="Seconds. Empty: the queue's own.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="receive-%s", **kwargs)


class MoveForm(StyledForm):
    """StartMessageMoveTask."""

    destination = forms.ChoiceField(label="To", required=False)
    maximum_per_second = forms.IntegerField(label="At most per second", required=False, help_text="Empty: as fast as can be.")

    def __init__(self, *args: Any, account_id: str, queues: list[str], **kwargs: Any) -> None:
        """*queues*: where else they may go."""
        offered = [("", "the queue each message came from"), *((queue_arn(account_id, name), name) for name in queues)]
        super().__init__(*args, auto_id="move-%s", choices={"destination": offered}, **kwargs)


class AttributesForm(StyledForm):
    """SetQueueAttributes."""

    visibility_timeout = forms.IntegerField(label="Visibility timeout (s)", help_text="0 to 43200.")
    delay_seconds = forms.IntegerField(label="Delivery delay (s)", help_text="0 to 900.")
    receive_wait = forms.IntegerField(label="Receive wait time (s)", help_text="0 to 20: long polling.")
    retention = forms.IntegerField(label="Message retention period (s)", help_text="60 to 1209600.")
    maximum_size = forms.IntegerField(label="Maximum message size (bytes)", help_text="1024 to 1048576.")
    dead_letter_queue = forms.ChoiceField(label="Dead-letter queue", required=False)
    maximum_receives = forms.IntegerField(label="Receives before a message goes there", required=False, help_text="1 to 1000.")
    content_based = forms.ChoiceField(label="Content-based deduplication", choices=[("false", "off"), ("true", "on")])
    deduplication_scope = forms.ChoiceField(label="Deduplication scope", choices=[(each, each) for each in ("queue", "messageGroup")])
    throughput_limit = forms.ChoiceField(
        label="FIFO throughput limit", choices=[(each, each) for each in ("perQueue", "perMessageGroupId")]
    )
    policy = forms.CharField(label="Queue policy (JSON)", required=False, widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}))
    redrive_allow_policy = forms.CharField(
        label="Redrive allow policy (JSON)", required=False, widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"})
    )

    PLAIN = {
        "VisibilityTimeout": "visibility_timeout",
        "DelaySeconds": "delay_seconds",
        "ReceiveMessageWaitTimeSeconds": "receive_wait",
        "MessageRetentionPeriod": "retention",
        "MaximumMessageSize": "maximum_size",
        "ContentBasedDeduplication": "content_based",
        "DeduplicationScope": "deduplication_scope",
        "FifoThroughputLimit": "throughput_limit",
        "RedriveAllowPolicy": "redrive_allow_policy",
        "Policy": "policy",
    }
    """Attribute -> field, of those that are one field."""
    FIELDS = {"RedrivePolicy": "dead_letter_queue", "maxReceiveCount": "maximum_receives", **PLAIN}
    """What a refusal may name -> the field that shows it."""

    def __init__(self, *args: Any, account_id: str, queues: list[str], is_fifo: bool, **kwargs: Any) -> None:
        """*queues*: those that can be its dead-letter queue."""
        offered = [("", "none"), *((queue_arn(account_id, name), name) for name in queues)]
        omitted = () if is_fifo else ("content_based", "deduplication_scope", "throughput_limit")
        super().__init__(*args, auto_id="attributes-%s", choices={"dead_letter_queue": offered}, omitted=omitted, **kwargs)

    @classmethod
    def initial_of(cls, attributes: dict[str, str]) -> dict[str, Any]:
        """What the form holds for a queue's attributes."""
        redrive = json.loads(attributes.get("RedrivePolicy") or "{}")
        plain = {field: attributes.get(name, "") for name, field in cls.PLAIN.items()}
        return plain | {
            "dead_letter_queue": redrive.get("deadLetterTargetArn", ""),
            "maximum_receives": redrive.get("maxReceiveCount", 3 if not redrive else ""),
        }

    def changed(self, attributes: dict[str, str]) -> dict[str, str]:
        """As SetQueueAttributes takes them: those that differ from *attributes*, the queue's own."""
        data = self.cleaned_data
        wanted = {name: str(data[field]) for name, field in self.PLAIN.items() if field in data}
        target = data["dead_letter_queue"]
        before = json.loads(attributes.get("RedrivePolicy") or "{}")
        policy = {"deadLetterTargetArn": target, "maxReceiveCount": data["maximum_receives"] or 0} if target else {}
        if {key: str(value) for key, value in policy.items()} != {key: str(value) for key, value in before.items()}:
            wanted["RedrivePolicy"] = json.dumps(policy) if policy else ""
        return {name: value for name, value in wanted.items() if value != attributes.get(name, "")}


def same_type(names: list[str], queue_name: str) -> list[str]:
    """The other queues of its type: a FIFO queue goes with FIFO queues only."""
    is_fifo = queue_name.endswith(".fifo")
    return [name for name in names if name.endswith(".fifo") == is_fifo and name != queue_name]


def dead_letter_queue_of(attributes: dict[str, str]) -> tuple[str, int]:
    """(name, receives before a message goes there); ("", 0) without one."""
    policy = json.loads(attributes.get("RedrivePolicy") or "{}")
    target = parse_queue_arn(policy.get("deadLetterTargetArn", ""))
    return (target[1], int(policy["maxReceiveCount"])) if target else ("", 0)
