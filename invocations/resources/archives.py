"""Archives of event buses."""

from typing import Any

from django.db import IntegrityError, transaction

from invocations import clock
from invocations.models import Account, Archive
from invocations.resources import event_buses, event_pages
from invocations.services.eventbridge import archive_store, directory, names, patterns
from invocations.services.eventbridge.errors import exists_already, no_bus, not_found
from invocations.values import Members


def create(account_id: str, members: Members) -> Archive:
    """CreateArchive."""
    name = members["ArchiveName"]
    bus_name = bus_of_arn(account_id, members["EventSourceArn"])
    if members.get("EventPattern"):
        patterns.compiled(members["EventPattern"])
    archive = Archive(name=name, bus_name=bus_name, created_at=clock.now())
    archive.account, _ = Account.objects.get_or_create(account_id=account_id)
    _set(archive, members)
    try:
        with transaction.atomic():
            archive.save()
    except IntegrityError:
        raise exists_already(f"Archive {name}") from None
    directory.changed(account_id)
    return archive


def get(account_id: str, name: str) -> Archive:
    """The archive. Raises ResourceNotFoundException."""
    archive = Archive.objects.of(account_id).filter(name=name).first()
    if archive is None:
        raise not_found(f"Archive {name} does not exist.")
    return archive


def update(account_id: str, members: Members) -> Archive:
    """UpdateArchive: what is not given stays."""
    if members.get("EventPattern"):
        patterns.compiled(members["EventPattern"])
    with transaction.atomic():
        archive = Archive.objects.of(account_id).select_for_update().filter(name=members["ArchiveName"]).first()
        if archive is None:
            raise not_found(f"Archive {members['ArchiveName']} does not exist.")
        _set(archive, members)
        archive.save()
    directory.changed(account_id)
    return archive


def delete(account_id: str, name: str) -> None:
    """DeleteArchive, with its events."""
    get(account_id, name).delete()
    directory.changed(account_id)
    archive_store.delete(account_id, name)


def list_all(account_id: str, members: Members) -> tuple[list[Archive], str | None]:
    """ListArchives: by name, and the token of the next page."""
    rows = Archive.objects.of(account_id).filter(name__startswith=members.get("NamePrefix", "")).order_by("name")
    if "EventSourceArn" in members:
        rows = rows.filter(bus_name=bus_of_arn(account_id, members["EventSourceArn"]))
    found = [] if members.get("State", "ENABLED") != "ENABLED" else list(rows)
    return event_pages.page(found, lambda archive: archive.name, members.get("Limit"), members.get("NextToken", ""))


def bus_of_arn(account_id: str, arn: str) -> str:
    """The name of the account's bus of that ARN. Raises ResourceNotFoundException."""
    found = names.parse(arn, "event-bus")
    if found is None or found[0] != account_id:
        raise no_bus(arn.rpartition("/")[2])
    return event_buses.get(account_id, found[1]).name


def _set(archive: Archive, members: Members) -> None:
    fields: dict[str, Any] = {
        "Description": "description",
        "EventPattern": "event_pattern",
        "RetentionDays": "retention_days",
        "KmsKeyIdentifier": "kms_key_identifier",
    }
    for member, field in fields.items():
        if member in members:
            setattr(archive, field, members[member])
