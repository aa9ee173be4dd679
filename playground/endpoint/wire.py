"""HTTP as the protocols see it, and what one protocol must be able to do."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import unquote_plus

from botocore.model import OperationModel, ServiceModel, StructureShape

from invocations.errors import AwsError
from playground.endpoint.validation import Checker, checker

TLS = "playground.tls"
"""The extension of an ASGI scope in which the server tells version and cipher suite of an encrypted connection."""
HeaderPairs = list[tuple[bytes, bytes]]


@dataclass
class HttpRequest:
    """One HTTP request."""

    method: str
    path: str
    """As sent, still percent-encoded."""
    query_string: str
    """As sent, without the question mark."""
    headers: dict[str, str]
    """By lower-case name, decoded as latin-1; values of a repeated header are joined with commas."""
    body: bytes = b""
    source_ip: str = ""
    scheme: str = "http"
    tls: tuple[str, str] | None = None
    """Version and cipher suite of the connection, where it is encrypted."""
    is_unread: bool = False
    """The body is still on its way; an answer then has to wait for it, or end the connection."""

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """The query string's parameters; a name without an equals sign has an empty value."""
        return parse_pairs(self.query_string) if self.query_string else {}

    @cached_property
    def form(self) -> dict[str, list[str]]:
        """The parameters of a form body. Raises Malformed."""
        try:
            return parse_pairs(self.body.decode())
        except UnicodeDecodeError:
            raise Malformed("The request body is not UTF-8.") from None

    @property
    def host(self) -> str:
        """The Host header as received."""
        return self.headers.get("host", "")


@dataclass(slots=True)
class HttpAnswer:
    """One HTTP answer. Lengths and request ids are added on sending."""

    status: int = 200
    body: bytes | AsyncIterator[bytes] = b""
    headers: HeaderPairs = field(default_factory=list)


class BrokenOff(Exception):
    """An answer's stream ended before it was whole; its status is already out."""


class Malformed(ValueError):
    """The request cannot be read; each protocol has its own error code for that."""


def parse_pairs(text: str) -> dict[str, list[str]]:
    """name=value&name=value, percent-decoded, in order."""
    found: dict[str, list[str]] = {}
    for pair in text.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            found.setdefault(unquote_plus(name), []).append(unquote_plus(value))
    return found


def header_value(text: str) -> bytes:
    """*text* as the value of an answer's header: no line breaks, whatever a function put into it."""
    if not text.isprintable():
        text = "".join(character if character.isprintable() else " " for character in text)
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()


class Plan(ABC):
    """One operation in one protocol: how its input is read and its output written. Compiled once."""

    def __init__(self, operation: OperationModel) -> None:
        self.operation = operation
        self._check: Checker | None = checker(operation.input_shape) if operation.input_shape is not None else None

    @abstractmethod
    def read(self, request: HttpRequest, labels: Mapping[str, str]) -> dict[str, Any]:
        """The input's members. *labels* are the path's, still encoded. Raises Malformed."""

    @abstractmethod
    def write(self, output: Mapping[str, Any], request_id: str) -> HttpAnswer:
        """The answer that carries the output's members."""

    def problems(self, members: Mapping[str, Any]) -> list[str]:
        """The constraints of the input's shape that *members* break, in AWS's words."""
        found: list[str] = []
        if self._check is not None:
            self._check(members, "", found)
        return found


class Dialect(ABC):
    """One protocol as one service speaks it."""

    protocol: ClassVar[str]
    malformed_code: ClassVar[str] = "SerializationException"
    needs_body_to_route: ClassVar[bool] = False
    """The operation's name stands in the body."""

    def __init__(self, model: ServiceModel) -> None:
        self.model = model
        self.names = frozenset(model.operation_names)
        self._plans: dict[str, Plan] = {}

    @abstractmethod
    def operation_of(self, request: HttpRequest) -> tuple[str, Mapping[str, str]] | None:
        """Which operation is meant, with the labels of its path; None when it is none of this service's."""

    @abstractmethod
    def compile(self, operation: OperationModel) -> Plan:
        """The plan of one operation."""

    @abstractmethod
    def error(self, error: AwsError, request_id: str) -> HttpAnswer:
        """The answer that carries an error."""

    def plan(self, name: str) -> Plan:
        """The operation's plan, compiled on its first use."""
        plan = self._plans.get(name)
        if plan is None:
            plan = self._plans[name] = self.compile(self.model.operation_model(name))
        return plan

    def identify(self, request_id: str) -> HeaderPairs:
        """The headers that carry the request id."""
        return [(b"x-amzn-requestid", request_id.encode())]

    @cached_property
    def error_shapes(self) -> Mapping[str, StructureShape]:
        """The shapes of the service's errors, by their names and by their codes."""
        found: dict[str, StructureShape] = {}
        for shape in self.model.error_shapes:
            if isinstance(shape, StructureShape):
                found.setdefault(shape.error_code or shape.name, shape)
                found[shape.name] = shape
        return found


def message_member(names: Iterable[str]) -> str:
    """The member of an error shape that carries the message: "message" or "Message"."""
    return next((name for name in names if name.lower() == "message"), "message")


Decoder = Callable[[Any], Any]
