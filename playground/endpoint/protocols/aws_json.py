"""json 1.0 and 1.1: SQS, EventBridge, DynamoDB, Kinesis, CloudWatch Logs, …"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from botocore.model import OperationModel

from invocations.errors import AwsError
from playground.endpoint.protocols import event_stream
from playground.endpoint.protocols.documents import DocumentShapes, parse_json, to_json
from playground.endpoint.wire import Dialect, HeaderPairs, HttpAnswer, HttpRequest, Plan, message_member


class AwsJson(Dialect):
    """json as one service speaks it."""

    protocol = "json"

    def __init__(self, model: Any) -> None:
        super().__init__(model)
        self.shapes = DocumentShapes()
        self.content_type = f"application/x-amz-json-{model.metadata.get('jsonVersion', '1.1')}"

    @property
    def headers(self) -> HeaderPairs:
        """Of every answer."""
        return [(b"content-type", self.content_type.encode())]

    def operation_of(self, request: HttpRequest) -> tuple[str, Mapping[str, str]] | None:
        prefix, _, name = request.headers.get("x-amz-target", "").rpartition(".")
        return (name, {}) if name in self.names and prefix == self.model.metadata.get("targetPrefix") else None

    def compile(self, operation: OperationModel) -> Plan:
        return AwsJsonPlan(self, operation)

    def error(self, error: AwsError, request_id: str) -> HttpAnswer:
        """{"__type": …, "message": …}: 400, or 500 where the fault is the server's; services that once spoke the query
        protocol keep its statuses."""
        shape = self.error_shapes.get(error.code)
        message = message_member(shape.members) if shape is not None else "message"
        name = shape.name if shape is not None else error.code
        members = {"__type": f"com.amazon.coral.service#{name}", message: error.message} | error.members
        keeps_status = error.http_status >= 500 or error.http_status == 413 or error.query_code is not None
        status = error.http_status if keeps_status else 400
        answer = HttpAnswer(status, to_json(members), self.headers)
        answer.headers += query_error(self, error)
        return answer


def query_error(dialect: Dialect, error: AwsError) -> HeaderPairs:
    """The header that tells clients of a service which once spoke the query protocol the error's old code."""
    if "awsQueryCompatible" not in dialect.model.metadata:
        return []
    shape = dialect.error_shapes.get(error.code)
    code = error.query_code or (shape.error_code if shape is not None else error.code)
    fault = "Receiver" if error.http_status >= 500 else "Sender"
    return [(b"x-amzn-query-error", f"{code};{fault}".encode())]


class AwsJsonPlan(Plan):
    """One operation."""

    def __init__(self, dialect: AwsJson, operation: OperationModel) -> None:
        super().__init__(operation)
        self._dialect = dialect
        self._read = dialect.shapes.reader(operation.input_shape) if operation.input_shape is not None else None
        shape = operation.output_shape
        self._write = dialect.shapes.writer(shape) if shape is not None else None
        self._stream: str | None = shape.event_stream_name if shape is not None else None
        self._frames = event_stream.encoder(shape.members[self._stream], dialect.shapes) if self._stream else None

    def read(self, request: HttpRequest, labels: Mapping[str, str]) -> dict[str, Any]:
        members: dict[str, Any] = {} if self._read is None else self._read(parse_json(request.body))
        return members

    def write(self, output: Mapping[str, Any], request_id: str) -> HttpAnswer:
        if self._frames is not None:
            return HttpAnswer(200, self._streamed(output), [(b"content-type", event_stream.CONTENT_TYPE)])
        if self._write is None:
            return HttpAnswer(200, b"", self._dialect.headers)
        return HttpAnswer(200, to_json(self._write(output)), self._dialect.headers)

    async def _streamed(self, output: Mapping[str, Any]) -> AsyncIterator[bytes]:
        assert self._frames is not None
        assert self._write is not None
        others = {name: value for name, value in output.items() if name != self._stream}
        yield event_stream.initial_response(to_json(self._write(others)), self._dialect.content_type)
        async for piece in self._frames(output[self._stream]):
            yield piece
