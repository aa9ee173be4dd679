"""EventBridge: buses, their permissions, and tags of buses and rules."""

import json
from collections.abc import Collection
from typing import Any

from invocations.models import EventBus
from invocations.resources import event_buses, rules
from invocations.services.eventbridge import names
from invocations.services.eventbridge.errors import invalid_parameter
from playground.endpoint.registry import Call, operation

Answer = dict[str, Any]


@operation("events", "CreateEventBus")
def create_event_bus(call: Call) -> Answer:
    """A bus."""
    bus = event_buses.create(call.principal.account_id, call.input)
    return {"EventBusArn": names.bus_arn(bus.account_id, bus.name), **_options(bus)}


@operation("events", "DescribeEventBus")
def describe_event_bus(call: Call) -> Answer:
    """All of a bus."""
    account_id = call.principal.account_id
    bus = event_buses.get(account_id, event_buses.name_of(account_id, call.input.get("Name")))
    return _summary(bus) | _options(bus)


@operation("events", "UpdateEventBus")
def update_event_bus(call: Call) -> Answer:
    """What is given is changed."""
    bus = event_buses.update(call.principal.account_id, call.input)
    return {"Arn": names.bus_arn(bus.account_id, bus.name), "Name": bus.name, **_options(bus)}


@operation("events", "DeleteEventBus")
def delete_event_bus(call: Call) -> Answer:
    """Gone, if it has no rules."""
    event_buses.delete(call.principal.account_id, call.input["Name"])
    return {}


@operation("events", "ListEventBuses")
def list_event_buses(call: Call) -> Answer:
    """The account's buses, by pages."""
    given = call.input
    found, token = event_buses.list_all(
        call.principal.account_id, given.get("NamePrefix", ""), given.get("Limit"), given.get("NextToken", "")
    )
    return {"EventBuses": [_summary(bus) for bus in found], "NextToken": token}


@operation("events", "PutPermission")
def put_permission(call: Call) -> Answer:
    """Another account may put events, or a whole policy."""
    event_buses.put_permission(call.principal.account_id, call.input)
    return {}


@operation("events", "RemovePermission")
def remove_permission(call: Call) -> Answer:
    """One statement of the policy, or all."""
    event_buses.remove_permission(call.principal.account_id, call.input)
    return {}


@operation("events", "TagResource")
def tag_resource(call: Call) -> Answer:
    """Adds tags, or changes their values."""
    _change_tags(call, event_buses.tags_of(call.input))
    return {}


@operation("events", "UntagResource")
def untag_resource(call: Call) -> Answer:
    """Takes tags away."""
    _change_tags(call, {}, call.input["TagKeys"])
    return {}


@operation("events", "ListTagsForResource")
def list_tags_for_resource(call: Call) -> Answer:
    """A bus's, or a rule's."""
    bus_name, rule_name = _tagged(call)
    account_id = call.principal.account_id
    row = rules.get(account_id, rule_name, bus_name) if rule_name else event_buses.get(account_id, bus_name)
    return {"Tags": [{"Key": key, "Value": value} for key, value in row.tags.items()]}


def _change_tags(call: Call, add: dict[str, str], drop: Collection[str] = ()) -> None:
    bus_name, rule_name = _tagged(call)
    account_id = call.principal.account_id
    if rule_name:
        rules.change_tags(account_id, rule_name, bus_name, add, drop)
    else:
        event_buses.change_tags(account_id, bus_name, add, drop)


def _tagged(call: Call) -> tuple[str, str]:
    """(bus, rule or nothing) of the ResourceARN."""
    arn = call.input["ResourceARN"]
    for kind in ("event-bus", "rule"):
        found = names.parse(arn, kind)
        if found is not None and found[0] == call.principal.account_id:
            return (found[1], "") if kind == "event-bus" else names.split_rule(found[1])
    raise invalid_parameter("ResourceARN", "Provided Arn is not in correct format.")


def _summary(bus: EventBus) -> Answer:
    return {
        "Name": bus.name,
        "Arn": names.bus_arn(bus.account_id, bus.name),
        "Description": bus.description or None,
        "Policy": json.dumps(bus.policy) if bus.policy else None,
        "CreationTime": bus.created_at,
        "LastModifiedTime": bus.last_modified,
    }


def _options(bus: EventBus) -> Answer:
    return {
        "Description": bus.description or None,
        "DeadLetterConfig": {"Arn": bus.dead_letter_arn} if bus.dead_letter_arn else None,
        **bus.stored_options,
    }
