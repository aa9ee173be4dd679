"""What time brings to queues that nobody asks: messages become available."""

from invocations import store
from invocations.errors import AwsError
from invocations.services.sqs import scripts
from invocations.services.sqs.queue_config import find


def tend_queue(account_id: str, name: str, now: float) -> None:
    """Looks after a queue of which something is due; the account's due index says when (kind "sqs")."""
    try:
        scripts.run("tend", find(account_id, name))
    except AwsError:
        store.connection().zrem(store.due_key(account_id), f"sqs:{name}")  # the queue is gone
