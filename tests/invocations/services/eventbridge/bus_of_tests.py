"""Rules and what they owe, for tests."""

import json
from typing import Any

from invocations import outbox
from invocations.outbox import Delivery
from invocations.resources import event_buses, rules
from invocations.services import eventbridge

ACCOUNT = "111111111111"


def queue(name: str) -> str:
    return f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"


def bus(name: str) -> str:
    return f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/{name}"


def make_bus(name: str) -> None:
    event_buses.create(ACCOUNT, {"Name": name})


def make_rule(name: str, *targets: str | dict[str, Any], bus_name: str = "default", **members: Any) -> None:
    """A rule for every event of source "shop", unless *members* say otherwise. Targets by ARN are named t0, t1 …"""
    pattern = {} if "ScheduleExpression" in members else {"EventPattern": json.dumps({"source": ["shop"]})}
    rules.put(ACCOUNT, {"Name": name, "EventBusName": bus_name, **pattern, **members})
    if targets:
        whole = [{"Id": f"t{number}", "Arn": each} if isinstance(each, str) else each for number, each in enumerate(targets)]
        rules.put_targets(ACCOUNT, name, bus_name, whole)


def entry(**members: Any) -> dict[str, Any]:
    return {"Source": "shop", "DetailType": "order", "Detail": '{"id": 1}', **members}


def put(*entries: dict[str, Any]) -> list[eventbridge.EntryResult]:
    return eventbridge.put_events(ACCOUNT, entries or [entry()])


def owed(target: str, account_id: str = ACCOUNT) -> list[Delivery]:
    """What is owed to a target, the oldest first."""
    return [outbox.read(each.fields) for each in outbox.waiting(account_id, target, 1000)]


def bodies(target: str) -> list[Any]:
    return [json.loads(delivery.body) for delivery in owed(target)]
