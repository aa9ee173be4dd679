"""Conditions: an operator, a key of the request context, and the values that are expected of it.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators", "Multivalued context keys".
"""

import base64
import binascii
import ipaddress
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from invocations.policies.context import Context
from invocations.policies.errors import MalformedPolicy
from invocations.policies.wildcards import AnyOf

Test = Callable[[str, Context], bool]
"""Whether one value of the context is what any of the expected ones asks for."""
_Maker = Callable[[tuple[str, ...], bool], Test]
"""Makes a test from the expected values; the flag says whether they may hold policy variables."""

_OPERATOR = re.compile(r"(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?")


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of a Condition element. All lines of a statement must hold."""

    operator: str
    """As written: "ForAnyValue:StringLikeIfExists"."""
    key: str
    """As written."""
    expected: tuple[str, ...]
    _holds: Callable[[Context], bool] = field(repr=False, compare=False)

    def holds(self, context: Context) -> bool:
        """Whether the call is as the condition wants it."""
        return self._holds(context)


def compile_conditions(element: Any, *, variables: bool) -> tuple[Condition, ...]:
    """A Condition element, compiled. Raises MalformedPolicy."""
    return tuple(_conditions(element, variables))


def _conditions(element: Any, variables: bool) -> Iterator[Condition]:
    if not isinstance(element, dict):
        raise MalformedPolicy("Syntax errors in policy.")
    for name, lines in element.items():
        if not isinstance(lines, dict):
            raise MalformedPolicy("Syntax errors in policy.")
        for key, values in lines.items():
            expected = tuple(_text(value) for value in (values if isinstance(values, list) else [values]))
            yield Condition(name, key, expected, _compiled(name, key.lower(), expected, variables))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise MalformedPolicy("Syntax errors in policy.")


def _compiled(name: str, key: str, expected: tuple[str, ...], variables: bool) -> Callable[[Context], bool]:
    match = _OPERATOR.fullmatch(name)
    known = None if match is None else match[2].lower()
    if match is None or known not in _MAKERS:
        raise MalformedPolicy(f"Invalid Condition type : {name}.")
    if known == "null":
        wanted = {value.lower() == "true" for value in expected}
        return lambda context: (context.get(key) is None) in wanted
    maker, is_negated = _MAKERS[known]
    return _quantified(match[1], key, maker(expected, variables), is_negated=is_negated, if_exists=match[3] is not None)


def _quantified(quantifier: str | None, key: str, test: Test, *, is_negated: bool, if_exists: bool) -> Callable[[Context], bool]:
    """How many of the key's values must pass: each, at least one, or, as usual, the one that there is."""

    def all_of(context: Context) -> bool:
        return all(test(value, context) != is_negated for value in context.get(key) or ())

    def any_of(context: Context) -> bool:
        values = context.get(key)
        return if_exists if values is None else any(test(value, context) != is_negated for value in values)

    def single(context: Context) -> bool:
        values = context.get(key)
        if values is None:
            return if_exists or is_negated
        return any(test(value, context) for value in values) != is_negated

    return {"ForAllValues": all_of, "ForAnyValue": any_of}.get(quantifier or "", single)


def _strings(*, wildcards: bool = False, fold: bool = False, is_arn: bool = False) -> _Maker:
    def make(expected: tuple[str, ...], variables: bool) -> Test:
        return AnyOf(expected, wildcards=wildcards, fold=fold, is_arn=is_arn, variables=variables)

    return make


def _compared(parse: Callable[[str], float | None], compare: Callable[[float, float], bool]) -> _Maker:
    def make(expected: tuple[str, ...], variables: bool) -> Test:
        bounds = [_required(parse(text), text) for text in expected]

        def test(value: str, context: Context) -> bool:
            number = parse(value)
            return number is not None and any(compare(number, bound) for bound in bounds)

        return test

    return make


def _required(number: float | None, text: str) -> float:
    if number is None:
        raise MalformedPolicy(f"Invalid condition value {text}.")
    return number


def _bools(expected: tuple[str, ...], variables: bool) -> Test:
    wanted = {value.lower() for value in expected}
    return lambda value, context: value.lower() in wanted


def _binaries(expected: tuple[str, ...], variables: bool) -> Test:
    """Both sides are base64 text; two spellings of the same bytes are equal."""
    wanted = {_bytes(value) for value in expected}
    return lambda value, context: _bytes(value) in wanted


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text.encode()


def _addresses(expected: tuple[str, ...], variables: bool) -> Test:
    try:
        networks = [ipaddress.ip_network(text, strict=False) for text in expected]
    except ValueError as error:
        raise MalformedPolicy(f"Invalid IP address or range: {error}.") from None

    def test(value: str, context: Context) -> bool:
        address = _address(value)
        return address is not None and any(address.version == network.version and address in network for network in networks)

    return test


@lru_cache(maxsize=256)
def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


_YEAR_AND_MONTH = re.compile(r"(\d{4})(?:-(\d\d))?")


@lru_cache(maxsize=256)
def _moment(text: str) -> float | None:
    """Epoch seconds of an ISO 8601 date (a year or a month alone included) or of a number of seconds."""
    short = _YEAR_AND_MONTH.fullmatch(text)
    try:
        if short is not None:
            return datetime(int(short[1]), int(short[2] or 1), 1, tzinfo=UTC).timestamp()
        if re.fullmatch(r"\d+(\.\d+)?", text):
            return float(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()


_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "equals": operator.eq,
    "lessthan": operator.lt,
    "lessthanequals": operator.le,
    "greaterthan": operator.gt,
    "greaterthanequals": operator.ge,
}
_MAKERS: dict[str, tuple[_Maker, bool]] = {
    "stringequals": (_strings(), False),
    "stringnotequals": (_strings(), True),
    "stringequalsignorecase": (_strings(fold=True), False),
    "stringnotequalsignorecase": (_strings(fold=True), True),
    "stringlike": (_strings(wildcards=True), False),
    "stringnotlike": (_strings(wildcards=True), True),
    "arnequals": (_strings(wildcards=True, is_arn=True), False),
    "arnlike": (_strings(wildcards=True, is_arn=True), False),
    "arnnotequals": (_strings(wildcards=True, is_arn=True), True),
    "arnnotlike": (_strings(wildcards=True, is_arn=True), True),
    "bool": (_bools, False),
    "binaryequals": (_binaries, False),
    "ipaddress": (_addresses, False),
    "notipaddress": (_addresses, True),
    "numericnotequals": (_compared(_number, operator.eq), True),
    "datenotequals": (_compared(_moment, operator.eq), True),
    "null": (_bools, False),
    **{f"numeric{name}": (_compared(_number, compare), False) for name, compare in _COMPARISONS.items()},
    **{f"date{name}": (_compared(_moment, compare), False) for name, compare in _COMPARISONS.items()},
}
"""Operator without quantifier and IfExists, in lower case -> what makes its test, and whether the test is turned round."""
