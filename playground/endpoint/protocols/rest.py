"""What rest-json and rest-xml have in common: members in the path, the query string, headers, the status and the body."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

from playground.endpoint.protocols import event_stream, text, timestamps
from playground.endpoint.protocols.documents import DocumentShapes
from playground.endpoint.protocols.rest_routes import RouteTable, constants_of
from playground.endpoint.wire import Dialect, HeaderPairs, HttpAnswer, HttpRequest, Plan, header_value

BodyReader = Callable[[bytes], Any]
BodyWriter = Callable[[Any], bytes]
_LOCATIONS = ("uri", "querystring", "header", "headers", "statusCode")
_BODILESS = (204, 304)


class RestDialect(Dialect):
    """A rest protocol as one service speaks it."""

    body_content_type: bytes
    payload_content_type: bytes
    """Of a payload that is a blob, where no header of the output says what it is."""
    writes_empty_bodies = True
    """An output none of whose members belong into the body has one nevertheless."""

    def __init__(self, model: ServiceModel) -> None:
        super().__init__(model)
        self.routes = RouteTable(model)

    def operation_of(self, request: HttpRequest) -> tuple[str, Mapping[str, str]] | None:
        return self.routes.find(request)

    def compile(self, operation: OperationModel) -> Plan:
        return RestPlan(self, operation)

    @abstractmethod
    def body_reader(self, shape: Shape) -> BodyReader:
        """Reads a body that is *shape* (of which members bound elsewhere may be missing)."""

    @abstractmethod
    def body_writer(self, shape: Shape) -> BodyWriter:
        """Writes the same."""


class InputBinding:
    """Where each member of an input stands."""

    def __init__(self, dialect: RestDialect, shape: StructureShape, constants: Iterable[str]) -> None:
        self.constants = frozenset(constants)
        self.labels: list[tuple[str, str, text.TextReader]] = []
        self.query: list[tuple[str, str, Callable[[list[str]], Any]]] = []
        self.query_map: tuple[str, Shape] | None = None
        self.headers: list[tuple[str, str, text.TextReader]] = []
        self.prefixes: list[tuple[str, str]] = []
        has_body_members = False
        for name, member in shape.members.items():
            wire_name = member.serialization.get("name", name)
            match member.serialization.get("location"):
                case "uri":
                    self.labels.append((name, wire_name, text.reader(member, timestamps.ISO)))
                case "querystring" if isinstance(member, MapShape):
                    self.query_map = name, member.value
                case "querystring":
                    self.query.append((name, wire_name, _query_reader(member)))
                case "header":
                    self.headers.append((name, wire_name.lower(), text.reader(member, timestamps.RFC)))
                case "headers":
                    self.prefixes.append((name, wire_name.lower()))
                case _:
                    has_body_members = True
        self.payload: str = shape.serialization.get("payload", "")
        self.read_payload = dialect.body_reader(shape.members[self.payload]) if self.payload else None
        self.read_members = dialect.body_reader(shape) if has_body_members and not self.payload else None

    def read(self, request: HttpRequest, labels: Mapping[str, str]) -> dict[str, Any]:
        """The members of one request. Raises Malformed."""
        found: dict[str, Any] = {}
        for name, label, read in self.labels:
            found[name] = read(unquote(labels[label]))
        if request.query_string:
            self._read_query(request.query, found)
        headers = request.headers
        for name, header, read in self.headers:
            value = headers.get(header)
            if value is not None:
                found[name] = read(value)
        for name, prefix in self.prefixes:
            found[name] = {key[len(prefix) :]: value for key, value in headers.items() if key.startswith(prefix)}
        if self.read_payload is not None:
            if request.body:
                found[self.payload] = self.read_payload(request.body)
        elif self.read_members is not None:
            found |= self.read_members(request.body)
        return found

    def _read_query(self, query: Mapping[str, list[str]], found: dict[str, Any]) -> None:
        for name, parameter, read_all in self.query:
            values = query.get(parameter)
            if values is not None:
                found[name] = read_all(values)
        if self.query_map is not None:
            name, value_shape = self.query_map
            taken = self.constants | {parameter for _, parameter, _ in self.query}
            is_list = value_shape.type_name == "list"
            found[name] = {key: values if is_list else values[0] for key, values in query.items() if key not in taken}


class OutputBinding:
    """Where each member of an output goes; errors have such outputs too."""

    def __init__(self, dialect: RestDialect, shape: StructureShape | None, status: int) -> None:
        self.status = status
        self.status_member: str | None = None
        self.headers: list[tuple[str, bytes, text.TextWriter]] = []
        self.prefixes: list[tuple[str, bytes]] = []
        self.content_type = dialect.body_content_type
        members = shape.members if shape is not None else {}
        for name, member in members.items():
            wire_name = member.serialization.get("name", name)
            match member.serialization.get("location"):
                case "statusCode":
                    self.status_member = name
                case "header":
                    self.headers.append((name, wire_name.lower().encode(), text.writer(member, timestamps.RFC)))
                case "headers":
                    self.prefixes.append((name, wire_name.lower().encode()))
        self.elsewhere = frozenset(name for name, member in members.items() if member.serialization.get("location") in _LOCATIONS)
        self.payload = shape.serialization.get("payload") if shape is not None else None
        self.write_payload: BodyWriter | None = None
        self.frames: event_stream.Frames | None = None
        if self.payload:
            self._bind_payload(dialect, members[self.payload])
        has_body = shape is not None and not self.payload
        if not dialect.writes_empty_bodies:
            has_body = has_body and bool(members.keys() - self.elsewhere)
        self.write_members = dialect.body_writer(shape) if shape is not None and has_body else None

    def _bind_payload(self, dialect: RestDialect, member: Shape) -> None:
        if member.serialization.get("eventstream"):
            self.frames = event_stream.encoder(member, DocumentShapes())
            self.content_type = event_stream.CONTENT_TYPE
        elif member.type_name in ("blob", "string"):
            self.content_type = dialect.payload_content_type
        else:
            self.write_payload = dialect.body_writer(member)

    def write(self, output: Mapping[str, Any]) -> HttpAnswer:
        """The answer with *output*'s members."""
        status = self.status
        if self.status_member is not None:
            status = output.get(self.status_member) or status
        headers: HeaderPairs = []
        has_content_type = False
        for name, header, write in self.headers:
            value = output.get(name)
            if value is not None:
                headers.append((header, header_value(write(value))))
                has_content_type = has_content_type or header == b"content-type"
        for name, prefix in self.prefixes:
            for key, value in (output.get(name) or {}).items():
                headers.append((prefix + header_value(key.lower()), header_value(value)))
        body = self._body(output) if status not in _BODILESS else b""
        if status not in _BODILESS and not has_content_type and body is not None:
            headers.append((b"content-type", self.content_type))
        return HttpAnswer(status, body if body is not None else b"", headers)

    def _body(self, output: Mapping[str, Any]) -> Any:
        """Bytes, a stream of bytes, or None where there is no body."""
        if self.payload:
            value = output.get(self.payload)
            if value is None:
                return None
            if self.frames is not None:
                return self.frames(value)
            if self.write_payload is not None:
                return self.write_payload(value)
            return value.encode() if isinstance(value, str) else value
        if self.write_members is None:
            return None
        return self.write_members({name: value for name, value in output.items() if name not in self.elsewhere})


class RestPlan(Plan):
    """One operation of a rest protocol."""

    def __init__(self, dialect: RestDialect, operation: OperationModel) -> None:
        super().__init__(operation)
        shape = operation.input_shape
        constants = [name for name, _ in constants_of(operation)]
        self._input = InputBinding(dialect, shape, constants) if shape is not None else None
        self._output = OutputBinding(dialect, operation.output_shape, operation.http.get("responseCode", 200))

    def read(self, request: HttpRequest, labels: Mapping[str, str]) -> dict[str, Any]:
        return {} if self._input is None else self._input.read(request, labels)

    def write(self, output: Mapping[str, Any], request_id: str) -> HttpAnswer:
        return self._output.write(output)


def _query_reader(shape: Shape) -> Callable[[list[str]], Any]:
    if isinstance(shape, ListShape):
        read_item = text.reader(shape.member, timestamps.ISO)
        return lambda values: [read_item(value) for value in values]
    read = text.reader(shape, timestamps.ISO)
    return lambda values: read(values[0])
