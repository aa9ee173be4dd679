"""Subscriptions to topics: who may subscribe what, confirmation, attributes."""

import re
import secrets
import uuid
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from django.db import transaction

from invocations import clock
from invocations.arn import parse_function_name
from invocations.errors import AwsError, aws_error
from invocations.models import Account, Subscription, Topic
from invocations.region import REGION
from invocations.resources import subscription_attributes, topics
from invocations.resources.subscription_attributes import Checker
from invocations.services.sns import confirmations
from invocations.services.sns.arns import read_subscription_arn, read_topic_arn, subscription_arn, topic_arn
from invocations.services.sns.errors import invalid_parameter, subscription_does_not_exist
from invocations.services.sqs import parse_queue_arn
from invocations.values import Principal

TOKEN_BYTES: Final = 144
PENDING_FOR: Final = timedelta(days=3)
"""After which a subscription that nobody confirmed goes, and its token with it."""
PROTOCOLS: Final = ("sqs", "lambda", "http", "https", "email", "email-json")
NOT_HERE: Final = ("sms", "application", "firehose")
"""Protocols of AWS that lead to nothing on one machine."""
_MAIL_ADDRESS = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+")
_TOKEN = re.compile(r"[0-9a-fA-F]+")
_COMPARED_DEFAULTS: Final = {"RawMessageDelivery": "false", "FilterPolicyScope": "MessageAttributes"}


def subscribe(
    topic: Topic, principal: Principal, protocol: str, endpoint: str, attributes: Mapping[str, str] | None = None
) -> Subscription:
    """Subscribes an endpoint; one that is subscribed already with the same attributes is given back. Raises what Subscribe raises.

    Queues and functions of the caller's own account are confirmed at once; the others are asked.
    """
    _check_endpoint(topic.name, principal.account_id, protocol, endpoint)
    given = dict(attributes or {})
    checker = Checker(principal.account_id, topic.name, protocol, endpoint, subscribing=True)
    for name, value in given.items():
        checker.check(name, value)
    checker.check_filter_policy(given)
    kept = {name: text for name, value in given.items() if (text := subscription_attributes.normalized(name, value)) != ""}
    row, is_new = _find_or_insert(topic, principal, protocol, endpoint, kept)
    if not is_new:
        _check_same(row, kept)
    config = topics.put_in_force(topics.get(topic.account_id, topic.name))
    if row.pending_confirmation:
        asked = next((each for each in config.subscriptions if each.subscription_id == row.subscription_id), None)
        if asked is None:  # the topic has just been deleted and made anew
            raise subscription_does_not_exist()
        confirmations.ask(config, asked, row.token)
    return row


def _find_or_insert(
    topic: Topic, principal: Principal, protocol: str, endpoint: str, attributes: Mapping[str, str]
) -> tuple[Subscription, bool]:
    """The row, and whether it is new."""
    account, _ = Account.objects.get_or_create(account_id=principal.account_id)
    is_own = protocol in ("sqs", "lambda")
    with transaction.atomic():
        locked = topics.locked(topic.account_id, topic.name)
        row = locked.subscriptions.filter(protocol=protocol, endpoint=endpoint).first()
        if row is not None:
            return row, False
        row = Subscription.objects.create(
            account=account,
            topic=locked,
            subscription_id=str(uuid.uuid4()),
            protocol=protocol,
            endpoint=endpoint,
            attributes=dict(attributes),
            subscription_principal=principal.arn,
            token=secrets.token_hex(TOKEN_BYTES),
            pending_confirmation=not is_own,
            confirmation_was_authenticated=is_own,
            created_at=clock.now(),
        )
        topics.save(locked)
    return row, True


def _check_same(row: Subscription, attributes: Mapping[str, str]) -> None:
    present = _COMPARED_DEFAULTS | row.attributes
    if any(present.get(name) != value for name, value in attributes.items()):
        raise invalid_parameter("Attributes Reason: Subscription already exists with different attributes")


def get(account_id: str, arn: str) -> Subscription:
    """A subscription that the account made, or to a topic of its own. Raises NotFound, InvalidParameter."""
    row = _find(arn)
    if row is None or account_id not in (row.account_id, row.topic.account_id):
        raise subscription_does_not_exist()
    return row


