"""From a topic to its subscribers: who gets a message, in which form, by which way."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from invocations import credentials, outbox
from invocations.errors import AwsError
from invocations.outbox import Delivery
from invocations.services import sqs
from invocations.services.sns import access, envelopes, history, retries
from invocations.services.sns.envelopes import Issued
from invocations.services.sns.history import Mail
from invocations.services.sns.outcomes import Fate, Outcome, outcome
from invocations.services.sns.topic_config import SubscriptionConfig, TopicConfig

SENDER_ID: Final = credentials.unique_id("AIDA", "sns.amazonaws.com")
"""Who sends to queues, as SenderId says."""
USUAL_SUBJECT: Final = "AWS Notification Message"
FAREWELL: Final = "If you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:"


@dataclass(slots=True)
class Round:
    """One publish on its way to all subscribers."""

    topic: TopicConfig
    owed: list[Delivery] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)


Way = Callable[[Round, SubscriptionConfig, Sequence[Issued]], list[Outcome]]
"""How messages that passed the filter go to a subscriber; gives what became of each."""


def fan_out(topic: TopicConfig, issued: Sequence[Issued]) -> None:
    """Hands messages on to all subscribers: delivered, or durable in the outbox, when it returns."""
    this = Round(topic)
    outcomes: list[list[Outcome]] = [[] for _ in issued]
    for subscription in topic.subscriptions:
        passed: list[int] = []
        for number, each in enumerate(issued):
            obstacle = _obstacle(subscription, each)
            if obstacle is None:
                passed.append(number)
            else:
                outcomes[number].append(obstacle)
        if passed:
            came = WAYS[subscription.protocol](this, subscription, [issued[number] for number in passed])
            for number, result in zip(passed, came, strict=True):
                outcomes[number].append(result)
    outbox.put(this.owed)
    history.record(topic, issued, outcomes, this.mails)


def _obstacle(subscription: SubscriptionConfig, issued: Issued) -> Outcome | None:
    """Why a subscriber does not get a message at all."""
    if subscription.pending_confirmation:
        return outcome(subscription, Fate.PENDING_CONFIRMATION)
    policy = subscription.filter_policy
    if policy is not None and not policy.accepts(issued.text_for(subscription.protocol), issued.message.attributes):
        return outcome(subscription, Fate.FILTERED_OUT)
    return None


def _to_queue(this: Round, subscription: SubscriptionConfig, issued: Sequence[Issued]) -> list[Outcome]:
    outgoing = [_queue_message(this.topic, subscription, each, subscription.endpoint) for each in issued]
    results = _send(this.topic, subscription.endpoint, outgoing)
    return [
        outcome(subscription, Fate.DELIVERED) if isinstance(result, sqs.Sent) else _give_up(this.topic, subscription, each, result)
        for each, result in zip(issued, results, strict=True)
    ]


def _send(topic: TopicConfig, queue_arn: str, outgoing: Sequence[sqs.Outgoing]) -> Sequence[sqs.Sent | AwsError]:
    """Sends to a queue that may be gone, if its policy lets the topic."""
    found = sqs.parse_queue_arn(queue_arn)
    assert found is not None, queue_arn
    try:
        queue = sqs.find(*found)
        access.check(topic, queue_arn)
        return sqs.send_many(queue, outgoing, SENDER_ID)
    except AwsError as error:
        return [error] * len(outgoing)


def _give_up(topic: TopicConfig, subscription: SubscriptionConfig, issued: Issued, error: AwsError) -> Outcome:
    """A queue that is gone, lets nobody in or does not take the message is not tried again: that would not help (Developer
    Guide, "Amazon SNS dead-letter queues", client-side errors)."""
    reason = error.message or error.code
    if not subscription.dead_letter_arn:
        return outcome(subscription, Fate.DROPPED, reason)
    (result,) = _send(topic, subscription.dead_letter_arn, [_queue_message(topic, subscription, issued, subscription.dead_letter_arn)])
    if isinstance(result, sqs.Sent):
        return outcome(subscription, Fate.DEAD_LETTERED, reason)
    return outcome(subscription, Fate.DROPPED, f"{reason} The dead-letter queue: {result.message}")


def _queue_message(topic: TopicConfig, subscription: SubscriptionConfig, issued: Issued, queue_arn: str) -> sqs.Outgoing:
    """What a queue gets, the subscriber's or the dead-letter one."""
    message, is_raw = issued.message, subscription.raw_message_delivery
    group, deduplication = "", ""
    if queue_arn.endswith(".fifo"):
        group = message.message_group_id
        deduplication = message.message_deduplication_id or message.content_hash
    elif not topic.is_fifo:
        group = message.message_group_id
    return sqs.Outgoing(
        issued.text_for(subscription.protocol) if is_raw else envelopes.notification(topic, subscription, issued),
        message.attributes if is_raw else {},
        message_group_id=group,
        message_deduplication_id=deduplication,
        trace_header=issued.trace_id,
    )


