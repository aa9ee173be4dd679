"""Values of a model's shapes as plain text: in paths, query strings, headers and form fields."""

import base64
import binascii
import json
import re
from collections.abc import Callable
from typing import Any

from botocore.model import ListShape, Shape

from playground.endpoint.protocols import timestamps
from playground.endpoint.protocols.documents import DocumentShapes, unexpected
from playground.endpoint.wire import Malformed

TextReader = Callable[[str], Any]
TextWriter = Callable[[Any], str]

_SHAPES = DocumentShapes()
_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_QUOTED_ITEMS = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^,]*))\s*(?:,|$)')


def reader(shape: Shape, timestamp_style: str) -> TextReader:
    """Turns text into the value of a scalar shape, or of a list in one header. It raises Malformed."""
    if isinstance(shape, ListShape):
        read_item = reader(shape.member, timestamp_style)
        return lambda text: [read_item(item) for item in _items(text, shape.member)]
    match shape.type_name:
        case "integer" | "long":
            return _integer_reader(shape)
        case "float" | "double":
            return _read_float
        case "boolean":
            return _read_boolean
        case "blob":
            return _SHAPES.read_blob
        case "timestamp":
            style = shape.serialization.get("timestampFormat", timestamp_style)
            return lambda text: timestamps.parse(text, style)
    return _read_json_value if shape.serialization.get("jsonvalue") else _read_string


def writer(shape: Shape, timestamp_style: str) -> TextWriter:
    """The reverse."""
    if isinstance(shape, ListShape):
        write_item = writer(shape.member, timestamp_style)
        return lambda value: ",".join(write_item(item) for item in value)
    match shape.type_name:
        case "float" | "double":
            return lambda value: str(_SHAPES.write_float(value))
        case "boolean":
            return lambda value: "true" if value else "false"
        case "blob":
            return _SHAPES.write_blob
        case "timestamp":
            style = shape.serialization.get("timestampFormat", timestamp_style)
            return lambda moment: timestamps.to_text(moment, style)
    if shape.serialization.get("jsonvalue"):
        return lambda value: base64.b64encode(json.dumps(value, separators=(",", ":")).encode()).decode()
    return str


def _read_string(text: str) -> str:
    return text


def _integer_reader(shape: Shape) -> TextReader:
    check = _SHAPES.reader(shape)

    def read(text: str) -> int:
        if _INTEGER.fullmatch(text) is None:
            raise unexpected(text, shape.type_name)
        value: int = check(int(text))
        return value

    return read


def _read_float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise unexpected(text, "double") from None


def _read_boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise unexpected(text, "boolean")
    return text.lower() == "true"


def _read_json_value(text: str) -> Any:
    try:
        return json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise Malformed("A header that should hold base64-encoded JSON does not.") from None


def _items(text: str, member: Shape) -> list[str]:
    """The items of a list in one header; dates contain a comma of their own, strings may stand in quotes."""
    if member.type_name == "timestamp" and member.serialization.get("timestampFormat", timestamps.RFC) == timestamps.RFC:
        parts = text.split(",")
        return [",".join(parts[index : index + 2]).strip() for index in range(0, len(parts), 2)]
    found, position = [], 0
    while position < len(text):
        match = _QUOTED_ITEMS.match(text, position)
        if match is None or match.end() == position:
            break
        found.append(re.sub(r"\\(.)", r"\1", match[1]) if match[1] is not None else match[2].strip())
        position = match.end()
    return found
