"""Real events: messages that a queue of the account holds, as records of an event source mapping. Looking at them receives none."""

import json

from invocations.errors import AwsError
from invocations.models import Queue
from invocations.region import REGION
from invocations.services import sqs
from invocations.services.sqs import Message

PICK = "queue:"
"""Before a queue's name in the picker."""
MOST_QUEUES = 20
MOST_MESSAGES = 5


def queues(account_id: str) -> list[str]:
    """Names to pick from."""
    return list(Queue.objects.of(account_id).order_by("name").values_list("name", flat=True)[:MOST_QUEUES])


def records(account_id: str, queue: str) -> list[str]:
    """The oldest messages of a queue, each as JSON; nothing where there is no such queue."""
    try:
        found = sqs.peek(account_id, queue, limit=MOST_MESSAGES)
    except AwsError:
        return []
    return [json.dumps(_record(account_id, queue, message), indent=2, ensure_ascii=False) for message in found]


def _record(account_id: str, queue: str, message: Message) -> dict[str, object]:
    return {
        "messageId": message.message_id,
        "body": message.body,
        "attributes": dict(message.system),
        "messageAttributes": {name: _attribute(value) for name, value in message.attributes.items()},
        "md5OfBody": message.md5_of_body,
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{account_id}:{queue}",
        "awsRegion": REGION,
    }


def _attribute(value: object) -> dict[str, str]:
    return {name[0].lower() + name[1:]: str(each) for name, each in value.items()} if isinstance(value, dict) else {}
