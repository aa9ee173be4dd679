"""Fixes for the usual mistakes: each is the whole pattern, written right. What cannot be meant is not offered."""

import difflib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from invocations import readable_json
from invocations.event_patterns.explain import FieldResult, Reason
from invocations.event_patterns.matchers import is_number
from playground.dashboard import pattern_sentences
from playground.dashboard.filter_lab.json_places import Member, Place, arrays_at, members, places

OPERATORS = ("prefix", "suffix", "equals-ignore-case", "anything-but", "numeric", "exists", "wildcard", "cidr")
MOST_FIXES = 4
"""Offered at once."""


@dataclass(frozen=True, slots=True)
class Fix:
    """One way to put the pattern right."""

    label: str
    pattern: str


def of_text(text: str, is_valid: Callable[[str], bool]) -> list[Fix]:
    """For a pattern that is none: what makes it one, as *is_valid* decides."""
    found = places(text)
    candidates = _of_no_json(text) if found is None else _of_no_pattern(found)
    return _distinct(fix for fix in candidates if fix.pattern != text and is_valid(fix.pattern))


def of_miss(text: str, fields: Sequence[FieldResult], event: Any, data_key: str) -> list[Fix]:
    """For a pattern that does not match *event*: what would make one of its fields match. *data_key* is where the event's data is."""
    found = places(text)
    if found is None:
        return []
    return _distinct(fix for field in fields if not field.matched for fix in _of_field(found, field, event, data_key))


def _distinct(fixes: Iterator[Fix]) -> list[Fix]:
    found: dict[str, Fix] = {}
    for fix in fixes:
        found.setdefault(fix.pattern, fix)
    return list(found.values())[:MOST_FIXES]


def _of_no_json(text: str) -> Iterator[Fix]:
    double = text.replace("'", '"')
    no_comma = re.sub(r",(\s*[}\]])", r"\1", text)
    quoted = re.sub(r"([{,]\s*)([A-Za-z_$][\w$.-]*)(\s*:)", r'\1"\2"\3', text)
    yield Fix("Double quotes instead of single ones", double)
    yield Fix("Without the comma before a closing bracket", no_comma)
    yield Fix("Keys in double quotes", quoted)
    yield Fix("Close the open brackets", text + _closing(text))
    both = re.sub(r",(\s*[}\]])", r"\1", re.sub(r"([{,]\s*)([A-Za-z_$][\w$.-]*)(\s*:)", r'\1"\2"\3', double))
    yield Fix("Quotes and commas as JSON has them", both)


