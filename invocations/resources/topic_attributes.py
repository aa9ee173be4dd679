"""What SNS takes as a topic's attributes, what it says of those it does not take, and what it answers of its own."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from invocations.models import Topic
from invocations.services.sns.arns import topic_arn
from invocations.services.sns.envelopes import CONTENT_TYPE
from invocations.services.sns.errors import invalid_parameter
from invocations.services.sns.retries import DEFAULT_RETRY_POLICY

LONGEST_DISPLAY_NAME: Final = 100
LARGEST_POLICY: Final = 30 * 1024
"""Bytes."""
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "SignatureVersion": ("1", "2"),
    "TracingConfig": ("PassThrough", "Active"),
    "ContentBasedDeduplication": ("true", "false"),
    "FifoThroughputScope": ("Topic", "MessageGroup"),
}
FIFO_ONLY: Final = ("ContentBasedDeduplication", "FifoThroughputScope")
_FEEDBACK = re.compile(r"(Application|Firehose|HTTP|Lambda|SQS)(SuccessFeedbackRoleArn|SuccessFeedbackSampleRate|FailureFeedbackRoleArn)")
_SETTABLE = frozenset({"DisplayName", "Policy", "DeliveryPolicy", "KmsMasterKeyId", *CHOICES})
_SHARED_ACTIONS: Final = (
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
)


def check(name: str, value: str, *, is_fifo: bool) -> None:
    """Raises what SetTopicAttributes raises for an attribute."""
    if name == "ArchivePolicy" and value:
        raise invalid_parameter("ArchivePolicy Reason: Message archives exist on AWS, but not in this playground")
    if name not in _SETTABLE and not _FEEDBACK.fullmatch(name) and name != "ArchivePolicy":
        raise invalid_parameter("AttributeName")
    if name in FIFO_ONLY and not is_fifo:
        raise invalid_parameter(f"{name} Reason: {name} can only be set for FIFO topics")
    if name in CHOICES and value and _spelled(name, value) not in CHOICES[name]:
        raise invalid_parameter(f"{name} Reason: Invalid value [{value}]. Please use one of {', '.join(CHOICES[name])}")
    if name == "DisplayName" and len(value) > LONGEST_DISPLAY_NAME:
        raise invalid_parameter("DisplayName Reason: DisplayName must be at most 100 characters long")
    if name == "Policy" and value:
        _check_policy(value)
    if name == "DeliveryPolicy" and value:
        check_delivery_policy(_object(value, "DeliveryPolicy"))


def normalized(name: str, value: str) -> str:
    """A value as it is kept, and as it is given back; empty takes the attribute away."""
    if name == "DeliveryPolicy" and value:
        http = _object(value, name).get("http") or {}
        kept = {key: item for key, item in http.items() if item}
        return json.dumps({"http": {"disableSubscriptionOverrides": False, **kept}}) if "http" in _object(value, name) else ""
    return _spelled(name, value)


def all_of(row: Topic, confirmed: int, pending: int) -> dict[str, str]:
    """GetTopicAttributes."""
    values: dict[str, str] = {
        "TopicArn": topic_arn(row.account_id, row.name),
        "Owner": row.account_id,
        "DisplayName": "",
        "Policy": json.dumps(default_policy(row.account_id, row.name)),
        "EffectiveDeliveryPolicy": json.dumps(_effective(json.loads(row.attributes.get("DeliveryPolicy") or "{}"))),
        "SubscriptionsConfirmed": str(confirmed),
        "SubscriptionsPending": str(pending),
        "SubscriptionsDeleted": str(row.subscriptions_deleted),
    }
    if row.name.endswith(".fifo"):
        values |= {"FifoTopic": "true", "ContentBasedDeduplication": "false"}
    values.update(row.attributes)
    return values


def default_policy(account_id: str, name: str) -> dict[str, Any]:
    """The policy that every topic has at first: its own account may do everything."""
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{action}" for action in _SHARED_ACTIONS],
        "Resource": topic_arn(account_id, name),
        "Condition": {"StringEquals": {"AWS:SourceOwner": account_id}},
    }
    return {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}


def shareable(action: str) -> bool:
    """Whether AddPermission takes it."""
    return action in _SHARED_ACTIONS or action in ("*", "Receive")


def check_retry_policy(policy: Any, parameter: str = "DeliveryPolicy") -> None:
    """Raises InvalidParameter for a retry policy that cannot be (Developer Guide, "Creating an HTTP/S delivery policy")."""

    def refused(reason: str) -> Exception:
        return invalid_parameter(f"{parameter}: {reason}")

    if not isinstance(policy, dict) or set(policy) - set(DEFAULT_RETRY_POLICY):
        raise refused("unknown field in the retry policy")
    values = {**DEFAULT_RETRY_POLICY, **{key: value for key, value in policy.items() if value is not None}}
    if values.pop("backoffFunction") not in ("linear", "arithmetic", "geometric", "exponential"):
        raise refused("backoffFunction must be one of linear, arithmetic, geometric, exponential")
    if any(not isinstance(value, int) or isinstance(value, bool) or value < 0 for value in values.values()):
        raise refused("the retry policy holds a value that is no whole number")
    if not 1 <= values["minDelayTarget"] <= values["maxDelayTarget"] <= 3600:
        raise refused("minDelayTarget must be at least 1 and at most maxDelayTarget, and that at most 3600")
    if values["numRetries"] > 100:
        raise refused("numRetries must be at most 100")
    if values["numNoDelayRetries"] + values["numMinDelayRetries"] + values["numMaxDelayRetries"] > values["numRetries"]:
        raise refused("numRetries must be at least the sum of the other numbers of retries")


def check_delivery_policy(policy: Mapping[str, Any]) -> None:
    """Raises InvalidParameter for a topic's delivery policy."""
    http = policy.get("http")
    known = {"defaultHealthyRetryPolicy", "disableSubscriptionOverrides", "defaultThrottlePolicy", "defaultRequestPolicy"}
    if set(policy) - {"http"} or not isinstance(http or {}, dict) or set(http or {}) - known:
        raise invalid_parameter("DeliveryPolicy: failed to parse JSON. Unrecognized field")
    for name in known - {"disableSubscriptionOverrides"}:
        if not isinstance((http or {}).get(name) or {}, dict):
            raise invalid_parameter(f"DeliveryPolicy: http.{name} must be an object")
    if (http or {}).get("defaultHealthyRetryPolicy"):
        check_retry_policy((http or {})["defaultHealthyRetryPolicy"])


