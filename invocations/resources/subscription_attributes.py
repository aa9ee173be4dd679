"""What SNS takes as a subscription's attributes, and what it says of those it does not take."""

import json
from collections.abc import Mapping
from typing import Any, Final

from invocations.errors import AwsError, aws_error
from invocations.event_patterns.sns import FilterPolicyScope, compile_policy
from invocations.resources.topic_attributes import check_retry_policy
from invocations.services.sns.envelopes import CONTENT_TYPE
from invocations.services.sns.retries import DEFAULT_RETRY_POLICY
from invocations.services.sqs import parse_queue_arn

SETTABLE: Final = frozenset(
    {"DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy", "SubscriptionRoleArn", "ReplayPolicy"}
)
RAW_PROTOCOLS: Final = ("sqs", "http", "https")
DELIVERY_POLICY_PARTS: Final = ("healthyRetryPolicy", "sicklyRetryPolicy", "throttlePolicy", "requestPolicy")


class Checker:
    """Checks the attributes of one subscription: Subscribe words refusals a little differently."""

    def __init__(self, owner: str, topic_name: str, protocol: str, endpoint: str, *, subscribing: bool) -> None:
        """*owner*: the account that subscribes."""
        self._owner = owner
        self._topic_is_fifo = topic_name.endswith(".fifo")
        self._protocol = protocol
        self._endpoint = endpoint
        self._subscribing = subscribing

    def check(self, name: str, value: str) -> None:
        """Raises InvalidParameter for an attribute that a subscription cannot have. (FilterPolicy: check_filter_policy.)"""
        if name not in SETTABLE:
            raise self.refused("AttributeName")
        match name:
            case "RawMessageDelivery":
                self._check_raw(value)
            case "FilterPolicyScope" if value not in list(FilterPolicyScope):
                hint = "Please use either MessageBody or MessageAttributes"
                raise self.refused(f"FilterPolicyScope: Invalid value [{value}]. {hint}")
            case "RedrivePolicy" if value:
                self._check_redrive_policy(value)
            case "DeliveryPolicy" if value:
                self._check_delivery_policy(value)
            case "SubscriptionRoleArn" if value:
                raise self.refused("SubscriptionRoleArn: only a subscription to a delivery stream has a role")
            case "ReplayPolicy" if value:
                raise self.refused("ReplayPolicy: Message archives exist on AWS, but not in this playground")

    def check_filter_policy(self, attributes: Mapping[str, str]) -> None:
        """Raises InvalidParameter where the filter policy, seen in its scope, cannot be."""
        scope = FilterPolicyScope(attributes.get("FilterPolicyScope", "MessageAttributes"))
        compile_policy(attributes.get("FilterPolicy", ""), scope, subscribing=self._subscribing)

    def refused(self, message: str) -> AwsError:
        """`Invalid parameter: …`, and for Subscribe `Invalid parameter: Attributes Reason: …`"""
        return aws_error("InvalidParameter", f"Invalid parameter: {'Attributes Reason: ' if self._subscribing else ''}{message}")

    def _check_raw(self, value: str) -> None:
        if value.lower() not in ("true", "false"):
            raise self.refused(f"RawMessageDelivery: Invalid value [{value}]. Must be true or false.")
        if value.lower() == "true" and self._protocol not in RAW_PROTOCOLS:
            raise self.refused(f"Delivery protocol [{self._protocol}] does not support raw message delivery.")

    def _check_redrive_policy(self, text: str) -> None:
        policy = self._object("RedrivePolicy", text)
        target = parse_queue_arn(str(policy.get("deadLetterTargetArn", "")))
        if target is None:
            raise self.refused("RedrivePolicy: deadLetterTargetArn is an invalid arn")
        if target[0] != self._owner:
            raise self.refused("RedrivePolicy: deadLetterTargetArn must be a queue of the account that subscribes")
        if self._topic_is_fifo and self._endpoint.endswith(".fifo") and not target[1].endswith(".fifo"):
            raise self.refused("RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.")
        if target[1].endswith(".fifo") and not self._topic_is_fifo:
            raise self.refused("RedrivePolicy: must use a standard queue as DLQ for a subscription to a standard topic.")

    def _check_delivery_policy(self, text: str) -> None:
        if self._protocol not in ("http", "https"):
            raise self.refused(f"DeliveryPolicy: Delivery protocol [{self._protocol}] does not support delivery policies.")
        policy = self._object("DeliveryPolicy", text)
        if set(policy) - {*DELIVERY_POLICY_PARTS, "guaranteed"}:
            raise self.refused("DeliveryPolicy: failed to parse JSON. Unrecognized field")
        if any(not isinstance(policy.get(part) or {}, dict) for part in DELIVERY_POLICY_PARTS):
            raise self.refused("DeliveryPolicy: each of its parts must be an object")
        if policy.get("healthyRetryPolicy"):
            check_retry_policy(policy["healthyRetryPolicy"])

    def _object(self, name: str, text: str) -> dict[str, Any]:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise self.refused(f"{name}: failed to parse JSON.")
        return found


def normalized(name: str, value: str) -> str:
    """A value as it is kept, and as it is given back; empty takes the attribute away."""
    match name:
        case "RawMessageDelivery":
            return value.lower()
        case "FilterPolicy" if value.strip() == "{}":
            return ""
        case "DeliveryPolicy" if value:
            return _full_delivery_policy(json.loads(value))
    return value


def effective_delivery_policy(own: str, topics: str) -> str:
    """The policy that counts for an HTTP endpoint: what its own leaves out comes from the topic's. Both are JSON, or empty."""
    http = json.loads(topics or "{}").get("http") or {}
    full = json.loads(_full_delivery_policy({} if http.get("disableSubscriptionOverrides") else json.loads(own or "{}")))
    full["healthyRetryPolicy"] = full["healthyRetryPolicy"] or {**DEFAULT_RETRY_POLICY, **(http.get("defaultHealthyRetryPolicy") or {})}
    full["requestPolicy"] = full["requestPolicy"] or http.get("defaultRequestPolicy") or {"headerContentType": CONTENT_TYPE}
    full["throttlePolicy"] = full["throttlePolicy"] or http.get("defaultThrottlePolicy")
    return json.dumps(full)


def _full_delivery_policy(policy: Mapping[str, Any]) -> str:
    """All parts named, as recorded on AWS."""
    full: dict[str, Any] = {part: policy.get(part) for part in DELIVERY_POLICY_PARTS}
    if full["healthyRetryPolicy"]:
        full["healthyRetryPolicy"] = {**DEFAULT_RETRY_POLICY, **full["healthyRetryPolicy"]}
    return json.dumps({**full, "guaranteed": bool(policy.get("guaranteed", False))})
