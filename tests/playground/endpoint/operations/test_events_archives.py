"""Archives and replays through boto3."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from invocations.services import eventbridge
from tests.playground.endpoint.conftest import Server
from tests.playground.endpoint.operations.test_events import ACCOUNT, PATTERN, START, plain, refusal
from tests.playground.endpoint.operations.test_events_put import ENTRY

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]

BUS, ARCHIVE = f"{START}event-bus/default", f"{START}archive/kept"


@pytest.fixture
def events(server: Server) -> Any:
    return server.client("events")


def replay(name: str = "again", **members: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    times = {"EventStartTime": now - timedelta(hours=1), "EventEndTime": now + timedelta(hours=1)}
    return {"ReplayName": name, "EventSourceArn": ARCHIVE, "Destination": {"Arn": BUS}, **times, **members}


def test_an_archive_is_made_changed_listed_and_deleted(events: Any) -> None:
    made = events.create_archive(ArchiveName="kept", EventSourceArn=BUS, EventPattern=PATTERN, RetentionDays=1, Description="d")
    assert plain(made) == {"ArchiveArn": ARCHIVE, "State": "ENABLED"}
    events.put_events(Entries=[ENTRY, {**ENTRY, "Source": "elsewhere"}])
    (listed,) = events.list_archives()["Archives"]
    assert listed.pop("SizeBytes") > 100
    assert plain(listed) == {"ArchiveName": "kept", "EventSourceArn": BUS, "State": "ENABLED", "RetentionDays": 1, "EventCount": 1}
    events.update_archive(ArchiveName="kept", RetentionDays=7)
    found = events.describe_archive(ArchiveName="kept")
    assert (found["ArchiveArn"], found["EventPattern"], found["Description"], found["RetentionDays"]) == (ARCHIVE, PATTERN, "d", 7)
    assert refusal(events.create_archive, ArchiveName="kept", EventSourceArn=BUS) == (
        "ResourceAlreadyExistsException",
        "Archive kept already exists.",
    )
    assert events.list_archives(NamePrefix="x")["Archives"] == events.list_archives(State="DISABLED")["Archives"] == []
    events.delete_archive(ArchiveName="kept")
    missing = ("ResourceNotFoundException", "Archive kept does not exist.")
    assert refusal(events.describe_archive, ArchiveName="kept") == missing
    assert refusal(events.delete_archive, ArchiveName="kept") == missing
    assert refusal(events.update_archive, ArchiveName="kept") == missing


def test_archives_need_their_bus_and_a_pattern_that_is_one(events: Any) -> None:
    gone = f"{START}event-bus/gone"
    missing = ("ResourceNotFoundException", "Event bus gone does not exist.")
    assert refusal(events.create_archive, ArchiveName="kept", EventSourceArn=gone) == missing
    assert refusal(events.list_archives, EventSourceArn=gone) == missing
    assert refusal(events.create_archive, ArchiveName="kept", EventSourceArn=BUS, EventPattern="[]")[0] == "InvalidEventPatternException"


def test_a_replay_is_started_watched_and_ends(events: Any) -> None:
    events.create_archive(ArchiveName="kept", EventSourceArn=BUS)
    events.put_events(Entries=[ENTRY])
    started = events.start_replay(**replay(Description="once more"))
    assert (started["ReplayArn"], started["State"]) == (f"{START}replay/again", "STARTING")
    eventbridge.handle_replay(ACCOUNT, "again", 0.0)
    found = events.describe_replay(ReplayName="again")
    assert (found["State"], found["Destination"], found["Description"]) == ("RUNNING", {"Arn": BUS}, "once more")
    assert "EventLastReplayedTime" in found
    eventbridge.handle_replay(ACCOUNT, "again", 0.0)
    (listed,) = events.list_replays(State="COMPLETED")["Replays"]
    assert {"ReplayName", "EventSourceArn", "State", "EventStartTime", "EventEndTime", "EventLastReplayedTime"} <= listed.keys()
    assert {"ReplayStartTime", "ReplayEndTime"} <= listed.keys()
    assert events.list_replays(NamePrefix="x")["Replays"] == events.list_replays(EventSourceArn=f"{ARCHIVE}x")["Replays"] == []
    assert refusal(events.cancel_replay, ReplayName="again") == (
        "IllegalStatusException",
        "Replay again is not in a valid state for this operation.",
    )


def test_a_replay_is_cancelled(events: Any) -> None:
    events.create_archive(ArchiveName="kept", EventSourceArn=BUS)
    events.start_replay(**replay())
    assert plain(events.cancel_replay(ReplayName="again")) == {"ReplayArn": f"{START}replay/again", "State": "CANCELLING"}


def test_replays_that_are_refused(events: Any) -> None:
    assert refusal(events.start_replay, **replay()) == (
        "ValidationException",
        "Parameter EventSourceArn is not valid. Reason: Archive kept does not exist.",
    )
    events.create_archive(ArchiveName="kept", EventSourceArn=BUS)
    events.create_event_bus(Name="other")
    assert refusal(events.start_replay, **replay(Destination={"Arn": f"{START}event-bus/gone"})) == (
        "ResourceNotFoundException",
        "Event bus gone does not exist.",
    )
    assert refusal(events.start_replay, **replay(Destination={"Arn": f"{START}event-bus/other"})) == (
        "ValidationException",
        "Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.",
    )
    now = datetime.now(UTC)
    assert refusal(events.start_replay, **replay(EventStartTime=now, EventEndTime=now)) == (
        "ValidationException",
        "Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.",
    )
    events.start_replay(**replay())
    assert refusal(events.start_replay, **replay()) == ("ResourceAlreadyExistsException", "Replay again already exists.")
    assert refusal(events.describe_replay, ReplayName="x") == ("ResourceNotFoundException", "Replay x does not exist.")
