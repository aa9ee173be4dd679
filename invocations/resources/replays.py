"""Replays of archives."""

from django.db import IntegrityError, transaction

from invocations import account_clock, clock
from invocations.errors import aws_error
from invocations.models import Account, Archive, Replay
from invocations.resources import archives, event_pages
from invocations.services.eventbridge import names
from invocations.services.eventbridge import replays as running
from invocations.services.eventbridge.errors import exists_already, invalid_parameter, not_found
from invocations.values import Members


def start(account_id: str, members: Members) -> Replay:
    """StartReplay."""
    archive = _archive(account_id, members["EventSourceArn"])
    destination = members["Destination"]
    bus_name = archives.bus_of_arn(account_id, destination["Arn"])
    if bus_name != archive.bus_name:
        raise invalid_parameter("Destination.Arn", "Cross event bus replay is not permitted.")
    for arn in destination.get("FilterArns", []):
        found = names.parse(arn, "rule")
        if found is None or found[0] != account_id or names.split_rule(found[1])[0] != bus_name:
            raise invalid_parameter("Destination.FilterArns", "Rule ARNs must be of the event bus that is replayed to.")
    if members["EventStartTime"] >= members["EventEndTime"]:
        raise invalid_parameter("EventEndTime", "EventStartTime must be before EventEndTime.")
    account, _ = Account.objects.get_or_create(account_id=account_id)
    try:
        with transaction.atomic():
            replay = Replay.objects.create(
                account=account,
                name=members["ReplayName"],
                description=members.get("Description", ""),
                archive_name=archive.name,
                bus_name=bus_name,
                filter_arns=destination.get("FilterArns", []),
                event_start_time=members["EventStartTime"],
                event_end_time=members["EventEndTime"],
                replay_start_time=clock.from_epoch(account_clock.now(account_id)),
            )
    except IntegrityError:
        raise exists_already(f"Replay {members['ReplayName']}") from None
    running.start(replay)
    return replay


def get(account_id: str, name: str) -> Replay:
    """The replay. Raises ResourceNotFoundException."""
    replay = Replay.objects.of(account_id).filter(name=name).first()
    if replay is None:
        raise not_found(f"Replay {name} does not exist.")
    return replay


def cancel(account_id: str, name: str) -> Replay:
    """CancelReplay. Raises IllegalStatusException for one that is over, or being cancelled."""
    replay = get(account_id, name)
    changed = Replay.objects.of(account_id).filter(pk=replay.pk, state__in=(running.STARTING, running.RUNNING))
    if not changed.update(state=running.CANCELLING):
        raise aws_error("IllegalStatusException", f"Replay {name} is not in a valid state for this operation.")
    running.start(replay)
    replay.state = running.CANCELLING
    return replay


def list_all(account_id: str, members: Members) -> tuple[list[Replay], str | None]:
    """ListReplays: by name, and the token of the next page."""
    rows = Replay.objects.of(account_id).filter(name__startswith=members.get("NamePrefix", "")).order_by("name")
    if "State" in members:
        rows = rows.filter(state=members["State"])
    if "EventSourceArn" in members:
        found = names.parse(members["EventSourceArn"], "archive")
        rows = rows.filter(archive_name=found[1] if found else "")
    return event_pages.page(list(rows), lambda replay: replay.name, members.get("Limit"), members.get("NextToken", ""))


def _archive(account_id: str, arn: str) -> Archive:
    found = names.parse(arn, "archive")
    name = found[1] if found else arn
    archive = Archive.objects.of(account_id).filter(name=name).first() if found and found[0] == account_id else None
    if archive is None:
        raise invalid_parameter("EventSourceArn", f"Archive {name} does not exist.")
    return archive
