"""Why an event does or does not match: each field of the pattern with what was found there and what each operator said."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from invocations.event_patterns.grammar import AllOf, AnyOf, Field, Part
from invocations.event_patterns.matchers import Matcher, type_name
from invocations.event_patterns.pattern import Pattern, elements, expand_dots, from_tree, judge_of, scalars

MOST_VALUES: Final = 20
"""Values of one field that an explanation shows."""


class Reason(StrEnum):
    """What decided."""

    MATCHED = "matched"
    KEY_MISSING = "key missing"
    PARENT_IS_NO_OBJECT = "parent is no object"
    IS_AN_OBJECT = "object, not a value"
    EMPTY_ARRAY = "empty array"
    WRONG_TYPE = "wrong type"
    DIFFERENT_VALUE = "different value"
    OUT_OF_RANGE = "out of range"
    EXCLUDED_VALUE = "excluded value"
    KEY_PRESENT = "key present"
    NO_BRANCH = "no branch matches"
    OTHER_PART = "another part does not match"
    OTHER_ELEMENT = "no one array element has it all"


@dataclass(frozen=True, slots=True)
class TestResult:
    """What one operator said."""

    operator: str
    expected: Any
    matched: bool
    reason: Reason


@dataclass(frozen=True, slots=True)
class FieldResult:
    """What one field of the pattern came to, taken by itself."""

    path: str
    matched: bool
    reason: Reason
    actual: list[Any]
    """The values found, up to MOST_VALUES; several where arrays lie on the path."""
    missing_at: str
    """The part of the path that is not there; empty where something was found."""
    tests: list[TestResult]
    kind: str = "field"


@dataclass(frozen=True, slots=True)
class GroupResult:
    """Fields that must match together ("all"), or branches of which one must ("any")."""

    kind: str
    matched: bool
    reason: Reason
    parts: "list[FieldResult | GroupResult]"

    def as_json(self) -> dict[str, Any]:
        """The tree as the Filter lab's page takes it."""
        return asdict(self)

    def fields(self) -> Iterator[FieldResult]:
        """Every field in it, in the pattern's order."""
        for part in self.parts:
            if isinstance(part, FieldResult):
                yield part
            else:
                yield from part.fields()


def explain(pattern: Pattern, event: Any) -> GroupResult:
    """The whole pattern's result with those of its parts; it is matched exactly where `pattern.matches(event)`."""
    return _all_of(pattern.tree, expand_dots(event))


def _all_of(tree: AllOf, event: Any) -> GroupResult:
    matched = bool(from_tree("", tree).judge(event))
    parts = [result for part in tree.parts for result in _results(part, event)]
    if matched:
        reason = Reason.MATCHED
    elif all(part.matched for part in parts):
        reason = Reason.OTHER_ELEMENT
    else:
        reason = Reason.OTHER_PART
    return GroupResult("all", matched, reason, parts)


def _results(part: Part, event: Any) -> "list[FieldResult | GroupResult]":
    match part:
        case Field():
            return [_field(part, event)]
        case AllOf(parts):
            return [result for inner in parts for result in _results(inner, event)]
        case AnyOf(branches):
            results: list[FieldResult | GroupResult] = [_all_of(branch, event) for branch in branches]
            matched = any(result.matched for result in results)
            return [GroupResult("any", matched, Reason.MATCHED if matched else Reason.NO_BRANCH, results)]


def _field(part: Field, event: Any) -> FieldResult:
    values, absence, missing_at = _look_up(part.path, event)
    tests = [_test(matcher, values, absence) for matcher in part.matchers]
    matched = bool(judge_of({part.path: part.matchers})(event))
    if matched:
        reason = Reason.MATCHED
    elif absence is not None:
        reason = absence
    else:
        reasons = [test.reason for test in tests]
        reason = Reason.WRONG_TYPE if set(reasons) == {Reason.WRONG_TYPE} else next(r for r in reasons if r is not Reason.WRONG_TYPE)
    return FieldResult(".".join(part.path), matched, reason, values[:MOST_VALUES], missing_at, tests)


def _look_up(path: tuple[str, ...], event: Any) -> tuple[list[Any], Reason | None, str]:
    """The values at a path; where there are none, why, and the part of the path that is missing."""
    places = [event]
    for depth, key in enumerate(path):
        objects = [inner for place in places for inner in elements(place) if isinstance(inner, dict)]
        found = [inner[key] for inner in objects if key in inner]
        if not found:
            return [], Reason.KEY_MISSING if objects else Reason.PARENT_IS_NO_OBJECT, ".".join(path[: depth + 1])
        places = found
    values = [value for place in places for value in scalars(place)]
    if values:
        return values, None, ""
    has_object = any(isinstance(inner, dict) for place in places for inner in elements(place))
    return [], Reason.IS_AN_OBJECT if has_object else Reason.EMPTY_ARRAY, ""


def _test(matcher: Matcher, values: list[Any], absence: Reason | None) -> TestResult:
    if absence is not None:
        matched = matcher.is_absence
        return TestResult(matcher.operator, matcher.argument, matched, Reason.MATCHED if matched else absence)
    matched = any(matcher.test(value) for value in values)
    return TestResult(matcher.operator, matcher.argument, matched, Reason.MATCHED if matched else _why_not(matcher, values))


def _why_not(matcher: Matcher, values: list[Any]) -> Reason:
    if matcher.is_absence:
        return Reason.KEY_PRESENT
    if matcher.operator.startswith("anything-but"):
        return Reason.EXCLUDED_VALUE
    if matcher.wants != "any" and all(type_name(value) != matcher.wants for value in values):
        return Reason.WRONG_TYPE
    return Reason.OUT_OF_RANGE if matcher.operator in ("numeric", "cidr") else Reason.DIFFERENT_VALUE
