"""Many patterns asked at once: an event is compared only with those whose rarest exact values it has."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from invocations.event_patterns.grammar import Combination
from invocations.event_patterns.pattern import Pattern, dot_finder, elements, expand_dots, scalars

Name = TypeVar("Name", bound=Hashable)
_Path = tuple[str, ...]


@dataclass(slots=True)
class _Place:
    """A place in the event's structure: which patterns may match, by the value found there."""

    children: "dict[str, _Place]" = field(default_factory=dict)
    by_value: dict[Hashable, list[int]] = field(default_factory=dict)


class PatternIndex(Generic[Name]):
    """Named patterns, in their order. Made anew when one changes."""

    def __init__(self, patterns: Iterable[tuple[Name, Pattern]]) -> None:
        self._patterns = list(patterns)
        self._always: list[int] = []
        """Patterns without any exact value to go by."""
        self._root = _Place()
        self._meets_dots = dot_finder(combination for _, pattern in self._patterns for combination in pattern.combinations)
        exact = [[_exact_fields(combination) for combination in pattern.combinations] for _, pattern in self._patterns]
        uses = Counter((path, key) for fields_of_all in exact for fields in fields_of_all for path, keys in fields.items() for key in keys)
        for number, fields_of_all in enumerate(exact):
            if not all(fields_of_all):
                self._always.append(number)
                continue
            for fields in fields_of_all:
                path = min(fields, key=lambda path: sum(uses[path, key] for key in fields[path]))
                self._enter(number, path, fields[path])

    def __len__(self) -> int:
        return len(self._patterns)

    def matching(self, event: Any) -> list[Name]:
        """The names of the patterns that the event matches, in their order."""
        if self._meets_dots(event):
            event = expand_dots(event)
        candidates = set(self._always)
        candidates.update(_found(self._root, event))
        return [self._patterns[number][0] for number in sorted(candidates) if self._patterns[number][1].judge(event)]

    def _enter(self, number: int, path: _Path, keys: Iterable[Hashable]) -> None:
        place = self._root
        for name in path:
            place = place.children.setdefault(name, _Place())
        for key in keys:
            place.by_value.setdefault(key, []).append(number)


def _key(value: Any) -> Hashable:
    """A literal as a key: true is not 1."""
    return ("boolean", value) if isinstance(value, bool) else value


def _exact_fields(combination: Combination) -> dict[_Path, set[Hashable]]:
    """The fields of a combination that only literals can satisfy."""
    fields: dict[_Path, set[Hashable]] = defaultdict(set)
    for path, values in combination.items():
        if all(matcher.operator == "equals" for matcher in values):
            fields[path] = {_key(matcher.argument) for matcher in values}
    return fields


def _found(place: _Place, value: Any) -> Iterator[int]:
    if place.by_value:
        for scalar in scalars(value):
            yield from place.by_value.get(_key(scalar), ())
    if not place.children:
        return
    for inner in elements(value):
        if isinstance(inner, dict):
            fewer, more = (place.children, inner) if len(place.children) < len(inner) else (inner, place.children)
            for key in fewer:
                if key in more:
                    yield from _found(place.children[key], inner[key])