def confirm(arn_of_topic: str, token: str, *, is_authenticated: bool) -> Subscription:
    """Confirms what *token* belongs to; once more does no harm. Raises InvalidParameter."""
    try:
        account_id, name = read_topic_arn(arn_of_topic, "Topic")
    except AwsError:
        raise invalid_parameter("Topic") from None
    if not _TOKEN.fullmatch(token):
        raise aws_error("InvalidParameter", "Invalid token")
    topic = Topic.objects.of(account_id).filter(name=name).first()
    row = topic.subscriptions.filter(token=token).first() if topic is not None else None
    if row is None or topic is None:
        raise invalid_parameter("Token")
    if row.pending_confirmation:
        with transaction.atomic():
            topic = topics.locked(account_id, name)
            row.pending_confirmation = False
            row.confirmation_was_authenticated = is_authenticated
            row.save(update_fields=["pending_confirmation", "confirmation_was_authenticated"])
            topics.save(topic)
        topics.put_in_force(topic)
    return row


def unsubscribe(account_id: str, arn: str) -> None:
    """Ends a subscription; one that is not there does no harm. Raises InvalidParameter, and NotFound for somebody else's."""
    if _find(arn) is not None:
        remove(get(account_id, arn))


def remove(row: Subscription) -> None:
    """Ends a subscription."""
    with transaction.atomic():
        topic = topics.locked(row.topic.account_id, row.topic.name)
        row.delete()
        topic.subscriptions_deleted += 1
        topics.save(topic, "subscriptions_deleted")
    topics.put_in_force(topic)


def set_attribute(account_id: str, arn: str, name: str, value: str) -> None:
    """Changes an attribute; an empty value takes it away. Raises what SetSubscriptionAttributes raises."""
    set_attributes(account_id, arn, {name: value})


def set_attributes(account_id: str, arn: str, changed: Mapping[str, str]) -> None:
    """Changes several at once, all or none."""
    found = get(account_id, arn)
    checker = Checker(found.account_id, found.topic.name, found.protocol, found.endpoint, subscribing=False)
    for name, value in changed.items():
        checker.check(name, value)
    with transaction.atomic():
        topic = topics.locked(found.topic.account_id, found.topic.name)
        row = topic.subscriptions.filter(pk=found.pk).first()
        if row is None:
            raise subscription_does_not_exist()
        if changed.keys() & {"FilterPolicy", "FilterPolicyScope"}:
            checker.check_filter_policy(row.attributes | dict(changed))
        kept = row.attributes | {name: subscription_attributes.normalized(name, value) for name, value in changed.items()}
        row.attributes = {name: text for name, text in kept.items() if text != ""}
        row.save(update_fields=["attributes"])
        topics.save(topic)
    topics.put_in_force(topic)


def list_of(account_id: str, next_token: str = "") -> tuple[list[Subscription], str | None]:
    """Those that the account made, a hundred a page."""
    rows = Subscription.objects.of(account_id).select_related("topic").filter(pk__gt=_after(next_token)).order_by("pk")
    return topics.page(list(rows[: topics.PAGE + 1]), lambda row: row.pk)


def list_of_topic(topic: Topic, next_token: str = "") -> tuple[list[Subscription], str | None]:
    """A topic's, a hundred a page."""
    rows = topic.subscriptions.select_related("topic").filter(pk__gt=_after(next_token)).order_by("pk")
    return topics.page(list(rows[: topics.PAGE + 1]), lambda row: row.pk)


def arn_of(row: Subscription) -> str:
    """arn:aws:sns:REGION:ACCOUNT:TOPIC:UUID"""
    return subscription_arn(row.topic.account_id, row.topic.name, row.subscription_id)


