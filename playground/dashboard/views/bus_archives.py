"""What is done on the page of an event bus with its archives, replays and settings."""

from typing import Any

from django.http import HttpResponse

from invocations.errors import AwsError
from invocations.resources import archives, event_buses, replays
from invocations.services.eventbridge import names
from playground.dashboard.bus_forms import ArchiveForm, SettingsForm
from playground.dashboard.changes import is_confirmed, saved, sentence
from playground.dashboard.resources.kind import Kind, View
from playground.dashboard.resources.page import refused
from playground.dashboard.views.bus_page import changed, find, replay_form, show_bus
from playground.dashboard.web import DashboardRequest


def create_archive(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """CreateArchive."""
    row, form = find(request, name), ArchiveForm(request.POST)
    arn = names.bus_arn(row.account_id, name)
    if not saved(form, lambda: archives.create(row.account_id, form.members(arn)), form.FIELDS):
        return show_bus(request, kind, row, 422, "archives", archive_form=form)
    said = f"The archive {form.cleaned_data['name']} keeps this bus's events from now on."
    return changed(request, kind, name, said, "CreateArchive", form.members(arn), tab="archives")


def delete_archive(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """DeleteArchive, once its name has been typed."""
    row, archive = find(request, name), request.POST.get("archive", "")
    if not is_confirmed(request, archive):
        return refused(request, kind, name, f"Nothing was deleted: type {archive} to confirm.")
    try:
        archives.delete(row.account_id, archive)
    except AwsError as error:
        return refused(request, kind, name, sentence(error))
    said = f"Deleted the archive {archive} with its events."
    return changed(request, kind, name, said, "DeleteArchive", {"ArchiveName": archive}, tab="archives")


def start_replay(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """StartReplay."""
    row = find(request, name)
    form = replay_form(row, request.POST)
    arn = names.bus_arn(row.account_id, name)

    def members() -> dict[str, Any]:
        return form.members(arn, names.archive_arn(row.account_id, form.cleaned_data["archive"]))

    fields = {"EventEndTime": "end", "Replay": "name"}
    if not saved(form, lambda: replays.start(row.account_id, members()), fields):
        return show_bus(request, kind, row, 422, "archives", replay_form=form)
    given = members()
    shown = {**given, "EventStartTime": given["EventStartTime"].isoformat(), "EventEndTime": given["EventEndTime"].isoformat()}
    said = f"The replay {given['ReplayName']} has begun."
    return changed(request, kind, name, said, "StartReplay", shown, tab="archives")


def cancel_replay(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """CancelReplay."""
    row, replay = find(request, name), request.POST.get("replay", "")
    try:
        replays.cancel(row.account_id, replay)
    except AwsError as error:
        return refused(request, kind, name, sentence(error))
    said = "The replay stops. What it has replayed stays replayed."
    return changed(request, kind, name, said, "CancelReplay", {"ReplayName": replay}, tab="archives")


def save_settings(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """UpdateEventBus, and PutPermission or RemovePermission."""
    row, form = find(request, name), SettingsForm(request.POST)

    def call() -> None:
        policy = form.cleaned_data["policy"].strip()
        if policy:
            event_buses.put_permission(row.account_id, {"EventBusName": name, "Policy": policy})
        elif row.policy:
            event_buses.remove_permission(row.account_id, {"EventBusName": name, "RemoveAllPermissions": True})
        event_buses.update(row.account_id, {"Name": name, "Description": form.cleaned_data["description"]})

    if not saved(form, call, {"Policy": "policy"}):
        return show_bus(request, kind, row, 422, "settings", settings_form=form)
    members = {"Name": name, "Description": form.cleaned_data["description"]}
    return changed(request, kind, name, "Saved.", "UpdateEventBus", members, tab="settings")


CHANGES: dict[str, View] = {
    "archive": create_archive,
    "delete-archive": delete_archive,
    "replay": start_replay,
    "cancel-replay": cancel_replay,
    "settings": save_settings,
}
