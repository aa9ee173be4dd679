"""Celery's way in. Its messages are wake-ups: what is to be done stands in Redis, and is found without them a moment later."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from invocations import background

log = logging.getLogger(__name__)


@shared_task(name="invocations.wake", ignore_result=True, expires=10)
def wake(account_id: str) -> None:
    """Something was put into an account's queues; Celery's message says so to one worker."""
    background.wake(account_id)


def send_wake(account_id: str) -> None:
    """Sends that message. One that cannot be sent is no loss: the worker looks by itself every quarter of a second."""
    try:
        wake.delay(account_id)
    except OperationalError as error:
        log.warning("no worker could be woken: %s", error)
