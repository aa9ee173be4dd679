"""One event bus: its rules and targets, its newest events and which rules matched them and why, archives, replays and settings."""

import json
from datetime import timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.utils.http import urlencode

from invocations import account_clock, clock
from invocations.errors import AwsError
from invocations.models import Archive, EventBus, Queue, Replay, Rule
from invocations.outbox_sender import failures
from invocations.region import REGION
from invocations.resources import archives, event_buses, replays, rules, target_arns
from invocations.services import eventbridge, sqs
from invocations.services.eventbridge import archive_store, names, recent
from invocations.services.eventbridge.batch import new_event
from invocations.services.eventbridge.names import DEFAULT_BUS
from invocations.services.eventbridge.replays import OVER, progress
from invocations.values import Principal
from playground.dashboard import json_text
from playground.dashboard.api_call import ApiCall
from playground.dashboard.arns import place
from playground.dashboard.bus_events import EventView, rule_views, verdicts
from playground.dashboard.bus_forms import (
    EXAMPLE_EVENT,
    EXAMPLE_PATTERN,
    ArchiveForm,
    PutEventForm,
    ReplayForm,
    RuleForm,
    SettingsForm,
    TargetForm,
)
from playground.dashboard.changes import is_confirmed, saved, sentence
from playground.dashboard.last_change import done
from playground.dashboard.resources.kind import Kind, View
from playground.dashboard.resources.page import refused, show
from playground.dashboard.web import DashboardRequest

SHOWN_EVENTS = 50
SHOWN_REPLAYS = 20
TABS = {"rules": "Rules and events", "archives": "Archives and replays", "settings": "Settings"}
PAGE = "dashboard/resource/bus.html"
TARGET_SERVICES = frozenset({"sqs", "sns", "lambda", "events"})


