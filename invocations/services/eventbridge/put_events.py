"""PutEvents: each entry is checked by itself, then all that are good are stored together."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from invocations.outbox import Delivery
from invocations.services.eventbridge import access, names
from invocations.services.eventbridge.batch import Batch, new_event, read_detail
from invocations.services.eventbridge.errors import invalid, no_bus
from invocations.values import Members, Principal

LARGEST_REQUEST: Final = 1_048_576
"""Bytes of all entries together."""
MOST_ENTRIES: Final = 10
TIME_SIZE: Final = 14
"""Bytes that a Time counts for."""
_TOO_LARGE: Final = "Total size of the entries in the request is over the limit."


@dataclass(frozen=True, slots=True)
class EntryResult:
    """What became of one entry: an event id, or an error."""

    event_id: str = ""
    error_code: str = ""
    error_message: str = ""


def put_events(
    account_id: str,
    entries: Sequence[Members],
    *,
    principal: Principal | None = None,
    trace_id: str = "",
    parent_request_id: str = "",
) -> list[EntryResult]:
    """Puts events on buses; durable when it returns, with everything that rules owe to their targets.

    *entries* are as PutEvents takes them. Without a *principal* it is AWS itself that puts them: every source is allowed, and
    so is every bus. A caller's permission has been asked before. Raises ValidationException.
    """
    if not 1 <= len(entries) <= MOST_ENTRIES:
        raise invalid(f"PutEvents takes 1 to {MOST_ENTRIES} entries, not {len(entries)}.")
    if sum(map(size, entries)) > LARGEST_REQUEST:
        raise invalid(_TOO_LARGE)
    results: list[EntryResult] = []
    batches: dict[str, Batch] = {}
    for entry in entries:
        owner, bus_name = bus_of(account_id, entry.get("EventBusName"))
        if owner not in batches:
            batches[owner] = Batch.of(owner, trace_id=trace_id, parent_request_id=parent_request_id)
        batch = batches[owner]
        problem = _problem(entry, is_trusted=principal is None)
        if problem is not None:
            results.append(problem)
            continue
        event = _event(account_id, entry, batch.now)
        batch.put(bus_name, event, trace_id=entry.get("TraceHeader", ""))
        results.append(EntryResult(event["id"]))
    for batch in batches.values():
        batch.commit()
    return results


def receive(delivery: Delivery) -> str:
    """Puts what somebody owes to a bus on it: a rule the whole event, a destination or a schedule the detail. The event's id.

    Raises ResourceNotFoundException where there is no such bus, AccessDeniedException where another account may not.
    """
    owner, bus_name = bus_of(delivery.account_id, delivery.target)
    batch = Batch.of(owner, trace_id=delivery.trace_id, parent_request_id=delivery.parent_request_id)
    if owner != delivery.account_id:
        access.check(Principal.root(delivery.account_id), owner, bus_name, batch.buses.get(bus_name))
    if bus_name not in batch.buses:
        raise no_bus(bus_name)
    if "detail_type" in delivery.detail and _size_of(delivery) > LARGEST_REQUEST:
        raise invalid(_TOO_LARGE)
    event = json.loads(delivery.body) if "detail_type" not in delivery.detail else _event_of(delivery, batch.now)
    batch.put(bus_name, event)
    batch.commit()
    return str(event["id"])


def _event_of(delivery: Delivery, now: float) -> dict[str, Any]:
    detail = delivery.detail
    return new_event(
        delivery.account_id,
        source=detail.get("source", delivery.source),
        detail_type=detail["detail_type"],
        detail=read_detail(delivery.body) or {},
        time=now,
        resources=detail.get("resources", []),
    )


def _size_of(delivery: Delivery) -> int:
    """Bytes of the entry that a destination or a schedule makes."""
    detail = delivery.detail
    source, detail_type = detail.get("source", delivery.source), detail["detail_type"]
    return size({"Source": source, "DetailType": detail_type, "Detail": delivery.body, "Resources": detail.get("resources", [])})


def size(entry: Members) -> int:
    """Bytes of an entry (EventBridge User Guide, "Calculating PutEvents event entry size")."""
    texts = [entry.get("Source", ""), entry.get("DetailType", ""), entry.get("Detail", ""), *entry.get("Resources", [])]
    return sum(len(text.encode()) for text in texts) + (TIME_SIZE if "Time" in entry else 0)


def bus_of(account_id: str, name_or_arn: str | None) -> tuple[str, str]:
    """(account id, bus) that an EventBusName means; none is the default bus."""
    if not name_or_arn:
        return account_id, names.DEFAULT_BUS
    return names.parse(name_or_arn, "event-bus") or (account_id, name_or_arn)


def _problem(entry: Members, *, is_trusted: bool) -> EntryResult | None:
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            return EntryResult("", "InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is a required argument.")
    if not is_trusted and entry["Source"].startswith("aws."):
        return EntryResult("", "NotAuthorizedForSourceException", "Not authorized for the source.")
    if read_detail(entry["Detail"]) is None:
        return EntryResult("", "MalformedDetail", "Detail is malformed.")
    return None


def _event(account_id: str, entry: Members, now: float) -> dict[str, Any]:
    time = entry.get("Time")
    at = time.timestamp() if isinstance(time, datetime) else now if time is None else float(time)
    return new_event(
        account_id,
        source=entry["Source"],
        detail_type=entry["DetailType"],
        detail=read_detail(entry["Detail"]) or {},
        time=at,
        resources=entry.get("Resources", []),
    )
