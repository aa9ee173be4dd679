"""Moving one message by hand. AWS has no call for it: there, one receives the message, sends it to the other queue and deletes it."""

import uuid
from collections.abc import Mapping
from typing import Final

from invocations.services.sqs import scripts
from invocations.services.sqs.errors import sqs_error
from invocations.services.sqs.queue_config import find, parse_queue_arn, prefix_of

_PROBLEMS: Final[Mapping[str, tuple[str, str]]] = {
    "gone": ("InvalidParameterValueException", "The message is not in the queue any more."),
    "in flight": ("UnsupportedOperation", "The message is in flight: until its visibility timeout is over it is its consumer's."),
    "CouldNotDetermineMessageSource": ("CouldNotDetermineMessageSource", "Nobody knows which queue the message came from."),
    "AWS.SimpleQueueService.NonExistentQueue": ("QueueDoesNotExist", "The other queue does not exist."),
    "AWS.SimpleQueueService.UnsupportedOperation": ("UnsupportedOperation", "The other queue is of another type or account."),
}
"""What the script answers -> AWS's name for it, and a sentence."""


def to_dead_letter_queue(account_id: str, queue_name: str, message_id: str) -> None:
    """At once what would come after the last receive: the message keeps its id. Raises AwsError."""
    _move(account_id, queue_name, message_id, "bury", "", "")


def back(account_id: str, queue_name: str, message_id: str, destination_arn: str = "") -> str:
    """What a message move task does, for this message alone: to its own source where no other queue is named. Returns its new id.

    Raises AwsError.
    """
    destination, new_id = parse_queue_arn(destination_arn), str(uuid.uuid4())
    _move(account_id, queue_name, message_id, "back", prefix_of(*destination) if destination else "", new_id)
    return new_id


def _move(account_id: str, queue_name: str, *arguments: str) -> None:
    problem = scripts.run("move_one", find(account_id, queue_name), *arguments).decode()
    if problem:
        raise sqs_error(*_PROBLEMS[problem])
