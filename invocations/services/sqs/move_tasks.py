"""Message move tasks: from a dead-letter queue back to where its messages came from, or to another queue.

A task's state is in Redis. Whoever runs it holds a lease of real time on it; `resume` takes up what a dead process left.
"""

import base64
import binascii
import json
import logging
import threading
import uuid
from dataclasses import dataclass
from typing import Any, Final

import redis

from invocations import clock, store
from invocations.errors import AwsError
from invocations.services.sqs import scripts
from invocations.services.sqs.calls import counts
from invocations.services.sqs.errors import invalid_parameter, sqs_error
from invocations.services.sqs.queue_config import QueueConfig, find, parse_queue_arn, prefix_of, text

log = logging.getLogger(__name__)

RUNNING, COMPLETED, CANCELLING, CANCELLED, FAILED = "RUNNING", "COMPLETED", "CANCELLING", "CANCELLED", "FAILED"
AT_ONCE: Final = 100
"""Messages moved by one step where no rate is asked for."""
STEPS_PER_SECOND: Final = 10
LEASE_MS: Final = 10_000
CLAIM_MS: Final = 60_000
"""How long a queue counts as being moved from after the last step of its task."""
KEPT_TASKS: Final = 10
ACTIVE_KEY: Final = "sqs-moves-active"
"""Set of "<account> <task id>" of tasks that are not over."""


@dataclass(frozen=True, slots=True)
class MoveTask:
    """One task as ListMessageMoveTasks shows it."""

    task_id: str
    source_arn: str
    destination_arn: str
    """Empty: each message goes back to its own source."""
    maximum_per_second: int
    """0: as fast as can be."""
    status: str
    moved: int
    to_move: int
    started_at: float
    """Epoch seconds."""
    failure_reason: str

    @property
    def handle(self) -> str:
        """The TaskHandle."""
        return base64.b64encode(json.dumps({"taskId": self.task_id, "sourceArn": self.source_arn}).encode()).decode()


def start(account_id: str, source_name: str, destination_arn: str = "", maximum_per_second: int = 0) -> MoveTask:
    """Begins a task and runs it in the background. Raises InvalidParameterValue where one runs on the queue already."""
    source = find(account_id, source_name)
    task_id = str(uuid.uuid4())
    client = store.connection()
    if not client.set(f"{source.prefix}moving", task_id, nx=True, px=CLAIM_MS):
        raise invalid_parameter("There is already a task running. Only one active task is allowed for a source queue arn at a given time.")
    fields: dict[Any, str | int | float] = {
        "source_arn": source.arn,
        "destination_arn": destination_arn,
        "maximum_per_second": maximum_per_second,
        "status": RUNNING,
        "moved": 0,
        "to_move": counts(account_id, source_name).available,
        "started_at": clock.epoch(),
        "failure_reason": "",
    }
    with client.pipeline() as pipeline:
        pipeline.hset(_key(account_id, task_id), mapping=fields)
        pipeline.lpush(f"{source.prefix}moves", task_id)
        pipeline.sadd(ACTIVE_KEY, f"{account_id} {task_id}")
        pipeline.execute()
    for forgotten in client.lrange(f"{source.prefix}moves", KEPT_TASKS, -1):
        client.delete(_key(account_id, text(forgotten)))
    client.ltrim(f"{source.prefix}moves", 0, KEPT_TASKS - 1)
    _run_in_background(account_id, task_id)
    return read(account_id, task_id)


def list_of(account_id: str, source_name: str, limit: int = 1) -> list[MoveTask]:
    """A queue's newest tasks, the newest first."""
    ids = store.connection().lrange(f"{prefix_of(account_id, source_name)}moves", 0, limit - 1)
    return [read(account_id, text(task_id)) for task_id in ids]


def read(account_id: str, task_id: str) -> MoveTask:
    """Raises ResourceNotFoundException."""
    stored = {text(key): text(value) for key, value in store.connection().hgetall(_key(account_id, task_id)).items()}
    if not stored:
        raise sqs_error("ResourceNotFoundException", "Task does not exist.", 404)
    return MoveTask(
        task_id=task_id,
        source_arn=stored["source_arn"],
        destination_arn=stored["destination_arn"],
        maximum_per_second=int(stored["maximum_per_second"]),
        status=stored["status"],
        moved=int(stored["moved"]),
        to_move=int(stored["to_move"]),
        started_at=float(stored["started_at"]),
        failure_reason=stored["failure_reason"],
    )


