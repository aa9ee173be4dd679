"""The constraints that a service's model puts on its input, told in the words AWS tells them in."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

Checker = Callable[[Any, str, list[str]], None]
"""Takes a value and its path, and adds a sentence for each constraint that the value breaks."""

JUDGED_ELSEWHERE = frozenset({"Runtime"})
"""Shapes whose constraints AWS words differently; the resource that takes them says so itself."""

NOT_NULL = "Member must not be null"
_LONGEST_REMEMBERED = 256
_MOST_REMEMBERED = 512


def summary(problems: Sequence[str]) -> str:
    """1 validation error detected: …; …"""
    return f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected: {'; '.join(problems)}"


def validate(shape: StructureShape, members: Mapping[str, Any]) -> list[str]:
    """One sentence for each constraint of *shape* that *members* break; a field is named as the API spells it, in camel case."""
    found: list[str] = []
    check = checker(shape)
    if check is not None:
        check(members, "", found)
    return found


def checker(shape: Shape, seen: dict[str, Checker | None] | None = None) -> Checker | None:
    """The check that *shape* asks for, or None where it constrains nothing."""
    seen = {} if seen is None else seen
    match shape:
        case StructureShape():
            return _structure_checker(shape, seen)
        case ListShape():
            return _list_checker(shape, seen)
        case MapShape():
            return _map_checker(shape, seen)
    tests = _tests(shape)
    return _sentences(shape, tests) if tests else None


_Test = tuple[Callable[[Any], bool], str]
"""Whether a value keeps to a constraint, and the constraint in AWS's words."""


def _structure_checker(shape: StructureShape, seen: dict[str, Checker | None]) -> Checker | None:
    if shape.name in seen:
        return seen[shape.name] or (lambda value, path, found: _late(seen, shape.name, value, path, found))
    seen[shape.name] = None  # a shape that contains itself meets this mark
    checks: dict[str, Checker] = {}
    for name, member in shape.members.items():
        check = checker(member, seen)
        if check is not None:
            checks[name] = check
    required = [name for name in shape.required_members if not shape.members[name].metadata.get("idempotencyToken")]
    if not checks and not required:
        return None
    spelling = {name: _camel(name) for name in shape.members}

    def check_structure(value: Any, path: str, found: list[str]) -> None:
        for name in required:
            if name not in value:
                found.append(f"Value null at '{path}{spelling[name]}' failed to satisfy constraint: {NOT_NULL}")
        for name, item in value.items():
            check = checks.get(name)
            if check is not None:
                check(item, path + spelling[name], found)

    def entered(value: Any, path: str, found: list[str]) -> None:
        check_structure(value, f"{path}." if path else "", found)

    seen[shape.name] = entered
    return entered


def _late(seen: Mapping[str, Checker | None], name: str, value: Any, path: str, found: list[str]) -> None:
    check = seen[name]
    if check is not None:
        check(value, path, found)


def _list_checker(shape: ListShape, seen: dict[str, Checker | None]) -> Checker:
    own = _sentences(shape, _tests(shape))
    is_nested = _is_nested(shape.member)
    item_check = checker(shape.member, seen) if is_nested else None
    item_tests = [] if is_nested else _tests(shape.member)
    constraint = _bracketed("Member must satisfy constraint", item_tests)

    def check_list(value: Any, path: str, found: list[str]) -> None:
        if own is not None:
            own(value, path, found)
        if is_nested:
            _check_items(item_check, enumerate(value, 1), path, found)
        elif any(item is None or not _passes(item, item_tests) for item in value):
            found.append(_sentence(shape, value, path, constraint))

    return check_list


def _map_checker(shape: MapShape, seen: dict[str, Checker | None]) -> Checker:
    own = _sentences(shape, _tests(shape))
    key_tests = _tests(shape.key)
    is_nested = _is_nested(shape.value)
    value_check = checker(shape.value, seen) if is_nested else None
    value_tests = [] if is_nested else _tests(shape.value)
    key_constraint = _bracketed("Map keys must satisfy constraint", key_tests)
    value_constraint = _bracketed("Map value must satisfy constraint", value_tests)

    def check_map(value: Any, path: str, found: list[str]) -> None:
        if own is not None:
            own(value, path, found)
        if not all(_passes(key, key_tests) for key in value):
            found.append(_sentence(shape, value, path, key_constraint))
        if is_nested:
            _check_items(value_check, value.items(), path, found)
        elif any(item is None or not _passes(item, value_tests) for item in value.values()):
            found.append(_sentence(shape, value, path, value_constraint))

    return check_map


def _is_nested(shape: Shape) -> bool:
    return isinstance(shape, StructureShape | ListShape | MapShape)


