"""One queued event, as the worker takes it up: try it, decide, and then it is done, waits, or goes to its destinations.

The decision is retry.py's; the try is the service's (attempt.py). What is left here: fetch, ask, act.
"""

import asyncio
from typing import Final

from invocations import account_clock, catalogue, clock, delivery_rights, destinations, event_queue, faults, targets
from invocations.arn import LATEST
from invocations.catalogue import EventInvokeConfigSnapshot, FunctionSnapshot, VersionSnapshot
from invocations.destinations import Sending
from invocations.enums import InvocationState, Station
from invocations.errors import AccessDeniedException, AwsError, ResourceNotFoundException
from invocations.event_queue import QueuedEvent, TakenOver, Tried
from invocations.execution import dispatch
from invocations.news import News
from invocations.outbox import Delivery
from invocations.policies.sentences import refusal
from invocations.retry import Attempt, Condition, Done, GiveUp, NextStep, Retry, Rules, after_attempt, before_attempt
from invocations.route import route

ASK_AGAIN_SECONDS: Final = 0.2
"""Between two looks at whether a service that was away is back."""

KNOW_AGAIN: Final = frozenset({"sqs", "lambda"})
"""Services that take what is sent to them twice as one. For the others, what is owed is stored before it is sent: sent again after
a death it is the same record, in a bucket the same object."""


async def deliver(event: QueuedEvent, news: News) -> None:
    """Brings *event* as far as it comes now. Where another has taken it over meanwhile, nothing changes by this."""
    function = await catalogue.find(event.account_id, event.request.function_name)
    if not event.condition:
        rules = _rules(_config(event, function))
        step: NextStep | None = None
        if event.tried is None:
            event.tried = _without_trying(event, function)
        if event.tried is None:
            asked = await _ask(event, rules)
            if asked is None:
                return
            if isinstance(asked, GiveUp):
                step = asked
            else:
                event = asked
        step = step or await _decide(event, rules)
        if isinstance(step, Retry):
            await _wait(event, step, news)
            return
        await _end_story(event, function, step)
        if any(targets.service_of(owed["arn"]) not in KNOW_AGAIN for owed in event.deliveries) and not await event_queue.keep(event, ()):
            return
    await _send(event, function, news)


async def _decide(event: QueuedEvent, rules: Rules) -> NextStep:
    assert event.tried is not None
    return after_attempt(
        event.tried.attempt,
        runs=event.runs,
        throttles=event.throttles,
        enqueued_at=event.enqueued_at,
        now=await _now(event),
        rules=rules,
    )


def _without_trying(event: QueuedEvent, function: FunctionSnapshot | None) -> Tried | None:
    """What is clear before anything runs."""
    if function is None:
        return Tried(Attempt.REFUSED, 404, ResourceNotFoundException.__name__, f"Function not found: {event.request.function_name}")
    if function.reserved_concurrent_executions == 0:
        return Tried(Attempt.ZERO_RESERVED_CONCURRENCY, 429, "TooManyRequestsException", "Rate Exceeded.")
    return None


async def _ask(event: QueuedEvent, rules: Rules) -> QueuedEvent | GiveUp | None:
    """Has the service try it; the event as it is then, or None where another holds it by now. One that is too old is not tried.

    While the service is away it is waited for, with the event held. A service that failed may have stored what the try came to
    before it could say so: then nothing is tried again. Where it has not, that is no attempt of the function's, and is backed off from.
    """
    while True:
        if (too_old := before_attempt(event.enqueued_at, await _now(event), rules)) is not None:
            return too_old
        try:
            return event_queue.of_fields(event.fields | await dispatch.attempt(event.fields), event)
        except dispatch.ServiceAway:
            await asyncio.sleep(ASK_AGAIN_SECONDS)
            failure = None
        except AwsError as error:
            if error.code == TakenOver.__name__:
                return None
            failure = Tried(Attempt.THROTTLED, error.http_status, error.code, error.message or "")
        found = await event_queue.find_async(event.account_id, event.request_id)
        if found is None or found.holder != event.holder:
            return None
        if found.tried is not None:
            return found
        event = found
        if failure is not None:
            event.throttles += 1
            event.tried = failure
            return event


async def _wait(event: QueuedEvent, step: Retry, news: News) -> None:
    assert event.tried is not None
    now = await _now(event)
    reason, event.tried = event.tried, None
    detail = {"attempt": max(event.runs, 1), "runs": event.runs, "reason": str(reason.attempt), "error_code": reason.error_code}
    event.step(Station.QUEUE, "retry", now, at=step.at, delay_seconds=round(step.at - now, 3), **detail)
    event.row["state"] = str(InvocationState.WAITING_TO_RETRY)
    if await event_queue.wait_until(event, step.at):
        news.tell(event.account_id, event.request_id, event)


