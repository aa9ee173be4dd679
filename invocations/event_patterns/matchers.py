"""The operators: each makes a matcher, which tests one value of an event."""

import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

Scalar = str | int | float | bool | None
Test = Callable[[Any], bool]

NUMBER_TYPES: Final = (int, float)
MOST_WILDCARD_STATES: Final = 10
"""How many places of wildcard patterns an input may be at, at once. AWS does not publish its bound; this one decides the
recorded examples as AWS did."""
MOST_STATE_SETS: Final = 2_000
"""Sets of such places that are looked at before a pattern counts as too complex."""
TOO_COMPLEX: Final = (
    "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character"
)


@dataclass(frozen=True, slots=True)
class Matcher:
    """One entry of a value list."""

    operator: str
    """"equals", "prefix", "anything-but prefix", "numeric", …"""
    argument: Any
    """As the pattern has it (JSON)."""
    test: Test
    """Takes a value that is present: string, number, boolean or None."""
    wants: str = "string"
    """The type of value that can match: "string", "number", "boolean", "null" or "any"."""

    @property
    def is_absence(self) -> bool:
        """Whether it is `{"exists": false}`, which matches where there is no value."""
        return self.operator == "exists" and self.argument is False


def type_name(value: Any) -> str:
    """The JSON type of a value, as explanations name it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    for name, types in (("string", str), ("number", NUMBER_TYPES), ("array", list)):
        if isinstance(value, types):
            return name
    return "object"


def is_number(value: Any) -> bool:
    """Whether a value is a JSON number (Python's booleans are integers; JSON's are not)."""
    return isinstance(value, NUMBER_TYPES) and not isinstance(value, bool)


def equals(literal: Scalar) -> Matcher:
    """Numbers compare by value: 300, 300.0 and 3.0e2 are one."""
    return Matcher("equals", literal, literals([literal]), wants=type_name(literal))


def literals(values: Iterable[Scalar]) -> Test:
    """A test for any of several literals."""
    values = list(values)
    booleans = {value for value in values if isinstance(value, bool)}
    others: frozenset[Scalar] = frozenset(value for value in values if not isinstance(value, bool))
    if not booleans and not any(is_number(value) for value in others):
        return others.__contains__
    return lambda value: value in booleans if isinstance(value, bool) else value in others


def prefix(text: str) -> Matcher:
    """Every string begins with the empty one."""
    return Matcher("prefix", text, lambda value: isinstance(value, str) and value.startswith(text))


def suffix(text: str) -> Matcher:
    """Every string ends with the empty one."""
    return Matcher("suffix", text, lambda value: isinstance(value, str) and value.endswith(text))


def equals_ignore_case(text: str) -> Matcher:
    """Upper and lower case are one."""
    folded = text.lower()
    return Matcher("equals-ignore-case", text, lambda value: isinstance(value, str) and value.lower() == folded)


def prefix_ignore_case(text: str) -> Matcher:
    """The nested form `{"prefix": {"equals-ignore-case": …}}`."""
    folded = text.lower()
    return Matcher("prefix equals-ignore-case", text, lambda value: isinstance(value, str) and value.lower().startswith(folded))


def suffix_ignore_case(text: str) -> Matcher:
    """The nested form `{"suffix": {"equals-ignore-case": …}}`."""
    folded = text.lower()
    return Matcher("suffix equals-ignore-case", text, lambda value: isinstance(value, str) and value.lower().endswith(folded))


def exists(wanted: bool) -> Matcher:
    """True matches any value that is no object; False matches only where there is none, so no value passes its test."""
    return Matcher("exists", wanted, lambda value: wanted, wants="any")


def numeric(comparisons: list[Any]) -> Matcher:
    """One comparison `[">", 0]`, or a range `[">", 0, "<=", 5]`, already checked."""
    tests = [_comparison(operator, bound) for operator, bound in zip(comparisons[::2], comparisons[1::2], strict=True)]
    if len(tests) == 1:
        only = tests[0]
        return Matcher("numeric", comparisons, lambda value: is_number(value) and only(value), wants="number")
    low, high = tests
    return Matcher("numeric", comparisons, lambda value: is_number(value) and low(value) and high(value), wants="number")


def _comparison(operator: str, bound: float) -> Test:
    table: dict[str, Test] = {
        "=": lambda value: bool(value == bound),
        "<": lambda value: bool(value < bound),
        "<=": lambda value: bool(value <= bound),
        ">": lambda value: bool(value > bound),
        ">=": lambda value: bool(value >= bound),
    }
    return table[operator]


def anything_but(excluded: list[Scalar], argument: Any) -> Matcher:
    """Any value but these; null and values of other types are "not that"."""
    among = literals(excluded)
    return Matcher("anything-but", argument, lambda value: not among(value), wants="any")


def anything_but_any(operator: str, matchers: list[Matcher], argument: Any) -> Matcher:
    """`{"anything-but": {"prefix": …}}` and the like, over one text or several."""
    tests = [matcher.test for matcher in matchers]
    return Matcher(f"anything-but {operator}", argument, lambda value: not any(test(value) for test in tests), wants="any")


def cidr(text: str) -> Matcher:
    """An address range. Raises ValueError with AWS's reason."""
    address, slash, bits = text.partition("/")
    if not slash or "/" in bits or not bits:
        raise ValueError("Malformed CIDR, one '/' required")
    try:
        mask_bits = int(bits)
    except ValueError:
        raise ValueError("Malformed CIDR, mask bits must be an integer") from None
    if mask_bits < 0:
        raise ValueError("Malformed CIDR, mask bits must not be negative")
    try:
        version = ipaddress.ip_address(address).version
    except ValueError:
        raise ValueError(f"Nonstandard IP address: {address}") from None
    longest = 32 if version == 4 else 128
    if mask_bits >= longest:
        raise ValueError(f"IPv{version} mask bits must be < {longest}")
    network = ipaddress.ip_network(f"{address}/{mask_bits}", strict=False)
    return Matcher("cidr", text, lambda value: isinstance(value, str) and _is_within(value, network))


