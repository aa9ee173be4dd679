"""Looking at queues and their messages, for pages: nothing is received by it, and a queue at which nobody looks pays nothing for it."""

from collections.abc import Sequence
from typing import Any

from invocations import store
from invocations.services.sqs import messages, scripts
from invocations.services.sqs.calls import Counts
from invocations.services.sqs.messages import Message
from invocations.services.sqs.queue_config import find, prefix_of


def peek(account_id: str, queue_name: str, limit: int = 50, offset: int = 0, enough_bytes: int = 1 << 40) -> list[Message]:
    """Up to *limit* messages, the oldest first, in whatever state; no more once there are *enough_bytes*. Raises QueueDoesNotExist."""
    return _peek(account_id, queue_name, "from", offset, limit, enough_bytes)


def look_at(account_id: str, queue_name: str, message_ids: Sequence[str]) -> list[Message]:
    """Those of the messages that are still in the queue, in whatever state. Raises QueueDoesNotExist."""
    return _peek(account_id, queue_name, "these", *message_ids) if message_ids else []


def counts_of(account_id: str, names: Sequence[str]) -> list[Counts]:
    """How many messages of each queue are in which state, as the queues were last moved (at most a second ago). One round trip."""
    parts = ("sent", "inflight", "leased", "delayed")
    with store.connection().pipeline(transaction=False) as pipeline:
        for name in names:
            for part in parts:
                pipeline.zcard(prefix_of(account_id, name) + part)
        answers = pipeline.execute()
    return [
        Counts(sent - inflight - leased - delayed, inflight + leased, delayed, None)
        for sent, inflight, leased, delayed in (answers[at : at + len(parts)] for at in range(0, len(answers), len(parts)))
    ]


def pulse(account_id: str, names: Sequence[str]) -> str:
    """A text that differs once messages have come, gone or changed their state, and when the account's clock was set. One round trip."""
    with store.connection().pipeline(transaction=False) as pipeline:
        pipeline.hmget(store.clock_key(account_id), "rate", "paused", "shown")
        for name in names:
            prefix = prefix_of(account_id, name)
            for part in ("sent", "inflight", "leased", "delayed"):
                pipeline.zcard(prefix + part)
            pipeline.get(prefix + "order")  # counts each time a message becomes available
            pipeline.zrange(prefix + "inflight", -1, -1, withscores=True)
            pipeline.lindex(prefix + "moves", 0)
            pipeline.exists(prefix + "moving")
        return repr(pipeline.execute())


def _peek(account_id: str, queue_name: str, *which: Any) -> list[Message]:
    found = scripts.run("peek", find(account_id, queue_name), *which)
    return [
        messages.unpack(
            message_id.decode(),
            content,
            receive_count=count,
            first_received=float(first) if first else None,
            sent=float(sent),
            group=group.decode(),
            sequence=sequence.decode(),
            source_arn=source.decode(),
            state=state.decode(),
            until=float(until) if until else None,
        )
        for message_id, content, count, first, sent, group, sequence, source, state, until in found
    ]
