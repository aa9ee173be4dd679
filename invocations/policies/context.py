"""The request context: what is known of a call beside who, what and on which resource. Keys have no case."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

Value = str | Sequence[str]
"""One value, or the values of a key that has many (aws:TagKeys). Booleans are "true" and "false"."""


class Context:
    """Keys and values of one call, over those that hold for every call of the same principal."""

    __slots__ = ("_base", "_now", "_values")

    def __init__(self, values: Mapping[str, Value], base: "Context | None" = None, now: float | None = None) -> None:
        """*values* by lower-case key (`Context.of` takes any case). *now*, epoch seconds, gives aws:CurrentTime and aws:EpochTime."""
        self._values = values
        self._base = base
        self._now = now

    @classmethod
    def of(cls, values: Mapping[str, Value], base: "Context | None" = None, now: float | None = None) -> "Context":
        """A context from keys written in any case."""
        return cls({key.lower(): value for key, value in values.items()}, base, now)

    def get(self, key: str) -> tuple[str, ...] | None:
        """The values of a lower-case *key*, or None where the call has no such key."""
        value = self._values.get(key)
        if value is not None:
            return (value,) if isinstance(value, str) else tuple(value)
        if self._now is not None and key in _TIMES:
            return (_TIMES[key](self._now),)
        return None if self._base is None else self._base.get(key)

    def single(self, key: str) -> str | None:
        """The value of a lower-case *key* that has exactly one."""
        values = self.get(key)
        return values[0] if values is not None and len(values) == 1 else None

    @property
    def own(self) -> Mapping[str, Value]:
        """Keys and values of this call alone."""
        return self._values

    def as_json(self) -> dict[str, str | list[str]]:
        """All of it, for pages and explanations."""
        found = {} if self._base is None else self._base.as_json()
        for key, value in self._values.items():
            found[key] = value if isinstance(value, str) else list(value)
        if self._now is not None:
            found |= {key: text(self._now) for key, text in _TIMES.items()}
        return found


def _iso(now: float) -> str:
    return datetime.fromtimestamp(int(now), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _epoch(now: float) -> str:
    return str(int(now))


_TIMES: Mapping[str, Callable[[float], str]] = {"aws:currenttime": _iso, "aws:epochtime": _epoch}

EMPTY = Context({})
