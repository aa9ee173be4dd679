"""Where in a JSON text each value and key stands, so that a fix changes those characters alone and leaves the rest as typed."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

_SPACE = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")
DEEPEST = 100


@dataclass(slots=True)
class Member:
    """One key of an object, and its value."""

    key: str
    start: int
    end: int
    value: "Place"


@dataclass(slots=True)
class Place:
    """A value in the text: [start, end)."""

    start: int
    end: int
    value: Any = None
    """Of a string, number, boolean or null."""
    members: list[Member] | None = None
    """Of an object."""
    items: "list[Place] | None" = None
    """Of an array."""
    text: str = field(default="", repr=False)

    @property
    def is_scalar(self) -> bool:
        """Whether it is neither object nor array."""
        return self.members is None and self.items is None

    @property
    def written(self) -> str:
        """As it stands in the text."""
        return self.text[self.start : self.end]

    def replaced(self, by: str) -> str:
        """The whole text with this value written as *by*."""
        return self.text[: self.start] + by + self.text[self.end :]


def places(text: str) -> Place | None:
    """The text's outermost value; None where it is no JSON, or too deep."""
    try:
        found = _value(text, _skip(text, 0), 0)
    except (ValueError, IndexError):
        return None
    return found if _skip(text, found.end) == len(text) else None


def arrays_at(place: Place, path: tuple[str, ...]) -> Iterator[Place]:
    """The arrays at a path of keys, whose dots count as nesting; objects in `$or` stand for where they are."""
    if not path:
        if place.items is not None:
            yield place
        return
    for member in place.members or ():
        keys = tuple(member.key.split("."))
        if member.key == "$or" and member.value.items is not None:
            for branch in member.value.items:
                yield from arrays_at(branch, path)
        elif path[: len(keys)] == keys:
            yield from arrays_at(member.value, path[len(keys) :])


def members(place: Place) -> Iterator[Member]:
    """Every member of every object, the outer ones first."""
    for member in place.members or ():
        yield member
        yield from members(member.value)
    for item in place.items or ():
        yield from members(item)


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _value(text: str, at: int, depth: int) -> Place:
    if depth > DEEPEST:
        raise ValueError
    if text[at] == "{":
        return _object(text, at, depth)
    if text[at] == "[":
        return _array(text, at, depth)
    if text[at] == '"':
        value, end = scanstring(text, at + 1, True)
        return Place(at, end, value, text=text)
    match = _SCALAR.match(text, at)
    if match is None:
        raise ValueError
    return Place(at, match.end(), json.loads(match[0]), text=text)


def _object(text: str, start: int, depth: int) -> Place:
    found: list[Member] = []
    at = _skip(text, start + 1)
    if text[at] == "}":
        return Place(start, at + 1, members=found, text=text)
    while True:
        if text[at] != '"':
            raise ValueError
        key, key_end = scanstring(text, at + 1, True)
        colon = _skip(text, key_end)
        if text[colon] != ":":
            raise ValueError
        value = _value(text, _skip(text, colon + 1), depth + 1)
        found.append(Member(key, at, key_end, value))
        at = _skip(text, value.end)
        if text[at] == "}":
            return Place(start, at + 1, members=found, text=text)
        if text[at] != ",":
            raise ValueError
        at = _skip(text, at + 1)


def _array(text: str, start: int, depth: int) -> Place:
    found: list[Place] = []
    at = _skip(text, start + 1)
    if text[at] == "]":
        return Place(start, at + 1, items=found, text=text)
    while True:
        value = _value(text, at, depth + 1)
        found.append(value)
        at = _skip(text, value.end)
        if text[at] == "]":
            return Place(start, at + 1, items=found, text=text)
        if text[at] != ",":
            raise ValueError
        at = _skip(text, at + 1)
