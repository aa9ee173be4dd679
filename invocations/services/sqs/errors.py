"""SQS's errors: each has a name of today and the code by which clients of the old query protocol know it."""

from typing import Final

from invocations.errors import AwsError, aws_error

_OLD_CODES: Final = {
    "InvalidParameterValueException": "InvalidParameterValue",
    "MissingRequiredParameterException": "MissingParameter",
    "AccessDeniedException": "AccessDenied",
    "QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue",
    "QueueNameExists": "QueueAlreadyExists",
    "ReceiptHandleIsInvalid": "ReceiptHandleIsInvalid",
    "BatchEntryIdsNotDistinct": "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
    "BatchRequestTooLong": "AWS.SimpleQueueService.BatchRequestTooLong",
    "EmptyBatchRequest": "AWS.SimpleQueueService.EmptyBatchRequest",
    "InvalidBatchEntryId": "AWS.SimpleQueueService.InvalidBatchEntryId",
    "TooManyEntriesInBatchRequest": "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
    "PurgeQueueInProgress": "AWS.SimpleQueueService.PurgeQueueInProgress",
    "MessageNotInflight": "AWS.SimpleQueueService.MessageNotInflight",
    "UnsupportedOperation": "AWS.SimpleQueueService.UnsupportedOperation",
}


def sqs_error(code: str, message: str, status: int = 400) -> AwsError:
    """An error of SQS by its name of today."""
    error = aws_error(code, message, status)
    error.query_code = _OLD_CODES.get(code, code)
    return error


def invalid_parameter(message: str) -> AwsError:
    """InvalidParameterValue, with its whole message."""
    return sqs_error("InvalidParameterValueException", message)


def invalid_value(value: object, parameter: str, reason: str) -> AwsError:
    """`Value 11 for parameter MaxNumberOfMessages is invalid. Reason: …`"""
    return invalid_parameter(f"Value {value} for parameter {parameter} is invalid. Reason: {reason}")


def missing_parameter(name: str) -> AwsError:
    """`The request must contain the parameter MessageBody.`"""
    return sqs_error("MissingRequiredParameterException", f"The request must contain the parameter {name}.")


def queue_does_not_exist() -> AwsError:
    """As the JSON protocol words it."""
    return sqs_error("QueueDoesNotExist", "The specified queue does not exist.")
