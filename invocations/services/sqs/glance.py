"""A look at many queues in one round trip, for pages: nothing is moved by it, and queues at which nobody looks pay nothing for it."""

from collections.abc import Sequence
from typing import Any

from invocations import store
from invocations.services.sqs.calls import Counts
from invocations.services.sqs.queue_config import prefix_of


def counts_of(account_id: str, names: Sequence[str]) -> list[Counts]:
    """How many messages of each queue are in which state, as the queues were last moved (at most a second ago)."""
    answers = _ask(account_id, names, "sent", "inflight", "leased", "delayed")
    return [
        Counts(sent - inflight - leased - delayed, inflight + leased, delayed, None)
        for sent, inflight, leased, delayed in (answers[at : at + 4] for at in range(0, len(answers), 4))
    ]


def pulse(account_id: str, names: Sequence[str]) -> str:
    """A text that differs once messages have come, gone or changed their state, and when the account's clock was set."""
    client = store.connection()
    with client.pipeline(transaction=False) as pipeline:
        pipeline.hmget(store.clock_key(account_id), "rate", "paused", "shown")
        for name in names:
            prefix = prefix_of(account_id, name)
            for part in ("sent", "inflight", "leased", "delayed"):
                pipeline.zcard(prefix + part)
            pipeline.get(prefix + "order")  # counts each time a message becomes available
            pipeline.zrange(prefix + "inflight", -1, -1, withscores=True)
            pipeline.lindex(prefix + "moves", 0)
        return repr(pipeline.execute())


def _ask(account_id: str, names: Sequence[str], *parts: str) -> list[Any]:
    with store.connection().pipeline(transaction=False) as pipeline:
        for name in names:
            for part in parts:
                pipeline.zcard(prefix_of(account_id, name) + part)
        return pipeline.execute()
