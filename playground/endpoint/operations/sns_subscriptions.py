"""SNS: subscriptions."""

from typing import Any

from invocations.models import Subscription
from invocations.resources import subscriptions
from playground.endpoint.operations.sns import row_of
from playground.endpoint.registry import Call, operation


@operation("sns", "Subscribe")
def subscribe(call: Call) -> dict[str, Any]:
    """Confirmed at once, or asked."""
    members = call.input
    topic = row_of(call)
    row = subscriptions.subscribe(topic, call.principal, members["Protocol"], members.get("Endpoint", ""), members.get("Attributes"))
    is_shown = not row.pending_confirmation or members.get("ReturnSubscriptionArn")
    return {"SubscriptionArn": subscriptions.arn_of(row) if is_shown else "pending confirmation"}


@operation("sns", "ConfirmSubscription")
def confirm_subscription(call: Call) -> dict[str, Any]:
    """By the token that the subscriber was sent; whoever has it need not sign."""
    is_authenticated = call.input.get("AuthenticateOnUnsubscribe", "").lower() == "true"
    row = subscriptions.confirm(call.input["TopicArn"], call.input["Token"], is_authenticated=is_authenticated)
    return {"SubscriptionArn": subscriptions.arn_of(row)}


@operation("sns", "Unsubscribe")
def unsubscribe(call: Call) -> dict[str, Any]:
    """No error where it was not there."""
    subscriptions.unsubscribe(call.principal.account_id, call.input["SubscriptionArn"])
    return {}


@operation("sns", "ListSubscriptions")
def list_subscriptions(call: Call) -> dict[str, Any]:
    """The account's own."""
    rows, next_token = subscriptions.list_of(call.principal.account_id, call.input.get("NextToken", ""))
    return {"Subscriptions": [_member(row) for row in rows], "NextToken": next_token}


@operation("sns", "ListSubscriptionsByTopic")
def list_subscriptions_by_topic(call: Call) -> dict[str, Any]:
    """A topic's."""
    rows, next_token = subscriptions.list_of_topic(row_of(call), call.input.get("NextToken", ""))
    return {"Subscriptions": [_member(row) for row in rows], "NextToken": next_token}


@operation("sns", "GetSubscriptionAttributes")
def get_subscription_attributes(call: Call) -> dict[str, Any]:
    """All of them."""
    row = subscriptions.get(call.principal.account_id, call.input["SubscriptionArn"])
    return {"Attributes": subscriptions.attributes_of(row)}


@operation("sns", "SetSubscriptionAttributes")
def set_subscription_attributes(call: Call) -> dict[str, Any]:
    """One, in force at once."""
    members = call.input
    account_id, value = call.principal.account_id, members.get("AttributeValue", "")
    subscriptions.set_attribute(account_id, members["SubscriptionArn"], members["AttributeName"], value)
    return {}


def _member(row: Subscription) -> dict[str, Any]:
    return {
        "SubscriptionArn": "PendingConfirmation" if row.pending_confirmation else subscriptions.arn_of(row),
        "Owner": row.account_id,
        "Protocol": row.protocol,
        "Endpoint": row.endpoint,
        "TopicArn": subscriptions.arn_of(row).rpartition(":")[0],
    }
