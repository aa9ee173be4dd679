"""SQS: queues over Redis. Their configuration is in the database (resources/queues.py); their messages are here.

Pollers, destinations and pages use these functions; the operations behind AWS's protocol use the same.
"""

from invocations.services.sqs.calls import (
    Counts,
    ReceiveRequest,
    change_visibility,
    counts,
    delete,
    extend_lease,
    purge,
    receive,
    receive_async,
    receive_request,
    send,
    send_many,
)
from invocations.services.sqs.glance import counts_of, look_at, peek, pulse
from invocations.services.sqs.messages import Message, Outgoing, Sent
from invocations.services.sqs.queue_config import QueueConfig, find, parse_queue_arn, queue_arn
from invocations.services.sqs.tend import tend_queue

__all__ = [
    "Counts",
    "Message",
    "Outgoing",
    "QueueConfig",
    "ReceiveRequest",
    "Sent",
    "change_visibility",
    "counts",
    "counts_of",
    "delete",
    "extend_lease",
    "find",
    "look_at",
    "parse_queue_arn",
    "peek",
    "pulse",
    "purge",
    "queue_arn",
    "receive",
    "receive_async",
    "receive_request",
    "send",
    "send_many",
    "tend_queue",
]
