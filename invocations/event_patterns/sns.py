"""SNS filter policies: the same patterns, over a message's attributes or its body, with bounds and texts of their own."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from invocations.errors import AwsError, aws_error
from invocations.event_patterns import matchers
from invocations.event_patterns.explain import GroupResult, explain
from invocations.event_patterns.grammar import AllOf, AnyOf, Field, Part, parse
from invocations.event_patterns.pattern import Pattern, from_tree
from invocations.event_patterns.tokens import InvalidPattern

MOST_KEYS: Final = 5
MOST_COMBINATIONS: Final = 150
LONGEST_POLICY: Final = 256 * 1024
"""Bytes."""
_GRAMMAR_MESSAGE: Final = re.compile(r"Unexpected |Unrecognized token|Illegal unquoted|Unrecognized character escape|Invalid numeric value")


class FilterPolicyScope(StrEnum):
    """What a subscription's filter policy looks at."""

    MESSAGE_ATTRIBUTES = "MessageAttributes"
    MESSAGE_BODY = "MessageBody"


@dataclass(frozen=True, slots=True)
class FilterPolicy:
    """A subscription's filter policy, ready to be asked."""

    scope: FilterPolicyScope
    pattern: Pattern | None
    """None for the empty policy, which lets everything pass."""

    def accepts(self, body: str, attributes: Mapping[str, Mapping[str, Any]]) -> bool:
        """Whether a message passes. *attributes* as Publish takes them: name -> {"DataType", "StringValue" or "BinaryValue"}.

        A body that is no JSON object passes no policy over the body.
        """
        if self.pattern is None:
            return True
        event = self._event(body, attributes)
        return event is not None and self.pattern.matches(event)

    def explain(self, body: str, attributes: Mapping[str, Mapping[str, Any]]) -> GroupResult | None:
        """Why a message passes or does not; None where nothing is compared: an empty policy, a body that is no JSON object."""
        event = self._event(body, attributes)
        return explain(self.pattern, event) if self.pattern is not None and event is not None else None

    def _event(self, body: str, attributes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any] | None:
        """What the policy looks at; None where that is no object."""
        if self.scope is FilterPolicyScope.MESSAGE_ATTRIBUTES:
            return event_of_attributes(attributes)
        try:
            event = json.loads(body)
        except (ValueError, RecursionError):
            return None
        return event if isinstance(event, dict) else None


def compile_policy(text: str, scope: FilterPolicyScope, *, subscribing: bool = False) -> FilterPolicy:
    """Compiles a FilterPolicy attribute. Raises InvalidParameter as SNS words it, for Subscribe a little differently."""
    start = "Invalid parameter: Attributes Reason: " if subscribing else "Invalid parameter: "
    if len(text.encode()) > LONGEST_POLICY:
        raise _invalid(f"{start}FilterPolicy: Filter policy is too long")
    if text.strip() in ("", "{}"):
        return FilterPolicy(scope, None)
    try:
        tree = parse(text)
        keys, count, depth = _measures(tree)
        if keys > MOST_KEYS:
            raise _invalid(f"{start}FilterPolicy: Filter policy can not have more than {MOST_KEYS} keys")
        if scope is FilterPolicyScope.MESSAGE_ATTRIBUTES and depth > 1:
            raise _invalid(f"{start}Filter policy scope MessageAttributes does not support nested filter policy")
        if count > MOST_COMBINATIONS:
            raise _invalid(f"{start}FilterPolicy: Filter policy is too complex")
        if scope is FilterPolicyScope.MESSAGE_ATTRIBUTES:
            tree = _with_null_as_absence(tree)
        return FilterPolicy(scope, from_tree(text, tree))
    except InvalidPattern as error:
        parsing = "failed to parse JSON. " if _GRAMMAR_MESSAGE.match(str(error)) else ""
        raise _invalid(f"{start}FilterPolicy: {parsing}{error}") from None


def event_of_attributes(attributes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Message attributes as an event: numbers as numbers, String.Array as an array. Binary ones are not looked at."""
    event: dict[str, Any] = {}
    for name, attribute in attributes.items():
        kind, value = str(attribute.get("DataType", "")), attribute.get("StringValue", "")
        if kind.startswith("Number"):
            event[name] = _number(value)
        elif kind == "String.Array":
            event[name] = _array(value)
        elif not kind.startswith("Binary"):
            event[name] = value
    return event


def _invalid(message: str) -> AwsError:
    return aws_error("InvalidParameter", message)


def _number(value: str) -> Any:
    try:
        return int(value) if value.lstrip("+-").isdigit() else float(value)
    except ValueError:
        return value


def _array(value: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return []


def _measures(tree: AllOf) -> tuple[int, int, int]:
    """Distinct top-level keys, combinations, and the deepest nesting.

    SNS multiplies the values of each field, each by its depth, and adds up the branches of `$or`.
    """
    keys: set[str] = set()
    deepest = 1

    def count(part: Part, so_far: int) -> int:
        nonlocal deepest
        match part:
            case Field(path, values, depth):
                keys.add(".".join(path) if depth == 1 else path[0])
                deepest = max(deepest, depth)
                return so_far * len(values) * depth
            case AllOf(parts):
                for inner in parts:
                    so_far = count(inner, so_far)
                return so_far
            case AnyOf(branches):
                return sum(count(branch, so_far) for branch in branches)

    total = count(tree, 1)
    return len(keys), total, deepest


def _with_null_as_absence(tree: AllOf) -> AllOf:
    """Attributes cannot be null: as recorded, null in a value list matches a message without the attribute."""

    def changed(part: Part) -> Part:
        match part:
            case Field(path, values, depth):
                is_null = any(matcher.operator == "equals" and matcher.argument is None for matcher in values)
                return Field(path, (*values, matchers.exists(False)), depth) if is_null else part
            case AllOf():
                return _with_null_as_absence(part)
            case AnyOf(branches):
                return AnyOf(tuple(_with_null_as_absence(branch) for branch in branches))

    return AllOf(tuple(changed(part) for part in tree.parts))
