"""Values of a model's shapes as documents: JSON, and CBOR, which differs in two leaves only.

Readers and writers are compiled once per shape; structures by name, so that shapes may contain themselves.
"""

import base64
import binascii
import json
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from playground.endpoint.protocols import timestamps
from playground.endpoint.wire import Malformed

Reader = Callable[[Any], Any]
Writer = Callable[[Any], Any]

_BOUNDS = {"integer": 2**31, "long": 2**63}
_WITH_ARTICLE = {
    "string": "a String",
    "integer": "an Integer",
    "long": "a Long",
    "float": "a Float",
    "double": "a Double",
    "boolean": "a Boolean",
    "blob": "a Blob",
    "timestamp": "a Timestamp",
}


class DocumentShapes:
    """Readers and writers of one service's shapes as JSON values."""

    def __init__(self) -> None:
        self._readers: dict[str, Reader] = {}
        self._writers: dict[str, Writer] = {}

    def reader(self, shape: Shape) -> Reader:
        """Turns a parsed document into members as boto3 would have taken them. It raises Malformed."""
        match shape:
            case StructureShape() if shape.is_document_type:
                return _any
            case StructureShape():
                return self._structure_reader(shape)
            case ListShape():
                return _list_reader(self.reader(shape.member))
            case MapShape():
                return _map_reader(self.reader(shape.value))
        match shape.type_name:
            case "integer" | "long":
                return _integer_reader(shape.type_name)
            case "float" | "double":
                return _float_reader(shape.type_name)
            case "boolean":
                return _read_boolean
            case "blob":
                return self.read_blob
            case "timestamp":
                return self.timestamp_reader(shape)
        return read_string

    def writer(self, shape: Shape) -> Writer:
        """The reverse. It raises LookupError for a member that the shape has not, which is an operation's mistake."""
        match shape:
            case StructureShape() if shape.is_document_type:
                return _any
            case StructureShape():
                return self._structure_writer(shape)
            case ListShape():
                write_item = self.writer(shape.member)
                return lambda value: [write_item(item) for item in value]
            case MapShape():
                write_value = self.writer(shape.value)
                return lambda value: {key: write_value(item) for key, item in value.items() if item is not None}
        match shape.type_name:
            case "float" | "double":
                return self.write_float
            case "blob":
                return self.write_blob
            case "timestamp":
                return self.timestamp_writer(shape)
        return _any

    def _structure_reader(self, shape: StructureShape) -> Reader:
        if shape.name in self._readers:
            return self._readers[shape.name]
        members: dict[str, tuple[str, Reader]] = {}

        def read(value: Any) -> dict[str, Any]:
            if not isinstance(value, dict):
                raise unexpected(value, "structure")
            found = {}
            for key, item in value.items():
                member = members.get(key)
                if member is not None and item is not None:
                    found[member[0]] = member[1](item)
            return found

        self._readers[shape.name] = read
        for name, member in shape.members.items():
            if "location" not in member.serialization:  # else it stands in a header, the path or the query string
                members[member.serialization.get("name", name)] = (name, self.reader(member))
        return read

    def _structure_writer(self, shape: StructureShape) -> Writer:
        if shape.name in self._writers:
            return self._writers[shape.name]
        members: dict[str, tuple[str, Writer]] = {}

        def write(value: Mapping[str, Any]) -> dict[str, Any]:
            found = {}
            for name, item in value.items():
                if item is not None:
                    try:
                        wire_name, write_member = members[name]
                    except KeyError:
                        raise LookupError(f"{shape.name} has no member {name}") from None
                    found[wire_name] = write_member(item)
            return found

        self._writers[shape.name] = write
        for name, member in shape.members.items():
            if "location" not in member.serialization:
                members[name] = (member.serialization.get("name", name), self.writer(member))
        return write

    def read_blob(self, value: Any) -> bytes:
        """Base64 in JSON."""
        if not isinstance(value, str):
            raise unexpected(value, "blob")
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            if len(value) % 4:
                raise Malformed(f"Base64 encoded length is expected a multiple of 4 bytes but found: {len(value)}") from None
            raise Malformed("Invalid Base64 character detected.") from None

    def write_blob(self, value: bytes) -> Any:
        """Base64 in JSON."""
        return base64.b64encode(value).decode()

    def timestamp_reader(self, shape: Shape) -> Reader:
        """Seconds since 1970 in JSON, unless the shape says otherwise."""
        style = shape.serialization.get("timestampFormat", timestamps.EPOCH)

        def read(value: Any) -> datetime:
            if isinstance(value, bool) or not isinstance(value, int | float | str):
                raise unexpected(value, "timestamp")
            return timestamps.parse(value, style)

        return read

    def timestamp_writer(self, shape: Shape) -> Writer:
        """Seconds since 1970 in JSON, unless the shape says otherwise."""
        style = shape.serialization.get("timestampFormat", timestamps.EPOCH)
        if style.lower() == timestamps.EPOCH:
            return timestamps.to_epoch
        return lambda moment: timestamps.to_text(moment, style)

    def write_float(self, value: float) -> Any:
        """JSON has no NaN and no infinity: they are words."""
        value = float(value)
        if math.isfinite(value):
            return value
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def parse_json(body: bytes) -> Any:
    """The document in a JSON body; an empty body is an empty structure. Raises Malformed."""
    if not body:
        return {}
    try:
        return json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Malformed("Could not parse request body into json.") from None


def to_json(value: Any) -> bytes:
    """*value* as compact JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode(errors="replace")


def read_string(value: Any) -> str:
    """A string that can be written as UTF-8: JSON may hold half a surrogate pair."""
    if not isinstance(value, str):
        raise unexpected(value, "string")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Malformed("Invalid UTF-16 surrogate in a String.") from None
    return value


def _any(value: Any) -> Any:
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _list_reader(read_item: Reader) -> Reader:
    def read(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise unexpected(value, "list")
        return [None if item is None else read_item(item) for item in value]

    return read


def _map_reader(read_value: Reader) -> Reader:
    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise unexpected(value, "map")
        return {read_string(key): None if item is None else read_value(item) for key, item in value.items()}

    return read


def _integer_reader(type_name: str) -> Reader:
    bound = _BOUNDS[type_name]

    def read(value: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not -bound <= value < bound:
            raise unexpected(value, type_name)
        return value

    return read


def _float_reader(type_name: str) -> Reader:
    def read(value: Any) -> float:
        if isinstance(value, bool) or not (isinstance(value, int | float) or value in ("NaN", "Infinity", "-Infinity")):
            raise unexpected(value, type_name)
        try:
            return float(value)
        except OverflowError:
            raise unexpected(value, type_name) from None

    return read


def _read_boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise unexpected(value, "boolean")
    return value


def unexpected(value: Any, wanted: str) -> Malformed:
    """What AWS says of a value of the wrong type."""
    match value:
        case dict():
            return Malformed("Start of structure or map found where not expected.")
        case list():
            return Malformed("Start of list found where not expected")
        case bool():
            token = f"{str(value).upper()}_VALUE"
        case str():
            token = "STRING_VALUE"
        case _:
            token = "NUMBER_VALUE"
    if wanted in _WITH_ARTICLE:
        return Malformed(f"{token} can not be converted to {_WITH_ARTICLE[wanted]}")
    return Malformed("Unexpected value type in payload")
