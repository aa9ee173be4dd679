"""What a list's address asks for: read from the query of a page, and written into it again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final, Self
from urllib.parse import urlencode

SINCE: Final = {"5m": timedelta(minutes=5), "1h": timedelta(hours=1), "24h": timedelta(days=1), "7d": timedelta(days=7)}
"""Value of ?since= -> how long ago."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class QueryFilters:
    """The conditions of one list, a field each; empty means all."""

    ALLOWED: ClassVar[Mapping[str, Collection[str]]] = {}
    """Field -> the values that mean something; of others every text does."""
    LONGEST: ClassVar[int | None] = None
    """Characters of a value; None: as they come."""

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> Self:
        """From the query of a page; values that mean nothing are left out."""
        typed = {name: (query.get(name) or "").replace("\0", "").strip()[: cls.LONGEST] for name in cls._names()}
        return cls(**{name: value for name, value in typed.items() if name not in cls.ALLOWED or value in cls.ALLOWED[name]})

    def __bool__(self) -> bool:
        return bool(self.query)

    @property
    def query(self) -> str:
        """The query that asks for the same."""
        return urlencode({name: getattr(self, name) for name in self._names() if getattr(self, name)})

    @classmethod
    def _names(cls) -> list[str]:
        return [each.name for each in fields(cls)]


def microseconds(moment: datetime) -> int:
    """Since 1970: a time as cursors have it."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(microseconds: str) -> datetime:
    """What `microseconds` gave, from a cursor."""
    return _EPOCH + timedelta(microseconds=int(microseconds))
