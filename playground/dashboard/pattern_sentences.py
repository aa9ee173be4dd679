"""An explanation in words: for each field its path, what the pattern wants there, and what the event has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from invocations import readable_json
from invocations.event_patterns.explain import FieldResult, GroupResult, Reason, TestResult
from invocations.event_patterns.filters import Mismatch
from invocations.event_patterns.matchers import type_name

SHOWN_VALUES = 5
LONGEST_VALUE = 60
"""Characters of one value in a sentence."""
OTHER_ELEMENT = "Each field matches, but in different elements of an array; one element must have them all."
"""Of a pattern whose fields all match, and which does not."""
_ARTICLES = {"string": "a string", "number": "a number", "boolean": "a boolean", "null": "null"}


@dataclass(frozen=True, slots=True)
class Leaf:
    """One field of the pattern."""

    matched: bool
    path: str
    expected: str
    actual: str
    is_leaf: bool = True

    @property
    def sentence(self) -> str:
        """All of it: detail.total: numeric > 1000, got 742."""
        return f"{self.path}: {self.expected}, {self.actual}"


@dataclass(frozen=True, slots=True)
class Branch:
    """Fields that are asked together, or branches of which one must match."""

    matched: bool
    told: str
    parts: "list[Leaf | Branch]"
    is_leaf: bool = False


def parts(result: GroupResult) -> list[Leaf | Branch]:
    """A pattern's parts, for `_pattern_part.html`."""
    return [_part(part) for part in result.parts]


def _part(result: FieldResult | GroupResult) -> Leaf | Branch:
    if isinstance(result, FieldResult):
        return leaf(result)
    if result.kind == "all" and len(result.parts) == 1:
        return _part(result.parts[0])
    return Branch(result.matched, group(result), parts(result))


def leaf(field: FieldResult) -> Leaf:
    """One field in words."""
    return Leaf(field.matched, field.path, expected(field.tests), actual(field))


def expected(tests: Sequence[TestResult]) -> str:
    """The value list: "a" or prefix "b" or numeric > 5."""
    return " or ".join(_one(test.operator, test.expected) for test in tests)


def actual(field: FieldResult) -> str:
    """What was found: got 742, key missing, got "742", a string."""
    match field.reason:
        case Reason.KEY_MISSING | Reason.PARENT_IS_NO_OBJECT:
            return _absence(field)
        case Reason.IS_AN_OBJECT:
            return "got an object, and only values are compared"
        case Reason.EMPTY_ARRAY:
            return "got an empty array"
        case Reason.WRONG_TYPE:
            return f"got {_values(field.actual, with_types=True)}"
        case Reason.MATCHED if not field.actual:
            return "key missing"
        case Reason.DIFFERENT_VALUE if differs_in_case_only(field):
            return f"got {_values(field.actual)}, which differs in case"
        case _:
            return f"got {_values(field.actual)}"


def differs_in_case_only(field: FieldResult) -> bool:
    """Whether a text of the pattern is there but for upper and lower case."""
    texts = [value.lower() for value in field.actual if isinstance(value, str)]
    fits = {"equals": str.__eq__, "prefix": str.startswith, "suffix": str.endswith}
    return any(
        test.operator in fits and isinstance(test.expected, str) and fits[test.operator](text, test.expected.lower())
        for test in field.tests
        for text in texts
    )


def group(result: GroupResult) -> str:
    """What holds fields together: a heading for them."""
    if result.kind == "any":
        return "one of these branches" if result.matched else "one of these branches, and none matches"
    if result.reason is Reason.OTHER_ELEMENT:
        return "all of these within one element of the array: each matches, but in different elements"
    return "all of these"


def mismatch(found: Mismatch, *, drops: bool) -> str:
    """What it means that a record's data is of another kind than the pattern takes it for."""
    is_kind = "JSON" if found.is_json else "not JSON"
    if found.wanted == {"json", "text"}:
        wants = "the pattern takes it for JSON and for text"
    elif "json" in found.wanted:
        wants = "the pattern looks into it"
    else:
        wants = "the pattern takes it for plain text"
    fate = "record dropped" if drops else "only the metadata are compared"
    return f"{found.key} is {is_kind}, but {wants} → {fate}"


def literal(value: Any) -> str:
    """A value as JSON, shortened."""
    text = readable_json.dumps(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def _one(operator: str, argument: Any) -> str:
    match operator:
        case "equals":
            return literal(argument)
        case "exists":
            return "exists" if argument else "does not exist"
        case "numeric":
            pairs = zip(argument[::2], argument[1::2], strict=True)
            return "numeric " + " and ".join(f"{comparison} {literal(bound)}" for comparison, bound in pairs)
        case "anything-but":
            return f"anything-but {_list(argument)}"
        case _ if operator.endswith("equals-ignore-case") and operator.startswith(("prefix", "suffix")):
            return f"{operator.split()[0]} {literal(argument)} in any case"
        case _:
            return f"{operator} {_list(argument)}"


def _list(argument: Any) -> str:
    return ", ".join(map(literal, argument)) if isinstance(argument, list) else literal(argument)


def _absence(field: FieldResult) -> str:
    if field.reason is Reason.PARENT_IS_NO_OBJECT:
        return f"but {field.missing_at.rpartition('.')[0] or 'the event'} is no object"
    return "key missing" if field.missing_at == field.path else f"key missing: there is no {field.missing_at}"


def _values(values: Sequence[Any], *, with_types: bool = False) -> str:
    shown = [f"{literal(value)}, {_ARTICLES[type_name(value)]}" if with_types and value is not None else literal(value) for value in values]
    more = len(shown) - SHOWN_VALUES
    return "; ".join(shown[:SHOWN_VALUES]) + (f" and {more} more" if more > 0 else "")
