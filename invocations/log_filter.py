"""CloudWatch Logs' filter patterns: terms, JSON selectors and space-delimited fields. Compiled once, asked per log event.

Source: CloudWatch Logs User Guide, "Filter pattern syntax for metric filters, subscription filters, filter log events, and Live Tail".
"""

import json
import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

Matcher = Callable[[str], bool]
_Test = Callable[[Any], bool]


class InvalidPattern(ValueError):
    """The pattern is not one."""


@lru_cache(maxsize=256)
def compile_pattern(pattern: str) -> Matcher:
    """Whether a log event's text matches *pattern*; an empty one matches everything. Raises InvalidPattern."""
    text = pattern.strip()
    if not text:
        return lambda _: True
    if text.startswith("{"):
        if not text.endswith("}"):
            raise InvalidPattern("Invalid character(s) in term: a JSON pattern ends with }")
        condition = _JsonPattern(text[1:-1]).parse()
        return lambda message: _json_matches(condition, message)
    if text.startswith("["):
        if not text.endswith("]"):
            raise InvalidPattern("Invalid character(s) in term: a pattern of fields ends with ]")
        return _fields(text[1:-1])
    return _terms(text)


# ---- terms

_TERM = re.compile(r'([?-]?)("(?:[^"\\]|\\.)*"|%[^%]+%|\S+)')


def _terms(text: str) -> Matcher:
    wanted: list[Matcher] = []
    unwanted: list[Matcher] = []
    optional: list[Matcher] = []
    for sign, word in _TERM.findall(text):
        if word.startswith('"') and word.endswith('"') and len(word) > 1:
            word = word[1:-1].replace('\\"', '"')
            matcher = _contains(word)
        elif word.startswith("%") and word.endswith("%") and len(word) > 2:
            matcher = _expression(word[1:-1])
        else:
            matcher = _contains(word)
        {"": wanted, "-": unwanted, "?": optional}[sign].append(matcher)
    if wanted:
        optional = []  # beside terms that must be there, optional ones decide nothing

    def matches(message: str) -> bool:
        if any(matcher(message) for matcher in unwanted) or not all(matcher(message) for matcher in wanted):
            return False
        return not optional or any(matcher(message) for matcher in optional)

    return matches


def _contains(word: str) -> Matcher:
    return lambda message: word in message


def _expression(pattern: str) -> Matcher:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise InvalidPattern(f"Invalid regular expression: {error}") from None
    return lambda message: compiled.search(message) is not None


# ---- JSON

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<path>\$(?:\.[A-Za-z_@][\w@-]*|\["[^"]*"\]|\[\d+\]|\[\*\]|\.\*)*)
    |(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<word>&&|\|\||[()]|!=|>=|<=|=|>|<|NOT\ EXISTS|IS\ NULL|IS\ TRUE|IS\ FALSE|EXISTS)
    |(?P<bare>%[^%]+%|[^\s()&|=<>!]+))""",
    re.VERBOSE,
)


class _JsonPattern:
    """A recursive-descent parser: || over && over comparisons."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        position = 0
        text = text.strip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None or match.end() == position:
                raise InvalidPattern(f"Invalid JSON filter pattern at: {text[position:][:40]}")
            kind = match.lastgroup or ""
            self._tokens.append((kind, match.group(kind)))
            position = match.end()

    def parse(self) -> _Test:
        test = self._either()
        if self._tokens:
            raise InvalidPattern(f"Invalid JSON filter pattern at: {self._tokens[0][1]}")
        return test

    def _either(self) -> _Test:
        tests = [self._both()]
        while self._peek() == "||":
            self._tokens.pop(0)
            tests.append(self._both())
        return lambda value: any(test(value) for test in tests)

    def _both(self) -> _Test:
        tests = [self._single()]
        while self._peek() == "&&":
            self._tokens.pop(0)
            tests.append(self._single())
        return lambda value: all(test(value) for test in tests)

    def _single(self) -> _Test:
        kind, token = self._next()
        if token == "(":
            test = self._either()
            if self._next()[1] != ")":
                raise InvalidPattern("Invalid JSON filter pattern: a ) is missing")
            return test
        if kind != "path":
            raise InvalidPattern(f"Invalid JSON filter pattern: a selector such as $.field must stand where {token} does")
        steps = _steps(token)
        _, operator = self._next()
        if operator == "IS NULL":
            return lambda value: any(found is None for found in _select(value, steps))
        if operator in {"IS TRUE", "IS FALSE"}:
            wanted = operator == "IS TRUE"
            return lambda value: any(found is wanted for found in _select(value, steps))
        if operator in {"NOT EXISTS", "EXISTS"}:
            return lambda value: (not _select(value, steps)) is (operator == "NOT EXISTS")
        kind, operand = self._next()
        compare = _comparison(operator, operand, quoted=kind == "string")
        return lambda value: any(compare(found) for found in _select(value, steps))

    def _peek(self) -> str:
        return self._tokens[0][1] if self._tokens else ""

    def _next(self) -> tuple[str, str]:
        if not self._tokens:
            raise InvalidPattern("Invalid JSON filter pattern: it ends too soon")
        return self._tokens.pop(0)