def _to_function(this: Round, subscription: SubscriptionConfig, issued: Sequence[Issued]) -> list[Outcome]:
    return [
        _owe(this, subscription, each, envelopes.lambda_event(this.topic, subscription, each), retries.MANAGED_ENDPOINTS) for each in issued
    ]


def _to_http(this: Round, subscription: SubscriptionConfig, issued: Sequence[Issued]) -> list[Outcome]:
    rule = retries.http_rule(this.topic, subscription)
    return [
        _owe(this, subscription, each, _http_body(this.topic, subscription, each), rule, _http_headers(this.topic, subscription, each))
        for each in issued
    ]


def _http_body(topic: TopicConfig, subscription: SubscriptionConfig, issued: Issued) -> str:
    if subscription.raw_message_delivery:
        return issued.text_for(subscription.protocol)
    return envelopes.notification(topic, subscription, issued)


def _http_headers(topic: TopicConfig, subscription: SubscriptionConfig, issued: Issued) -> dict[str, str]:
    found = envelopes.headers(topic, "Notification", issued.message_id)
    found["x-amz-sns-subscription-arn"] = subscription.arn
    if subscription.raw_message_delivery:
        found["x-amz-sns-rawdelivery"] = "true"
    wanted = retries.content_type(topic, subscription)
    return found | {"Content-Type": wanted} if wanted else found


def _owe(
    this: Round,
    subscription: SubscriptionConfig,
    issued: Issued,
    body: str,
    rule: outbox.RetryRule,
    headers: Mapping[str, str] | None = None,
) -> Outcome:
    detail: dict[str, Any] = {"headers": dict(headers)} if headers is not None else {}
    delivery = Delivery(
        account_id=this.topic.account_id,
        target=subscription.endpoint,
        body=body,
        source="sns",
        origin=this.topic.arn,
        detail=detail | {"subscription_arn": subscription.arn, "message_id": issued.message_id},
        trace_id=issued.trace_id,
        parent_request_id=issued.parent_request_id,
        retry=rule,
        dead_letter_arn=subscription.dead_letter_arn,
        dead_letter_body=_http_body(this.topic, subscription, issued) if subscription.dead_letter_arn else "",
    )
    this.owed.append(delivery)
    return outcome(subscription, Fate.QUEUED, delivery_id=delivery.delivery_id)


def _to_inbox(this: Round, subscription: SubscriptionConfig, issued: Sequence[Issued]) -> list[Outcome]:
    for each in issued:
        body = _mail_body(this.topic, subscription, each)
        subject = each.message.subject or USUAL_SUBJECT
        this.mails.append(Mail(each.message_id, each.timestamp, subscription.endpoint, subject, body, subscription.subscription_id))
    return [outcome(subscription, Fate.DELIVERED) for _ in issued]


def _mail_body(topic: TopicConfig, subscription: SubscriptionConfig, issued: Issued) -> str:
    if subscription.protocol == "email-json":
        return envelopes.notification(topic, subscription, issued)
    return f"{issued.text_for('email')}\n\n--\n{FAREWELL}\n{envelopes.unsubscribe_url(subscription.arn)}"


WAYS: Final[Mapping[str, Way]] = {
    "sqs": _to_queue,
    "lambda": _to_function,
    "http": _to_http,
    "https": _to_http,
    "email": _to_inbox,
    "email-json": _to_inbox,
}
