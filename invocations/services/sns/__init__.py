"""SNS: topics over Redis. Their configuration is in the database (resources/topics.py, resources/subscriptions.py); here messages
are checked and handed on: to queues at once, to functions and HTTP endpoints by the outbox, to e-mail into an inbox that pages show.
"""

from invocations.services.sns.arns import read_subscription_arn, read_topic_arn, subscription_arn, topic_arn
from invocations.services.sns.history import Mail, PastMessage, inbox, note_outcome, pulse, recent
from invocations.services.sns.messages import Message
from invocations.services.sns.outcomes import Fate, Outcome
from invocations.services.sns.publishing import Published, publish, publish_many, publish_one
from invocations.services.sns.topic_config import SubscriptionConfig, TopicConfig, find

__all__ = [
    "Fate",
    "Mail",
    "Message",
    "Outcome",
    "PastMessage",
    "Published",
    "SubscriptionConfig",
    "TopicConfig",
    "find",
    "inbox",
    "note_outcome",
    "publish",
    "publish_many",
    "publish_one",
    "pulse",
    "read_subscription_arn",
    "read_topic_arn",
    "recent",
    "subscription_arn",
    "topic_arn",
]
