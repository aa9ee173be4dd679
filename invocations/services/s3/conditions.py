"""Conditional requests: If-Match and its like, for reading (RFC 9110) and for writing."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from invocations.models.bucket import StoredObject
from invocations.services.s3.errors import no_such_key, not_modified, precondition_failed


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a request demands of the object as it is; None where it demands nothing."""

    if_match: str | None = None
    if_none_match: str | None = None
    if_modified_since: datetime | None = None
    if_unmodified_since: datetime | None = None


ANYHOW = Conditions()


def check_read(row: StoredObject, conditions: Conditions, prefix: str = "") -> None:
    """Raises PreconditionFailed, NotModified. *prefix* begins the headers' names where the source of a copy is meant."""
    modified = row.last_modified.replace(microsecond=0)
    if conditions.if_match is not None:
        if not _names(conditions.if_match, row.etag):
            raise precondition_failed(f"{prefix}If-Match")
    elif conditions.if_unmodified_since is not None and modified > conditions.if_unmodified_since:
        raise precondition_failed(f"{prefix}If-Unmodified-Since")
    if conditions.if_none_match is not None:
        is_same, header = _names(conditions.if_none_match, row.etag), "If-None-Match"
    else:
        since = conditions.if_modified_since
        is_same, header = since is not None and modified <= since, "If-Modified-Since"
    if is_same and prefix:
        raise precondition_failed(f"{prefix}{header}")
    if is_same:
        raise not_modified({"etag": f'"{row.etag}"', "last-modified": format_datetime(modified, usegmt=True)})


def check_write(key: str, row: StoredObject | None, conditions: Conditions) -> None:
    """Raises PreconditionFailed, NoSuchKey where an object is to be replaced that is not there."""
    if conditions.if_none_match is not None and row is not None and _names(conditions.if_none_match, row.etag):
        raise precondition_failed("If-None-Match")
    if conditions.if_match is not None:
        if row is None:
            raise no_such_key(key)
        if not _names(conditions.if_match, row.etag):
            raise precondition_failed("If-Match")


def _names(header: str, etag: str) -> bool:
    return any(each.strip() == "*" or each.strip().removeprefix("W/").strip('"') == etag for each in header.split(","))
