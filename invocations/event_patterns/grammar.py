"""From a pattern's text to its parts, with AWS's message for each way in which it can be wrong.

The order of the checks and the texts are those of the rule compiler that EventBridge, SNS and Lambda share.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

from invocations.event_patterns import matchers
from invocations.event_patterns.matchers import Matcher
from invocations.event_patterns.tokens import SCALARS, InvalidPattern, Token, TokenReader

OR: Final = "$or"
MOST_COMBINATIONS: Final = 1000
"""Of `$or` branches, multiplied out."""

RESERVED: Final = frozenset(
    {
        "exactly",
        "equals-ignore-case",
        "prefix",
        "suffix",
        "anything-but",
        "exists",
        "wildcard",
        "numeric",
        "cidr",
        "=",
        "<",
        "<=",
        ">",
        ">=",
        "regex",
        "not-wildcard",
        "not-equals-ignore-case",
        "date-after",
        "date-on-or-after",
        "date-before",
        "date-on-or-before",
        "in-date-range",
        "ip-address-in-range",
        "ip-address-not-in-range",
    }
)
"""Keys that make `$or` an ordinary key where one of its objects has them."""

_ONE_KEY = "Only one key allowed in match expression"
_TOO_MANY = "Too many elements in numeric expression"
_TEXT_WANTED: Final = {
    "equals-ignore-case": "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
    "wildcard": "wildcard match pattern must be a string",
    "prefix": "prefix/suffix match pattern must be a string",
    "suffix": "prefix/suffix match pattern must be a string",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A path and the values it may have."""

    path: tuple[str, ...]
    """The keys on the way, split at their dots."""
    matchers: tuple[Matcher, ...]
    depth: int = 1
    """Objects of the pattern around its value list."""


@dataclass(frozen=True, slots=True)
class AllOf:
    """Everything in it must match."""

    parts: "tuple[Part, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """`$or`: one branch must match."""

    branches: tuple[AllOf, ...]


Part = Field | AllOf | AnyOf
Combination = dict[tuple[str, ...], tuple[Matcher, ...]]
"""Paths and their values that must match together."""


def parse(text: str) -> AllOf:
    """Reads a pattern. Raises InvalidPattern with AWS's reason."""
    reader = TokenReader(text)
    if reader.next() is not Token.START_OBJECT:
        raise reader.refuse("Filter is not an object")
    return _object(reader, (), text, 1)


def combinations(pattern: AllOf) -> list[Combination]:
    """The pattern multiplied out: it matches where one of these does. A path given twice keeps its last values."""
    found: list[Combination] = [{}]
    for part in pattern.parts:
        found = _with_part(found, part)
    return found


def _with_part(found: list[Combination], part: Part) -> list[Combination]:
    match part:
        case Field(path, values, _):
            for combination in found:
                combination[path] = values
            return found
        case AllOf(parts):
            for inner in parts:
                found = _with_part(found, inner)
            return found
        case AnyOf(branches):
            forked = [
                combination for branch in branches for combination in _with_part([dict(combination) for combination in found], branch)
            ]
            if len(forked) > MOST_COMBINATIONS:
                raise InvalidPattern(f"Rule is too complex - its $or relationships make more than {MOST_COMBINATIONS} combinations")
            return forked


def _object(reader: TokenReader, path: tuple[str, ...], source: str, depth: int) -> AllOf:
    parts: dict[str, Part] = {}
    """By its key: of a key that comes again, the last one counts."""
    while reader.next() is not Token.END_OBJECT:
        name = reader.name
        parts.pop(name, None)
        if name == OR and (either := _or(reader, path, source, depth)) is not None:
            parts[name] = either
            continue
        inner = (*path, *name.split("."))
        match reader.next():
            case Token.START_OBJECT:
                parts[name] = _object(reader, inner, source, depth + 1)
            case Token.START_ARRAY:
                parts[name] = Field(inner, _values(reader), depth)
            case _:
                raise reader.refuse(f'"{name}" must be an object or an array')
    if not parts:
        raise reader.refuse("Empty objects are not allowed")
    return AllOf(tuple(parts.values()))


def _or(reader: TokenReader, path: tuple[str, ...], source: str, depth: int) -> AnyOf | None:
    """The branches of `$or`, or None where it is but a key of that name."""
    kind = reader.peek_value()
    if kind in SCALARS:
        reader.next()
        raise reader.refuse(f"It must be an Array followed with {OR}.")
    if kind is not Token.START_ARRAY:
        return None
    branches = _plain_value(reader, source)
    if not all(isinstance(branch, dict) and not RESERVED & branch.keys() for branch in branches):
        return None
    reader.next()
    read = []
    while reader.next() is not Token.END_ARRAY:
        read.append(_object(reader, path, source, depth))
    if len(read) < 2:
        raise reader.refuse(f"There must have at least 2 Objects in {OR} relationship.")
    return AnyOf(tuple(read))


