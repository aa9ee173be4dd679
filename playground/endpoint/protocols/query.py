"""query: form fields in, XML out. IAM, STS, SNS, and the old clients of SQS and CloudWatch."""

from collections.abc import Callable, Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

from invocations.errors import AwsError
from playground.endpoint.protocols import text, timestamps
from playground.endpoint.protocols.xml_values import XmlShapes, clean, is_flat, member_tag
from playground.endpoint.wire import Dialect, HttpAnswer, HttpRequest, Malformed, Plan

_CONTENT_TYPE = (b"content-type", b"text/xml")
MAXIMUM_DEPTH = 32
"""Of a field's dotted name; AWS's own go to about ten."""

Tree = dict[str, Any]
"""Fields by the parts of their dotted names; a field's own value has the key ""."""
Reader = Callable[[Tree], Any]


class Query(Dialect):
    """query as one service speaks it."""

    protocol = "query"
    malformed_code = "MalformedInput"
    needs_body_to_route = True

    def __init__(self, model: ServiceModel) -> None:
        super().__init__(model)
        self.xml = XmlShapes()
        self.readers: dict[str, Reader] = {}
        version = model.metadata.get("apiVersion", "")
        namespace = model.metadata.get("xmlNamespace") or f"http://{model.metadata.get('endpointPrefix')}.amazonaws.com/doc/{version}/"
        self.namespace = quoteattr(namespace)

    def operation_of(self, request: HttpRequest) -> tuple[str, Mapping[str, str]] | None:
        name = next(iter(_fields(request).get("Action", ())), "")
        return (name, {}) if name in self.names else None

    def compile(self, operation: OperationModel) -> Plan:
        return QueryPlan(self, operation)

    def error(self, error: AwsError, request_id: str) -> HttpAnswer:
        """<ErrorResponse><Error><Type>Sender</Type><Code>…"""
        shape = self.error_shapes.get(error.code)
        code, status = error.query_code or error.code, error.http_status
        if shape is not None:
            code = error.query_code or shape.error_code or code
            status = shape.metadata.get("error", {}).get("httpStatusCode", status)
        fault = "Receiver" if status >= 500 else "Sender"
        elements = {"Type": fault, "Code": code, "Message": error.message or ""} | error.members
        inner = "".join(f"<{name}>{clean(str(value))}</{name}>" for name, value in elements.items())
        body = f"<ErrorResponse xmlns={self.namespace}><Error>{inner}</Error><RequestId>{request_id}</RequestId></ErrorResponse>"
        return HttpAnswer(status, body.encode(), [_CONTENT_TYPE])


class QueryPlan(Plan):
    """One operation."""

    def __init__(self, dialect: Query, operation: OperationModel) -> None:
        super().__init__(operation)
        self._namespace = dialect.namespace
        self._read = _reader(operation.input_shape, dialect.readers) if operation.input_shape is not None else None
        shape = operation.output_shape
        self._write = dialect.xml.writer(shape) if shape is not None else None
        self._wrapper = f"{operation.name}Result"
        if shape is not None:
            self._wrapper = shape.serialization.get("resultWrapper", self._wrapper)

    def read(self, request: HttpRequest, labels: Mapping[str, str]) -> dict[str, Any]:
        if self._read is None:
            return {}
        members: dict[str, Any] = self._read(_tree(_fields(request)))
        return members

    def write(self, output: Mapping[str, Any], request_id: str) -> HttpAnswer:
        name = self.operation.name
        parts = [f"<{name}Response xmlns={self._namespace}>"]
        if self._write is not None:
            self._write(parts, self._wrapper, output)
        parts.append(f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{name}Response>")
        return HttpAnswer(200, "".join(parts).encode(), [_CONTENT_TYPE])


def _fields(request: HttpRequest) -> Mapping[str, list[str]]:
    """The form's fields; those of the query string where there is no form (a presigned GET)."""
    return request.form if request.body else request.query


def _tree(fields: Mapping[str, list[str]]) -> Tree:
    tree: Tree = {}
    for name, values in fields.items():
        parts = name.split(".")
        if len(parts) > MAXIMUM_DEPTH:
            raise Malformed(f"The parameter {name[:64]} is nested too deeply.")
        if "" in parts:
            continue  # "MaxResults." names nothing; the empty name is where values are kept here
        node = tree
        for part in parts:
            node = node.setdefault(part, {})
        node[""] = values[0]
    return tree


def _reader(shape: Shape, structures: dict[str, Reader]) -> Reader:
    match shape:
        case StructureShape():
            return _structure_reader(shape, structures)
        case ListShape():
            read_item = _reader(shape.member, structures)
            item_name = "" if is_flat(shape) else shape.member.serialization.get("name", "member")
            return lambda node: [read_item(item) for item in _numbered(node.get(item_name, {}) if item_name else node)]
        case MapShape():
            return _map_reader(shape, structures)
    read = text.reader(shape, timestamps.ISO)
    return lambda node: read(node.get("", ""))


def _structure_reader(shape: StructureShape, structures: dict[str, Reader]) -> Reader:
    if shape.name in structures:
        return structures[shape.name]
    members: dict[str, tuple[str, Reader]] = {}

    def read(node: Tree) -> dict[str, Any]:
        found = {}
        for key, child in node.items():
            member = members.get(key)
            if member is not None:
                found[member[0]] = member[1](child)
        return found

    structures[shape.name] = read
    for name, member in shape.members.items():
        members[member_tag(name, member)] = name, _reader(member, structures)
    return read


def _map_reader(shape: MapShape, structures: dict[str, Reader]) -> Reader:
    read_key, read_value = _reader(shape.key, structures), _reader(shape.value, structures)
    key_name = shape.key.serialization.get("name", "key")
    value_name = shape.value.serialization.get("name", "value")
    flat = is_flat(shape)

    def read(node: Tree) -> dict[str, Any]:
        entries = _numbered(node if flat else node.get("entry", {}))
        return {read_key(entry.get(key_name, {})): read_value(entry.get(value_name, {})) for entry in entries}

    return read


def _numbered(node: Tree) -> list[Tree]:
    """The children 1, 2, 3, … in their order; an empty list is sent as a field with an empty value."""
    numbers = [key for key in node if key.isascii() and key.isdigit() and len(key) < 10]
    return [node[key] for key in sorted(numbers, key=int)]
