"""Events to begin with, per mode: some that match the mode's first pattern, and some that miss it in an instructive way."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sample:
    """One ready-made event."""

    name: str
    title: str
    text: str
    """Pretty JSON."""
    at_first: bool = False
    """Whether the lab opens with it."""


def _sqs(message_id: str, body: Any, **attributes: Any) -> dict[str, Any]:
    return {
        "messageId": message_id,
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1795712345000", "SenderId": "AIDAIENQZJOLO23YVJ4VO"},
        "messageAttributes": {
            name: {"stringValue": str(value), "dataType": "Number" if isinstance(value, int) else "String"}
            for name, value in attributes.items()
        },
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:orders",
        "awsRegion": "us-east-1",
    }


def _kinesis(key: str, data: Any) -> dict[str, Any]:
    return {
        "partitionKey": key,
        "sequenceNumber": "49590338271490256608559692538361571095921575989136588898",
        "approximateArrivalTimestamp": 1795712345.678,
        "data": data if isinstance(data, str) else json.dumps(data),
        "eventSource": "aws:kinesis",
        "eventID": "shardId-000000000006:49590338271490256608559692538361571095921575989136588898",
        "eventName": "aws:kinesis:record",
        "eventSourceARN": "arn:aws:kinesis:us-east-1:000000000000:stream/clicks",
    }


def _dynamodb(name: str, order: str, **images: Any) -> dict[str, Any]:
    return {
        "eventID": "c9fbe7d0261a5163fcb6940593e41797",
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1795712345,
            "Keys": {"order": {"S": order}},
            **images,
            "SequenceNumber": "111",
            "SizeBytes": 26,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/2026-11-26T00:00:00.000",
    }


def _kafka(value: Any) -> dict[str, Any]:
    text = value if isinstance(value, str) else json.dumps(value)
    return {
        "topic": "articles",
        "partition": 0,
        "offset": 15,
        "timestamp": 1795712345000,
        "timestampType": "CREATE_TIME",
        "key": "42",
        "value": text,
    }


def _mq(data: Any) -> dict[str, Any]:
    text = data if isinstance(data, str) else json.dumps(data)
    return {
        "messageID": "ID:b-1",
        "messageType": "jms/text-message",
        "redelivered": False,
        "destination": {"physicalName": "log"},
        "data": text,
    }


def _s3(bucket: str, key: str, size: int) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "000000000000",
        "time": "2026-11-26T12:00:00Z",
        "region": "us-east-1",
        "resources": [f"arn:aws:s3:::{bucket}"],
        "detail": {
            "version": "0",
            "bucket": {"name": bucket},
            "object": {"key": key, "size": size, "etag": "b57f9512698f4b09e608f4f2a65852e5", "sequencer": "00617F08299329D189"},
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": "000000000000",
            "source-ip-address": "192.0.2.7",
            "reason": "PutObject",
        },
    }


def _own(detail_type: str, detail: Any) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type": detail_type,
        "source": "shop.orders",
        "account": "000000000000",
        "time": "2026-11-26T12:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail": detail,
    }


def _attributes(**values: Any) -> dict[str, Any]:
    return {
        name: {"DataType": "Number" if isinstance(value, int) else "String", "StringValue": str(value)}
        if not isinstance(value, list)
        else {"DataType": "String.Array", "StringValue": json.dumps(value)}
        for name, value in values.items()
    }


def _sample(name: str, title: str, event: Any, *, at_first: bool = False) -> Sample:
    return Sample(name, title, json.dumps(event, indent=2, ensure_ascii=False), at_first)


def _paid(state: str) -> dict[str, Any]:
    return {"order": {"S": "42"}, "state": {"S": state}, "total": {"N": "1742"}}


SAMPLES: dict[str, tuple[Sample, ...]] = {
    "sqs": (
        _sample("sqs-order", "Order of 1742", _sqs("059f36b4", {"kind": "order", "total": 1742}), at_first=True),
        _sample("sqs-small-order", "Order of 742", _sqs("2e1424d4", {"kind": "order", "total": 742}), at_first=True),
        _sample("sqs-text", "Plain text", _sqs("19dd0b57", "order 43 is late"), at_first=True),
        _sample("sqs-quoted", "Total as a string", _sqs("7c3ab1f0", {"kind": "order", "total": "1742"})),
        _sample("sqs-attributes", "With message attributes", _sqs("aa10cf42", {"kind": "refund"}, kind="refund", total=12)),
    ),
    "kinesis": (
        _sample("kinesis-click", "Click in the shop", _kinesis("visitor-7", {"action": "click", "page": "/shop/shoes"}), at_first=True),
        _sample("kinesis-view", "View of the start page", _kinesis("visitor-9", {"action": "view", "page": "/"}), at_first=True),
        _sample("kinesis-text", "Data that is no JSON", _kinesis("visitor-7", "click /shop/shoes"), at_first=True),
    ),
    "dynamodb": (
        _sample("dynamodb-insert", "Order inserted, paid", _dynamodb("INSERT", "42", NewImage=_paid("paid")), at_first=True),
        _sample(
            "dynamodb-modify",
            "Order modified, open",
            _dynamodb("MODIFY", "42", NewImage=_paid("open")),
            at_first=True,
        ),
        _sample("dynamodb-remove", "Order removed: no new image", _dynamodb("REMOVE", "42", OldImage=_paid("paid")), at_first=True),
    ),
    "kafka": (
        _sample("kafka-live", "Article, live", _kafka({"status": "live", "words": 800}), at_first=True),
        _sample("kafka-draft", "Article, draft", _kafka({"status": "draft", "words": 12}), at_first=True),
        _sample("kafka-text", "Value that is no JSON", _kafka("ping"), at_first=True),
    ),
    "mq": (
        _sample("mq-error", "Error", _mq({"level": "ERROR", "text": "disk full"}), at_first=True),
        _sample("mq-info", "Information", _mq({"level": "INFO", "text": "started"}), at_first=True),
    ),
    "events": (
        _sample("s3-created", "S3: orders/7.json created", _s3("orders", "2026/7.json", 5120), at_first=True),
        _sample("s3-small", "S3: a small file", _s3("orders", "2026/8.json", 12), at_first=True),
        _sample("s3-photo", "S3: a photo in another bucket", _s3("photos", "cat.JSON", 90210), at_first=True),
        _sample("order-placed", "Own event: order placed", _own("Order Placed", {"order": 42, "total": 742, "items": [{"sku": "A"}]})),
    ),
    "sns-attributes": (
        _sample("sns-order", "Order of 250", _attributes(kind="order", total=250), at_first=True),
        _sample("sns-refund", "Refund", _attributes(kind="refund", total=250), at_first=True),
        _sample("sns-array", "String.Array of kinds", _attributes(kind=["order", "express"], total=99)),
    ),
    "sns-body": (
        _sample("body-order", "Order from Austria", {"kind": "order", "customer": {"country": "AT"}}, at_first=True),
        _sample("body-foreign", "Order from Sweden", {"kind": "order", "customer": {"country": "SE"}}, at_first=True),
        _sample("body-nobody", "Order without a customer", {"kind": "order"}, at_first=True),
    ),
}
"""By the slug of the mode."""

BY_NAME = {sample.name: sample for samples in SAMPLES.values() for sample in samples}
CUSTOM = "{\n  \n}"
"""A custom event to begin with."""