def _effective(policy: Mapping[str, Any]) -> dict[str, Any]:
    http = policy.get("http") or {}
    found = {
        "defaultHealthyRetryPolicy": {**DEFAULT_RETRY_POLICY, **(http.get("defaultHealthyRetryPolicy") or {})},
        "disableSubscriptionOverrides": http.get("disableSubscriptionOverrides", False),
        "defaultRequestPolicy": http.get("defaultRequestPolicy") or {"headerContentType": CONTENT_TYPE},
    }
    if http.get("defaultThrottlePolicy"):
        found["defaultThrottlePolicy"] = http["defaultThrottlePolicy"]
    return {"http": found}


def _check_policy(text: str) -> None:
    if len(text.encode()) > LARGEST_POLICY:
        raise invalid_parameter("Policy Reason: Policy is too long")
    statements = _object(text, "Policy").get("Statement")
    if not isinstance(statements, list | dict) or not statements:
        raise invalid_parameter("Policy statement must not be empty")
    if not all(isinstance(each, dict) for each in (statements if isinstance(statements, list) else [statements])):
        raise invalid_parameter("Policy failed to parse")


def _object(text: str, parameter: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise invalid_parameter(f"{parameter}: failed to parse JSON.")
    return found


def _spelled(name: str, value: str) -> str:
    return {choice.lower(): choice for choice in CHOICES.get(name, ())}.get(value.lower(), value)
