"""Replays: an archive's events go over their bus once more, some at a time, for as long as any are left.

How far a replay is stands in Redis and moves on in the same step with what its events owe: whoever takes over after the death
of a process goes on behind the last event.
"""

from datetime import datetime
from typing import Any, Final

from django.db import connection, models
from redis.client import Pipeline
from redis.exceptions import WatchError

from invocations import account_clock, clock, store
from invocations.models import Replay
from invocations.services.eventbridge import archive_store, names
from invocations.services.eventbridge.batch import Batch

KIND: Final = "replay"
AT_ONCE: Final = 50
"""Events of one step."""

STARTING, RUNNING, COMPLETED, CANCELLING, CANCELLED = "STARTING", "RUNNING", "COMPLETED", "CANCELLING", "CANCELLED"
OVER: Final = frozenset({COMPLETED, CANCELLED, "FAILED"})


def start(replay: Replay) -> None:
    """Has the worker begin; to be called after the commit that made the row."""
    now = account_clock.now(replay.account_id)
    with store.connection().pipeline() as transaction:
        _again(transaction, replay, now)
        transaction.execute()


def restore() -> None:
    """Has replays that are not over go on: for the start of a worker whose Redis may be new."""
    for replay in Replay.objects.exclude(state__in=OVER):
        start(replay)


def forget(account_id: str, name: str) -> None:
    """What Redis knows of a replay."""
    client = store.connection()
    client.zrem(store.due_key(account_id), f"{KIND}:{name}")
    client.unlink(_key(account_id, name))


def handle(account_id: str, rest: str, now: float) -> None:
    """Takes the replay *rest* one step further."""
    replay = _row(account_id, rest)
    if replay is None or replay.state in OVER:
        forget(account_id, rest)
    elif replay.state == CANCELLING:
        _end(replay, CANCELLED, None)
    else:
        _step(replay, now)


def _step(replay: Replay, now: float) -> None:
    account_id, key = replay.account_id, _key(replay.account_id, replay.name)
    start, end = replay.event_start_time.timestamp(), replay.event_end_time.timestamp()
    client: Any = store.connection()
    with client.pipeline() as transaction:
        transaction.watch(key)
        known = transaction.hgetall(key)
        after = (float(known[b"last"]), known[b"after"].decode()) if known else None
        found = archive_store.page(account_id, replay.archive_name, start, end, after, AT_ONCE)
        if not found:
            last = known.get(b"last")
            _end(replay, COMPLETED, clock.from_epoch(float(last)) if last else None)
            return
        batch = Batch.of(account_id, now)
        for _, _, event in found:
            batch.put(replay.bus_name, _marked(event, replay.name), [_rule_name(arn) for arn in replay.filter_arns])
        transaction.multi()
        event_id, at, _ = found[-1]
        transaction.hset(key, mapping={"after": event_id, "last": repr(at)})
        _again(transaction, replay, now)
        try:
            batch.commit(transaction)
        except WatchError:
            return  # another process does it
    if replay.state == STARTING:
        _rows(replay).filter(state=STARTING).update(state=RUNNING)


def _again(transaction: Pipeline, replay: Replay, now: float) -> None:
    transaction.zadd(store.due_key(replay.account_id), {f"{KIND}:{replay.name}": now})
    transaction.sadd(store.DUE_ACCOUNTS, replay.account_id)


def _marked(event: dict[str, object], replay_name: str) -> dict[str, object]:
    """The event with its replay's name where AWS puts it: behind the region."""
    marked: dict[str, object] = {}
    for key, value in event.items():
        marked[key] = value
        if key == "region":
            marked["replay-name"] = replay_name
    return marked


def _rule_name(arn: str) -> str:
    found = names.parse(arn, "rule")
    return names.split_rule(found[1])[1] if found else ""


def _end(replay: Replay, state: str, last: datetime | None) -> None:
    """First the row, then what Redis knows: a death between the two only has it ended again."""
    fields = {"state": state, "replay_end_time": clock.from_epoch(account_clock.now(replay.account_id))}
    if last is not None:
        fields["event_last_replayed_time"] = last
    _rows(replay).exclude(state__in=OVER).update(**fields)
    forget(replay.account_id, replay.name)


def _rows(replay: Replay) -> models.QuerySet[Replay]:
    return Replay.objects.of(replay.account_id).filter(pk=replay.pk)


def _row(account_id: str, name: str) -> Replay | None:
    try:
        return Replay.objects.of(account_id).filter(name=name).first()
    finally:
        connection.close_if_unusable_or_obsolete()


def progress(account_id: str, name: str) -> float | None:
    """The time in the event that was replayed last; None before the first."""
    last = store.connection().hget(_key(account_id, name), "last")
    return float(last) if last else None


def _key(account_id: str, name: str) -> str:
    return f"event-replay:{account_id}:{name}"
