"""One event bus, and what is done on its page with rules, targets and events."""

import json
from typing import Any

from django.http import HttpResponse

from invocations import account_clock
from invocations.errors import AwsError
from invocations.models import Rule
from invocations.resources import rules
from invocations.services import eventbridge
from invocations.services.eventbridge.batch import new_event
from invocations.services.eventbridge.names import DEFAULT_BUS
from invocations.values import Principal
from playground.dashboard import connecting, console_trail
from playground.dashboard.bus_events import verdicts
from playground.dashboard.bus_forms import PutEventForm, RuleForm, TargetForm
from playground.dashboard.changes import saved, sentence
from playground.dashboard.resources.kind import Kind, View
from playground.dashboard.resources.page import refused
from playground.dashboard.views import bus_archives
from playground.dashboard.views.bus_page import changed, dead_letter_queues, find, rules_of, show_bus
from playground.dashboard.web import DashboardRequest


def bus(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """Its rules and newest events (with ?rule= and ?event= one of them in full), or with ?tab= its archives or settings."""
    return show_bus(request, kind, find(request, name))


def put(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """PutEvents with one entry."""
    row, form, results = find(request, name), PutEventForm(request.POST), []

    def call() -> None:
        principal = Principal.root(row.account_id)
        parent = console_trail.call_id()
        (result,) = eventbridge.put_events(row.account_id, [form.entry(name)], principal=principal, parent_request_id=parent)
        if result.error_code:
            raise AwsError(result.error_message, code=result.error_code)
        results.append(result.event_id)

    if not saved(form, call, {"DetailType": "detail_type", "Detail": "detail", "Source": "source", "source": "source"}):
        return show_bus(request, kind, row, 422, put_form=form)
    return changed(request, kind, name, f"Put the event {results[0]}.", "PutEvents", {"Entries": [form.entry(name)]}, event=results[0])


def try_event(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """Which rules would match the event that stands in the form; nothing is put."""
    row, form, tried = find(request, name), PutEventForm(request.POST), []

    def call() -> None:
        entry = form.entry(name)
        detail = json.loads(entry["Detail"])
        event = new_event(
            row.account_id,
            source=entry["Source"],
            detail_type=entry["DetailType"],
            detail=detail,
            time=account_clock.now(row.account_id),
            resources=entry.get("Resources", []),
        )
        tried.extend(verdicts(rules_of(row), event, None, kind.url(row.account_id, name)))

    try:
        is_fine = saved(form, call)
    except ValueError:
        form.add_error("detail", "This is not JSON.")
        is_fine = False
    return show_bus(request, kind, row, 200 if is_fine else 422, put_form=form, tried=tried if is_fine else None)


def put_rule(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """PutRule: a new one, or another pattern for the one named."""
    row, wanted = find(request, name), request.POST.get("rule", "")
    known = Rule.objects.of(row.account_id).filter(bus_name=name, name=wanted).first()
    form = RuleForm(request.POST, has_schedules=name == DEFAULT_BUS, is_new=known is None)

    def members() -> dict[str, Any]:
        return form.members(wanted if known else form.cleaned_data["name"], name, known.state if known else "ENABLED")

    def call() -> None:
        if known is None and Rule.objects.of(row.account_id).filter(bus_name=name, name=form.cleaned_data["name"]).exists():
            form.add_error("name", "This bus has a rule of that name.")
            return
        rules.put(row.account_id, members())

    if not saved(form, call, form.FIELDS) or form.errors:
        return show_bus(request, kind, row, 422, chosen_rule=known, rule_form=None if known else form, edit_form=form if known else None)
    given = members()
    said = f"Saved the rule {given['Name']}." if known else f"Created the rule {given['Name']}. Add a target, or it leads nowhere."
    return changed(request, kind, name, said, "PutRule", given, rule=given["Name"])


def set_state(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """EnableRule, DisableRule."""
    row, rule = find(request, name), request.POST.get("rule", "")
    enabled = request.POST.get("state") == "ENABLED"
    try:
        rules.set_enabled(row.account_id, rule, name, enabled=enabled)
    except AwsError as error:
        return refused(request, kind, name, sentence(error))
    said = f"{rule} matches events again." if enabled else f"{rule} is disabled: it matches nothing."
    return changed(request, kind, name, said, "EnableRule" if enabled else "DisableRule", {"Name": rule, "EventBusName": name})


def delete_rule(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """DeleteRule, after its targets."""
    row, rule = find(request, name), request.POST.get("rule", "")
    try:
        targets = [target["Id"] for target in rules.get(row.account_id, rule, name).targets]
        if targets:
            rules.remove_targets(row.account_id, rule, name, targets)
        rules.delete(row.account_id, rule, name)
    except AwsError as error:
        return refused(request, kind, name, sentence(error))
    return changed(request, kind, name, f"Deleted the rule {rule}.", "DeleteRule", {"Name": rule, "EventBusName": name})


def put_target(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """PutTargets with one more."""
    row = find(request, name)
    try:
        rule = rules.get(row.account_id, request.POST.get("rule", ""), name)
    except AwsError as error:
        return refused(request, kind, name, sentence(error))
    form, made = TargetForm(request.POST, queues=dead_letter_queues(row)), []

    def call() -> None:
        target = form.target(row.account_id, [each["Id"] for each in rule.targets])
        rules.put_targets(row.account_id, rule.name, name, [target])
        made.append(target)

    fields = {"InputTemplate": "input_text", "InputPathsMap": "input_paths", "InputPath": "input_text", "input for": "input_text"}
    if not saved(form, call, {**fields, "Arn": "arn", "Targets of": "arn"}):
        return show_bus(request, kind, row, 422, chosen_rule=rule, target_form=form)
    members = {"Rule": rule.name, "EventBusName": name, "Targets": made}
    said = f"{rule.name} leads to {made[0]['Id']} now. {connecting.rule_target(row.account_id, name, rule.name, made[0])}".strip()
    return changed(request, kind, name, said, "PutTargets", members, rule=rule.name)


def remove_target(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """RemoveTargets."""
    row, rule, target = find(request, name), request.POST.get("rule", ""), request.POST.get("target", "")
    try:
        rules.remove_targets(row.account_id, rule, name, [target])
    except AwsError as error:
        return refused(request, kind, name, sentence(error))
    members = {"Rule": rule, "EventBusName": name, "Ids": [target]}
    return changed(request, kind, name, f"{rule} leads to {target} no more.", "RemoveTargets", members, rule=rule)


CHANGES: dict[str, View] = {
    "put": put,
    "try": try_event,
    "rule": put_rule,
    "rule-state": set_state,
    "delete-rule": delete_rule,
    "target": put_target,
    "remove-target": remove_target,
    **bus_archives.CHANGES,
}
