"""Event buses: what can be configured of them. The one named default is there in every account."""

import json
from collections.abc import Collection
from typing import Any, Final

from django.db import IntegrityError, transaction

from invocations import clock
from invocations.errors import aws_error
from invocations.models import Account, EventBus, Rule
from invocations.resources import event_pages
from invocations.services.eventbridge import directory, names, recent
from invocations.services.eventbridge.errors import exists_already, invalid, invalid_parameter, limit_exceeded, no_bus, not_found
from invocations.services.eventbridge.names import DEFAULT_BUS
from invocations.services.eventbridge.put_events import bus_of
from invocations.values import Members

MOST_BUSES: Final = 100
LONGEST_POLICY: Final = 10_240
"""Characters."""
STORED: Final = ("KmsKeyIdentifier", "LogConfig")


def create(account_id: str, members: Members) -> EventBus:
    """CreateEventBus."""
    name = members["Name"]
    if "EventSourceName" in members or name.startswith("aws.partner/"):
        raise invalid("Partner event sources are not part of this playground.")
    if "/" in name:
        raise invalid("Event bus name must not contain '/'.")
    if name == DEFAULT_BUS or EventBus.objects.of(account_id).filter(name=name).exists():
        raise exists_already(f"Event bus {name}")
    if EventBus.objects.of(account_id).count() >= MOST_BUSES:
        raise limit_exceeded()
    bus = _new(account_id, name)
    _set(bus, members)
    bus.tags = tags_of(members)
    try:
        with transaction.atomic():
            bus.save()
    except IntegrityError:  # somebody was quicker
        raise exists_already(f"Event bus {name}") from None
    directory.changed(account_id)
    return bus


def get(account_id: str, name: str) -> EventBus:
    """The bus. The default one may have no row yet. Raises ResourceNotFoundException."""
    bus = EventBus.objects.of(account_id).filter(name=name).first()
    if bus is None and name == DEFAULT_BUS:
        return _new(account_id, name)
    if bus is None:
        raise no_bus(name)
    return bus


def name_of(account_id: str, name_or_arn: str | None) -> str:
    """The name of an existing bus of the account that a parameter means; none is the default one."""
    owner, name = bus_of(account_id, name_or_arn)
    if owner != account_id:
        raise no_bus(name)
    return get(account_id, name).name


def hold(account_id: str, name: str) -> None:
    """Has the bus stay until the transaction ends. Raises ResourceNotFoundException."""
    rows = EventBus.objects.of(account_id).select_for_update().filter(name=name)
    if name != DEFAULT_BUS and rows.first() is None:
        raise no_bus(name)


def update(account_id: str, members: Members) -> EventBus:
    """UpdateEventBus: what is not given stays."""
    with transaction.atomic():
        bus = _locked(account_id, members.get("Name") or DEFAULT_BUS)
        _set(bus, members)
        _save(bus)
    directory.changed(account_id)
    return bus


def delete(account_id: str, name: str) -> None:
    """DeleteEventBus; one that is not there is no error, as on AWS."""
    if name == DEFAULT_BUS:
        raise invalid("Cannot delete event bus default.")
    with transaction.atomic():
        EventBus.objects.of(account_id).select_for_update().filter(name=name).first()
        if Rule.objects.of(account_id).filter(bus_name=name).exists():
            raise invalid(f"Event bus {name} can't be deleted since it has rules.")
        EventBus.objects.of(account_id).filter(name=name).delete()
    directory.changed(account_id)
    recent.delete(account_id, name)


def list_all(account_id: str, prefix: str = "", limit: int | None = None, token: str = "") -> tuple[list[EventBus], str | None]:
    """ListEventBuses: by name, and the token of the next page."""
    found = list(EventBus.objects.of(account_id).order_by("name"))
    if all(bus.name != DEFAULT_BUS for bus in found):
        found.append(_new(account_id, DEFAULT_BUS))
    found = sorted((bus for bus in found if bus.name.startswith(prefix)), key=lambda bus: bus.name)
    return event_pages.page(found, lambda bus: bus.name, limit, token)


