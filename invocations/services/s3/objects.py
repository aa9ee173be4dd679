"""Objects: put, found, deleted, copied. A row of the database, and files in the data folder."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F

from invocations import clock
from invocations.errors import aws_error
from invocations.models.bucket import Bucket, StoredObject
from invocations.services.s3 import blobs
from invocations.services.s3.blobs import Reader, Upload
from invocations.services.s3.conditions import ANYHOW, Conditions, check_write
from invocations.services.s3.errors import invalid_argument, no_such_bucket, no_such_key, no_such_version

MOST_KEY_BYTES: Final = 1024
MOST_METADATA_BYTES: Final = 2048
DEFAULT_CONTENT_TYPE: Final = "binary/octet-stream"
NULL_VERSION: Final = "null"


@dataclass(slots=True)
class Attributes:
    """What is kept beside an object's bytes."""

    content_type: str = DEFAULT_CONTENT_TYPE
    headers: dict[str, str] = field(default_factory=dict)
    """By member names: CacheControl, ContentDisposition …"""
    metadata: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def columns(self) -> dict[str, Any]:
        """As columns of a row."""
        return {"content_type": self.content_type, "headers": self.headers, "metadata": self.metadata, "tags": self.tags}


def put(
    bucket: Bucket,
    key: str,
    upload: Upload,
    attributes: Attributes,
    checksums: Mapping[str, str] | None = None,
    conditions: Conditions = ANYHOW,
) -> StoredObject:
    """Stores an object in the place of any other. Raises KeyTooLongError, MetadataTooLarge, PreconditionFailed."""
    check_key(key)
    check_metadata(attributes.metadata)
    segments = upload.keep(bucket.account_id)
    columns = {"etag": upload.md5, "size": upload.size, "segments": segments, "checksums": dict(checksums or {})}
    return store(bucket, key, columns | attributes.columns(), conditions)


def store(bucket: Bucket, key: str, columns: dict[str, Any], conditions: Conditions = ANYHOW) -> StoredObject:
    """Writes the row of an object whose bytes are in place; if it is refused, its bytes go."""
    try:
        return replace(bucket, key, columns, conditions)
    except BaseException:
        blobs.remove(bucket.account_id, columns["segments"])
        raise


def replace(bucket: Bucket, key: str, columns: dict[str, Any], conditions: Conditions) -> StoredObject:
    """Writes the row of an object; the bytes of the one before it go once that is committed."""
    columns = columns | {"last_modified": clock.now()}
    while True:
        try:
            with transaction.atomic():
                lock(bucket)
                rows = StoredObject.objects.of(bucket.account_id).select_for_update()
                row = rows.filter(bucket=bucket, key_utf8=key.encode()).first()
                check_write(key, row, conditions)
                if row is None:
                    return StoredObject.objects.create(account_id=bucket.account_id, bucket=bucket, key_utf8=key.encode(), **columns)
                transaction.on_commit(partial(blobs.remove, bucket.account_id, row.segments))
                for name, value in columns.items():
                    setattr(row, name, value)
                row.save(update_fields=list(columns))
                return row
        except IntegrityError:
            continue  # somebody put an object under the same key at the same moment


def lock(bucket: Bucket) -> None:
    """Has the bucket stay as it is until the transaction ends, which changes what is in it. Raises NoSuchBucket where it is gone by now."""
    if not Bucket.objects.of(bucket.account_id).filter(pk=bucket.pk).update(changes=F("changes") + 1):
        raise no_such_bucket(bucket.name)


def find(bucket: Bucket, key: str, version_id: str | None = None) -> StoredObject:
    """The object. Raises NoSuchKey, NoSuchVersion for any version but "null"."""
    row = StoredObject.objects.of(bucket.account_id).filter(bucket=bucket, key_utf8=key.encode()).first()
    if row is None:
        raise no_such_key(key)
    check_version(key, version_id)
    return row


def open_range(bucket: Bucket, key: str, choose: Callable[[StoredObject], tuple[int, int]]) -> tuple[StoredObject, Reader]:
    """An object and the bytes that *choose* (start, length) asks for, though it be replaced at this moment."""
    while True:
        row = find(bucket, key)
        start, length = choose(row)
        try:
            return row, Reader(row.account_id, row.segments, start, length)
        except FileNotFoundError:
            fresh = find(bucket, key)
            if fresh.segments == row.segments:
                raise  # the data folder has lost it


def delete(bucket: Bucket, keys: Iterable[str]) -> None:
    """Removes objects; those that are not there do no harm."""
    with transaction.atomic():
        lock(bucket)
        rows = StoredObject.objects.of(bucket.account_id).filter(bucket=bucket, key_utf8__in=[key.encode() for key in keys])
        segments = [segment for found in rows.select_for_update().values_list("segments", flat=True) for segment in found]
        rows.delete()
    blobs.remove(bucket.account_id, segments)


def copy(source: Bucket, source_key: str, bucket: Bucket, key: str, attributes: Attributes, conditions: Conditions) -> StoredObject:
    """Stores an object of the same bytes as another, without copying them. Raises NoSuchKey, PreconditionFailed."""
    while True:
        row = find(source, source_key)
        try:
            segments = blobs.link(row.account_id, row.segments, bucket.account_id)
        except FileNotFoundError:
            if find(source, source_key).segments == row.segments:
                raise  # the data folder has lost it
            continue  # it has just been replaced
        columns = {"etag": row.etag, "size": row.size, "segments": segments, "checksums": row.checksums}
        return store(bucket, key, columns | attributes.columns(), conditions)


def set_tags(row: StoredObject, tags: Mapping[str, str]) -> None:
    """Replaces an object's tags. Raises NoSuchKey where it has been deleted meanwhile."""
    if not StoredObject.objects.of(row.account_id).filter(pk=row.pk).update(tags=dict(tags)):
        raise no_such_key(row.key)


def check_key(key: str) -> None:
    """Raises KeyTooLongError, InvalidArgument for no key at all."""
    size = len(key.encode())
    if size > MOST_KEY_BYTES:
        raise aws_error("KeyTooLongError", "Your key is too long", Size=size, MaxSizeAllowed=MOST_KEY_BYTES)
    if not size:
        raise invalid_argument("A key must be specified", "key", key)


def check_metadata(metadata: Mapping[str, str]) -> None:
    """Raises MetadataTooLarge."""
    size = sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items())
    if size > MOST_METADATA_BYTES:
        message = "Your metadata headers exceed the maximum allowed metadata size"
        raise aws_error("MetadataTooLarge", message, Size=size, MaxSizeAllowed=MOST_METADATA_BYTES)


def check_version(key: str, version_id: str | None) -> None:
    """Raises NoSuchVersion, InvalidArgument for what can be no version."""
    if version_id is None or version_id == NULL_VERSION:
        return
    if not version_id or len(version_id) < 32:
        raise invalid_argument("Invalid version id specified", "versionId", version_id)
    raise no_such_version(key, version_id)
