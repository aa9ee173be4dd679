"""What became of one message for one subscription."""

from dataclasses import dataclass
from enum import StrEnum

from invocations.services.sns.topic_config import SubscriptionConfig


class Fate(StrEnum):
    """In the words of the pages."""

    DELIVERED = "delivered"
    QUEUED = "queued"
    """It waits in the outbox for the worker."""
    WAITING_TO_RETRY = "waiting to retry"
    FILTERED_OUT = "filtered out"
    PENDING_CONFIRMATION = "pending confirmation"
    DEAD_LETTERED = "dead-lettered"
    DROPPED = "dropped"
    """It could not be delivered, and there is no dead-letter queue for it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Who got what."""

    subscription_id: str
    protocol: str
    endpoint: str
    fate: str
    reason: str = ""
    delivery_id: str = ""
    """In the outbox."""


def outcome(subscription: SubscriptionConfig, fate: Fate, reason: str = "", delivery_id: str = "") -> Outcome:
    """For this subscription."""
    return Outcome(subscription.subscription_id, subscription.protocol, subscription.endpoint, str(fate), reason, delivery_id)