def read_handle(handle: str) -> tuple[str, str]:
    """(task id, ARN of the source) of a TaskHandle. Raises InvalidParameterValue."""
    try:
        content = json.loads(base64.b64decode(handle, validate=True))
        return str(content["taskId"]), str(content["sourceArn"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise invalid_parameter("Value for parameter TaskHandle is invalid.") from None


def cancel(account_id: str, task_id: str) -> MoveTask:
    """Asks a running task to stop; what it has moved stays moved. Raises ResourceNotFoundException, UnsupportedOperation."""
    task = read(account_id, task_id)
    if task.status != RUNNING:
        raise sqs_error("UnsupportedOperation", f"Only a running task can be cancelled; this one is {task.status}.")
    store.connection().hset(_key(account_id, task_id), "status", CANCELLING)
    return task


def resume() -> None:
    """Takes up the tasks that nobody runs any more."""
    for entry in store.connection().smembers(ACTIVE_KEY):
        account_id, _, task_id = text(entry).partition(" ")
        if not store.connection().exists(_lease_key(account_id, task_id)):
            _run_in_background(account_id, task_id)


def _run_in_background(account_id: str, task_id: str) -> None:
    threading.Thread(target=run, args=(account_id, task_id), name=f"sqs-move-{task_id}", daemon=True).start()


def run(account_id: str, task_id: str) -> None:
    """Runs a task to its end, unless somebody else does."""
    client = store.connection()
    holder = uuid.uuid4().hex
    try:
        if not client.set(_lease_key(account_id, task_id), holder, nx=True, px=LEASE_MS):
            return
        _run(account_id, task_id, holder)
    except redis.RedisError:
        log.warning("move task %s stands still until redis is back", task_id)


def _run(account_id: str, task_id: str, holder: str) -> None:
    client = store.connection()
    pause = threading.Event()
    while True:
        task = read(account_id, task_id)
        name = task.source_arn.rpartition(":")[2]
        if task.status != RUNNING:
            return _end(account_id, task, CANCELLED)
        per_step = max(1, task.maximum_per_second // STEPS_PER_SECOND) if task.maximum_per_second else AT_ONCE
        started = clock.monotonic()
        try:
            moved, outcome = _step(find(account_id, name), task, per_step)
        except AwsError as error:
            return _end(account_id, task, FAILED, error.query_code or error.code)
        except redis.ResponseError:
            log.exception("move task %s failed", task_id)
            return _end(account_id, task, FAILED, "InternalError")
        client.hincrby(_key(account_id, task_id), "moved", moved)
        if outcome == "empty":
            return _end(account_id, task, COMPLETED)
        if outcome != "more":
            return _end(account_id, task, FAILED, outcome)
        if client.get(_lease_key(account_id, task_id)) != holder.encode():
            return None  # somebody took it for dead and goes on with it
        client.pexpire(_lease_key(account_id, task_id), LEASE_MS)
        client.pexpire(f"{prefix_of(account_id, name)}moving", CLAIM_MS)
        if task.maximum_per_second:
            pause.wait(max(0.0, moved / task.maximum_per_second - (clock.monotonic() - started)))


def _step(source: QueueConfig, task: MoveTask, limit: int) -> tuple[int, str]:
    """Moves up to *limit* messages. Returns how many, and "more", "empty" or why the next could not be moved."""
    destination = parse_queue_arn(task.destination_arn)
    target = prefix_of(*destination) if destination else ""
    moved, outcome = scripts.run("move", source, target, *[str(uuid.uuid4()) for _ in range(limit)])
    return int(moved), outcome.decode()


def _end(account_id: str, task: MoveTask, status: str, reason: str = "") -> None:
    source = prefix_of(account_id, task.source_arn.rpartition(":")[2])
    with store.connection().pipeline() as pipeline:
        pipeline.hset(_key(account_id, task.task_id), mapping={"status": status, "failure_reason": reason})
        pipeline.srem(ACTIVE_KEY, f"{account_id} {task.task_id}")
        pipeline.delete(f"{source}moving", _lease_key(account_id, task.task_id))
        pipeline.execute()


def _key(account_id: str, task_id: str) -> str:
    return f"sqs-move:{account_id}:{task_id}"


def _lease_key(account_id: str, task_id: str) -> str:
    return f"sqs-move:{account_id}:{task_id}:runner"
