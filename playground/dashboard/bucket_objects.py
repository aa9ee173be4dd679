"""What a bucket's page shows of its objects: folders by the slashes in their keys, and one object's content as text."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.utils.http import urlencode

from invocations.models import Bucket, StoredObject
from invocations.services.s3 import blobs, listing
from playground.dashboard import figures
from playground.dashboard.json_text import mistake_in
from playground.dashboard.payload import Payload
from playground.dashboard.queue_messages import Origin, origin_of_record

SHOWN = 100
"""Keys and folders on a page."""
MOST_TEXT_BYTES = 512 * 1024
"""Larger objects are not shown, only given for download."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list: a folder, or an object."""

    name: str
    """What follows the folder in which it is."""
    query: str
    """What leads to it on this page."""
    key: str = ""
    """Empty for a folder."""
    size: str = ""
    last_modified: datetime | None = None


@dataclass(slots=True)
class Folder:
    """One page of a folder's content."""

    lines: list[Line] = field(default_factory=list)
    later: str = ""
    """The query of the next page."""


def folder(bucket: Bucket, prefix: str, after: str) -> Folder:
    """What is directly under *prefix*, after the key or folder *after*."""
    rows = StoredObject.objects.of(bucket.account_id).filter(bucket=bucket).only("key_utf8", "size", "last_modified")
    page = listing.page(rows, prefix, "/", after, SHOWN)
    folders = [Line(each[len(prefix) :], urlencode({"prefix": each})) for each in page.prefixes]
    objects = [
        Line(row.key[len(prefix) :] or row.key, object_query(prefix, row.key), row.key, figures.size(row.size), row.last_modified)
        for row in page.rows
    ]
    later = urlencode({"prefix": prefix, "after": page.next_key}) if page.next_key is not None else ""
    return Folder(folders + objects, later)


def object_query(prefix: str, key: str) -> str:
    """The query of an object that is shown in a folder."""
    return urlencode({"prefix": prefix, "key": key} if prefix else {"key": key})


@dataclass(frozen=True, slots=True)
class Step:
    """One folder on the way to a prefix."""

    name: str
    query: str


def way_to(prefix: str) -> Sequence[Step]:
    """The folders that lead to *prefix*, itself the last."""
    names = prefix.split("/")[:-1] if prefix.endswith("/") else prefix.split("/")
    found, so_far = [], ""
    for name in names if prefix else []:
        so_far += f"{name}/"
        found.append(Step(name or "(empty)", urlencode({"prefix": so_far})))
    return found


def find(bucket: Bucket, key: str) -> "ObjectView | None":
    """The object under a key."""
    row = StoredObject.objects.of(bucket.account_id).filter(bucket=bucket, key_utf8=key.encode()).first() if key else None
    return ObjectView(row) if row is not None else None


class ObjectView:
    """One object in full."""

    def __init__(self, row: StoredObject) -> None:
        self.row = row
        self.key = row.key
        self.size = figures.size(row.size)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What HeadObject says of it."""
        found = [("ETag", f'"{self.row.etag}"'), ("Content-Type", self.row.content_type)]
        found += [(_header(name), value) for name, value in self.row.headers.items()]
        found += [(f"x-amz-meta-{name}", value) for name, value in self.row.metadata.items()]
        found += [(f"Tag {name}", value) for name, value in self.row.tags.items()]
        return found + [(name.replace("Checksum", "Checksum ", 1), value) for name, value in self.row.checksums.items()]

    @cached_property
    def content(self) -> Payload | None:
        """Its bytes as text; None where they are none, or too many."""
        if self.row.size > MOST_TEXT_BYTES:
            return None
        try:
            data = blobs.Reader(self.row.account_id, self.row.segments, 0, self.row.size).read()
        except FileNotFoundError:
            return None  # it has just been replaced or deleted
        return Payload(data) if _is_text(data) else None

    @cached_property
    def origin(self) -> Origin | None:
        """The asynchronous invocation whose record it is."""
        return origin_of_record(self.content.text) if self.content is not None else None

    @property
    def event(self) -> str:
        """What a function is sent when it is replayed: the original event of a record, else the content; empty where that is no JSON."""
        if self.origin is not None:
            return self.origin.event
        text = self.content.text if self.content is not None else ""
        return text if text.strip() and mistake_in(text) is None else ""

    @property
    def is_large(self) -> bool:
        """Whether it is too large to be shown."""
        return self.row.size > MOST_TEXT_BYTES

    @property
    def file_name(self) -> str:
        """What it is called once it has been downloaded."""
        return self.key.rstrip("/").rpartition("/")[2] or "object"


def _header(name: str) -> str:
    return {"CacheControl": "Cache-Control", "StorageClass": "Storage class"}.get(name, name.replace("Content", "Content-", 1))


def _is_text(data: bytes) -> bool:
    if b"\0" in data:
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
