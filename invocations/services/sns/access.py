"""Who may use a topic of another account: only those whom its policy lets in."""

import json
from typing import Final

from invocations.services.resource_policies import allows
from invocations.services.sns.arns import topic_arn
from invocations.services.sns.errors import not_authorized
from invocations.services.sns.topic_config import TopicConfig
from invocations.values import Principal

OWNERS_ONLY: Final = frozenset(
    {"ListTagsForResource", "TagResource", "UntagResource", "PutDataProtectionPolicy", "GetDataProtectionPolicy"}
)
"""Operations that no topic policy can share."""


def check(principal: Principal, topic: TopicConfig, action: str) -> None:
    """Raises AuthorizationError where a principal of another account may not do *action*, "Publish". Within its own account
    nothing is asked here."""
    if principal.account_id == topic.account_id:
        return
    policy = json.loads(topic.policy or "{}")
    if action in OWNERS_ONLY or not allows(policy, principal, topic.arn, f"SNS:{action}"):
        raise not_authorized(principal.arn, action, topic_arn(topic.account_id, topic.name))