async def _end_story(event: QueuedEvent, function: FunctionSnapshot | None, step: Done | GiveUp) -> None:
    condition = Condition.SUCCESS if isinstance(step, Done) else step.condition
    now = await _now(event)
    event.condition = event.row["condition"] = str(condition)
    event.step(Station.QUEUE, "done" if isinstance(step, Done) else "gave up", now, condition=str(condition), runs=event.runs)
    if event.tried is not None and event.tried.attempt is not Attempt.SUCCEEDED and event.tried.attempt is not Attempt.FUNCTION_ERROR:
        event.row |= {"error_code": event.tried.error_code, "error_message": event.tried.error_message}
    version = _version(event, function)
    dead_letter_arn, role_arn = (version.dead_letter_target_arn, version.role) if version else ("", "")
    owed = destinations.sendings(event, _config(event, function), dead_letter_arn, condition, now, role_arn)
    event.deliveries = [sending.as_json() for sending in owed]


async def _send(event: QueuedEvent, function: FunctionSnapshot | None, news: News) -> None:
    """Makes the deliveries that are owed; the event is over when none is left.

    What became of one is stored before the next is made: whatever happens to that one, the first is not made again.
    """
    left: list[Sending] = []
    owed = [Sending.from_json(fields) for fields in event.deliveries]
    for number, sending in enumerate(owed, 1):
        if not await _is_settled(event, function, sending):
            left.append(sending)
        event.deliveries = [each.as_json() for each in [*left, *owed[number:]]]
        if number < len(owed) and not await event_queue.keep(event, ()):
            return
    if left:
        due = await _now(event) + destinations.WAITS[min(sending.failures for sending in left) - 1]
        is_ours = await event_queue.wait_until(event, due)
    else:
        event.row |= {"state": str(_final_state(event)), "ended_at": clock.epoch()}
        is_ours = await event_queue.finish(event)
    if is_ours:
        news.tell(event.account_id, event.request_id, event)


async def _is_settled(event: QueuedEvent, function: FunctionSnapshot | None, sending: Sending) -> bool:
    """Sends it; whether it needs no further try."""
    what = {"kind": str(sending.kind), "arn": sending.arn, "record": sending.body, "tries": sending.failures + 1}
    if "message_attributes" in sending.detail:
        what["attributes"] = {name: value["StringValue"] for name, value in sending.detail["message_attributes"].items()}
    try:
        delivery = sending.delivery(event)
        await _meet_faults(function, delivery)
        message_id = await targets.send(delivery)
    except AwsError as error:
        sending.failures += 1
        # Who may not send may not in a moment either; a fault may be over by then.
        is_denied = error.code == AccessDeniedException.__name__ and not error.detail.get("injected")
        is_over = sending.failures >= destinations.TRIES or is_denied
        problem = {**targets.problem_of(error), **error.detail}
        event.step(Station.DESTINATION, "failed" if is_over else "retry", await _now(event), **what, **problem)
        return is_over
    event.step(Station.DESTINATION, "delivered", await _now(event), **what, message_id=message_id)
    return True


async def _meet_faults(function: FunctionSnapshot | None, delivery: Delivery) -> None:
    """Raises AccessDeniedException where a fault of *function* is to refuse the delivery."""
    if function is None or not function.faults:
        return
    sending = delivery_rights.sendings_of(delivery)[0]
    told = refusal(sending.principal, sending.action, sending.resource or sending.target_arn, "identity-based policy", is_explicit=False)
    denial = (await faults.draw(function.account_id, function.faults, faults.DELIVERING)).denial(told)
    if denial is not None:
        raise denial


def _final_state(event: QueuedEvent) -> InvocationState:
    match Condition(event.condition):
        case Condition.SUCCESS:
            return InvocationState.SUCCEEDED if event.runs == 1 else InvocationState.SUCCEEDED_AFTER_RETRIES
        case Condition.RETRIES_EXHAUSTED:
            last = next((step for step in reversed(event.row["steps"]) if step["station"] == Station.RUN), None)
            return InvocationState.TIMED_OUT if last and last["outcome"] == "timeout" else InvocationState.FUNCTION_ERROR
        case Condition.EVENT_AGE_EXCEEDED:
            return InvocationState.EXPIRED
        case Condition.ZERO_RESERVED_CONCURRENCY:
            return InvocationState.THROTTLED
        case Condition.RECURSIVE_LOOP | Condition.FUNCTION_DELETED:
            return InvocationState.REJECTED


def _config(event: QueuedEvent, function: FunctionSnapshot | None) -> EventInvokeConfigSnapshot | None:
    """The configuration of the qualifier that was invoked, as it is now."""
    return function.event_invoke_configs.get(event.request.qualifier or LATEST) if function else None


def _rules(config: EventInvokeConfigSnapshot | None) -> Rules:
    rules = Rules()
    if config is None:
        return rules
    attempts, age = config.maximum_retry_attempts, config.maximum_event_age_in_seconds
    return Rules(rules.maximum_retry_attempts if attempts is None else attempts, rules.maximum_event_age_seconds if age is None else age)


def _version(event: QueuedEvent, function: FunctionSnapshot | None) -> VersionSnapshot | None:
    """The version that ran last, or would run now, or else $LATEST: its dead-letter queue and its execution role count."""
    if function is None:
        return None
    version = function.versions.get(event.row["executed_version"])
    try:
        return version or route(function, event.request.qualifier, draw=0.0).version
    except ResourceNotFoundException:
        return function.versions.get(LATEST)


async def _now(event: QueuedEvent) -> float:
    return (await account_clock.known(event.account_id)).at(clock.epoch())
