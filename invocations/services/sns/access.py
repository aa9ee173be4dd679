"""Whether a topic's messages may be sent to a queue: the queue's policy must let SNS in, for that topic.

(Functions ask for themselves when they are invoked; who calls Publish is asked before, as with every operation.)
"""

from typing import Final

from invocations.authorize import Sending, is_known_to_be_allowed, may_send, refused, source_keys
from invocations.services.sns.topic_config import TopicConfig
from invocations.values import Principal

SERVICE: Final = Principal.service("sns.amazonaws.com")
ACTION: Final = "sqs:SendMessage"


def check(topic: TopicConfig, queue_arn: str) -> None:
    """Raises AccessDeniedException, with the decision, unless the policy of the queue allows it."""
    sending = Sending(SERVICE, ACTION, queue_arn, keys=source_keys(topic.arn))
    if is_known_to_be_allowed(sending):
        return
    verdict = may_send(sending)
    if not verdict.allowed:
        raise refused(verdict, topic.account_id)
