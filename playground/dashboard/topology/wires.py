"""The wires of an account, read from its rows alone. An end of one is an ARN (a function's without qualifier), or protocol and address."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from invocations.arn import LATEST, function_arn, parse_function_name
from invocations.models import EventInvokeConfig, FunctionVersion, Queue, Rule, Schedule, Subscription
from invocations.region import REGION
from invocations.services import sns, sqs
from invocations.services.eventbridge.names import bus_arn
from invocations.services.scheduler.names import schedule_arn
from playground.dashboard.queue_forms import dead_letter_queue_of

DEAD_LETTERS = "dead letters"
_ARN_PROTOCOLS = ("sqs", "lambda")
"""Subscriptions of these name an ARN."""


@dataclass(frozen=True, slots=True)
class Wire:
    """Something goes from one place to another."""

    source: str
    target: str
    label: str
    """What goes there, or when."""


@dataclass(frozen=True, slots=True)
class Rows:
    """All that says what is wired."""

    configs: Sequence[EventInvokeConfig] = ()
    """With their functions."""
    versions: Sequence[FunctionVersion] = ()
    """Those with a dead-letter queue, with their functions."""
    queues: Sequence[Queue] = ()
    subscriptions: Sequence[Subscription] = ()
    """With their topics."""
    rules: Sequence[Rule] = ()
    schedules: Sequence[Schedule] = ()


def wires(rows: Rows) -> list[Wire]:
    """In the order of the rows."""
    return [
        *(wire for config in rows.configs for wire in _of_config(config)),
        *_of_versions(rows.versions),
        *(wire for queue in rows.queues for wire in _of_queue(queue)),
        *(wire for subscription in rows.subscriptions for wire in _of_subscription(subscription)),
        *(wire for rule in rows.rules for wire in _of_rule(rule)),
        *(wire for schedule in rows.schedules for wire in _of_schedule(schedule)),
    ]


def _wire(source: str, target: str, label: str) -> Wire:
    """The qualifier of a function that is called goes into the label."""
    reference = parse_function_name(target) if ":function:" in target else None
    if reference is not None and reference.qualifier:
        return Wire(source, target.removesuffix(f":{reference.qualifier}"), f"{label}, to :{reference.qualifier}")
    return Wire(source, target, label)


def _of_config(config: EventInvokeConfig) -> Iterator[Wire]:
    source = function_arn(config.function.account_id, REGION, config.function.name)
    for label, target in (("OnSuccess", config.on_success), ("OnFailure", config.on_failure)):
        if target:
            yield _wire(source, target, label if config.qualifier == LATEST else f"{label} of :{config.qualifier}")


def _of_versions(versions: Iterable[FunctionVersion]) -> Iterator[Wire]:
    """A published version's own dead-letter queue counts where it is not that of $LATEST."""
    latest = {row.function_id: row.dead_letter_target_arn for row in versions if row.version == LATEST}
    for row in versions:
        is_latest = row.version == LATEST
        if row.dead_letter_target_arn and (is_latest or row.dead_letter_target_arn != latest.get(row.function_id)):
            source = function_arn(row.function.account_id, REGION, row.function.name)
            yield Wire(source, row.dead_letter_target_arn, DEAD_LETTERS if is_latest else f"{DEAD_LETTERS} of :{row.version}")


def _of_queue(queue: Queue) -> Iterator[Wire]:
    name, receives = dead_letter_queue_of(queue.attributes)
    if name:
        target = json.loads(queue.attributes["RedrivePolicy"])["deadLetterTargetArn"]
        label = f"{DEAD_LETTERS}, after {receives} receive{'s' if receives > 1 else ''}"
        yield Wire(sqs.queue_arn(queue.account_id, queue.name), target, label)


def _of_subscription(subscription: Subscription) -> Iterator[Wire]:
    source = sns.topic_arn(subscription.topic.account_id, subscription.topic.name)
    is_arn = subscription.protocol in _ARN_PROTOCOLS
    told = "filtered " if subscription.attributes.get("FilterPolicy", "{}") != "{}" else ""
    label = f"{told}subscription{', unconfirmed' if subscription.pending_confirmation else ''}"
    yield _wire(source, subscription.endpoint if is_arn else f"{subscription.protocol} {subscription.endpoint}", label)
    dead = json.loads(subscription.attributes.get("RedrivePolicy") or "{}").get("deadLetterTargetArn")
    if dead:
        yield Wire(source, dead, DEAD_LETTERS)


def _of_rule(rule: Rule) -> Iterator[Wire]:
    label = f"rule {rule.name}{', disabled' if rule.state == 'DISABLED' else ''}"
    for target in rule.targets:
        yield from _of_target(bus_arn(rule.account_id, rule.bus_name), target, label)


def _of_schedule(schedule: Schedule) -> Iterator[Wire]:
    label = f"{schedule.schedule_expression}{', disabled' if schedule.state == 'DISABLED' else ''}"
    yield from _of_target(schedule_arn(schedule.account_id, schedule.group_name, schedule.name), schedule.target, label)


def _of_target(source: str, target: Mapping[str, Any], label: str) -> Iterator[Wire]:
    yield _wire(source, target["Arn"], label)
    dead = target.get("DeadLetterConfig", {}).get("Arn")
    if dead:
        yield Wire(source, dead, f"{DEAD_LETTERS} of {label}" if label.startswith("rule ") else DEAD_LETTERS)
