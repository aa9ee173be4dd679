"""rest-json: Lambda, Scheduler, API Gateway."""

from botocore.model import ServiceModel, Shape, StructureShape

from invocations.errors import AwsError
from playground.endpoint.protocols.documents import DocumentShapes, parse_json, to_json
from playground.endpoint.protocols.rest import BodyReader, BodyWriter, OutputBinding, RestDialect
from playground.endpoint.wire import HttpAnswer, header_value, message_member


class RestJson(RestDialect):
    """rest-json as one service speaks it."""

    protocol = "rest-json"
    body_content_type = b"application/json"
    payload_content_type = b"application/json"

    def __init__(self, model: ServiceModel) -> None:
        super().__init__(model)
        self._shapes = DocumentShapes()
        self._errors: dict[str, OutputBinding] = {}

    def body_reader(self, shape: Shape) -> BodyReader:
        if shape.type_name == "blob":
            return bytes
        if shape.type_name == "string":
            return lambda body: body.decode(errors="replace")
        read = self._shapes.reader(shape)
        return lambda body: read(parse_json(body))

    def body_writer(self, shape: Shape) -> BodyWriter:
        write = self._shapes.writer(shape)
        return lambda value: to_json(write(value))

    def error(self, error: AwsError, request_id: str) -> HttpAnswer:
        """{"Type": "User", "message": …} with the error's name in x-amzn-ErrorType; an error in no model has a message only."""
        shape = self.error_shapes.get(error.code)
        if shape is None:
            members = {"message": error.message} | error.members
            answer = HttpAnswer(error.http_status, to_json(members), [(b"content-type", b"application/json")])
        else:
            members = {message_member(shape.members): error.message} | error.members
            if "Type" in shape.members:
                members = {"Type": error.fault} | members
            answer = self._error_binding(shape).write(members)
        answer.headers.append((b"x-amzn-errortype", header_value(error.code)))
        return answer

    def _error_binding(self, shape: StructureShape) -> OutputBinding:
        binding = self._errors.get(shape.name)
        if binding is None:
            status = shape.metadata.get("error", {}).get("httpStatusCode", 400)
            binding = self._errors[shape.name] = OutputBinding(self, shape, status)
        return binding
