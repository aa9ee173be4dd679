"""What may be asked of a message move task before it begins (services/sqs/move_tasks.py runs it)."""

from invocations.resources import queues
from invocations.services.sqs import move_tasks
from invocations.services.sqs.errors import invalid_parameter, invalid_value
from invocations.services.sqs.move_tasks import MoveTask

MOST_PER_SECOND = 500


def start(account_id: str, source_name: str, destination_arn: str = "", maximum_per_second: int | None = None) -> MoveTask:
    """Moves messages out of a dead-letter queue: to *destination_arn*, or each to where it came from.

    Raises InvalidParameterValue for a queue that is no dead-letter queue or has a task already, and for a destination of another
    type or account; ResourceNotFoundException.
    """
    if not queues.is_dead_letter_queue(account_id, source_name):
        raise invalid_parameter("Source queue must be configured as a Dead Letter Queue.")
    if destination_arn:
        _check_destination(account_id, source_name, *queues.queue_of_arn(destination_arn, "DestinationArn"))
    if maximum_per_second is not None and not 1 <= maximum_per_second <= MOST_PER_SECOND:
        raise invalid_value(maximum_per_second, "MaxNumberOfMessagesPerSecond", f"Must be between 1 and {MOST_PER_SECOND}, if provided.")
    return move_tasks.start(account_id, source_name, destination_arn, maximum_per_second or 0)


def _check_destination(account_id: str, source_name: str, owner_id: str, name: str) -> None:
    if owner_id != account_id:
        raise invalid_value(name, "DestinationArn", "Source and destination queues must belong to the same account.")
    if name.endswith(".fifo") != source_name.endswith(".fifo"):
        raise invalid_value(name, "DestinationArn", "Source and destination queues must be of the same type.")
    if name == source_name:
        raise invalid_value(name, "DestinationArn", "Source and destination queues must not be the same.")
