"""Moves finished invocations and the records of management calls from Redis to the database, in grouped commits. Exactly one
process does it, over all hosts.

An entry leaves the stream after its rows are committed, so nothing is lost; what a dead writer had committed and not yet
removed is recognised by its request id, so nothing is written twice; so is what a service's successor hands on "again".
"""

import asyncio
import logging
import threading
import uuid
from collections.abc import Callable, Iterable
from typing import Any, cast

import redis
from django.db import DatabaseError, connection, transaction

from invocations import announce, clock, fast_json, store
from invocations.bulk_insert import bulk_insert
from invocations.models import Account, Invocation, LogBatch, LogGroup, TrailEvent
from invocations.trail import stream as trail

log = logging.getLogger(__name__)

GROUP = "writer"
AT_ONCE = 500
"""Invocations per commit at the most."""
LOCK = "journal:writer"
LOCK_SECONDS = 4
"""How long the journal stands still after the death of whoever wrote it, at the most."""
RENEW_SECONDS = 1.0
LOOK_BACK_SECONDS = 1.0
"""How often it looks for what was read and not written: a predecessor's, or an answer that was lost with its connection."""
GATHER_SECONDS = 0.05
"""How long the next commit waits for more to go with it, unless a whole one is there already."""
BUSY_GATHER_SECONDS = 0.2
"""The same when the last commit had many entries: a commit costs as much as twenty of them."""
BUSY_AT = 10
PRUNE_EVERY = 20_000
"""Invocations between two looks at what is too old to keep."""

TELL_SECONDS = 0.25
"""Between two announcements of what was written."""
TOLD_AT_ONCE = 25
"""Of each sort in one announcement; a page that shows them reads the rest when it is loaded."""
STREAMS = (store.JOURNAL_KEY, store.TRAIL_KEY)

Entry = tuple[bytes, dict[bytes, bytes]]
Batch = dict[str, list[Entry]]
"""Entries by their stream."""
Row = dict[str, Any]
"""Values by column, maybe with more that is no column."""
Told = dict[str, announce.Announcement]
"""By account: {"kind": "trail", "events": event ids, "invocations": request ids}."""