def _json_matches(condition: _Test, message: str) -> bool:
    try:
        return condition(json.loads(message))
    except ValueError:
        return False


def _steps(path: str) -> list[str | int]:
    parts = re.findall(r'\.([A-Za-z_@][\w@-]*)|\["([^"]*)"\]|\[(\d+)\]|(\[\*\]|\.\*)', path)
    return ["*" if any_ else int(index) if index else name or quoted for name, quoted, index, any_ in parts]


def _select(value: Any, steps: list[str | int]) -> list[Any]:
    found = [value]
    for step in steps:
        following: list[Any] = []
        for one in found:
            if step == "*":
                following += list(one.values()) if isinstance(one, dict) else one if isinstance(one, list) else []
            elif isinstance(step, int):
                following += one[step : step + 1] if isinstance(one, list) else []
            elif isinstance(one, dict) and step in one:
                following.append(one[step])
        found = following
    return found


def _comparison(operator: str, operand: str, *, quoted: bool) -> _Test:
    if operator not in {"=", "!=", ">", "<", ">=", "<="}:
        raise InvalidPattern(f"Invalid JSON filter pattern: {operator} is no comparison")
    text = operand[1:-1].replace('\\"', '"') if quoted else operand
    number = None if quoted else _number(text)
    if number is not None:
        return lambda found: _is_number(found) and _ordered(operator, float(found), number)
    if operator not in {"=", "!="}:
        raise InvalidPattern(f"Invalid JSON filter pattern: {operator} compares numbers, and {text} is none")
    if not quoted and text.startswith("%") and text.endswith("%"):
        expression = _expression(text[1:-1])
        equal: _Test = lambda found: isinstance(found, str) and expression(found)  # noqa: E731
    else:
        equal = lambda found: isinstance(found, str) and fnmatchcase(found, _only_stars(text))  # noqa: E731
    return equal if operator == "=" else lambda found: not equal(found)


def _only_stars(text: str) -> str:
    return re.sub(r"([\[\]?])", r"[\1]", text)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _ordered(operator: str, left: float, right: float) -> bool:
    return {
        "=": left == right,
        "!=": left != right,
        ">": left > right,
        "<": left < right,
        ">=": left >= right,
        "<=": left <= right,
    }[operator]


# ---- space-delimited fields

_FIELD = re.compile(r'\[[^\]]*\]|"(?:[^"\\]|\\.)*"|\S+')
_CONDITION = re.compile(r"\s*(\w+)\s*(!=|>=|<=|=|>|<)\s*(\"[^\"]*\"|\S+)\s*")


def _fields(text: str) -> Matcher:
    specs = [spec.strip() for spec in text.split(",")]
    tests = [_field_test(spec) for spec in specs]
    if "..." in specs:
        gap = specs.index("...")

        def with_gap(message: str) -> bool:
            values = _FIELD.findall(message)
            before, after = tests[:gap], tests[gap + 1 :]
            if len(values) < len(before) + len(after):
                return False
            tail = values[len(values) - len(after) :] if after else []
            return all(test(value) for test, value in zip(before + after, values[:gap] + tail, strict=False))

        return with_gap

    def matches(message: str) -> bool:
        values = _FIELD.findall(message)
        return len(values) == len(tests) and all(test(value) for test, value in zip(tests, values, strict=True))

    return matches


def _field_test(spec: str) -> _Test:
    alternatives = re.split(r"\|\|", spec)
    tests = [[_field_condition(part) for part in re.split(r"&&", alternative)] for alternative in alternatives]
    return lambda value: any(all(test(value.strip('"[]')) for test in conditions) for conditions in tests)


def _field_condition(spec: str) -> _Test:
    match = _CONDITION.fullmatch(spec)
    if match is None:
        return lambda _: True
    _, operator, operand = match.groups()
    compare = _comparison(operator, operand, quoted=operand.startswith('"'))
    if _number(operand) is not None:
        return lambda value: _number(value) is not None and compare(_number(value))
    return lambda value: compare(value)
