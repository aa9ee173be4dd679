"""Lists of keys: in the order of their bytes, those with a delimiter in them rolled up, by pages."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from invocations.models.bucket import Keyed

_K = TypeVar("_K", bound=Keyed)


@dataclass(slots=True)
class Page:
    """One page of a list."""

    rows: list[Any] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    """What keys with a delimiter after the prefix are rolled up to."""
    next_key: str | None = None
    """Key or prefix after which the next page begins; None where this is the last."""


def page(
    rows: "QuerySet[_K]", prefix: str, delimiter: str, after: str, limit: int, *, within_key: str = "", after_within_key: str = ""
) -> Page:
    """The first *limit* rows and prefixes after *after*, of rows whose keys begin with *prefix*.

    *within_key*: the field that orders rows of one key, where a key may have several; *after_within_key*: its value in the last row
    of the page before.
    """
    found, last = Page(), None
    if not limit:
        return found
    for item in _items(rows, prefix, delimiter, after, limit + 1, within_key, after_within_key):
        if len(found.rows) + len(found.prefixes) == limit:
            found.next_key = last
            break
        if isinstance(item, str):
            found.prefixes.append(item)
            last = item
        else:
            found.rows.append(item)
            last = item.key
    return found


def _items(
    rows: "QuerySet[_K]", prefix: str, delimiter: str, after: str, batch_size: int, within_key: str, after_within_key: str
) -> Iterator[_K | str]:
    """Rows and prefixes in order, without end but that of the keys."""
    rows = rows.order_by("key_utf8", within_key) if within_key else rows.order_by("key_utf8")
    if prefix:
        rows = rows.filter(key_utf8__gte=prefix.encode(), key_utf8__lt=_successor(prefix))
    rolled = _rolled_up(after, prefix, delimiter)
    is_after_prefix = rolled is not None and rolled == after
    behind = _behind(after.encode(), within_key, after_within_key)
    left = rows.filter(key_utf8__gte=_successor(after)) if is_after_prefix else rows.filter(behind)
    while True:
        batch, rolled = list(left[:batch_size]), None
        for row in batch:
            key = row.key
            if rolled is not None and key.startswith(rolled):
                continue
            rolled = _rolled_up(key, prefix, delimiter)
            yield row if rolled is None else rolled
        if len(batch) < batch_size:
            return
        last = _successor(rolled) if rolled is not None else None
        behind = _behind(bytes(batch[-1].key_utf8), within_key, getattr(batch[-1], within_key, ""))
        left = rows.filter(behind) if last is None else rows.filter(key_utf8__gte=last)


def _behind(key: bytes, within_key: str, value: str) -> Q:
    """Rows of later keys, and of this one those after *value*."""
    later = Q(key_utf8__gt=key)
    return later | Q(key_utf8=key, **{f"{within_key}__gt": value}) if within_key and value else later


def _rolled_up(key: str, prefix: str, delimiter: str) -> str | None:
    """The key up to the first delimiter after the prefix; None where there is none."""
    if not delimiter or not key.startswith(prefix):
        return None
    at = key.find(delimiter, len(prefix))
    return None if at < 0 else key[: at + len(delimiter)]


def _successor(prefix: str) -> bytes:
    """The least bytes that come after every key that begins with *prefix*. (No UTF-8 has the byte 255.)"""
    encoded = prefix.encode()
    return encoded[:-1] + bytes([encoded[-1] + 1])