def _is_within(value: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    try:
        return ipaddress.ip_address(value) in network
    except ValueError:
        return False


def wildcard(text: str) -> Matcher:
    """`*` stands for any characters, `\\*` and `\\\\` for themselves. Raises ValueError with AWS's reason."""
    parts = wildcard_parts(text)
    if text == "":
        return Matcher("wildcard", text, lambda value: False)  # as recorded: not even the empty string
    if len(parts) == 1:
        only = parts[0]
        return Matcher("wildcard", text, lambda value: isinstance(value, str) and value == only)
    return Matcher("wildcard", text, lambda value: isinstance(value, str) and _in_order(value, parts))


def wildcard_parts(text: str) -> list[str]:
    """The texts between the stars. Positions in messages count the quote before the text, in bytes, as AWS's do."""
    parts = [""]
    at = 0
    while at < len(text):
        character = text[at]
        if character == "*":
            if text[at + 1 : at + 2] == "*":
                raise ValueError(f"Consecutive wildcard characters at pos {_byte_position(text, at)}")
            parts.append("")
        elif character == "\\":
            if text[at + 1 : at + 2] not in ("*", "\\"):
                raise ValueError(f"Invalid escape character at pos {_byte_position(text, at)}")
            at += 1
            parts[-1] += text[at]
        else:
            parts[-1] += character
        at += 1
    return parts


def _byte_position(text: str, at: int) -> int:
    return len(text[:at].encode()) + 1


def _in_order(value: str, parts: list[str]) -> bool:
    """Whether *value* is the parts with anything between them. Never steps back, so that no text can make it slow."""
    first, last = parts[0], parts[-1]
    if len(value) < len(first) + len(last) or not value.startswith(first) or not value.endswith(last):
        return False
    at, end = len(first), len(value) - len(last)
    for part in parts[1:-1]:
        found = value.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def check_wildcards(texts: list[str]) -> None:
    """Raises ValueError where a value could be at too many places of these wildcard patterns at once.

    The patterns are one machine, of which all sets of places that some input can reach are looked at.
    """
    steps: list[str | None] = []  # a character, or None for a star; "" ends a pattern
    starts = set()
    for text in texts:
        starts.add(len(steps))
        for index, part in enumerate(wildcard_parts(text)):
            steps.extend([None] if index else [])
            steps.extend(part)
        steps.append("")
    alphabet = [*sorted({step for step in steps if step}), "\0"]
    seen = {frozenset(_with_stars_passed(starts, steps))}
    waiting = list(seen)
    while waiting:
        places = waiting.pop()
        for character in alphabet:
            reached = {place if steps[place] is None else place + 1 for place in places if steps[place] in (None, character)}
            following = frozenset(_with_stars_passed(reached, steps))
            if len(following) > MOST_WILDCARD_STATES or len(seen) > MOST_STATE_SETS:
                raise ValueError(TOO_COMPLEX)
            if following and following not in seen:
                seen.add(following)
                waiting.append(following)


def _with_stars_passed(places: set[int], steps: list[str | None]) -> set[int]:
    return places | {place + 1 for place in places if steps[place] is None}
