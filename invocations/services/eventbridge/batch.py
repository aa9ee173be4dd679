"""Events on their way over buses: which rules match, who is owed what, what is archived; then all of it stored in one step."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from redis.client import Pipeline

from invocations import account_clock, clock, outbox, readable_json, store
from invocations.outbox import Delivery, RetryRule
from invocations.region import REGION
from invocations.services.eventbridge import archive_store, directory, names, recent, transform
from invocations.services.eventbridge.directory import BusConfig, RuleConfig
from invocations.services.eventbridge.transform import Origin
from invocations.values import Members

MOST_PASSAGES: Final = 500
"""Of one batch: where buses pass events on to each other in many ways, the rest is not passed on."""


@dataclass(frozen=True, slots=True)
class _Passage:
    """One event on one bus."""

    bus: BusConfig
    event: dict[str, Any]
    text: str
    rules: list[str]
    archives: list[str]
    came_from: str


@dataclass(slots=True)
class Batch:
    """Events that are stored together, with everything that follows from them."""

    account_id: str
    """Whose buses they are on."""
    now: float
    """What that account's clock shows."""
    trace_id: str = ""
    parent_request_id: str = ""
    buses: directory.Directory = field(default_factory=dict)
    deliveries: list[Delivery] = field(default_factory=list)
    _passages: list[_Passage] = field(default_factory=list)

    @classmethod
    def of(cls, account_id: str, now: float | None = None, **options: Any) -> "Batch":
        """An empty one of the account, with its buses as they are."""
        now = account_clock.now(account_id) if now is None else now
        return cls(account_id, now, buses=directory.of(account_id), **options)

    def put(self, bus_name: str, event: dict[str, Any], only_rules: Collection[str] = (), trace_id: str = "") -> None:
        """Puts an event on a bus of the account, if there is one of that name; *only_rules* are names, empty for all."""
        if bus_name in self.buses:
            self._pass(self.buses[bus_name], event, only_rules, trace_id or self.trace_id, ())

    def deliver(self, rule: RuleConfig, event: dict[str, Any], trace_id: str = "") -> None:
        """Owes an event to a rule's targets."""
        self._deliver(rule, event, transform.as_text(event), trace_id or self.trace_id, (rule.bus_name,))

    def _pass(self, bus: BusConfig, event: dict[str, Any], only_rules: Collection[str], trace_id: str, way: tuple[str, ...]) -> None:
        """*way*: the buses that it came over. No event is on the same bus twice, so that loops of buses end."""
        text = transform.as_text(event)
        matched = [name for name in bus.index.matching(event) if not only_rules or name in only_rules]
        # A replay is not archived again: AWS's archives have a rule of their own that excludes what is replayed.
        archives = [] if "replay-name" in event else [*bus.whole_archives, *bus.archives.matching(event)]
        self._passages.append(_Passage(bus, event, text, matched, archives, way[-1] if way else ""))
        for name in matched:
            self._deliver(bus.rules[name], event, text, trace_id, (*way, bus.name))

    def _deliver(self, rule: RuleConfig, event: dict[str, Any], text: str, trace_id: str, way: tuple[str, ...]) -> None:
        for target in rule.targets:
            found = names.parse(target["Arn"], "event-bus")
            if found is not None and found[0] == self.account_id and found[1] in self.buses:
                if found[1] not in way and len(self._passages) < MOST_PASSAGES:
                    self._pass(self.buses[found[1]], event, (), trace_id, way)
                continue
            body = transform.payload(target, event, text, self._origin(rule))
            self.deliveries.append(delivery(rule, target, body, trace_id, self.parent_request_id))

    def _origin(self, rule: RuleConfig) -> Origin:
        return Origin(rule.arn, rule.name, clock.iso_millis(clock.from_epoch(self.now)))

    def commit(self, transaction: Pipeline | None = None) -> None:
        """Durable when it returns. *transaction*: the caller's, with commands of its own that are part of the step."""
        if transaction is not None:
            self._commit(transaction)
        elif self._passages or self.deliveries:
            with store.connection().pipeline() as own:
                self._commit(own)
        for name, days in self._archives().items():
            archive_store.trim(self.account_id, name, days, self.now)

    def _commit(self, transaction: Pipeline) -> None:
        kept: set[tuple[str, str]] = set()
        for each in self._passages:
            passed: dict[str, Any] = {
                "rules": each.rules,
                "at": self.now,
                "came_from": each.came_from,
                "parent_request_id": self.parent_request_id,
            }
            recent.add(transaction, self.account_id, each.bus.name, each.event, each.text, **passed)
            for name in each.archives:
                if (name, each.event["id"]) not in kept:
                    kept.add((name, each.event["id"]))
                    archive_store.add(transaction, self.account_id, name, each.event["id"], each.text, epoch_of(each.event, self.now))
        outbox.put_within(transaction, self.deliveries)

    def _archives(self) -> dict[str, int]:
        return {name: each.bus.retention_days[name] for each in self._passages for name in each.archives}


def new_event(
    account_id: str,
    *,
    source: str,
    detail_type: str,
    detail: Mapping[str, Any],
    time: float,
    resources: Iterable[str] = (),
) -> dict[str, Any]:
    """An event with an id of its own, its fields in AWS's order; *time* is epoch seconds."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": account_id,
        "time": time_of(time),
        "region": REGION,
        "resources": list(resources),
        "detail": detail,
    }


def delivery(rule: RuleConfig, target: Members, body: str, trace_id: str, parent_request_id: str) -> Delivery:
    """What a rule owes to one of its targets."""
    policy = target.get("RetryPolicy", {})
    group = target.get("SqsParameters", {}).get("MessageGroupId")
    return Delivery(
        account_id=rule.account_id,
        target=target["Arn"],
        body=body,
        source="events",
        origin=rule.arn,
        role_arn=target.get("RoleArn", ""),
        detail={"message_group_id": group} if group else {},
        trace_id=trace_id,
        parent_request_id=parent_request_id,
        retry=RetryRule("events", policy.get("MaximumRetryAttempts", 185), policy.get("MaximumEventAgeInSeconds", 86_400)),
        dead_letter_arn=target.get("DeadLetterConfig", {}).get("Arn", ""),
        dead_letter_attributes={"RULE_ARN": _text(rule.arn), "TARGET_ARN": _text(target["Arn"])},
    )


def _text(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}


def time_of(epoch: float) -> str:
    """2025-11-24T22:13:46Z, as an event's time is written."""
    return clock.from_epoch(epoch).strftime("%Y-%m-%dT%H:%M:%SZ")


def epoch_of(event: Mapping[str, Any], now: float) -> float:
    """The time in an event in epoch seconds; *now* where it has none that can be read, as what another account's rule made of one."""
    try:
        return datetime.fromisoformat(event["time"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return now


def read_detail(text: str) -> dict[str, Any] | None:
    """An entry's Detail, or None where it is no JSON object, or has a number in it that would come out as Infinity."""
    try:
        detail = readable_json.loads(text)
    except (ValueError, RecursionError):
        return None
    return detail if isinstance(detail, dict) else None