class JournalWriter:
    """The loop; `run` ends soon after `stop` is set."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._name = uuid.uuid4().hex
        self._since_prune = PRUNE_EVERY
        self._untold: Told = {}
        self._told_at = 0.0
        self._renew_at = 0.0
        """Until then the lock is held without asking."""
        self._loop = asyncio.Runner()
        """What announces: a loop for each announcement would cost more than all else here."""

    def run(self) -> None:
        """Writes for as long as this process holds the lock, and waits for the lock while another does."""
        with self._loop:
            self._run()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                if self._hold_lock():
                    self._write_while_locked()
                else:
                    self._stop.wait(0.25)
            except (redis.RedisError, DatabaseError) as error:
                log.warning("the journal waits: %s", error)
                connection.close()
                self._stop.wait(0.5)
        if store.connection().get(LOCK) == self._name.encode():
            store.connection().delete(LOCK)

    def _hold_lock(self) -> bool:
        if clock.monotonic() < self._renew_at:
            return True
        client = store.connection()
        is_held = bool(client.set(LOCK, self._name, nx=True, ex=LOCK_SECONDS))
        if not is_held and client.get(LOCK) == self._name.encode():
            is_held = bool(client.expire(LOCK, LOCK_SECONDS))
        self._renew_at = clock.monotonic() + RENEW_SECONDS if is_held else 0.0
        return is_held

    def _write_while_locked(self) -> None:
        client = store.connection()
        for key in STREAMS:
            _ensure_group(client, key)
        look_back_at = 0.0
        while not self._stop.is_set() and self._hold_lock():
            is_leftover = clock.monotonic() >= look_back_at
            batch = self._read(client, leftover=is_leftover)
            self._tell()
            if not batch:
                look_back_at = clock.monotonic() + LOOK_BACK_SECONDS if is_leftover else look_back_at
                continue
            entries = [entry for found in batch.values() for entry in found]
            rows, calls = write(entries, check_known=is_leftover or any(b"again" in fields for _, fields in entries))
            with client.pipeline(transaction=False) as pipeline:
                for key, found in batch.items():
                    ids = [entry_id for entry_id, _ in found]
                    pipeline.xack(key, GROUP, *ids)
                    pipeline.xdel(key, *ids)
                pipeline.execute()
            _to_tell(self._untold, rows, calls)
            if len(entries) < AT_ONCE:
                self._stop.wait(BUSY_GATHER_SECONDS if len(entries) >= BUSY_AT else GATHER_SECONDS)
            self._since_prune += len(entries)
            if self._since_prune >= PRUNE_EVERY:
                self._since_prune = 0
                prune()

    def _read(self, client: redis.Redis, *, leftover: bool) -> Batch:
        wanted: dict[Any, Any] = dict.fromkeys(STREAMS, "0" if leftover else ">")
        patience = int(TELL_SECONDS * 1000) if self._untold else 1000
        answer = client.xreadgroup(GROUP, "writer", wanted, count=AT_ONCE, block=None if leftover else patience)
        return {key.decode(): entries for key, entries in cast("list[tuple[bytes, list[Entry]]]", answer) if entries}

    def _tell(self) -> None:
        """Announces what was written, now and then."""
        now = clock.monotonic()
        if not self._untold or now - self._told_at < TELL_SECONDS:
            return
        untold, self._untold, self._told_at = self._untold, {}, now
        for account_id, event in untold.items():
            self._loop.run(announce.publish_async(account_id, [event]))


def _ensure_group(client: redis.Redis, key: str) -> None:
    try:
        client.xgroup_create(key, GROUP, id="0", mkstream=True)
    except redis.ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise


def write(entries: Iterable[Entry], *, check_known: bool) -> tuple[list[Row], list[Row]]:
    """Writes entries in one transaction; with *check_known*, those whose request id is in the database already are left out.

    Returns what was written: invocations, and calls.
    """
    rows: list[Row] = []
    tries: list[Row] = []
    calls: list[Row] = []
    for _, fields in entries:
        if b"trail" in fields:
            calls.append(trail.parse(_parse(fields[b"trail"])))
        elif b"log" in fields:
            tries.append(_parse(fields[b"log"]))
        else:
            payloads = {"request_payload": fields[b"request"], "response_payload": fields[b"response"]}
            rows.append(_parse(fields[b"record"]) | payloads)
    with transaction.atomic():
        if check_known:
            request_ids = [row["request_id"] for row in rows]
            known = set(Invocation.objects.filter(request_id__in=request_ids).values_list("account_id", "request_id"))
            fresh = {(row["account_id"], row["request_id"]): row for row in rows}
            rows = [row for key, row in fresh.items() if key not in known]
        if check_known and tries:
            tries = _not_known(tries)
        logged = [row for row in (*rows, *tries) if row["log"] and row["log_group_name"]]
        _ensure_groups({(row["account_id"], row["log_group_name"]) for row in logged})
        bulk_insert(Invocation, [_invocation(row) for row in rows], ignore_conflicts=True)
        bulk_insert(LogBatch, [_log_batch(row) for row in logged])
        if calls:
            accounts = set(Account.objects.filter(pk__in={row["account_id"] for row in calls}).values_list("pk", flat=True))
            calls = [row for row in calls if row["account_id"] in accounts]
            bulk_insert(TrailEvent, calls, ignore_conflicts=True)
    return rows, calls


def _to_tell(told: Told, rows: Iterable[Row], calls: Iterable[Row]) -> None:
    for name, key, found in (("invocations", "request_id", rows), ("events", "event_id", calls)):
        for row in found:
            account = told.setdefault(row["account_id"], {"kind": "trail", "events": [], "invocations": []})
            if len(account[name]) < TOLD_AT_ONCE:
                account[name].append(row[key])


def prune() -> None:
    """Lets each account keep its newest invocations, as many as it may."""
    for account in Account.objects.all():
        kept = Invocation.objects.of(account.account_id).order_by("-received_at", "-id")
        oldest_kept = kept.values_list("received_at", flat=True)[account.retained_invocations : account.retained_invocations + 1].first()
        if oldest_kept is not None:
            Invocation.objects.of(account.account_id).filter(received_at__lte=oldest_kept).delete()


def _ensure_groups(groups: set[tuple[str, str]]) -> None:
    if not groups:
        return
    known = set(LogGroup.objects.filter(name__in={name for _, name in groups}).values_list("account_id", "name"))
    fresh = [LogGroup(account_id=account_id, name=name) for account_id, name in groups - known]
    LogGroup.objects.bulk_create(fresh, ignore_conflicts=True)


def _parse(text: bytes) -> Row:
    row: Row = fast_json.loads(text.replace(rb"\u0000", rb"\ufffd"))  # PostgreSQL stores no NUL in text
    return row


def _not_known(tries: list[Row]) -> list[Row]:
    """Logs of tries that are not in the database already."""
    request_ids = [row["request_id"] for row in tries]
    known = set(LogBatch.objects.filter(request_id__in=request_ids).values_list("account_id", "request_id", "first_at"))
    return [row for row in tries if row["log"] and (row["account_id"], row["request_id"], row["log"][0][0]) not in known]


def _invocation(row: Row) -> Row:
    """The columns of an Invocation."""
    moments = {"received_at": clock.from_epoch(row["received_at"]), "ended_at": clock.from_epoch(row["ended_at"])}
    return {"caller": {}, "http_status": None} | row | moments


def _log_batch(row: Row) -> Row:
    """The columns of its LogBatch."""
    events = row["log"]
    return row | {"first_at": events[0][0], "last_at": events[-1][0], "events": events}


def in_thread() -> Callable[[], None]:
    """Starts the writer in a thread of this process; the answer stops it and waits for its last commit."""
    stop = threading.Event()
    thread = threading.Thread(target=JournalWriter(stop).run, name="journal-writer", daemon=True)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join(timeout=5)

    return end