def _closing(text: str) -> str:
    """The brackets that are still open at the end, outside strings."""
    opened: list[str] = []
    for token in re.findall(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', text):
        if token in "{[":
            opened.append("}" if token == "{" else "]")
        elif opened and token == opened[-1]:
            opened.pop()
    return "".join(reversed(opened))


def _of_no_pattern(found: Place) -> Iterator[Fix]:
    if found.items and len(found.items) == 1 and found.items[0].members is not None:
        yield Fix("Without the brackets around it all", found.items[0].written)
    bare = list(_bare(found))
    if len(bare) > 1:
        yield Fix("Brackets around each value", _bracketed(found.text, bare))
    for place in bare:
        yield Fix(f"Brackets around {literal_of(place)}", place.replaced(f"[{place.written}]"))
    for member in members(found):
        yield from _of_operator(member)


def literal_of(place: Place) -> str:
    """A value as it stands there, shortened."""
    text = re.sub(r"\s+", " ", place.written)
    return text if len(text) <= 32 else f"{text[:31]}…"


def _bare(place: Place) -> Iterator[Place]:
    """Values outside of value lists: plain ones, and operators that stand alone."""
    for member in place.members or ():
        inner = member.value
        if inner.is_scalar or _is_operator(inner):
            yield inner
        elif inner.members is not None:
            yield from _bare(inner)
        elif member.key == "$or":
            for branch in inner.items or ():
                yield from _bare(branch)


def _is_operator(place: Place) -> bool:
    return place.members is not None and len(place.members) == 1 and place.members[0].key in OPERATORS


def _bracketed(text: str, found: list[Place]) -> str:
    for place in sorted(found, key=lambda each: each.start, reverse=True):
        text = f"{text[: place.start]}[{place.written}]{text[place.end :]}"
    return text


def _of_operator(member: Member) -> Iterator[Fix]:
    key, value = member.key, member.value
    if key not in OPERATORS:
        close = difflib.get_close_matches(key.lower(), OPERATORS, n=1, cutoff=0.75)
        if close:
            yield Fix(f"{close[0]} instead of {key}", f'{value.text[: member.start]}"{close[0]}"{value.text[member.end :]}')
        return
    if key == "exists" and value.value in ("true", "false"):
        yield Fix(f"{value.value} without quotes", value.replaced(str(value.value)))
    elif key == "numeric" and is_number(value.value):
        yield Fix(f'"=" before {value.written}', value.replaced(f'["=", {value.written}]'))
    elif key == "numeric":
        for item in value.items or ():
            if isinstance(item.value, str) and _number(item.value) is not None:
                yield Fix(f"{item.value} without quotes", item.replaced(item.value))
    elif key in ("prefix", "suffix", "equals-ignore-case", "wildcard") and value.is_scalar and not isinstance(value.value, str):
        yield Fix(f"{value.written} in quotes", value.replaced(f'"{value.written}"'))


def _of_field(found: Place, field: FieldResult, event: Any, data_key: str) -> Iterator[Fix]:
    path = tuple(field.path.split("."))
    lists = list(arrays_at(found, path))
    if field.reason in (Reason.KEY_MISSING, Reason.PARENT_IS_NO_OBJECT):
        yield from _of_missing_key(found, field, path, event, data_key)
    for values in lists:
        for item in values.items or ():
            yield from _of_value(item, field)
            if data_key == "detail":
                yield from _of_affix(item, field)


def _of_value(item: Place, field: FieldResult) -> Iterator[Fix]:
    if item.is_scalar:
        for value in field.actual:
            if type(item.value) is not type(value) and _is_same_but_for_type(item.value, value):
                how = "in quotes" if isinstance(value, str) else "without quotes"
                yield Fix(f"{literal_of(item).strip(chr(34))} {how}", item.replaced(readable_json.dumps(value)))
            elif isinstance(item.value, str) and isinstance(value, str) and item.value != value and item.value.lower() == value.lower():
                yield Fix(f"{literal_of(item)} in any case", item.replaced(f'{{"equals-ignore-case": {item.written}}}'))
                label = f"{pattern_sentences.literal(value)} instead of {literal_of(item)}"
                yield Fix(label, item.replaced(readable_json.dumps(value)))
    elif item.members and item.members[0].key == "numeric" and all(isinstance(value, str) for value in field.actual):
        bounds = [inner.value for inner in item.members[0].value.items or ()]
        if len(bounds) == 2 and bounds[0] == "=":
            yield Fix(f'compare with the text "{bounds[1]}"', item.replaced(f'"{bounds[1]}"'))


def _of_affix(item: Place, field: FieldResult) -> Iterator[Fix]:
    """Only EventBridge has prefixes and suffixes in any case."""
    if not item.members or item.members[0].key not in ("prefix", "suffix") or not pattern_sentences.differs_in_case_only(field):
        return
    argument = item.members[0].value
    if isinstance(argument.value, str):
        label = f"{item.members[0].key} {literal_of(argument)} in any case"
        yield Fix(label, argument.replaced(f'{{"equals-ignore-case": {argument.written}}}'))


def _is_same_but_for_type(wanted: Any, value: Any) -> bool:
    """Whether one is the text of the other: "300" and 300, "true" and true."""
    if isinstance(wanted, str) == isinstance(value, str):
        return False
    text, other = (wanted, value) if isinstance(wanted, str) else (value, wanted)
    if is_number(other):
        return _number(text) == other
    return bool(text == json.dumps(other))


def _number(text: str) -> float | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if is_number(value) else None


def _of_missing_key(found: Place, field: FieldResult, path: tuple[str, ...], event: Any, data_key: str) -> Iterator[Fix]:
    if path[-1] in OPERATORS and len(path) > 1:
        for member in members(found):
            if _is_operator(member.value) and member.key == path[-2]:
                yield Fix(f"{path[-1]} as an operator", member.value.replaced(f"[{member.value.written}]"))
    missing = field.missing_at.split(".")
    holder = _inside(event, missing[:-1])
    for key in holder if isinstance(holder, dict) else ():
        if key != missing[-1] and key.lower() == missing[-1].lower():
            for member in _members_at(found, tuple(missing)):
                yield Fix(f"{key} instead of {member.key}", f"{found.text[: member.start]}{json.dumps(key)}{found.text[member.end :]}")
    inner = _inside(event, [data_key]) if data_key else None
    if path[0] != data_key and isinstance(inner, dict) and path[0] in inner:
        outside = event if isinstance(event, dict) else {}
        moved = [member.key for member in found.members or () if (first := member.key.split(".")[0]) in inner and first not in outside]
        if moved and not any(member.key == data_key for member in found.members or ()):
            yield Fix(f"{', '.join(moved)} inside {data_key}", _moved(found.text, moved, data_key))


def _members_at(place: Place, path: tuple[str, ...]) -> Iterator[Member]:
    for member in place.members or ():
        if member.key == path[0]:
            if len(path) == 1:
                yield member
            else:
                yield from _members_at(member.value, path[1:])


def _moved(text: str, moved: Sequence[str], data_key: str) -> str:
    """The pattern with those of its members inside a new member *data_key*."""
    tree = json.loads(text)
    inside = {key: tree.pop(key) for key in moved if key in tree}
    return readable_json.dumps({**tree, data_key: inside}, indent=2)


def _inside(event: Any, path: Sequence[str]) -> Any:
    for key in path:
        if isinstance(event, str):
            try:
                event = json.loads(event)
            except (ValueError, RecursionError):
                return None
        event = event.get(key) if isinstance(event, dict) else None
    if isinstance(event, str):
        try:
            return json.loads(event)
        except (ValueError, RecursionError):
            return None
    return event
