"""What was received on a queue's page and not deleted yet: a page keeps no process, so its receipt handles are in Redis."""

from collections.abc import Sequence

from invocations import store
from invocations.services.sqs import Message

KEPT_SECONDS = 43_200
"""As long as a message can stay in flight."""


def keep(account_id: str, queue_name: str, received: Sequence[Message]) -> None:
    """Notes the handles of what was received."""
    if received:
        key = _key(account_id, queue_name)
        with store.connection().pipeline() as pipeline:
            pipeline.hset(key, mapping={message.message_id: message.receipt_handle for message in received})
            pipeline.expire(key, KEPT_SECONDS)
            pipeline.execute()


def handles(account_id: str, queue_name: str) -> dict[str, str]:
    """Message id -> receipt handle."""
    return {message_id.decode(): handle.decode() for message_id, handle in store.connection().hgetall(_key(account_id, queue_name)).items()}


def forget(account_id: str, queue_name: str, message_ids: Sequence[str]) -> None:
    """Those are deleted, given back or gone."""
    if message_ids:
        store.connection().hdel(_key(account_id, queue_name), *message_ids)


def _key(account_id: str, queue_name: str) -> str:
    return f"page-received:{account_id}:{queue_name}"
