"""What time brings to queues that nobody asks: messages become available, and move tasks go on after their process died."""

import asyncio
import logging
from typing import Final

import redis

from invocations import account_clock, store
from invocations.errors import AwsError
from invocations.services.sqs import move_tasks, scripts
from invocations.services.sqs.queue_config import ACCOUNTS_KEY, find, text

log = logging.getLogger(__name__)

EVERY_SECONDS: Final = 1.0


async def tend() -> None:
    """Looks after all queues for as long as it runs. Several processes may."""
    while True:
        try:
            await asyncio.to_thread(tend_once)
        except redis.RedisError:
            log.warning("redis does not answer; queues are looked after when it is back")
        await asyncio.sleep(EVERY_SECONDS)


def tend_once() -> None:
    """One look at whatever is due, on each account's clock."""
    client = store.connection()
    for account in client.smembers(ACCOUNTS_KEY):
        account_id = text(account)
        now = account_clock.now(account_id)
        for member in client.zrangebyscore(store.due_key(account_id), "-inf", now):
            kind, _, name = text(member).partition(":")
            if kind == "sqs":
                _tend_queue(account_id, name)
    move_tasks.resume()


def _tend_queue(account_id: str, name: str) -> None:
    try:
        scripts.run("tend", find(account_id, name))
    except AwsError:
        store.connection().zrem(store.due_key(account_id), f"sqs:{name}")  # the queue is gone