def _check_items(check: Checker | None, items: Iterable[tuple[Any, Any]], path: str, found: list[str]) -> None:
    for key, item in items:
        if item is None:
            found.append(f"Value null at '{path}.{key}.member' failed to satisfy constraint: {NOT_NULL}")
        elif check is not None:
            check(item, f"{path}.{key}.member", found)


def _sentences(shape: Shape, tests: Sequence[_Test]) -> Checker | None:
    if not tests:
        return None
    # A pattern is told before a length, where a value breaks both.
    tests = sorted(tests, key=lambda test: "pattern" not in test[1])

    def check(value: Any, path: str, found: list[str]) -> None:
        for passes, constraint in tests:
            if not passes(value):
                found.append(_sentence(shape, value, path, constraint))

    return check if shape.type_name != "string" else _remembering(check)


def _remembering(check: Checker) -> Checker:
    """The same check, quicker for the short strings that come again and again: names, ARNs, words of a set."""
    good: set[str] = set()

    def check_new(value: Any, path: str, found: list[str]) -> None:
        if value in good:
            return
        before = len(found)
        check(value, path, found)
        if len(found) == before and len(value) <= _LONGEST_REMEMBERED:
            if len(good) >= _MOST_REMEMBERED:
                good.clear()
            good.add(value)

    return check_new


def _tests(shape: Shape) -> list[_Test]:
    """A shape's own constraints, in the order in which AWS lists them in brackets."""
    if shape.name in JUDGED_ELSEWHERE:
        return []
    traits, found = shape.metadata, []
    low, high = traits.get("min"), traits.get("max")
    if shape.type_name in ("string", "list", "map", "blob"):
        if high is not None:
            found.append((lambda value: len(value) <= high, f"Member must have length less than or equal to {high}"))
        if low:
            found.append((lambda value: len(value) >= low, f"Member must have length greater than or equal to {low}"))
    else:
        if high is not None:
            found.append((lambda value: value <= high, f"Member must have value less than or equal to {high}"))
        if low is not None:
            found.append((lambda value: value >= low, f"Member must have value greater than or equal to {low}"))
    expression = _compiled(traits["pattern"]) if "pattern" in traits and shape.type_name == "string" else None
    if expression is not None:
        matches = expression.fullmatch
        constraint = f"Member must satisfy regular expression pattern: {traits['pattern']}"
        found.append((lambda value: matches(value) is not None, constraint))
    if "enum" in traits:
        allowed = frozenset(traits["enum"])
        told = _ORDERS.get(shape.name, traits["enum"])
        found.append((lambda value: value in allowed, f"Member must satisfy enum value set: [{', '.join(told)}]"))
    return found


_ORDERS = {"InvokeMode": ("RESPONSE_STREAM", "BUFFERED")}
"""Shape -> its values, where AWS lists them in another order than its model."""


_UNICODE_CLASSES = {
    r"\p{L}": r"\w",  # lets the underscore in too, which stands beside it wherever the models use it
    r"\p{N}": r"\w",
    r"\p{Z}": r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
}
"""Java's names of character classes, and the same for Python's expressions."""


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """The model's pattern, or None where it uses a class that Python's expressions do not have."""
    for java, python in _UNICODE_CLASSES.items():
        pattern = pattern.replace(java, python)
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _passes(value: Any, tests: Sequence[_Test]) -> bool:
    return all(passes(value) for passes, _ in tests)


def _bracketed(opening: str, tests: Sequence[_Test]) -> str:
    return f"{opening}: [{', '.join([constraint for _, constraint in tests] + [NOT_NULL])}]"


def _sentence(shape: Shape, value: Any, path: str, constraint: str) -> str:
    shown = "" if _is_sensitive(shape) else f"'{_as_java_shows(value)}' "
    return f"Value {shown}at '{path}' failed to satisfy constraint: {constraint}"


def _is_sensitive(shape: Shape) -> bool:
    """Secrets are not repeated in messages, nor is a collection of them."""
    if isinstance(shape, MapShape):
        return bool(shape.metadata.get("sensitive") or _is_sensitive(shape.key) or _is_sensitive(shape.value))
    if isinstance(shape, ListShape):
        return bool(shape.metadata.get("sensitive") or _is_sensitive(shape.member))
    return bool(shape.metadata.get("sensitive"))


def _as_java_shows(value: Any) -> str:
    """*value* as the messages print it: [a, b] and {k=v}."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case bytes():
            return f"java.nio.HeapByteBuffer[pos=0 lim={len(value)} cap={len(value)}]"
        case Mapping():
            return "{" + ", ".join(f"{key}={_as_java_shows(item)}" for key, item in value.items()) + "}"
        case str():
            return str(value)
        case Sequence():
            return "[" + ", ".join(_as_java_shows(item) for item in value) + "]"
    return str(value)


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]
