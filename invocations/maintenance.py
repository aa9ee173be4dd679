"""What is done now and then so that the database and the disk do not grow for ever. One worker does it, over all hosts."""

import logging
import threading
from collections.abc import Callable

import redis
from django.db import DatabaseError, connection

from invocations import clock, code_store, journal_writer, store
from invocations.models import FunctionVersion, LayerVersion
from invocations.resources import buckets, log_groups, subscriptions, trail_events
from invocations.services import s3

log = logging.getLogger(__name__)

ROUND = "maintenance:round"
"""Redis key that the worker sets which does this round; it runs out when the next is due."""
EVERY_SECONDS = 600
LOOK_SECONDS = 15.0
"""Between two looks of a worker at whether a round is due."""


def run_if_due() -> bool:
    """Does a round unless one was begun, by whichever worker, in the last ten minutes. Returns whether it did."""
    if not store.connection().set(ROUND, "begun", nx=True, ex=EVERY_SECONDS):
        return False
    run()
    return True


def run() -> None:
    """One round: old log events, invocations and trail events; subscriptions nobody confirmed; code and bytes nobody refers to."""
    log_groups.expire()
    journal_writer.prune()
    trail_events.expire()
    subscriptions.expire()
    code_store.sweep(referenced_code())
    s3.blobs.sweep(buckets.referenced_blobs, clock.epoch())


def referenced_code() -> set[str]:
    """CodeSha256 of every version, and of every layer version that is listed or in use: a deleted one stays with its functions."""
    versions = FunctionVersion.objects.values_list("code_sha256", "layers")
    used = {arn for _, layers in versions for arn in layers}
    layers = [layer for layer in LayerVersion.objects.all() if not layer.is_deleted or layer.arn in used]
    return {code for code, _ in versions} | {layer.code_sha256 for layer in layers}


def in_thread() -> Callable[[], None]:
    """Starts the rounds in a thread of this process; the answer ends them, after one under way."""
    stop = threading.Event()

    def keep_up() -> None:
        while not stop.wait(LOOK_SECONDS):
            try:
                run_if_due()
            except (redis.RedisError, DatabaseError, OSError) as error:
                log.warning("maintenance is put off: %s", error)
            finally:
                connection.close()

    thread = threading.Thread(target=keep_up, name="maintenance", daemon=True)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join(timeout=5)

    return end