def bus(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """Its rules and newest events (with ?rule= and ?event= one of them in full), or with ?tab= its archives or settings."""
    return _show(request, kind, _find(request, name))


def put(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """PutEvents with one entry."""
    row, form, results = _find(request, name), PutEventForm(request.POST), []

    def call() -> None:
        principal = Principal.root(row.account_id)
        (result,) = eventbridge.put_events(row.account_id, [form.entry(name)], principal=principal)
        if result.error_code:
            raise AwsError(result.error_message, code=result.error_code)
        results.append(result.event_id)

    if not saved(form, call, {"DetailType": "detail_type", "Detail": "detail", "Source": "source", "source": "source"}):
        return _show(request, kind, row, 422, put_form=form)
    return _done(request, kind, name, f"Put the event {results[0]}.", "PutEvents", {"Entries": [form.entry(name)]})


def try_event(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """Which rules would match the event that stands in the form; nothing is put."""
    row, form, tried = _find(request, name), PutEventForm(request.POST), []

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
        tried.extend(verdicts(_rules(row), event, None, kind.url(row.account_id, name)))

    try:
        is_fine = saved(form, call)
    except ValueError:
        form.add_error("detail", "This is not JSON.")
        is_fine = False
    return _show(request, kind, row, 200 if is_fine else 422, put_form=form, tried=tried if is_fine else None)


def put_rule(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """PutRule: a new one, or another pattern for the one named."""
    row, wanted = _find(request, name), request.POST.get("rule", "")
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
        return _show(request, kind, row, 422, chosen_rule=known, rule_form=None if known else form, edit_form=form if known else None)
    given = members()
    said = f"Saved the rule {given['Name']}." if known else f"Created the rule {given['Name']}. Add a target, or it leads nowhere."
    return _done(request, kind, name, said, "PutRule", given, rule=given["Name"])


def set_state(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """EnableRule, DisableRule."""
    row, rule = _find(request, name), request.POST.get("rule", "")
    enabled = request.POST.get("state") == "ENABLED"
    try:
        rules.set_enabled(row.account_id, rule, name, enabled=enabled)
    except AwsError as error:
        return refused(request, kind, name, sentence(error))
    said = f"{rule} matches events again." if enabled else f"{rule} is disabled: it matches nothing."
    return _done(request, kind, name, said, "EnableRule" if enabled else "DisableRule", {"Name": rule, "EventBusName": name})


def delete_rule(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """DeleteRule, after its targets."""
    row, rule = _find(request, name), request.POST.get("rule", "")
    try:
        targets = [target["Id"] for target in rules.get(row.account_id, rule, name).targets]
        if targets:
            rules.remove_targets(row.account_id, rule, name, targets)
        rules.delete(row.account_id, rule, name)
    except AwsError as error:
        return refused(request, kind, name, sentence(error))
    return _done(request, kind, name, f"Deleted the rule {rule}.", "DeleteRule", {"Name": rule, "EventBusName": name})


def put_target(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """PutTargets with one more."""
    row = _find(request, name)
    try:
        rule = rules.get(row.account_id, request.POST.get("rule", ""), name)
    except AwsError as error:
        return refused(request, kind, name, sentence(error))
    form, made = TargetForm(request.POST, queues=_dead_letter_queues(row)), []

    def call() -> None:
        target = form.target(row.account_id, [each["Id"] for each in rule.targets])
        rules.put_targets(row.account_id, rule.name, name, [target])
        made.append(target)

    fields = {"InputTemplate": "input_text", "InputPathsMap": "input_paths", "InputPath": "input_text", "input for": "input_text"}
    if not saved(form, call, {**fields, "Arn": "arn", "Targets of": "arn"}):
        return _show(request, kind, row, 422, chosen_rule=rule, target_form=form)
    members = {"Rule": rule.name, "EventBusName": name, "Targets": made}
    return _done(request, kind, name, f"{rule.name} leads to {made[0]['Id']} now.", "PutTargets", members, rule=rule.name)


def remove_target(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """RemoveTargets."""
    row, rule, target = _find(request, name), request.POST.get("rule", ""), request.POST.get("target", "")
    try:
        rules.remove_targets(row.account_id, rule, name, [target])
    except AwsError as error:
        return refused(request, kind, name, sentence(error))
    members = {"Rule": rule, "EventBusName": name, "Ids": [target]}
    return _done(request, kind, name, f"{rule} leads to {target} no more.", "RemoveTargets", members, rule=rule)


def create_archive(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """CreateArchive."""
    row, form = _find(request, name), ArchiveForm(request.POST)
    arn = names.bus_arn(row.account_id, name)
    if not saved(form, lambda: archives.create(row.account_id, form.members(arn)), form.FIELDS):
        return _show(request, kind, row, 422, "archives", archive_form=form)
    said = f"The archive {form.cleaned_data['name']} keeps this bus's events from now on."
    return _done(request, kind, name, said, "CreateArchive", form.members(arn), tab="archives")


def delete_archive(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """DeleteArchive, once its name has been typed."""
    row, archive = _find(request, name), request.POST.get("archive", "")
    if not is_confirmed(request, archive):
        return refused(request, kind, name, f"Nothing was deleted: type {archive} to confirm.")
    try:
        archives.delete(row.account_id, archive)
    except AwsError as error:
        return refused(request, kind, name, sentence(error))
    said = f"Deleted the archive {archive} with its events."
    return _done(request, kind, name, said, "DeleteArchive", {"ArchiveName": archive}, tab="archives")


def start_replay(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """StartReplay."""
    row = _find(request, name)
    form = _replay_form(row, request.POST)
    arn = names.bus_arn(row.account_id, name)

    def members() -> dict[str, Any]:
        return form.members(arn, names.archive_arn(row.account_id, form.cleaned_data["archive"]))

    fields = {"EventEndTime": "end", "Replay": "name"}
    if not saved(form, lambda: replays.start(row.account_id, members()), fields):
        return _show(request, kind, row, 422, "archives", replay_form=form)
    given = members()
    shown = {**given, "EventStartTime": given["EventStartTime"].isoformat(), "EventEndTime": given["EventEndTime"].isoformat()}
    said = f"The replay {given['ReplayName']} has begun."
    return _done(request, kind, name, said, "StartReplay", shown, tab="archives")


def cancel_replay(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """CancelReplay."""
    row, replay = _find(request, name), request.POST.get("replay", "")
    try:
        replays.cancel(row.account_id, replay)
    except AwsError as error:
        return refused(request, kind, name, sentence(error))
    said = "The replay stops. What it has replayed stays replayed."
    return _done(request, kind, name, said, "CancelReplay", {"ReplayName": replay}, tab="archives")


def save_settings(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """UpdateEventBus, and PutPermission or RemovePermission."""
    row, form = _find(request, name), SettingsForm(request.POST)

    def call() -> None:
        policy = form.cleaned_data["policy"].strip()
        if policy:
            event_buses.put_permission(row.account_id, {"EventBusName": name, "Policy": policy})
        elif row.policy:
            event_buses.remove_permission(row.account_id, {"EventBusName": name, "RemoveAllPermissions": True})
        event_buses.update(row.account_id, {"Name": name, "Description": form.cleaned_data["description"]})

    if not saved(form, call, {"Policy": "policy"}):
        return _show(request, kind, row, 422, "settings", settings_form=form)
    members = {"Name": name, "Description": form.cleaned_data["description"]}
    return _done(request, kind, name, "Saved.", "UpdateEventBus", members, tab="settings")


CHANGES: dict[str, View] = {
    "put": put,
    "try": try_event,
    "rule": put_rule,
    "rule-state": set_state,
    "delete-rule": delete_rule,
    "target": put_target,
    "remove-target": remove_target,
    "archive": create_archive,
    "delete-archive": delete_archive,
    "replay": start_replay,
    "cancel-replay": cancel_replay,
    "settings": save_settings,
}


def _find(request: DashboardRequest, name: str) -> EventBus:
    try:
        return event_buses.get(request.account.account_id, name)
    except AwsError as error:
        raise Http404(error.message) from None


def _show(
    request: DashboardRequest, kind: Kind, row: EventBus, status: int = 200, tab: str = "", **given: forms.Form | Rule | list[Any] | None
) -> HttpResponse:
    tab = tab or request.GET.get("tab", "rules")
    if tab not in TABS:
        raise Http404(f"An event bus has no page {tab!r}.")
    of_tab = {"rules": _rules_tab, "archives": _archives_tab, "settings": _settings_tab}[tab]
    context = {
        "tab": tab,
        "tabs": TABS,
        "url": kind.url(row.account_id, row.name),
        "is_default": row.name == DEFAULT_BUS,
    }
    chosen = given.get("chosen_rule")
    context |= of_tab(request, kind, row, chosen) if of_tab is _rules_tab else of_tab(request, kind, row)
    return show(request, kind, row.name, PAGE, status, **context | {name: value for name, value in given.items() if value is not None})


def _rules(row: EventBus) -> list[Rule]:
    return list(Rule.objects.of(row.account_id).filter(bus_name=row.name).order_by("id"))


def _rules_tab(request: DashboardRequest, kind: Kind, row: EventBus, chosen: Any = None) -> dict[str, Any]:
    account_id, url = row.account_id, kind.url(row.account_id, row.name)
    rows, events = _rules(row), recent.newest(account_id, row.name, SHOWN_EVENTS)
    wanted = chosen.name if chosen else request.GET.get("rule", "")
    rule = next((each for each in rows if each.name == wanted), None)
    event_id = request.GET.get("event", "")
    event = next((each for each in events if each.entry_id == event_id), None)
    views = rule_views(rows, events, failures(account_id), wanted, lambda arn: place(account_id, arn))
    has_schedules = row.name == DEFAULT_BUS
    return {
        "rules": views,
        "events": [EventView(each) for each in events],
        "event_id": event_id,
        "event": EventView(event) if event else None,
        "verdicts": verdicts(rows, event.event, event.rules, url) if event and event.is_whole else [],
        "chosen_rule": rule,
        "chosen_view": next((view for view in views if rule and view.row.pk == rule.pk), None),
        "edit_form": RuleForm(initial=_initial(rule), has_schedules=has_schedules, is_new=False) if rule else None,
        "target_form": TargetForm(queues=_dead_letter_queues(row)) if rule else None,
        "target_arns": target_arns.choices(account_id, TARGET_SERVICES) if rule else {},
        "put_form": PutEventForm(initial=EXAMPLE_EVENT),
        "rule_form": RuleForm(initial={"event_pattern": EXAMPLE_PATTERN}, has_schedules=has_schedules),
    }


def _initial(rule: Rule) -> dict[str, str]:
    return {
        "event_pattern": json_text.pretty(rule.event_pattern),
        "schedule_expression": rule.schedule_expression,
        "description": rule.description,
    }


def _archives_tab(request: DashboardRequest, kind: Kind, row: EventBus) -> dict[str, Any]:
    account_id = row.account_id
    kept = list(Archive.objects.of(account_id).filter(bus_name=row.name).order_by("name"))
    begun = Replay.objects.of(account_id).filter(bus_name=row.name).order_by("-id")[:SHOWN_REPLAYS]
    return {
        "archives": [(each, *archive_store.totals(account_id, each.name)) for each in kept],
        "replays": [(each, each.state not in OVER, _last(each)) for each in begun],
        "archive_form": ArchiveForm(),
        "replay_form": _replay_form(row) if kept else None,
    }


def _last(replay: Replay) -> float | None:
    """When the bus first had the event that was replayed last."""
    if replay.event_last_replayed_time:
        return replay.event_last_replayed_time.timestamp()
    return progress(replay.account_id, replay.name)


def _replay_form(row: EventBus, data: Any = None) -> ReplayForm:
    account_id = row.account_id
    kept = list(Archive.objects.of(account_id).filter(bus_name=row.name).order_by("name"))
    now = clock.from_epoch(account_clock.now(account_id))
    number = Replay.objects.of(account_id).count() + 1
    first = min((each.created_at for each in kept), default=now)
    initial = {"name": f"replay-{number}", "start": first, "end": now.replace(microsecond=0) + timedelta(hours=1)}
    offered = {names.rule_arn(account_id, row.name, rule.name): rule.name for rule in _rules(row)}
    return ReplayForm(data, initial=initial, archives=[each.name for each in kept], rules=offered)


def _settings_tab(request: DashboardRequest, kind: Kind, row: EventBus) -> dict[str, Any]:
    policy = json.dumps(row.policy, indent=2) if row.policy else ""
    return {"bus": row, "settings_form": SettingsForm(initial={"description": row.description, "policy": policy}), "region": REGION}


def _dead_letter_queues(row: EventBus) -> list[str]:
    queues = Queue.objects.of(row.account_id).exclude(name__endswith=".fifo").order_by("name").values_list("name", flat=True)
    return [sqs.queue_arn(row.account_id, name) for name in queues]


def _done(
    request: DashboardRequest, kind: Kind, name: str, said: str, operation: str, members: dict[str, Any], **query: str
) -> HttpResponse:
    url = kind.url(request.account.account_id, name)
    address = f"{url}?{urlencode(query)}" if query else url
    return done(request, address, said, ApiCall("events", operation, members))
