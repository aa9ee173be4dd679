"""The part of a queue's configuration that every message meets: kept beside the messages, so that no call asks the database."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from invocations import store
from invocations.models.queue import Queue
from invocations.region import REGION
from invocations.services.sqs.errors import queue_does_not_exist

DEFAULTS: Final[Mapping[str, str]] = {
    "VisibilityTimeout": "30",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "DelaySeconds": "0",
    "ReceiveMessageWaitTimeSeconds": "0",
    "SqsManagedSseEnabled": "true",
}
FIFO_DEFAULTS: Final[Mapping[str, str]] = {
    "ContentBasedDeduplication": "false",
    "DeduplicationScope": "queue",
    "FifoThroughputLimit": "perQueue",
}


@dataclass(frozen=True, slots=True)
class QueueConfig:
    """What sending and receiving must know."""

    account_id: str
    name: str
    is_fifo: bool
    visibility_timeout: int
    """Seconds, as all durations here."""
    delay: int
    retention: int
    maximum_message_size: int
    """Bytes."""
    wait_time: int
    content_based_deduplication: bool
    deduplication_scope: str
    """"queue" or "messageGroup"."""
    dead_letter_queue: str
    """Its name; empty without a redrive policy."""
    maximum_receive_count: int

    @property
    def arn(self) -> str:
        """arn:aws:sqs:REGION:ACCOUNT:NAME"""
        return queue_arn(self.account_id, self.name)

    @property
    def prefix(self) -> str:
        """What the queue's keys in Redis begin with."""
        return prefix_of(self.account_id, self.name)


def queue_arn(account_id: str, name: str) -> str:
    """arn:aws:sqs:REGION:ACCOUNT:NAME"""
    return f"arn:aws:sqs:{REGION}:{account_id}:{name}"


def parse_queue_arn(arn: str) -> tuple[str, str] | None:
    """(account id, name) of a queue's ARN in this Region; None where it is none."""
    match arn.split(":"):
        case ["arn", _, "sqs", region, account_id, name] if region == REGION and len(account_id) == 12 and name:
            return account_id, name
    return None


def prefix_of(account_id: str, name: str) -> str:
    """sqs:ACCOUNT:NAME: in front of each of the queue's keys."""
    return f"sqs:{account_id}:{name}:"


def find(account_id: str, name: str) -> QueueConfig:
    """The queue's configuration. Raises QueueDoesNotExist."""
    stored = store.connection().hgetall(f"{prefix_of(account_id, name)}config")
    return _from_hash(account_id, name, stored) if stored else restore(account_id, name)


def restore(account_id: str, name: str) -> QueueConfig:
    """Writes the configuration from the database to where messages meet it. Raises QueueDoesNotExist."""
    try:
        row = Queue.objects.of(account_id).filter(name=name).first()
    finally:
        connection.close_if_unusable_or_obsolete()
    if row is None:
        raise queue_does_not_exist()
    return write(row)


def write(row: Queue) -> QueueConfig:
    """Puts a row's configuration beside the queue's messages; to be called after each commit."""
    attributes = {**DEFAULTS, **FIFO_DEFAULTS, **row.attributes}
    redrive = json.loads(attributes.get("RedrivePolicy") or "{}")
    dead_letter = parse_queue_arn(redrive.get("deadLetterTargetArn", ""))
    fields: dict[Any, str | int] = {
        "arn": queue_arn(row.account_id, row.name),
        "fifo": int(row.name.endswith(".fifo")),
        "visibility": attributes["VisibilityTimeout"],
        "delay": attributes["DelaySeconds"],
        "retention": attributes["MessageRetentionPeriod"],
        "max_size": attributes["MaximumMessageSize"],
        "wait": attributes["ReceiveMessageWaitTimeSeconds"],
        "content_dedup": int(attributes["ContentBasedDeduplication"] == "true"),
        "dedup_scope": attributes["DeduplicationScope"],
        "dead_letter": dead_letter[1] if dead_letter and dead_letter[0] == row.account_id else "",
        "max_receive": int(redrive.get("maxReceiveCount", 0)),
    }
    store.connection().hset(f"{prefix_of(row.account_id, row.name)}config", mapping=fields)
    return _from_hash(row.account_id, row.name, fields)


def text(value: Any) -> str:
    """What Redis answers, decoded."""
    return value.decode() if isinstance(value, bytes) else str(value)


def _from_hash(account_id: str, name: str, stored: Mapping[Any, Any]) -> QueueConfig:
    values = {text(key): text(value) for key, value in stored.items()}
    return QueueConfig(
        account_id=account_id,
        name=name,
        is_fifo=values["fifo"] == "1",
        visibility_timeout=int(values["visibility"]),
        delay=int(values["delay"]),
        retention=int(values["retention"]),
        maximum_message_size=int(values["max_size"]),
        wait_time=int(values["wait"]),
        content_based_deduplication=values["content_dedup"] == "1",
        deduplication_scope=values["dedup_scope"],
        dead_letter_queue=values["dead_letter"],
        maximum_receive_count=int(values["max_receive"]),
    )
