"""EventBridge: archives and replays."""

from typing import Any

from invocations import clock
from invocations.models import Archive, Replay
from invocations.resources import archives, replays
from invocations.services.eventbridge import archive_store, names
from invocations.services.eventbridge.replays import progress
from playground.endpoint.registry import Call, operation

Answer = dict[str, Any]


@operation("events", "CreateArchive")
def create_archive(call: Call) -> Answer:
    """Keeps a bus's events from now on."""
    return _made(archives.create(call.principal.account_id, call.input))


@operation("events", "UpdateArchive")
def update_archive(call: Call) -> Answer:
    """What is given is changed."""
    return _made(archives.update(call.principal.account_id, call.input))


@operation("events", "DescribeArchive")
def describe_archive(call: Call) -> Answer:
    """All of an archive."""
    archive = archives.get(call.principal.account_id, call.input["ArchiveName"])
    return {
        **_listed(archive),
        "ArchiveArn": names.archive_arn(archive.account_id, archive.name),
        "Description": archive.description or None,
        "EventPattern": archive.event_pattern or None,
        "KmsKeyIdentifier": archive.kms_key_identifier or None,
    }


@operation("events", "ListArchives")
def list_archives(call: Call) -> Answer:
    """The account's archives, by pages."""
    found, token = archives.list_all(call.principal.account_id, call.input)
    return {"Archives": [_listed(archive) for archive in found], "NextToken": token}


@operation("events", "DeleteArchive")
def delete_archive(call: Call) -> Answer:
    """Gone with its events."""
    archives.delete(call.principal.account_id, call.input["ArchiveName"])
    return {}


@operation("events", "StartReplay")
def start_replay(call: Call) -> Answer:
    """An archive's events go over their bus once more."""
    replay = replays.start(call.principal.account_id, call.input)
    arn = names.replay_arn(replay.account_id, replay.name)
    return {"ReplayArn": arn, "State": replay.state, "ReplayStartTime": replay.replay_start_time}


@operation("events", "DescribeReplay")
def describe_replay(call: Call) -> Answer:
    """All of a replay."""
    replay = replays.get(call.principal.account_id, call.input["ReplayName"])
    destination = {"Arn": names.bus_arn(replay.account_id, replay.bus_name), "FilterArns": replay.filter_arns or None}
    return {
        **_replay(replay),
        "ReplayArn": names.replay_arn(replay.account_id, replay.name),
        "Description": replay.description or None,
        "Destination": destination,
    }


@operation("events", "ListReplays")
def list_replays(call: Call) -> Answer:
    """The account's replays, by pages."""
    found, token = replays.list_all(call.principal.account_id, call.input)
    return {"Replays": [_replay(replay) for replay in found], "NextToken": token}


@operation("events", "CancelReplay")
def cancel_replay(call: Call) -> Answer:
    """What was replayed stays replayed."""
    replay = replays.cancel(call.principal.account_id, call.input["ReplayName"])
    return {"ReplayArn": names.replay_arn(replay.account_id, replay.name), "State": replay.state}


def _made(archive: Archive) -> Answer:
    arn = names.archive_arn(archive.account_id, archive.name)
    return {"ArchiveArn": arn, "State": "ENABLED", "CreationTime": archive.created_at}


def _listed(archive: Archive) -> Answer:
    count, size = archive_store.totals(archive.account_id, archive.name)
    return {
        "ArchiveName": archive.name,
        "EventSourceArn": names.bus_arn(archive.account_id, archive.bus_name),
        "State": "ENABLED",
        "RetentionDays": archive.retention_days,
        "SizeBytes": size,
        "EventCount": count,
        "CreationTime": archive.created_at,
    }


def _replay(replay: Replay) -> Answer:
    last = replay.event_last_replayed_time
    under_way = progress(replay.account_id, replay.name) if last is None else None
    return {
        "ReplayName": replay.name,
        "EventSourceArn": names.archive_arn(replay.account_id, replay.archive_name),
        "State": replay.state,
        "EventStartTime": replay.event_start_time,
        "EventEndTime": replay.event_end_time,
        "EventLastReplayedTime": last if under_way is None else clock.from_epoch(under_way),
        "ReplayStartTime": replay.replay_start_time,
        "ReplayEndTime": replay.replay_end_time,
    }
