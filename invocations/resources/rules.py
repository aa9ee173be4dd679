"""Rules of event buses and their targets."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from django.db import IntegrityError, transaction

from invocations import account_clock, clock, schedule_expressions
from invocations.models import Account, Rule
from invocations.resources import event_buses, event_pages, rule_targets
from invocations.resources.event_buses import changed_tags, tags_of
from invocations.services.eventbridge import directory, patterns, scheduled_rules
from invocations.services.eventbridge.errors import invalid, invalid_parameter, limit_exceeded, no_rule
from invocations.services.eventbridge.names import DEFAULT_BUS
from invocations.values import Members

MOST_RULES: Final = 300
"""Of one bus."""
MOST_TARGETS: Final = 5
"""Of one rule."""

Failure = dict[str, str]
"""PutTargetsResultEntry, RemoveTargetsResultEntry."""


def put(account_id: str, members: Members) -> Rule:
    """PutRule: makes a rule, or sets all of it anew but its targets and tags."""
    bus_name = event_buses.name_of(account_id, members.get("EventBusName"))
    pattern, expression = members.get("EventPattern", ""), members.get("ScheduleExpression", "")
    if not pattern and not expression:
        raise invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.")
    if expression:
        _check_schedule(expression, bus_name)
    if pattern:
        patterns.compiled(pattern)
    fields: dict[str, Any] = {
        "event_pattern": pattern,
        "schedule_expression": expression,
        "state": members.get("State", "ENABLED"),
        "description": members.get("Description", ""),
        "role_arn": members.get("RoleArn", ""),
    }
    rule = _written(account_id, bus_name, members["Name"], fields, tags_of(members))
    _changed(rule)
    return rule


def _written(account_id: str, bus_name: str, name: str, fields: Mapping[str, Any], tags: Mapping[str, str]) -> Rule:
    with transaction.atomic():
        rule = Rule.objects.of(account_id).select_for_update().filter(bus_name=bus_name, name=name).first()
        if rule is not None:
            for field, value in fields.items():
                setattr(rule, field, value)
            rule.save(update_fields=list(fields))
            return rule
    if Rule.objects.of(account_id).filter(bus_name=bus_name).count() >= MOST_RULES:
        raise limit_exceeded()
    account, _ = Account.objects.get_or_create(account_id=account_id)
    try:
        with transaction.atomic():
            event_buses.hold(account_id, bus_name)
            return Rule.objects.create(account=account, bus_name=bus_name, name=name, tags=dict(tags), created_at=clock.now(), **fields)
    except IntegrityError:  # somebody was quicker
        return _written(account_id, bus_name, name, fields, tags)


def _check_schedule(expression: str, bus_name: str) -> None:
    if bus_name != DEFAULT_BUS:
        raise invalid("ScheduleExpression is supported only on the default event bus.")
    try:
        schedule_expressions.parse(expression, of_rule=True)
    except schedule_expressions.InvalidExpression:
        raise invalid_parameter("ScheduleExpression") from None


def get(account_id: str, name: str, bus: str | None = None) -> Rule:
    """The rule. Raises ResourceNotFoundException."""
    bus_name = event_buses.name_of(account_id, bus)
    rule = Rule.objects.of(account_id).filter(bus_name=bus_name, name=name).first()
    if rule is None:
        raise no_rule(name, bus_name)
    return rule


def delete(account_id: str, name: str, bus: str | None = None) -> None:
    """DeleteRule; one that is not there is no error, as on AWS."""
    bus_name = event_buses.name_of(account_id, bus)
    with transaction.atomic():
        rule = Rule.objects.of(account_id).select_for_update().filter(bus_name=bus_name, name=name).first()
        if rule is None:
            return
        if rule.targets:
            raise invalid("Rule can't be deleted since it has targets.")
        rule.delete()
    directory.changed(account_id)
    scheduled_rules.forget(account_id, bus_name, name)


def set_enabled(account_id: str, name: str, bus: str | None, *, enabled: bool) -> None:
    """EnableRule, DisableRule."""
    with transaction.atomic():
        rule = _locked(account_id, name, bus)
        rule.state = "ENABLED" if enabled else "DISABLED"
        rule.save(update_fields=["state"])
    _changed(rule)


def list_all(
    account_id: str, bus: str | None = None, prefix: str = "", limit: int | None = None, token: str = ""
) -> tuple[list[Rule], str | None]:
    """ListRules: by name, and the token of the next page."""
    rows = Rule.objects.of(account_id).filter(bus_name=event_buses.name_of(account_id, bus), name__startswith=prefix)
    return event_pages.page(list(rows.order_by("name")), lambda rule: rule.name, limit, token)


def names_by_target(account_id: str, target_arn: str, bus: str | None, limit: int | None, token: str) -> tuple[list[str], str | None]:
    """ListRuleNamesByTarget."""
    rows = Rule.objects.of(account_id).filter(bus_name=event_buses.name_of(account_id, bus)).order_by("name")
    found = [rule.name for rule in rows if any(target["Arn"] == target_arn for target in rule.targets)]
    return event_pages.page(found, str, limit, token)


def put_targets(account_id: str, name: str, bus: str | None, targets: Sequence[Members]) -> list[Failure]:
    """PutTargets: adds targets, or replaces those of the same ids. Those that could not be added, with the reason."""
    for target in targets:
        rule_targets.check(target)
    with transaction.atomic():
        rule = _locked(account_id, name, bus)
        kept = {target["Id"]: target for target in rule.targets}
        kept |= {target["Id"]: dict(target) for target in targets}
        if len(kept) > MOST_TARGETS:
            raise limit_exceeded()
        rule.targets = list(kept.values())
        rule.save(update_fields=["targets"])
    directory.changed(account_id)
    return []


def remove_targets(account_id: str, name: str, bus: str | None, ids: Sequence[str]) -> list[Failure]:
    """RemoveTargets. Ids that are not there, with the reason."""
    with transaction.atomic():
        rule = _locked(account_id, name, bus)
        known = {target["Id"] for target in rule.targets}
        rule.targets = [target for target in rule.targets if target["Id"] not in ids]
        rule.save(update_fields=["targets"])
    directory.changed(account_id)
    reason = "ResourceNotFoundException"
    return [{"TargetId": each, "ErrorCode": reason, "ErrorMessage": f"Target {each} does not exist."} for each in ids if each not in known]


def list_targets(account_id: str, name: str, bus: str | None, limit: int | None, token: str) -> tuple[list[Members], str | None]:
    """ListTargetsByRule."""
    targets = sorted(get(account_id, name, bus).targets, key=lambda target: str(target["Id"]))
    return event_pages.page(targets, lambda target: str(target["Id"]), limit, token)


def change_tags(account_id: str, name: str, bus_name: str, add: Members, drop: Collection[str] = ()) -> None:
    """TagResource, UntagResource."""
    with transaction.atomic():
        rule = _locked(account_id, name, bus_name)
        rule.tags = changed_tags(rule.tags, add, drop)
        rule.save(update_fields=["tags"])


def _locked(account_id: str, name: str, bus: str | None) -> Rule:
    bus_name = event_buses.name_of(account_id, bus)
    rule = Rule.objects.of(account_id).select_for_update().filter(bus_name=bus_name, name=name).first()
    if rule is None:
        raise no_rule(name, bus_name)
    return rule


def _changed(rule: Rule) -> None:
    directory.changed(rule.account_id)
    scheduled_rules.schedule(rule, account_clock.now(rule.account_id))
