"""What SQS takes as a queue's attributes, and what it says of what it does not take."""

import json
from collections.abc import Mapping
from typing import Any, Final

from invocations.errors import AwsError
from invocations.services.sqs.errors import invalid_value, sqs_error
from invocations.services.sqs.queue_config import DEFAULTS, FIFO_DEFAULTS, parse_queue_arn

BOUNDS: Final[Mapping[str, range]] = {
    "VisibilityTimeout": range(43_201),
    "MaximumMessageSize": range(1024, 1_048_577),
    "MessageRetentionPeriod": range(60, 1_209_601),
    "DelaySeconds": range(901),
    "ReceiveMessageWaitTimeSeconds": range(21),
    "KmsDataKeyReusePeriodSeconds": range(60, 86_401),
}
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "FifoQueue": ("true", "false"),
    "ContentBasedDeduplication": ("true", "false"),
    "SqsManagedSseEnabled": ("true", "false"),
    "DeduplicationScope": ("queue", "messageGroup"),
    "FifoThroughputLimit": ("perQueue", "perMessageGroupId"),
}
DOCUMENTS: Final = ("Policy", "RedrivePolicy", "RedriveAllowPolicy")
FIFO_ONLY: Final = ("ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit")
SETTABLE: Final = frozenset([*BOUNDS, *CHOICES, *DOCUMENTS, "KmsMasterKeyId"])
COUNTS: Final = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")
READABLE: Final = SETTABLE | {*COUNTS, "QueueArn", "CreatedTimestamp", "LastModifiedTimestamp", "All"}
MOST_SOURCE_QUEUES: Final = 10


def check(attributes: Mapping[str, str], *, is_fifo: bool) -> None:
    """Raises what CreateQueue and SetQueueAttributes raise for attributes that no queue of this type can have."""
    for name, value in attributes.items():
        if name not in SETTABLE or (name == "ContentBasedDeduplication" and not is_fifo):
            raise unknown(name)
        if name in FIFO_ONLY and not is_fifo:
            raise sqs_error("InvalidAttributeName", f"You can specify the {name} only when FifoQueue is set to true.")
        if name in BOUNDS and (not value.isascii() or not value.isdigit() or int(value) not in BOUNDS[name]):
            raise invalid(name)
        if name in CHOICES and value.lower() not in {choice.lower() for choice in CHOICES[name]}:
            raise invalid(name)
    if attributes.get("KmsMasterKeyId") and attributes.get("SqsManagedSseEnabled") == "true":
        message = "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE."
        raise sqs_error("InvalidAttributeName", message)
    if attributes.get("Policy") and not isinstance(_json(attributes["Policy"]), dict):
        raise invalid("Policy")
    if attributes.get("RedrivePolicy"):
        check_redrive_policy(attributes["RedrivePolicy"])
    if attributes.get("RedriveAllowPolicy"):
        _check_redrive_allow_policy(attributes["RedriveAllowPolicy"])


def check_combination(attributes: Mapping[str, str]) -> None:
    """Raises where a queue's attributes, taken together, contradict each other."""
    effective = {**FIFO_DEFAULTS, **attributes}
    if effective["FifoThroughputLimit"] == "perMessageGroupId" and effective["DeduplicationScope"] != "messageGroup":
        reason = "The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup."
        raise sqs_error("InvalidAttributeValue", f"Invalid value for the parameter FifoThroughputLimit. Reason: {reason}")


def check_redrive_policy(text: str) -> tuple[str, str]:
    """(account id, name) of the dead-letter queue that a redrive policy names. Raises InvalidParameterValue."""

    def refused(reason: str) -> AwsError:
        return invalid_value(text, "RedrivePolicy", reason)

    policy = _json(text)
    if not isinstance(policy, dict):
        raise refused("Redrive policy is not a valid JSON map.")
    for name in ("deadLetterTargetArn", "maxReceiveCount"):
        if name not in policy:
            raise refused(f"Redrive policy does not contain mandatory attribute: {name}.")
    for name in policy:
        if name not in ("deadLetterTargetArn", "maxReceiveCount"):
            raise refused(f"Redrive policy contains an unknown attribute: {name}.")
    target = parse_queue_arn(str(policy["deadLetterTargetArn"]))
    if target is None:
        raise refused("Invalid value for deadLetterTargetArn.")
    count = str(policy["maxReceiveCount"])
    if not count.isascii() or not count.isdigit() or not 1 <= int(count) <= 1000:
        raise refused(f"Invalid value for maxReceiveCount: {count}, valid values are from 1 to 1000 both inclusive.")
    return target


def allows_source(redrive_allow_policy: str, source_arn: str) -> bool:
    """Whether a dead-letter queue lets this queue use it."""
    policy = _json(redrive_allow_policy or "{}")
    match policy.get("redrivePermission", "allowAll"):
        case "denyAll":
            return False
        case "byQueue":
            return source_arn in policy.get("sourceQueueArns", [])
    return True


def normalized(attributes: Mapping[str, str]) -> dict[str, str]:
    """Attributes as they are kept: spelled as AWS spells them."""
    spelling = {name: {choice.lower(): choice for choice in choices} for name, choices in CHOICES.items()}
    result = {name: spelling[name][value.lower()] if name in spelling else value for name, value in attributes.items()}
    if result.get("KmsMasterKeyId"):
        result["SqsManagedSseEnabled"] = "false"
    return result


def is_same(name: str, value: str, kept: Mapping[str, str]) -> bool:
    """Whether a queue that is there already has this value of an attribute."""
    existing = {**DEFAULTS, **FIFO_DEFAULTS, **kept}.get(name, "")
    if name in DOCUMENTS:
        return bool(_json(value or "null") == _json(existing or "null"))
    return value.lower() == existing.lower() if name in CHOICES else value == existing


def unknown(name: str) -> AwsError:
    """No such attribute, or not for this type of queue, or one that cannot be set."""
    return sqs_error("InvalidAttributeName", f"Unknown Attribute {name}.")


def invalid(name: str) -> AwsError:
    """A value out of its range."""
    return sqs_error("InvalidAttributeValue", f"Invalid value for the parameter {name}.")


def _check_redrive_allow_policy(text: str) -> None:
    def refused(reason: str) -> AwsError:
        return invalid_value(text, "RedriveAllowPolicy", reason)

    policy = _json(text)
    if not isinstance(policy, dict):
        raise refused("Redrive allow policy is not a valid JSON map.")
    if policy.get("redrivePermission") not in ("allowAll", "denyAll", "byQueue"):
        raise refused("Invalid value for redrivePermission.")
    arns = policy.get("sourceQueueArns")
    if policy["redrivePermission"] != "byQueue":
        if arns is not None:
            raise refused("sourceQueueArns is allowed only where redrivePermission is byQueue.")
        return
    if not isinstance(arns, list) or not 1 <= len(arns) <= MOST_SOURCE_QUEUES or not all(parse_queue_arn(str(arn)) for arn in arns):
        raise refused(f"sourceQueueArns must hold 1 to {MOST_SOURCE_QUEUES} queue ARNs.")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