def _plain_value(reader: TokenReader, source: str) -> list[Any]:
    """The array that comes next, without moving on. Raises InvalidPattern with the parser's text where it is no JSON."""
    start = reader.offset - 1
    try:
        value, _ = json.JSONDecoder().raw_decode(source, start)
    except (ValueError, RecursionError):
        while reader.next() is not Token.END:  # to the place where the text stops being JSON
            pass
        raise reader.refuse(f"It must be an Array followed with {OR}.") from None
    assert isinstance(value, list)  # it begins with a bracket
    return value


def _values(reader: TokenReader) -> tuple[Matcher, ...]:
    values: list[Matcher] = []
    while (token := reader.next()) is not Token.END_ARRAY:
        if token is Token.START_OBJECT:
            values.append(_match_expression(reader))
        elif token in SCALARS:
            values.append(matchers.equals(_scalar(reader, token)))
        else:
            raise reader.refuse("Match value must be String, number, true, false, or null")
    if not values:
        raise reader.refuse("Empty arrays are not allowed")
    wildcards = [matcher.argument for matcher in values if matcher.operator == "wildcard"]
    if wildcards:
        try:
            matchers.check_wildcards(wildcards)
        except ValueError as error:
            raise InvalidPattern(str(error)) from None
    return tuple(values)


def _scalar(reader: TokenReader, token: Token) -> matchers.Scalar:
    match token:
        case Token.STRING:
            return reader.text()
        case Token.NUMBER:
            return _number(reader)
        case Token.TRUE:
            return True
        case Token.FALSE:
            return False
        case _:
            return None


def _number(reader: TokenReader) -> int | float:
    number = json.loads(reader.text())
    assert isinstance(number, int | float)
    return number


def _match_expression(reader: TokenReader) -> Matcher:
    if reader.next() is not Token.NAME:
        raise reader.refuse("Match expression name not found")
    operator = reader.name
    match operator:
        case "exactly":
            matcher = matchers.equals(_text(reader, reader.next(), "exact match pattern must be a string"))
        case "prefix" | "suffix":
            matcher = _affix(reader, operator)
        case "equals-ignore-case":
            matcher = matchers.equals_ignore_case(_text(reader, reader.next(), "equals-ignore-case match pattern must be a string"))
        case "wildcard":
            text = _text(reader, reader.next(), "wildcard match pattern must be a string")
            matcher = _wildcard(reader, text)
        case "cidr":
            text = _text(reader, reader.next(), "prefix match pattern must be a string")  # AWS says "prefix" here too
            try:
                matcher = matchers.cidr(text)
            except ValueError as error:
                raise InvalidPattern(str(error)) from None
        case "exists":
            token = reader.next()
            if token not in (Token.TRUE, Token.FALSE):
                raise reader.refuse("exists match pattern must be either true or false.")
            matcher = matchers.exists(token is Token.TRUE)
        case "numeric":
            if reader.next() is not Token.START_ARRAY:
                raise reader.refuse("Value of numeric must be an array.")
            matcher = matchers.numeric(_comparisons(reader))
            _end_object(reader, _TOO_MANY)
            return matcher
        case "anything-but":
            return _anything_but(reader)
        case _:
            raise reader.refuse(f"Unrecognized match type {operator}")
    _end_object(reader, _ONE_KEY)
    return matcher


def _text(reader: TokenReader, token: Token, otherwise: str) -> str:
    if token is not Token.STRING:
        raise reader.refuse(otherwise)
    return reader.text()


def _end_object(reader: TokenReader, otherwise: str) -> None:
    if reader.next() is not Token.END_OBJECT:
        raise reader.refuse(otherwise)


def _affix(reader: TokenReader, operator: str) -> Matcher:
    token = reader.next()
    is_prefix = operator == "prefix"
    if token is not Token.START_OBJECT:
        text = _text(reader, token, f"{operator} match pattern must be a string")
        return matchers.prefix(text) if is_prefix else matchers.suffix(text)
    if reader.next() is not Token.NAME:
        raise reader.refuse(f"{operator.capitalize()} expression name not found")
    if reader.name != "equals-ignore-case":
        raise reader.refuse(f"Unsupported {operator} pattern: {reader.name}")
    text = _text(reader, reader.next(), "equals-ignore-case match pattern must be a string")
    _end_object(reader, _ONE_KEY)
    return matchers.prefix_ignore_case(text) if is_prefix else matchers.suffix_ignore_case(text)


