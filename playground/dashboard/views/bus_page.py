"""The page of an event bus: what its three tabs show."""

import json
from datetime import timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.utils.http import urlencode

from invocations import account_clock, clock
from invocations.errors import AwsError
from invocations.models import Archive, EventBus, Queue, Replay, Rule
from invocations.outbox_sender import failures, retried
from invocations.resources import event_buses, target_arns
from invocations.services import sqs
from invocations.services.eventbridge import archive_store, names, recent
from invocations.services.eventbridge.names import DEFAULT_BUS, rule_arn
from invocations.services.eventbridge.replays import OVER, progress
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
from playground.dashboard.chain import caused_by
from playground.dashboard.last_change import done
from playground.dashboard.resources.kind import Kind
from playground.dashboard.resources.page import show
from playground.dashboard.web import DashboardRequest

SHOWN_EVENTS = 50
SHOWN_REPLAYS = 20
TABS = {"rules": "Rules and events", "archives": "Archives and replays", "settings": "Settings"}
PAGE = "dashboard/resource/bus.html"
TARGET_SERVICES = frozenset({"sqs", "sns", "lambda", "events"})


def find(request: DashboardRequest, name: str) -> EventBus:
    """The bus. Raises Http404."""
    try:
        return event_buses.get(request.account.account_id, name)
    except AwsError as error:
        raise Http404(error.message) from None


def show_bus(
    request: DashboardRequest, kind: Kind, row: EventBus, status: int = 200, tab: str = "", **given: forms.Form | Rule | list[Any] | None
) -> HttpResponse:
    """The page with what *given* forms hold; *tab* if not the one that the address names."""
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
    context |= of_tab(request, kind, row, given.get("chosen_rule"))
    return show(request, kind, row.name, PAGE, status, **context | {name: value for name, value in given.items() if value is not None})


def rules_of(row: EventBus) -> list[Rule]:
    """The rules of a bus, in their order."""
    return list(Rule.objects.of(row.account_id).filter(bus_name=row.name).order_by("id"))


def _rules_tab(request: DashboardRequest, kind: Kind, row: EventBus, chosen: Any) -> dict[str, Any]:
    account_id, url = row.account_id, kind.url(row.account_id, row.name)
    rows, events = rules_of(row), recent.newest(account_id, row.name, SHOWN_EVENTS)
    wanted = chosen.name if chosen else request.GET.get("rule", "")
    rule = next((each for each in rows if each.name == wanted), None)
    event_id = request.GET.get("event", "")
    event = next((each for each in events if event_id in {each.entry_id, each.event.get("id")}), None)
    views = rule_views(rows, events, failures(account_id), wanted, lambda arn: place(account_id, arn))
    has_schedules = row.name == DEFAULT_BUS
    return {
        "rules": views,
        "events": [EventView(each) for each in events],
        "event_id": event.entry_id if event else event_id,
        "caused": caused_by(account_id, event.parent_request_id if event else ""),
        "event": EventView(event) if event else None,
        "verdicts": verdicts(rows, event.event, event.rules, url) if event and event.is_whole else [],
        "chosen_rule": rule,
        "chosen_view": next((view for view in views if rule and view.row.pk == rule.pk), None),
        "retried": retried(account_id, rule_arn(account_id, row.name, rule.name), [each["Arn"] for each in rule.targets]) if rule else [],
        "edit_form": RuleForm(initial=_initial(rule), has_schedules=has_schedules, is_new=False) if rule else None,
        "target_form": TargetForm(queues=dead_letter_queues(row)) if rule else None,
        "target_arns": target_arns.choices(account_id, TARGET_SERVICES) if rule else {},
        "put_form": PutEventForm(initial=EXAMPLE_EVENT),
        "rule_form": RuleForm(initial={"event_pattern": request.GET.get("pattern") or EXAMPLE_PATTERN}, has_schedules=has_schedules),
    }


def _initial(rule: Rule) -> dict[str, str]:
    return {
        "event_pattern": json_text.pretty(rule.event_pattern),
        "schedule_expression": rule.schedule_expression,
        "description": rule.description,
    }


def _archives_tab(request: DashboardRequest, kind: Kind, row: EventBus, chosen: Any) -> dict[str, Any]:
    account_id = row.account_id
    kept = list(Archive.objects.of(account_id).filter(bus_name=row.name).order_by("name"))
    begun = Replay.objects.of(account_id).filter(bus_name=row.name).order_by("-id")[:SHOWN_REPLAYS]
    return {
        "archives": [(each, *archive_store.totals(account_id, each.name)) for each in kept],
        "replays": [(each, each.state not in OVER, _last(each)) for each in begun],
        "archive_form": ArchiveForm(),
        "replay_form": replay_form(row) if kept else None,
    }


def _last(replay: Replay) -> float | None:
    """The time in the event that was replayed last."""
    if replay.event_last_replayed_time:
        return replay.event_last_replayed_time.timestamp()
    return progress(replay.account_id, replay.name)


def replay_form(row: EventBus, data: Any = None) -> ReplayForm:
    """The form to replay one of the bus's archives, from the beginning until an hour from now unless *data* says otherwise."""
    account_id = row.account_id
    kept = list(Archive.objects.of(account_id).filter(bus_name=row.name).order_by("name"))
    now = clock.from_epoch(account_clock.now(account_id))
    number = Replay.objects.of(account_id).count() + 1
    first = min((each.created_at for each in kept), default=now)
    initial = {"name": f"replay-{number}", "start": first, "end": now.replace(microsecond=0) + timedelta(hours=1)}
    offered = {names.rule_arn(account_id, row.name, rule.name): rule.name for rule in rules_of(row)}
    return ReplayForm(data, initial=initial, archives=[each.name for each in kept], rules=offered)


def _settings_tab(request: DashboardRequest, kind: Kind, row: EventBus, chosen: Any) -> dict[str, Any]:
    policy = json.dumps(row.policy, indent=2) if row.policy else ""
    return {"bus": row, "settings_form": SettingsForm(initial={"description": row.description, "policy": policy})}


def dead_letter_queues(row: EventBus) -> list[str]:
    """ARNs of the queues that can be dead-letter queues."""
    queues = Queue.objects.of(row.account_id).exclude(name__endswith=".fifo").order_by("name").values_list("name", flat=True)
    return [sqs.queue_arn(row.account_id, name) for name in queues]


def changed(
    request: DashboardRequest, kind: Kind, name: str, said: str, operation: str, members: dict[str, Any], **query: str
) -> HttpResponse:
    """The answer to a change: back to the page, with *query*, where *said* is told and the call is in the drawer."""
    url = kind.url(request.account.account_id, name)
    address = f"{url}?{urlencode(query)}" if query else url
    return done(request, address, said, ApiCall("events", operation, members))
