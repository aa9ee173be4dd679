"""Values of any shape of a service's model, as boto3 takes and gives them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from hypothesis import strategies as st

TEXT = st.text(st.sampled_from("abcXYZ019 -_.:/$<>&\"'%+=äß漢😀"), min_size=1, max_size=12)
HEADER_TEXT = st.text(st.sampled_from('abcXYZ019-_.:/$%+=,"'), min_size=1, max_size=12)
KEY = st.text(st.sampled_from("abcxyz019-"), min_size=1, max_size=6)
MOMENTS = st.integers(0, 2**32 - 1).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def values(shape: Shape, depth: int = 0) -> st.SearchStrategy[Any]:
    """A strategy for *shape*; deep inside only what is required is filled in."""
    location = shape.serialization.get("location")
    match shape:
        case StructureShape():
            return _structures(shape, depth)
        case ListShape():
            return st.lists(values(shape.member, depth + 1), min_size=1, max_size=2 if depth < 4 else 1)
        case MapShape():
            keys = KEY if location == "headers" else TEXT
            return st.dictionaries(keys, HEADER_TEXT if location else values(shape.value, depth + 1), min_size=1, max_size=2)
    match shape.type_name:
        case "integer":
            return st.integers(-(2**31), 2**31 - 1)
        case "long":
            return st.integers(-(2**53), 2**53)
        case "float" | "double":
            return st.integers(-1000, 1000).map(lambda number: number / 4)
        case "boolean":
            return st.booleans()
        case "timestamp":
            return MOMENTS
        case "blob":
            return st.binary(min_size=1, max_size=20)
    if location in ("header", "headers"):
        return HEADER_TEXT
    return TEXT


def _structures(shape: StructureShape, depth: int) -> st.SearchStrategy[dict[str, Any]]:
    members = {name: member for name, member in shape.members.items() if not member.serialization.get("eventstream")}
    if shape.is_tagged_union:
        return st.sampled_from(sorted(members)).flatmap(lambda name: st.fixed_dictionaries({name: values(members[name], depth + 1)}))
    required = {name: members[name] for name in shape.required_members if name in members}
    if depth > 3:
        fewest = required or dict(list(members.items())[:1])
        if depth > 6:
            fewest = {name: member for name, member in fewest.items() if not isinstance(member, StructureShape | ListShape | MapShape)}
        return st.fixed_dictionaries({name: values(member, depth + 1) for name, member in fewest.items()})
    optional = [name for name in members if name not in required]
    chosen = st.lists(st.sampled_from(optional), unique=True, max_size=5) if optional else st.just([])
    return chosen.flatmap(lambda names: st.fixed_dictionaries({name: values(members[name], depth + 1) for name in (*required, *names)}))


def without_empties(value: Any) -> Any:
    """*value* without members that are empty: some protocols cannot tell them from members that are not there."""
    if isinstance(value, Mapping):
        kept = {key: without_empties(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item not in ({}, [], "", b"")}
    if isinstance(value, list):
        return [item for item in map(without_empties, value) if item not in ({}, [], "")]
    return value
