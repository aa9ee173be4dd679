"""A look at buses for pages: nothing is changed by it."""

from typing import Any

from invocations import store
from invocations.services.eventbridge.directory import token_key
from invocations.services.eventbridge.recent import key


def pulse(account_id: str, name: str) -> str:
    """A text that differs once events have come to a bus, a rule has fired, or anything of the account's buses was changed."""
    client: Any = store.connection()
    with client.pipeline(transaction=False) as pipeline:
        pipeline.hmget(store.clock_key(account_id), "rate", "paused", "shown")
        pipeline.get(token_key(account_id))
        if name:
            pipeline.xrevrange(key(account_id, name), count=1)
            pipeline.zrange(store.due_key(account_id), 0, 20, withscores=True)
        clock, token, *others = pipeline.execute()
    newest = others[0][0][0] if others and others[0] else ""
    due = [pair for pair in (others[1] if others else []) if pair[0].startswith((b"rule:", b"replay:"))]
    return repr((clock, token, newest, due))
