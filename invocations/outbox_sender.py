"""Sends what services owe: one delivery, once; what fails is tried again by its rule, and at last given to its dead-letter queue."""

import random
from typing import Any, cast

from invocations import account_clock, clock, fast_json, outbox, store, targets
from invocations.due_queue import Claimed, Fate
from invocations.errors import AwsError
from invocations.outbox import Delivery
from invocations.retry_schedules import delay
from invocations.services import eventbridge, sns

KEPT_FAILURES = 200
"""Deliveries of an account that were given up, kept for its pages."""


async def send_one(claimed: Claimed) -> None:
    """Brings a claimed delivery as far as it comes now."""
    delivery = outbox.read(claimed.fields)
    try:
        await targets.send(delivery)
    except AwsError as error:
        await _failed(claimed, delivery, error)
    else:
        await _tell(delivery, sns.Fate.DELIVERED)
        await outbox.QUEUE.settle(claimed.account_id, claimed.item_id, claimed.holder, Fate.GONE)


async def _failed(claimed: Claimed, delivery: Delivery, error: AwsError) -> None:
    failures = int(claimed.fields["attempts"]) + 1
    now = (await account_clock.known(delivery.account_id)).at(clock.epoch())
    due = now + delay(delivery.retry.schedule, delivery.retry.delays, failures, random.random())
    put_at = float(claimed.fields["put_at"])
    is_refusal = error.http_status < 500 and error.http_status != 429
    exhausted = _exhausted(delivery, failures, due - put_at)
    if not is_refusal and not exhausted:
        await _tell(delivery, sns.Fate.WAITING_TO_RETRY, error.message or error.code)
        fields: dict[str, Any] = {"attempts": failures, "problem": fast_json.dumps(targets.problem_of(error))}
        await outbox.QUEUE.settle(claimed.account_id, claimed.item_id, claimed.holder, Fate.WAIT, due=due, fields=fields)
        return
    fate = sns.Fate.DROPPED
    if delivery.dead_letter_arn:
        try:
            await targets.send(_dead_letter(delivery, error, failures, "" if is_refusal else exhausted))
            fate = sns.Fate.DEAD_LETTERED
        except AwsError as second:
            error = second
    await _tell(delivery, fate, error.message or error.code)
    await _give_up(claimed, delivery, failures, error)


async def _tell(delivery: Delivery, fate: sns.Fate, reason: str = "") -> None:
    """Tells the topic what became of its message, for those who ask who got what."""
    if delivery.source == "sns":
        await sns.note_outcome(delivery.account_id, delivery.origin.rpartition(":")[2], delivery.delivery_id, fate, reason)


async def _give_up(claimed: Claimed, delivery: Delivery, failures: int, error: AwsError) -> None:
    failure = {
        "target": delivery.target,
        "source": delivery.source,
        "origin": delivery.origin,
        "body": delivery.body[:4096],
        "failures": failures,
        "dead_letter_arn": delivery.dead_letter_arn,
        "at": clock.epoch(),
        **targets.problem_of(error),
        **error.detail,
    }
    key = failures_key(delivery.account_id)
    async with store.async_connection().pipeline() as pipeline:
        pipeline.lpush(key, fast_json.dumps(failure))
        pipeline.ltrim(key, 0, KEPT_FAILURES - 1)
        await pipeline.execute()
    await outbox.QUEUE.settle(claimed.account_id, claimed.item_id, claimed.holder, Fate.GONE)


def failures_key(account_id: str) -> str:
    """List, newest first: what could not be delivered."""
    return f"outbox-failures:{account_id}"


def failures(account_id: str, origin: str = "") -> list[dict[str, Any]]:
    """Deliveries that were given up, newest first; those of one topic, rule or schedule by its ARN."""
    kept = cast("list[bytes]", store.connection().lrange(failures_key(account_id), 0, -1))
    found = [fast_json.loads(each) for each in kept]
    return [each for each in found if not origin or each["origin"] == origin]


def _exhausted(delivery: Delivery, failures: int, age: float) -> str:
    """Which bound of its retry rule one more try would break; empty for none."""
    if failures > delivery.retry.maximum_retry_attempts:
        return "MaximumRetryAttempts"
    return "MaximumEventAgeInSeconds" if age > delivery.retry.maximum_age_seconds else ""


def _dead_letter(delivery: Delivery, error: AwsError, failures: int, exhausted: str) -> Delivery:
    attributes = dict(delivery.dead_letter_attributes)
    if delivery.source != "sns":  # whose dead letters do not say why, as recorded
        attributes["ERROR_CODE"] = _text(eventbridge.error_code(error) if delivery.source == "events" else error.code)
        attributes["ERROR_MESSAGE"] = _text((error.message or error.code)[:1024])
    if delivery.source in ("events", "scheduler"):
        attributes["RETRY_ATTEMPTS"] = _text(str(failures - 1))
        if exhausted:
            attributes["EXHAUSTED_RETRY_CONDITION"] = _text(exhausted)
    return Delivery(
        delivery.account_id,
        delivery.dead_letter_arn,
        delivery.dead_letter_body or delivery.body,
        delivery.source,
        delivery.origin,
        delivery.role_arn if delivery.source == "scheduler" else "",  # the policy of a rule's dead-letter queue decides, whatever its role
        detail={"message_attributes": attributes, "message_group_id": delivery.detail.get("message_group_id", "")},
        trace_id=delivery.trace_id,
    )


def _text(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}