def attributes_of(row: Subscription) -> dict[str, str]:
    """GetSubscriptionAttributes."""
    values = {
        "SubscriptionArn": arn_of(row),
        "TopicArn": topic_arn(row.topic.account_id, row.topic.name),
        "Owner": row.account_id,
        "Protocol": row.protocol,
        "Endpoint": row.endpoint,
        "SubscriptionPrincipal": row.subscription_principal,
        "PendingConfirmation": str(row.pending_confirmation).lower(),
        "ConfirmationWasAuthenticated": str(row.confirmation_was_authenticated).lower(),
        "RawMessageDelivery": "false",
    }
    values |= row.attributes
    if "FilterPolicy" in row.attributes:
        values.setdefault("FilterPolicyScope", "MessageAttributes")
    else:
        values.pop("FilterPolicyScope", None)
    if row.protocol in ("http", "https"):
        values["EffectiveDeliveryPolicy"] = subscription_attributes.effective_delivery_policy(
            row.attributes.get("DeliveryPolicy", ""), row.topic.attributes.get("DeliveryPolicy", "")
        )
    return values


def expire() -> None:
    """Takes away subscriptions that nobody confirmed in time."""
    rows = Subscription.objects.filter(pending_confirmation=True, created_at__lt=clock.now() - PENDING_FOR)
    for row in rows.select_related("topic"):
        remove(row)


def _find(arn: str) -> Subscription | None:
    account_id, name, subscription_id = read_subscription_arn(arn)
    topic = Topic.objects.of(account_id).filter(name=name).first()
    return topic.subscriptions.select_related("topic").filter(subscription_id=subscription_id).first() if topic is not None else None


def _after(token: str) -> int:
    text = topics.read_token(token)
    if text and not text.isdigit():
        raise invalid_parameter("NextToken")
    return int(text or 0)


def _check_endpoint(topic_name: str, account_id: str, protocol: str, endpoint: str) -> None:
    """Raises InvalidParameter for an endpoint that cannot be subscribed by this account."""
    if protocol in NOT_HERE:
        raise invalid_parameter(f"Protocol Reason: {protocol} exists on AWS, but not in this playground")
    if protocol not in PROTOCOLS:
        raise invalid_parameter(f"Amazon SNS does not support this protocol string: {protocol}")
    if not endpoint:
        raise invalid_parameter("Endpoint")
    if topic_name.endswith(".fifo") and protocol != "sqs":
        raise invalid_parameter("Invalid parameter: Endpoint Reason: Please use FIFO SQS queue")
    match protocol:
        case "sqs":
            _check_queue(topic_name, account_id, endpoint)
        case "lambda":
            _check_function(account_id, endpoint)
        case "http" | "https":
            check_url(protocol, endpoint)
        case _ if not _MAIL_ADDRESS.fullmatch(endpoint):
            raise invalid_parameter("Email address")


def _check_queue(topic_name: str, account_id: str, endpoint: str) -> None:
    found = parse_queue_arn(endpoint)
    if found is None:
        raise invalid_parameter("SQS endpoint ARN")
    if found[1].endswith(".fifo") and not topic_name.endswith(".fifo"):
        reason = "FIFO SQS Queues can not be subscribed to standard SNS topics"
        raise invalid_parameter(f"Invalid parameter: Endpoint Reason: {reason}")
    _check_owner(found[0], account_id)


def _check_function(account_id: str, endpoint: str) -> None:
    reference = parse_function_name(endpoint)
    if reference is None or not endpoint.startswith("arn:") or reference.region != REGION or reference.account_id is None:
        raise invalid_parameter("Lambda endpoint ARN")
    _check_owner(reference.account_id, account_id)


def _check_owner(owner: str, account_id: str) -> None:
    if owner != account_id:
        reason = "A queue or function is subscribed by its own account: another one's would have to confirm, which it cannot here"
        raise invalid_parameter(f"Endpoint Reason: {reason}")


def check_url(protocol: str, endpoint: str) -> None:
    """Raises InvalidParameter for an address that is not on this machine."""
    if not endpoint.startswith(f"{protocol}://"):
        raise invalid_parameter("Endpoint must match the specified protocol")
    try:
        parts = urlsplit(endpoint)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise invalid_parameter("Endpoint") from None
    if not host or parts.username is not None or re.search(r"[\x00-\x20\x7f]", endpoint):
        raise invalid_parameter("Endpoint")
    if not _is_loopback(host):
        raise invalid_parameter(f"Endpoint Reason: {host} is not on this machine; only loopback addresses can be subscribed here")


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
