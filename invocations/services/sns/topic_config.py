"""What every message to a topic meets, its subscriptions included: kept in Redis, so that no publish asks the database."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, cast

from django.db import connection

from invocations import fast_json, store
from invocations.event_patterns.sns import FilterPolicy, FilterPolicyScope, compile_policy
from invocations.models.topic import Topic
from invocations.services.sns.arns import topic_arn
from invocations.services.sns.errors import topic_does_not_exist

_REMEMBERED: Final = 512
"""Topics whose configuration a process has ready; it is known by its text, so that a changed one is another one."""


@dataclass(frozen=True, slots=True)
class SubscriptionConfig:
    """What delivering must know."""

    subscription_id: str
    arn: str
    owner: str
    """The account that subscribed."""
    protocol: str
    endpoint: str
    pending_confirmation: bool
    raw_message_delivery: bool
    filter_policy: FilterPolicy | None
    dead_letter_arn: str
    """A queue's; empty without a redrive policy."""
    delivery_policy: Mapping[str, Any]
    """As set; empty where the topic's counts."""


@dataclass(frozen=True, slots=True)
class TopicConfig:
    """What publishing must know."""

    account_id: str
    name: str
    is_fifo: bool
    content_based_deduplication: bool
    deduplication_scope: str
    """"Topic" or "MessageGroup"."""
    signature_version: str
    policy: str
    """JSON as set; empty for the policy that every topic has at first, which lets nobody in from outside."""
    delivery_policy: Mapping[str, Any]
    subscriptions: tuple[SubscriptionConfig, ...]

    @property
    def arn(self) -> str:
        """arn:aws:sns:REGION:ACCOUNT:NAME"""
        return topic_arn(self.account_id, self.name)

    @property
    def prefix(self) -> str:
        """What the topic's keys in Redis begin with."""
        return prefix_of(self.account_id, self.name)


def prefix_of(account_id: str, name: str) -> str:
    """sns:ACCOUNT:NAME: in front of each of the topic's keys."""
    return f"sns:{account_id}:{name}:"


def find(account_id: str, name: str) -> TopicConfig:
    """The topic's configuration. Raises NotFound."""
    stored = store.connection().hget(f"{prefix_of(account_id, name)}config", "text")
    return _read(cast("bytes", stored)) if stored else restore(account_id, name)


def restore(account_id: str, name: str) -> TopicConfig:
    """Writes the configuration from the database to where messages meet it. Raises NotFound."""
    rows = Topic.objects.of(account_id).filter(name=name)
    try:
        row = rows.first()
        if row is None:
            raise topic_does_not_exist()
        config = write(row)
        if not rows.exists():  # deleted in between: nothing may be left of it
            forget(account_id, name)
            raise topic_does_not_exist()
    finally:
        connection.close_if_unusable_or_obsolete()
    return config


_WRITE = """
-- KEYS[1] the topic's config; ARGV: version, text. What an older row says is not written over what a newer one said.
local kept = redis.call('HGET', KEYS[1], 'version')
if not kept or tonumber(kept) <= tonumber(ARGV[1]) then
  redis.call('HSET', KEYS[1], 'version', ARGV[1], 'text', ARGV[2])
end
"""


def write(row: Topic) -> TopicConfig:
    """Puts a topic and its subscriptions where messages meet them; to be called after each commit that changed its version."""
    subscriptions = [
        {
            "id": each.subscription_id,
            "owner": each.account_id,
            "protocol": each.protocol,
            "endpoint": each.endpoint,
            "pending": each.pending_confirmation,
            "attributes": each.attributes,
        }
        for each in row.subscriptions.order_by("id")
    ]
    kept = {"account_id": row.account_id, "name": row.name, "attributes": row.attributes, "subscriptions": subscriptions}
    text = fast_json.dumps(kept)
    store.connection().eval(_WRITE, 1, f"{prefix_of(row.account_id, row.name)}config", row.version, text)
    return _read(text)


def forget(account_id: str, name: str) -> None:
    """Takes away all that Redis has of a topic."""
    prefix = prefix_of(account_id, name)
    store.connection().delete(*[prefix + key for key in ("config", "order", "dedup", "dedup_due", "recent", "inbox")])


@lru_cache(maxsize=_REMEMBERED)
def _read(text: bytes) -> TopicConfig:
    kept = fast_json.loads(text)
    account_id, name, attributes = kept["account_id"], kept["name"], kept["attributes"]
    return TopicConfig(
        account_id=account_id,
        name=name,
        is_fifo=name.endswith(".fifo"),
        content_based_deduplication=attributes.get("ContentBasedDeduplication") == "true",
        deduplication_scope=attributes.get("FifoThroughputScope", "Topic"),
        signature_version=attributes.get("SignatureVersion", "1"),
        policy=attributes.get("Policy", ""),
        delivery_policy=json.loads(attributes.get("DeliveryPolicy") or "{}"),
        subscriptions=tuple(_subscription(topic_arn(account_id, name), each) for each in kept["subscriptions"]),
    )


def _subscription(arn: str, kept: Mapping[str, Any]) -> SubscriptionConfig:
    attributes = kept["attributes"]
    scope = FilterPolicyScope(attributes.get("FilterPolicyScope", "MessageAttributes"))
    policy = attributes.get("FilterPolicy", "")
    return SubscriptionConfig(
        subscription_id=kept["id"],
        arn=f"{arn}:{kept['id']}",
        owner=kept["owner"],
        protocol=kept["protocol"],
        endpoint=kept["endpoint"],
        pending_confirmation=kept["pending"],
        raw_message_delivery=attributes.get("RawMessageDelivery") == "true",
        filter_policy=compile_policy(policy, scope) if policy else None,
        dead_letter_arn=json.loads(attributes.get("RedrivePolicy") or "{}").get("deadLetterTargetArn", ""),
        delivery_policy=json.loads(attributes.get("DeliveryPolicy") or "{}"),
    )
