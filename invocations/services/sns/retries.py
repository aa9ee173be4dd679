"""How often a subscriber is tried again.

Source: Developer Guide, "Amazon SNS message delivery retries": functions and queues are AWS's own and are tried for 23 days;
HTTP endpoints as the delivery policy says, three times after 20 seconds each by default.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from invocations.outbox import RetryRule
from invocations.services.sns.topic_config import SubscriptionConfig, TopicConfig

DEFAULT_RETRY_POLICY: Final[Mapping[str, Any]] = {
    "minDelayTarget": 20,
    "maxDelayTarget": 20,
    "numRetries": 3,
    "numMaxDelayRetries": 0,
    "numNoDelayRetries": 0,
    "numMinDelayRetries": 0,
    "backoffFunction": "linear",
}
MANAGED_ENDPOINTS: Final = RetryRule(schedule="sns", maximum_retry_attempts=100_015, maximum_age_seconds=24 * 86_400)
LONGEST_SECONDS: Final = 3600
"""All retries of an HTTP endpoint together."""

_BACKOFF: Final[Mapping[str, Callable[[float], float]]] = {
    "linear": lambda part: part,
    "arithmetic": lambda part: part * (part + 1) / 2,
    "geometric": lambda part: part * part,
    "exponential": lambda part: (2 ** (8 * part) - 1) / 255,
}
"""How far from the smallest to the largest delay one is after a part of the retries; AWS shows these only as curves."""


def http_rule(topic: TopicConfig, subscription: SubscriptionConfig) -> RetryRule:
    """The rule for an HTTP endpoint: its own policy, unless the topic's forbids that."""
    http = topic.delivery_policy.get("http") or {}
    own = {} if http.get("disableSubscriptionOverrides") else subscription.delivery_policy
    policy = own.get("healthyRetryPolicy") or http.get("defaultHealthyRetryPolicy") or {}
    delays = http_delays({**DEFAULT_RETRY_POLICY, **policy})
    return RetryRule("delays", len(delays), LONGEST_SECONDS + 600, delays)


def content_type(topic: TopicConfig, subscription: SubscriptionConfig) -> str | None:
    """The Content-Type that the delivery policies want, if they want any."""
    http = topic.delivery_policy.get("http") or {}
    own = {} if http.get("disableSubscriptionOverrides") else subscription.delivery_policy
    for policy in (own.get("requestPolicy"), http.get("defaultRequestPolicy")):
        if policy and policy.get("headerContentType"):
            return str(policy["headerContentType"])
    return None


def http_delays(policy: Mapping[str, Any]) -> tuple[float, ...]:
    """Seconds before each retry: at once, after the smallest delay, with growing ones, after the largest."""
    low, high = float(policy["minDelayTarget"]), float(policy["maxDelayTarget"])
    at_once, at_low, at_high = policy["numNoDelayRetries"], policy["numMinDelayRetries"], policy["numMaxDelayRetries"]
    growing = max(0, policy["numRetries"] - at_once - at_low - at_high)
    curve = _BACKOFF[policy["backoffFunction"]]
    steps = [low + (high - low) * curve(number / (growing - 1) if growing > 1 else 0.0) for number in range(growing)]
    return (*[0.0] * at_once, *[low] * at_low, *steps, *[high] * at_high)