def put_permission(account_id: str, members: Members) -> None:
    """PutPermission: a whole policy, or one statement of it; one of the same id is replaced."""
    with transaction.atomic():
        bus = _locked(account_id, members.get("EventBusName") or DEFAULT_BUS)
        if "Policy" in members:
            if {"Action", "Principal", "StatementId", "Condition"} & members.keys():
                raise invalid("Policy must not be combined with Action, Principal, StatementId or Condition.")
            bus.policy = _read_policy(members["Policy"])
        else:
            statement = _statement(bus, members)
            others = [each for each in bus.policy.get("Statement", []) if each.get("Sid") != statement["Sid"]]
            bus.policy = {"Version": "2012-10-17", "Statement": [*others, statement]}
        if len(json.dumps(bus.policy)) > LONGEST_POLICY:
            raise aws_error("PolicyLengthExceededException", f"The policy is longer than {LONGEST_POLICY} characters.")
        _save(bus)
    directory.changed(account_id)


def remove_permission(account_id: str, members: Members) -> None:
    """RemovePermission: one statement, or all."""
    with transaction.atomic():
        bus = _locked(account_id, members.get("EventBusName") or DEFAULT_BUS)
        statements = bus.policy.get("Statement", [])
        left = [] if members.get("RemoveAllPermissions") else [each for each in statements if each.get("Sid") != members.get("StatementId")]
        if len(left) == len(statements) and not members.get("RemoveAllPermissions"):
            raise not_found("Statement with the provided id does not exist.")
        bus.policy = bus.policy | {"Statement": left} if left else {}
        _save(bus)
    directory.changed(account_id)


def change_tags(account_id: str, name: str, add: Members, drop: Collection[str] = ()) -> None:
    """TagResource, UntagResource."""
    with transaction.atomic():
        bus = _locked(account_id, name)
        bus.tags = changed_tags(bus.tags, add, drop)
        bus.save(update_fields=["tags"])


def changed_tags(tags: Members, add: Members, drop: Collection[str]) -> dict[str, str]:
    """Tags with some more, and without some."""
    return {key: value for key, value in {**tags, **add}.items() if key not in drop}


def tags_of(members: Members) -> dict[str, str]:
    """Tags as they are kept, from AWS's list."""
    return {tag["Key"]: tag["Value"] for tag in members.get("Tags", [])}


def _set(bus: EventBus, members: Members) -> None:
    if "Description" in members:
        bus.description = members["Description"]
    if "DeadLetterConfig" in members:
        bus.dead_letter_arn = members["DeadLetterConfig"].get("Arn", "")
    bus.stored_options |= {name: members[name] for name in STORED if name in members}


def _new(account_id: str, name: str) -> EventBus:
    """One that is not stored yet."""
    account, _ = Account.objects.get_or_create(account_id=account_id)
    return EventBus(
        account=account, name=name, created_at=account.created_at if name == DEFAULT_BUS else clock.now(), last_modified=clock.now()
    )


def _locked(account_id: str, name: str) -> EventBus:
    if name == DEFAULT_BUS:
        new = _new(account_id, name)
        values = {"created_at": new.created_at, "last_modified": new.last_modified}
        EventBus.objects.of(account_id).get_or_create(account_id=account_id, name=name, defaults=values)
    bus = EventBus.objects.of(account_id).select_for_update().filter(name=name).first()
    if bus is None:
        raise no_bus(name)
    return bus


def _save(bus: EventBus) -> None:
    bus.last_modified = clock.now()
    bus.save()


def _read_policy(text: str) -> dict[str, Any]:
    try:
        policy = json.loads(text)
    except (ValueError, RecursionError):
        raise invalid_parameter("Policy") from None
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    if not isinstance(statements, list | dict):
        raise invalid_parameter("Policy")
    policy["Statement"] = statements if isinstance(statements, list) else [statements]
    if not all(isinstance(each, dict) and each.get("Effect") in ("Allow", "Deny") for each in policy["Statement"]):
        raise invalid_parameter("Policy")
    return dict(policy)


def _statement(bus: EventBus, members: Members) -> dict[str, Any]:
    missing = [name for name in ("Action", "Principal", "StatementId") if not members.get(name)]
    if missing:
        raise invalid(f"Parameter(s) {', '.join(missing)} must be specified.")
    if members["Action"] != "events:PutEvents":
        raise invalid_parameter("Action", "Only events:PutEvents is supported.")
    principal = members["Principal"]
    statement: dict[str, Any] = {
        "Sid": members["StatementId"],
        "Effect": "Allow",
        "Principal": "*" if principal == "*" else {"AWS": f"arn:aws:iam::{principal}:root"},
        "Action": members["Action"],
        "Resource": names.bus_arn(bus.account_id, bus.name),
    }
    if condition := members.get("Condition"):
        statement["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
    return statement
