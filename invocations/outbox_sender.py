"""Sends what services owe: one delivery, once; what fails is tried again by its rule, and at last given to its dead-letter queue."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from invocations import account_clock, catalogue, clock, fast_json, faults, outbox, store, targets
from invocations.arn import parse_function_name
from invocations.due_queue import Claimed, Fate
from invocations.errors import AwsError
from invocations.outbox import Delivery
from invocations.retry_schedules import delay
from invocations.services import eventbridge, scheduler, sns

KEPT_FAILURES = 200
"""Deliveries of an account that were given up, kept for its pages."""


async def send_one(claimed: Claimed) -> None:
    """Brings a claimed delivery as far as it comes now."""
    delivery = outbox.read(claimed.fields)
    if delivery.source == "scheduler":
        delivery.body = scheduler.of_attempt(delivery.body, int(claimed.fields["attempts"]) + 1)
    try:
        await _meet_faults(delivery)
        await targets.send(delivery)
    except AwsError as error:
        await _failed(claimed, delivery, error)
    else:
        await _tell(delivery, sns.Fate.DELIVERED)
        await outbox.QUEUE.settle(claimed.account_id, claimed.item_id, claimed.holder, Fate.GONE)


async def _meet_faults(delivery: Delivery) -> None:
    """Raises ServiceException where a fault of the function that is to be triggered keeps the source from it."""
    reference = parse_function_name(delivery.target) if targets.service_of(delivery.target) == "lambda" else None
    if reference is None:
        return
    function = await catalogue.find(reference.account_id or delivery.account_id, reference.name)
    if function is not None and function.faults:
        error = (await faults.draw(function.account_id, function.faults, faults.TRIGGERING)).refusal
        if error is not None:
            raise error


async def _failed(claimed: Claimed, delivery: Delivery, error: AwsError) -> None:
    failures = int(claimed.fields["attempts"]) + 1
    now = (await account_clock.known(delivery.account_id)).at(clock.epoch())
    due = now + delay(delivery.retry.schedule, delivery.retry.delays, failures, random.random())
    put_at = float(claimed.fields["put_at"])
    is_refusal = error.http_status < 500 and error.http_status != 429
    exhausted = _exhausted(delivery, failures, due - put_at)
    if not is_refusal and not exhausted:
        await _tell(delivery, sns.Fate.WAITING_TO_RETRY, _reason(error))
        problem = {**targets.problem_of(error), **error.detail}
        fields: dict[str, Any] = {"attempts": failures, "problem": fast_json.dumps(problem)}
        await outbox.QUEUE.settle(claimed.account_id, claimed.item_id, claimed.holder, Fate.WAIT, due=due, fields=fields)
        return
    fate = sns.Fate.DROPPED
    if delivery.dead_letter_arn:
        try:
            await targets.send(_dead_letter(delivery, error, failures, "" if is_refusal else exhausted))
            fate = sns.Fate.DEAD_LETTERED
        except AwsError as second:
            error = second
    await _tell(delivery, fate, _reason(error))
    await _give_up(claimed, delivery, failures, error)


def _reason(error: AwsError) -> str:
    told = error.message or error.code
    return f"{told} Injected: a fault of this account ({error.detail['fault']})." if error.detail.get("injected") else told


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


@dataclass(frozen=True, slots=True)
class Retried:
    """A delivery that failed and waits to be tried again."""

    target: str
    failures: int
    due: float | None
    """Epoch seconds on the account's clock; None while it is being tried."""
    problem: dict[str, Any]
    """error_code and error_message of the last try, with the marks of a fault."""


def retried(account_id: str, origin: str, target_arns: Iterable[str]) -> list[Retried]:
    """Of one topic, rule or schedule, by its ARN: what is to be tried again, the oldest first."""
    found = []
    for item in (each for arn in dict.fromkeys(target_arns) for each in outbox.waiting(account_id, arn)):
        delivery, failures = outbox.read(item.fields), int(item.fields["attempts"])
        if failures and delivery.origin == origin:
            found.append(Retried(delivery.target, failures, item.due, fast_json.loads(item.fields["problem"])))
    return found


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
