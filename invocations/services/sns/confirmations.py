"""Asking a subscriber whether it wants a topic's messages."""

from invocations import account_clock, clock, outbox
from invocations.outbox import Delivery
from invocations.services.sns import envelopes, history, retries
from invocations.services.sns.history import Mail
from invocations.services.sns.topic_config import SubscriptionConfig, TopicConfig
from invocations.values import new_request_id

SUBJECT = "AWS Notification - Subscription Confirmation"


def ask(topic: TopicConfig, subscription: SubscriptionConfig, token: str) -> None:
    """Sends the question: a POST to an HTTP endpoint, an e-mail into the topic's inbox."""
    message_id = new_request_id()
    timestamp = clock.iso_millis(clock.from_epoch(account_clock.now(topic.account_id)))
    if subscription.protocol in ("http", "https"):
        outbox.put([_post(topic, subscription, envelopes.confirmation(topic, token, message_id, timestamp), message_id)])
        return
    body = (
        f"You have chosen to subscribe to the topic:\n{topic.arn}\n\n"
        "To confirm this subscription, click or visit the link below (If this was in error no action is necessary):\n"
        f"{envelopes.subscribe_url(topic.arn, token)}"
    )
    mail = Mail(message_id, timestamp, subscription.endpoint, SUBJECT, body, subscription.subscription_id, token)
    history.record(topic, [], [], [mail])


def _post(topic: TopicConfig, subscription: SubscriptionConfig, body: str, message_id: str) -> Delivery:
    return Delivery(
        account_id=topic.account_id,
        target=subscription.endpoint,
        body=body,
        source="sns",
        origin=topic.arn,
        detail={"headers": envelopes.headers(topic, "SubscriptionConfirmation", message_id)},
        retry=retries.http_rule(topic, subscription),
    )
