"""What a pattern can be for: who uses it, what it is matched against, and what becomes of an event that does not match."""

from dataclasses import dataclass

from invocations.event_patterns.filters import DYNAMODB, KAFKA, KINESIS, MQ, SQS, FilteredSource
from invocations.event_patterns.sns import FilterPolicyScope

MAPPING, RULE, POLICY = "Event source mapping", "EventBridge", "SNS subscription"


@dataclass(frozen=True, slots=True)
class Mode:
    """One use of patterns."""

    slug: str
    group: str
    name: str
    data_key: str
    """Where the event's own data is; empty where the event is nothing else."""
    about: str
    """What the pattern is matched against."""
    on_match: str
    on_miss: str
    pattern: str
    """To begin with."""
    source: FilteredSource | None = None
    scope: FilterPolicyScope | None = None


_IS_GIVEN = "The function is given the record."

MODES: dict[str, Mode] = {
    mode.slug: mode
    for mode in (
        Mode(
            "sqs",
            MAPPING,
            "SQS queue",
            "body",
            "A message as a record: its body, read as JSON where it is JSON, and its metadata.",
            _IS_GIVEN,
            "Filtered out: deleted from the queue, never received again and never in a dead-letter queue.",
            '{\n  "body": {\n    "kind": ["order"],\n    "total": [{"numeric": [">", 1000]}]\n  }\n}',
            source=SQS,
        ),
        Mode(
            "kinesis",
            MAPPING,
            "Kinesis stream",
            "data",
            "A record with its data decoded, and its metadata.",
            _IS_GIVEN,
            "Filtered out: skipped, and the iterator moves on.",
            '{\n  "data": {\n    "action": ["click"],\n    "page": [{"prefix": "/shop/"}]\n  }\n}',
            source=KINESIS,
        ),
        Mode(
            "dynamodb",
            MAPPING,
            "DynamoDB stream",
            "dynamodb",
            'A change of an item, with DynamoDB’s type wrappers: numbers are strings in {"N": "5"}.',
            _IS_GIVEN,
            "Filtered out: skipped, and the iterator moves on.",
            '{\n  "eventName": ["INSERT", "MODIFY"],\n  "dynamodb": {\n    "NewImage": {"state": {"S": ["paid"]}}\n  }\n}',
            source=DYNAMODB,
        ),
        Mode(
            "kafka",
            MAPPING,
            "Kafka topic",
            "value",
            "A record with key and value decoded, and its metadata.",
            _IS_GIVEN,
            "Filtered out: skipped, its offset committed with the batch.",
            '{\n  "value": {\n    "status": [{"anything-but": "draft"}]\n  }\n}',
            source=KAFKA,
        ),
        Mode(
            "mq",
            MAPPING,
            "Amazon MQ queue",
            "data",
            "A message with its data decoded, and its metadata.",
            _IS_GIVEN,
            "Filtered out: acknowledged to the broker.",
            '{\n  "data": {\n    "level": ["ERROR", "FATAL"]\n  }\n}',
            source=MQ,
        ),
        Mode(
            "events",
            RULE,
            "EventBridge rule",
            "detail",
            "A whole event as it is on the bus: the envelope and its detail.",
            "The rule sends it to its targets.",
            "Not sent by this rule; others may.",
            '{\n  "source": ["aws.s3"],\n  "detail-type": ["Object Created"],\n  "detail": {\n    "bucket": {"name": ["orders"]},\n'
            '    "object": {\n      "key": [{"suffix": ".json"}],\n      "size": [{"numeric": [">", 1000]}]\n    }\n  }\n}',
        ),
        Mode(
            "sns-attributes",
            POLICY,
            "SNS filter policy: attributes",
            "",
            "A message’s attributes, as Publish takes them.",
            "The subscription gets the message.",
            "The subscription does not get the message.",
            '{\n  "kind": ["order"],\n  "total": [{"numeric": [">=", 100]}]\n}',
            scope=FilterPolicyScope.MESSAGE_ATTRIBUTES,
        ),
        Mode(
            "sns-body",
            POLICY,
            "SNS filter policy: body",
            "",
            "A message’s body, which must be a JSON object.",
            "The subscription gets the message.",
            "The subscription does not get the message.",
            '{\n  "kind": ["order"],\n  "customer": {"country": ["AT", "CH", "DE"]}\n}',
            scope=FilterPolicyScope.MESSAGE_BODY,
        ),
    )
}
DEFAULT = "sqs"
