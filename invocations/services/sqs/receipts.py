"""Receipt handles: which message of which queue was received, and by which receive."""

import base64
import binascii
from typing import NamedTuple

from invocations.services.sqs.errors import sqs_error
from invocations.services.sqs.queue_config import QueueConfig


class Receipt(NamedTuple):
    """What a handle says."""

    message_id: str
    token: str


def handle_of(queue: QueueConfig, message_id: str, token: str) -> str:
    """The handle that a receiver is given."""
    return base64.b64encode(f"{token} {queue.arn} {message_id}".encode()).decode()


def read(queue: QueueConfig, handle: str) -> Receipt:
    """Raises ReceiptHandleIsInvalid for what is no handle of this queue."""
    try:
        token, arn, message_id = base64.b64decode(handle, validate=True).decode().split(" ")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        token, arn, message_id = "", "", ""
    if not token or arn != queue.arn:
        raise sqs_error("ReceiptHandleIsInvalid", f'The input receipt handle "{handle}" is not a valid receipt handle.')
    return Receipt(message_id, token)
