"""What CloudTrail calls an operation, and whether it records it as a management event, as a read, or not at all.

Source: Developer Guide, "Logging Lambda API calls using CloudTrail"; each service's page on CloudTrail.
"""

from collections.abc import Mapping
from typing import Final

VERSION: Final = "1.08"
"""Of the records' form."""

_DATED: Final[Mapping[str, str]] = {
    "20150331": "CreateFunction DeleteFunction CreateAlias UpdateAlias DeleteAlias GetAlias PublishVersion CreateEventSourceMapping "
    "UpdateEventSourceMapping DeleteEventSourceMapping ListFunctions ListVersionsByFunction ListAliases",
    "20150331v2": "UpdateFunctionCode UpdateFunctionConfiguration AddPermission RemovePermission GetFunction GetPolicy",
    "20170331": "ListTags",
    "20170331v2": "TagResource UntagResource",
    "20171031": "PutFunctionConcurrency DeleteFunctionConcurrency",
    "20181031": "PublishLayerVersion",
}
_LAMBDA_NAMES: Final = {name: name + date for date, names in _DATED.items() for name in names.split()}
_OPERATIONS: Final = {dated: name for name, dated in _LAMBDA_NAMES.items()}

_DATA: Final[Mapping[str, frozenset[str]]] = {
    service: frozenset(names.split())
    for service, names in {
        "lambda": "Invoke InvokeAsync InvokeWithResponseStream",
        "sqs": "SendMessage SendMessageBatch ReceiveMessage DeleteMessage DeleteMessageBatch ChangeMessageVisibility "
        "ChangeMessageVisibilityBatch",
        "sns": "Publish PublishBatch",
        "events": "PutEvents",
        "kinesis": "PutRecord PutRecords GetRecords GetShardIterator SubscribeToShard",
        "dynamodb": "PutItem GetItem UpdateItem DeleteItem Query Scan BatchGetItem BatchWriteItem TransactGetItems TransactWriteItems "
        "ExecuteStatement BatchExecuteStatement ExecuteTransaction",
        "dynamodbstreams": "GetRecords GetShardIterator",
        "logs": "PutLogEvents StartLiveTail",
        "cloudwatch": "PutMetricData GetMetricData GetMetricStatistics GetMetricWidgetImage",
    }.items()
}
_MESSAGES: Final[Mapping[str, frozenset[str]]] = {
    "sns": frozenset({"Publish", "PublishBatch"}),
    "events": frozenset({"PutEvents"}),
    "sqs": frozenset({"SendMessage", "SendMessageBatch"}),
}
"""Data events that somebody may want in the trail: they set off what follows."""
_OF_OBJECTS: Final = ("Object", "Multipart", "UploadPart", "ListParts")
_READS: Final = ("Get", "List", "Describe", "Head", "Lookup", "Simulate", "Test", "Filter", "Check", "Decode", "Assume", "Generate")
_SOURCES: Final = {"cloudwatch": "monitoring", "dynamodbstreams": "dynamodb", "apigatewayv2": "apigateway"}


def event_name(service: str, operation: str) -> str:
    """The record's eventName: Lambda's older operations carry the date of their API."""
    return _LAMBDA_NAMES.get(operation, operation) if service == "lambda" else operation


def operation_of(source: str, name: str) -> str:
    """The operation that an eventName means."""
    return _OPERATIONS.get(name, name) if source == "lambda.amazonaws.com" else name


def event_source(service: str) -> str:
    """The record's eventSource, for botocore's name of a service."""
    return f"{_SOURCES.get(service, service)}.amazonaws.com"


def is_management(service: str, operation: str) -> bool:
    """Whether a call is recorded as a management event; what carries messages, objects, items or payloads is data."""
    if service == "s3":
        return not any(word in operation for word in _OF_OBJECTS) or "ObjectLockConfiguration" in operation
    return operation not in _DATA.get(service, ())


def is_message(service: str, operation: str) -> bool:
    """Whether a call publishes, puts or sends something."""
    return operation in _MESSAGES.get(service, ())


def is_read(operation: str) -> bool:
    """The record's readOnly."""
    return operation.startswith(_READS)
