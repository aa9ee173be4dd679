"""Values of a model's shapes as XML: the bodies of rest-xml, and the answers of the query protocol."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from botocore.model import ListShape, MapShape, Shape, StructureShape

from playground.endpoint.protocols import text, timestamps
from playground.endpoint.wire import Malformed

Node = ElementTree.Element
Reader = Callable[[Node], Any]
Writer = Callable[[list[str], str, Any], None]
"""Adds the element of a given name for a value."""

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema"


def parse_xml(body: bytes) -> Node:
    """The root of an XML body. Raises Malformed, for a document type declaration too: requests have no use for entities."""
    if b"<!DOCTYPE" in body:
        raise Malformed(_MALFORMED)
    try:
        return ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError, LookupError):
        raise Malformed(_MALFORMED) from None


def tag(node: Node) -> str:
    """An element's name without its namespace."""
    return node.tag.rpartition("}")[2]


class XmlShapes:
    """Readers and writers of one service's shapes as XML elements."""

    def __init__(self) -> None:
        self._readers: dict[str, Reader] = {}
        self._writers: dict[str, Writer] = {}

    def reader(self, shape: Shape) -> Reader:
        """Turns an element into members as boto3 would have taken them. It raises Malformed."""
        match shape:
            case StructureShape():
                return self._structure_reader(shape)
            case ListShape():
                read_item = self.reader(shape.member)
                return lambda node: [read_item(item) for item in node]
            case MapShape():
                return self._map_reader(shape)
        read = text.reader(shape, timestamps.ISO)
        return lambda node: read(node.text or "")

    def writer(self, shape: Shape) -> Writer:
        """The reverse. It raises LookupError for a member that the shape has not, which is an operation's mistake."""
        match shape:
            case StructureShape():
                return self._structure_writer(shape)
            case ListShape():
                return self._list_writer(shape)
            case MapShape():
                return self._map_writer(shape)
        write = text.writer(shape, timestamps.ISO)
        return lambda parts, name, value: parts.append(f"<{name}>{clean(write(value))}</{name}>")

    def _structure_reader(self, shape: StructureShape) -> Reader:
        if shape.name in self._readers:
            return self._readers[shape.name]
        members: dict[str, tuple[str, Reader]] = {}
        flat: dict[str, tuple[str, Callable[[Node, dict[str, Any]], None]]] = {}
        attributes: dict[str, str] = {}

        def read(node: Node) -> dict[str, Any]:
            found: dict[str, Any] = {}
            for child in node:
                name = tag(child)
                if name in members:
                    member, read_member = members[name]
                    found[member] = read_member(child)
                elif name in flat:
                    flat[name][1](child, found)
            for key, value in node.attrib.items():
                member_name = attributes.get(key.rpartition("}")[2])
                if member_name is not None:
                    found[member_name] = value
            return found

        self._readers[shape.name] = read
        for name, member in shape.members.items():
            wire_name = member_tag(name, member)
            if member.serialization.get("xmlAttribute"):
                attributes[wire_name.rpartition(":")[2]] = name
            elif is_flat(member):
                flat[wire_name] = name, self._flat_reader(name, member)
            elif "location" not in member.serialization:
                members[wire_name] = name, self.reader(member)
        return read

    def _flat_reader(self, name: str, shape: Shape) -> Callable[[Node, dict[str, Any]], None]:
        """Adds one of the repeated elements of a list or map that has no element of its own."""
        if isinstance(shape, ListShape):
            read_item = self.reader(shape.member)
            return lambda node, found: found.setdefault(name, []).append(read_item(node))
        assert isinstance(shape, MapShape)
        read_entry = self._entry_reader(shape)
        return lambda node, found: found.setdefault(name, {}).update([read_entry(node)])

    def _map_reader(self, shape: MapShape) -> Reader:
        read_entry = self._entry_reader(shape)
        return lambda node: dict(read_entry(entry) for entry in node)

    def _entry_reader(self, shape: MapShape) -> Callable[[Node], tuple[str, Any]]:
        key_name = shape.key.serialization.get("name", "key")
        value_name = shape.value.serialization.get("name", "value")
        read_value = self.reader(shape.value)

        def read(node: Node) -> tuple[str, Any]:
            children = {tag(child): child for child in node}
            if key_name not in children or value_name not in children:
                raise Malformed(_MALFORMED)
            return children[key_name].text or "", read_value(children[value_name])

        return read

    def _structure_writer(self, shape: StructureShape) -> Writer:
        if shape.name in self._writers:
            return self._writers[shape.name]
        members: dict[str, tuple[str, Writer]] = {}
        attributes: dict[str, str] = {}
        namespace = _namespace(shape)

        def write(parts: list[str], name: str, value: Mapping[str, Any]) -> None:
            given = {key: item for key, item in value.items() if item is not None}
            tags = "".join(f" {wire_name}={quoteattr(str(given[key]))}" for key, wire_name in attributes.items() if key in given)
            parts.append(f"<{name}{namespace}{tags}>")
            for key, item in given.items():
                if key not in attributes:
                    try:
                        wire_name, write_member = members[key]
                    except KeyError:
                        raise LookupError(f"{shape.name} has no member {key}") from None
                    write_member(parts, wire_name, item)
            parts.append(f"</{name}>")

        self._writers[shape.name] = write
        for name, member in shape.members.items():
            wire_name = member_tag(name, member)
            if member.serialization.get("xmlAttribute"):
                attributes[name] = wire_name
            elif "location" not in member.serialization:
                members[name] = wire_name, self.writer(member)
        return write

    def _list_writer(self, shape: ListShape) -> Writer:
        write_item = self.writer(shape.member)
        item_name = shape.member.serialization.get("name", "member")
        flat = is_flat(shape)

        def write(parts: list[str], name: str, value: list[Any]) -> None:
            if not flat:
                parts.append(f"<{name}>")
            for item in value:
                write_item(parts, name if flat else item_name, item)
            if not flat:
                parts.append(f"</{name}>")

        return write

    def _map_writer(self, shape: MapShape) -> Writer:
        write_value = self.writer(shape.value)
        key_name = shape.key.serialization.get("name", "key")
        value_name = shape.value.serialization.get("name", "value")
        flat = is_flat(shape)

        def write(parts: list[str], name: str, value: Mapping[str, Any]) -> None:
            if not flat:
                parts.append(f"<{name}>")
            entry = name if flat else "entry"
            for key, item in value.items():
                parts.append(f"<{entry}><{key_name}>{clean(key)}</{key_name}>")
                write_value(parts, value_name, item)
                parts.append(f"</{entry}>")
            if not flat:
                parts.append(f"</{name}>")

        return write


def clean(value: str) -> str:
    """*value* as character data: what XML cannot hold becomes U+FFFD, a carriage return stays one."""
    return escape(_NO_XML.sub("\ufffd", value), {"\r": "&#13;"})


def is_flat(shape: Shape) -> bool:
    """A list or map whose items stand directly in the structure."""
    return bool(shape.serialization.get("flattened"))


def member_tag(name: str, shape: Shape) -> str:
    """The element of a member; that of a flattened list is its items'."""
    if isinstance(shape, ListShape) and is_flat(shape):
        item_name = shape.member.serialization.get("name")
        if item_name:
            return str(item_name)
    return str(shape.serialization.get("name", name))


def _namespace(shape: Shape) -> str:
    trait = shape.serialization.get("xmlNamespace")
    if not trait:
        return ""
    uri, prefix = (trait["uri"], trait.get("prefix")) if isinstance(trait, Mapping) else (trait, None)
    return f" xmlns{':' + prefix if prefix else ''}={quoteattr(uri)}"
