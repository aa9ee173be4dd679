"""ARNs of topics and subscriptions, and what SNS says of those that are none."""

from invocations.region import REGION
from invocations.services.sns.errors import invalid_parameter


def topic_arn(account_id: str, name: str) -> str:
    """arn:aws:sns:REGION:ACCOUNT:NAME"""
    return f"arn:aws:sns:{REGION}:{account_id}:{name}"


def subscription_arn(account_id: str, topic_name: str, subscription_id: str) -> str:
    """arn:aws:sns:REGION:ACCOUNT:TOPIC:UUID"""
    return f"{topic_arn(account_id, topic_name)}:{subscription_id}"


def read_topic_arn(arn: str, parameter: str = "TopicArn") -> tuple[str, str]:
    """(account id, name) of a topic. Raises InvalidParameter."""
    parts = _parts(arn, parameter)
    if len(parts) != 6 or parts[0] != "arn" or parts[2] != "sns" or parts[3] != REGION or not parts[5]:
        raise invalid_parameter(parameter)
    return parts[4], parts[5]


def read_subscription_arn(arn: str) -> tuple[str, str, str]:
    """(account id, topic's name, UUID) of a subscription. Raises InvalidParameter."""
    if not arn:
        raise invalid_parameter("SubscriptionArn Reason: no value for required parameter")
    parts = _parts(arn, "SubscriptionArn")
    if len(parts) != 7:
        raise invalid_parameter("SubscriptionId")
    return parts[4], parts[5], parts[6]


def _parts(arn: str, parameter: str) -> list[str]:
    parts = arn.split(":")
    if len(parts) < 6:
        raise invalid_parameter(f"{parameter} Reason: An ARN must have at least 6 elements, not {len(parts)}")
    return parts