def _wildcard(reader: TokenReader, text: str) -> Matcher:
    try:
        return matchers.wildcard(text)
    except ValueError as error:
        raise reader.refuse(str(error)) from None


def _anything_but(reader: TokenReader) -> Matcher:
    token = reader.next()
    nested = None
    if token is Token.START_OBJECT:
        if reader.next() is not Token.NAME:
            raise reader.refuse("Anything-But expression name not found")
        nested = reader.name
        if nested not in _TEXT_WANTED:
            raise reader.refuse(f"Unsupported anything-but pattern: {nested}")
        token = reader.next()
    if token not in (Token.START_ARRAY, Token.STRING, Token.NUMBER):
        raise reader.refuse("Value of anything-but must be an array or single string/number value.")
    if nested is not None:
        matcher = _anything_but_text(reader, nested, token)
    elif token is Token.START_ARRAY:
        excluded = _excluded(reader)
        matcher = matchers.anything_but(excluded, excluded)
    else:
        value = _scalar(reader, token)
        matcher = matchers.anything_but([value], value)
    _end_object(reader, _TOO_MANY)
    if nested is not None:
        _end_object(reader, _TOO_MANY)
    return matcher


def _excluded(reader: TokenReader) -> list[matchers.Scalar]:
    values: list[matchers.Scalar] = []
    while (token := reader.next()) is not Token.END_ARRAY:
        if token not in (Token.STRING, Token.NUMBER):
            raise _refuse_twice(reader, "Inside anything but list, start|null|boolean is not supported.")
        values.append(_scalar(reader, token))
    if len({isinstance(value, str) for value in values}) != 1:
        raise reader.refuse("Inside anything but list, either all values are number or string, mixed type is not supported")
    return values


def _anything_but_text(reader: TokenReader, operator: str, token: Token) -> Matcher:
    texts: list[str] = []
    if token is Token.START_ARRAY:
        while (token := reader.next()) is not Token.END_ARRAY:
            if token is not Token.STRING:
                raise _refuse_twice(reader, _TEXT_WANTED[operator])
            texts.append(_not_empty(reader, operator, in_list=True))
        argument: Any = texts
    else:
        if token is not Token.STRING:
            raise reader.refuse(_TEXT_WANTED[operator])
        texts.append(_not_empty(reader, operator, in_list=False))
        argument = texts[0]
    make = {"prefix": matchers.prefix, "suffix": matchers.suffix, "equals-ignore-case": matchers.equals_ignore_case}.get(operator)
    inner = [make(text) if make else _wildcard(reader, text) for text in texts]
    return matchers.anything_but_any(operator, inner, argument)


def _not_empty(reader: TokenReader, operator: str, in_list: bool) -> str:
    text = reader.text()
    if text or operator not in ("prefix", "suffix"):
        return text
    raise (_refuse_twice if in_list else TokenReader.refuse)(reader, "Null prefix/suffix not allowed")


def _refuse_twice(reader: TokenReader, reason: str) -> InvalidPattern:
    """AWS's answer for what is wrong inside an anything-but list gives the position twice."""
    return reader.refuse(reason + reader.location)


def _comparisons(reader: TokenReader) -> list[Any]:
    """`">", 0` or `">", 0, "<=", 5`, from behind the bracket to the closing one."""
    token = reader.next()
    if token is not Token.STRING:
        raise reader.refuse(f"Invalid member in numeric match: {reader.text()}")
    operator = reader.text()
    token = reader.next()
    if operator not in ("=", "<", "<=", ">", ">="):
        raise reader.refuse(f"Unrecognized numeric range operator: {operator}")
    if token is not Token.NUMBER:
        raise reader.refuse(f"Value of {'equals' if operator == '=' else operator} must be numeric")
    bottom = _number(reader)
    token = reader.next()
    if token is Token.END_ARRAY:
        return [operator, bottom]
    if operator not in (">", ">="):
        raise reader.refuse(_TOO_MANY)
    if token is not Token.STRING:
        raise reader.refuse(f"Bad value in numeric range: {reader.text()}")
    upper = reader.text()
    if upper not in ("<", "<="):
        raise reader.refuse(f"Bad numeric range operator: {upper}")
    if reader.next() is not Token.NUMBER:
        raise reader.refuse(f"Value of {upper} must be numeric")
    top = _number(reader)
    if reader.next() is not Token.END_ARRAY:
        raise reader.refuse("Too many terms in numeric range expression")
    if top <= bottom:
        raise reader.refuse("Bottom must be less than top")
    return [operator, bottom, upper, top]
