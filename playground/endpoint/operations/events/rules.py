"""EventBridge: rules and their targets."""

from typing import Any

from invocations.models import Rule
from invocations.resources import rules
from invocations.services.eventbridge import names
from playground.endpoint.registry import Call, operation

Answer = dict[str, Any]


@operation("events", "PutRule")
def put_rule(call: Call) -> Answer:
    """A rule, new or set anew."""
    rule = rules.put(call.principal.account_id, call.input)
    return {"RuleArn": names.rule_arn(rule.account_id, rule.bus_name, rule.name)}


@operation("events", "DescribeRule")
def describe_rule(call: Call) -> Answer:
    """All of a rule but its targets."""
    rule = rules.get(*_rule(call))
    return _described(rule) | {"CreatedBy": rule.account_id}


@operation("events", "DeleteRule")
def delete_rule(call: Call) -> Answer:
    """Gone, if it has no targets."""
    rules.delete(*_rule(call))
    return {}


@operation("events", "EnableRule")
def enable_rule(call: Call) -> Answer:
    """It matches events again."""
    rules.set_enabled(*_rule(call), enabled=True)
    return {}


@operation("events", "DisableRule")
def disable_rule(call: Call) -> Answer:
    """It matches nothing, and its schedule rests."""
    rules.set_enabled(*_rule(call), enabled=False)
    return {}


@operation("events", "ListRules")
def list_rules(call: Call) -> Answer:
    """A bus's rules, by pages."""
    prefix = call.input.get("NamePrefix", "")
    found, token = rules.list_all(call.principal.account_id, call.input.get("EventBusName"), prefix, *_page(call))
    return {"Rules": [_described(rule) for rule in found], "NextToken": token}


@operation("events", "ListRuleNamesByTarget")
def list_rule_names_by_target(call: Call) -> Answer:
    """The rules of a bus that send to a target."""
    bus, target = call.input.get("EventBusName"), call.input["TargetArn"]
    found, token = rules.names_by_target(call.principal.account_id, target, bus, *_page(call))
    return {"RuleNames": found, "NextToken": token}


@operation("events", "PutTargets")
def put_targets(call: Call) -> Answer:
    """Targets, new or set anew."""
    return _failures(rules.put_targets(*_rule(call, "Rule"), call.input["Targets"]))


@operation("events", "RemoveTargets")
def remove_targets(call: Call) -> Answer:
    """By their ids."""
    return _failures(rules.remove_targets(*_rule(call, "Rule"), call.input["Ids"]))


@operation("events", "ListTargetsByRule")
def list_targets_by_rule(call: Call) -> Answer:
    """A rule's targets, by pages."""
    found, token = rules.list_targets(*_rule(call, "Rule"), *_page(call))
    return {"Targets": found, "NextToken": token}


def _rule(call: Call, member: str = "Name") -> tuple[str, str, str | None]:
    """(account id, rule, bus) that a call is about."""
    return call.principal.account_id, call.input[member], call.input.get("EventBusName")


def _page(call: Call) -> tuple[int | None, str]:
    return call.input.get("Limit"), call.input.get("NextToken", "")


def _failures(failures: list[rules.Failure]) -> Answer:
    return {"FailedEntryCount": len(failures), "FailedEntries": failures}


def _described(rule: Rule) -> Answer:
    return {
        "Name": rule.name,
        "Arn": names.rule_arn(rule.account_id, rule.bus_name, rule.name),
        "EventPattern": rule.event_pattern or None,
        "State": rule.state,
        "Description": rule.description or None,
        "ScheduleExpression": rule.schedule_expression or None,
        "RoleArn": rule.role_arn or None,
        "EventBusName": rule.bus_name,
    }
