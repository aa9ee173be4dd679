"""What became of events: their rows in the database, and their records in a queue."""

import sqlite3
from collections.abc import Iterator
from typing import Any

from playground.supervision.trial import Trial


def database(trial: Trial) -> sqlite3.Connection:
    """To be read only."""
    return sqlite3.connect(f"file:{trial.data_dir / 'playground.sqlite3'}?mode=ro", uri=True, timeout=10)


def ended(trial: Trial, function_name: str) -> int:
    """How many of a function's invocations are over."""
    with database(trial) as opened:
        found = opened.execute("select count(*) from invocations_invocation where function_name = ?", [function_name])
        return int(found.fetchone()[0])


def drained(sqs: Any, queue: str) -> Iterator[dict[str, Any]]:
    """All messages of a queue, each taken out as a consumer would."""
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        yield from messages
        entries = [{"Id": message["MessageId"], "ReceiptHandle": message["ReceiptHandle"]} for message in messages]
        sqs.delete_message_batch(QueueUrl=queue, Entries=entries)
