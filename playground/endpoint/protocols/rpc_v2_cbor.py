"""smithy-rpc-v2-cbor: what newer clients of CloudWatch speak."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import cbor2
from botocore.model import OperationModel, ServiceModel, Shape

from invocations.errors import AwsError
from playground.endpoint.protocols.aws_json import query_error
from playground.endpoint.protocols.documents import DocumentShapes, Reader, Writer, unexpected
from playground.endpoint.wire import Dialect, HeaderPairs, HttpAnswer, HttpRequest, Malformed, Plan, message_member


class CborShapes(DocumentShapes):
    """Blobs and timestamps have types of their own, numbers may be anything."""

    def read_blob(self, value: Any) -> bytes:
        if not isinstance(value, bytes):
            raise unexpected(value, "blob")
        return value

    def write_blob(self, value: bytes) -> Any:
        return bytes(value)

    def timestamp_reader(self, shape: Shape) -> Reader:
        return _read_moment

    def timestamp_writer(self, shape: Shape) -> Writer:
        return lambda moment: moment

    def write_float(self, value: float) -> Any:
        return float(value)


class RpcV2Cbor(Dialect):
    """rpc-v2-cbor as one service speaks it."""

    protocol = "smithy-rpc-v2-cbor"

    def __init__(self, model: ServiceModel) -> None:
        super().__init__(model)
        self.shapes = CborShapes()

    @property
    def headers(self) -> HeaderPairs:
        """Of every answer."""
        return [(b"smithy-protocol", b"rpc-v2-cbor"), (b"content-type", b"application/cbor")]

    def operation_of(self, request: HttpRequest) -> tuple[str, Mapping[str, str]] | None:
        prefix, _, name = request.path.rstrip("/").rpartition("/operation/")
        return (name, {}) if name in self.names and prefix == f"/service/{self.model.metadata['targetPrefix']}" else None

    def compile(self, operation: OperationModel) -> Plan:
        return CborPlan(self, operation)

    def error(self, error: AwsError, request_id: str) -> HttpAnswer:
        """A map with __type and message: 400, or 500 where the fault is the server's."""
        shape = self.error_shapes.get(error.code)
        message = message_member(shape.members) if shape is not None else "message"
        name = shape.name if shape is not None else error.code
        members = {"__type": f"com.amazon.coral.service#{name}", message: error.message or ""} | error.members
        status = error.http_status if error.http_status >= 500 or error.http_status == 413 else 400
        return HttpAnswer(status, encode(members), self.headers + query_error(self, error))


class CborPlan(Plan):
    """One operation."""

    def __init__(self, dialect: RpcV2Cbor, operation: OperationModel) -> None:
        super().__init__(operation)
        self._dialect = dialect
        self._read = dialect.shapes.reader(operation.input_shape) if operation.input_shape is not None else None
        self._write = dialect.shapes.writer(operation.output_shape) if operation.output_shape is not None else None

    def read(self, request: HttpRequest, labels: Mapping[str, str]) -> dict[str, Any]:
        members: dict[str, Any] = {} if self._read is None or not request.body else self._read(decode(request.body))
        return members

    def write(self, output: Mapping[str, Any], request_id: str) -> HttpAnswer:
        return HttpAnswer(200, b"" if self._write is None else encode(self._write(output)), self._dialect.headers)


def decode(body: bytes) -> Any:
    """The one data item of a body. Raises Malformed."""
    try:
        return cbor2.loads(body)
    except (cbor2.CBORDecodeError, ValueError, TypeError, OverflowError, RecursionError):
        raise Malformed("Could not parse request body into cbor.") from None


def encode(value: Any) -> bytes:
    """*value* as CBOR; moments as tagged seconds since 1970."""
    return cbor2.dumps(value, datetime_as_timestamp=True)


def _read_moment(value: Any) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    raise unexpected(value if not isinstance(value, datetime) else "", "timestamp")
