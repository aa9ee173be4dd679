"""FilterCriteria of event source mappings: which records a function is given.

The data part of a record is text that may hold JSON. What happens where the kinds of data and pattern differ depends on the
source (Developer Guide, "Filter rule syntax", "Properly filtering messages").
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from invocations.errors import InvalidParameterValueException
from invocations.event_patterns.explain import GroupResult, explain
from invocations.event_patterns.grammar import AllOf, AnyOf, Field, Part
from invocations.event_patterns.pattern import Pattern, compile_pattern, from_tree
from invocations.event_patterns.tokens import InvalidPattern
from invocations.values import Members

LONGEST_PATTERN: Final = 4096
"""Characters."""


@dataclass(frozen=True, slots=True)
class FilteredSource:
    """How one kind of source is filtered."""

    data_keys: tuple[str, ...]
    """Where a record's data is."""
    takes_text: bool
    """Whether a pattern may treat the data as plain text."""
    drops_mismatches: bool
    """Whether a record whose data is of another kind than the pattern is dropped; otherwise its metadata alone decide."""


SQS: Final = FilteredSource(("body",), takes_text=True, drops_mismatches=True)
KINESIS: Final = FilteredSource(("data",), takes_text=False, drops_mismatches=True)
DYNAMODB: Final = FilteredSource(("dynamodb",), takes_text=False, drops_mismatches=True)
KAFKA: Final = FilteredSource(("key", "value"), takes_text=True, drops_mismatches=False)
MQ: Final = FilteredSource(("data",), takes_text=True, drops_mismatches=False)


@dataclass(frozen=True, slots=True)
class _Filter:
    pattern: Pattern
    metadata: Pattern | None
    """The pattern without its data part; None where nothing is left."""
    kinds: Mapping[str, frozenset[str]]
    """Data key -> what the pattern takes its data for: "json", "text" (or both, by $or)."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A record's data is of another kind than the pattern takes it for."""

    key: str
    wanted: frozenset[str]
    """ "json", "text", or both, which no data can be."""
    is_json: bool
    """What the data is."""


@dataclass(frozen=True, slots=True)
class RecordResult:
    """What one filter says of one record."""

    accepted: bool
    result: GroupResult | None
    """Of the whole pattern; of its metadata alone where the kinds differ and the source goes by them; None where nothing was asked."""
    mismatch: Mismatch | None = None


@dataclass(frozen=True, slots=True)
class FilterCriteria:
    """A mapping's filters; a record passes where one of them lets it."""

    source: FilteredSource
    filters: tuple[_Filter, ...]

    def accepts(self, record: Members) -> bool:
        """Whether a record passes. Its data is decoded text (DynamoDB's: the object itself)."""
        parsed = {key: _as_json(record[key]) for key in self.source.data_keys if key in record}
        return any(self._accepts(each, record, parsed) for each in self.filters)

    def explain(self, record: Members) -> list["RecordResult"]:
        """What each filter says of a record, and why; the record passes where one of them accepts it."""
        parsed = {key: _as_json(record[key]) for key in self.source.data_keys if key in record}
        return [self._explain(each, record, parsed) for each in self.filters]

    def _explain(self, each: _Filter, record: Members, parsed: Mapping[str, Any]) -> "RecordResult":
        accepted = self._accepts(each, record, parsed)
        for key, kinds in each.kinds.items():
            is_json = parsed.get(key) is not None
            if key in parsed and kinds != {"json" if is_json else "text"}:
                metadata = None if self.source.drops_mismatches or each.metadata is None else explain(each.metadata, record)
                return RecordResult(accepted, metadata, Mismatch(key, kinds, is_json))
        event = {**record, **{key: value for key, value in parsed.items() if key in each.kinds and value is not None}}
        return RecordResult(accepted, explain(each.pattern, event))

    def _accepts(self, each: _Filter, record: Members, parsed: Mapping[str, Any]) -> bool:
        event = dict(record)
        for key, kinds in each.kinds.items():
            is_json = parsed.get(key) is not None
            if key in parsed and kinds != {"json" if is_json else "text"}:
                if self.source.drops_mismatches:
                    return False
                return each.metadata is None or each.metadata.matches(record)
            if is_json:
                event[key] = parsed[key]
        return each.pattern.matches(event)


def compile_criteria(criteria: Members | None, source: FilteredSource) -> FilterCriteria | None:
    """Compiles `{"Filters": [{"Pattern": …}]}`; None where there is no filter.

    Raises InvalidParameterValueException with the one sentence that Lambda has for every bad pattern.
    """
    texts = [str(each.get("Pattern", "")) for each in (criteria or {}).get("Filters") or []]
    if not texts:
        return None
    return FilterCriteria(source, tuple(_filter(text, source) for text in texts))


def _filter(text: str, source: FilteredSource) -> _Filter:
    try:
        if len(text) > LONGEST_PATTERN:
            raise InvalidPattern("too long")
        pattern = compile_pattern(text)
    except InvalidPattern:
        raise InvalidParameterValueException("Invalid filter pattern definition.") from None
    kinds: dict[str, set[str]] = {}
    for field in _fields(pattern.tree):
        if field.path[0] in source.data_keys:
            kinds.setdefault(field.path[0], set()).add("text" if len(field.path) == 1 else "json")
    if not source.takes_text and any("text" in kind for kind in kinds.values()):
        raise InvalidParameterValueException("Invalid filter pattern definition.")
    rest = _without(pattern.tree, source.data_keys)
    return _Filter(pattern, from_tree(text, rest) if rest.parts else None, {key: frozenset(kind) for key, kind in kinds.items()})


def _as_json(data: Any) -> Any:
    """The object or array that the data is or holds; None where it is plain text."""
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except (ValueError, RecursionError):
            return None
    return data if isinstance(data, dict | list) else None


def _fields(part: Part) -> list[Field]:
    match part:
        case Field():
            return [part]
        case AllOf(parts) | AnyOf(parts):
            return [field for inner in parts for field in _fields(inner)]


def _without(tree: AllOf, keys: tuple[str, ...]) -> AllOf:
    parts: list[Part] = []
    for part in tree.parts:
        match part:
            case Field(path):
                if path[0] not in keys:
                    parts.append(part)
            case AllOf():
                inner = _without(part, keys)
                if inner.parts:
                    parts.append(inner)
            case AnyOf(branches):
                left = [_without(branch, keys) for branch in branches]
                if all(branch.parts for branch in left):
                    parts.append(AnyOf(tuple(left)))
    return AllOf(tuple(parts))
