"""rest-xml: S3."""

import base64
import hashlib

from botocore.model import ServiceModel, Shape

from invocations.errors import AwsError
from playground.endpoint.protocols.rest import BodyReader, BodyWriter, RestDialect
from playground.endpoint.protocols.xml_values import XmlShapes, clean, parse_xml
from playground.endpoint.wire import HeaderPairs, HttpAnswer

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


class RestXml(RestDialect):
    """rest-xml as one service speaks it."""

    protocol = "rest-xml"
    malformed_code = "MalformedXML"
    body_content_type = b"application/xml"
    payload_content_type = b"application/octet-stream"

    def __init__(self, model: ServiceModel) -> None:
        super().__init__(model)
        self._shapes = XmlShapes()

    def body_reader(self, shape: Shape) -> BodyReader:
        if shape.type_name == "blob":
            return bytes
        if shape.type_name == "string":
            return lambda body: body.decode(errors="replace")
        read = self._shapes.reader(shape)
        return lambda body: read(parse_xml(body)) if body else {}

    def body_writer(self, shape: Shape) -> BodyWriter:
        write = self._shapes.writer(shape)
        root = shape.serialization.get("name") or shape.name.removesuffix("Output") + "Result" * shape.name.endswith("Output")

        def write_body(value: object) -> bytes:
            parts = [_DECLARATION]
            write(parts, root, value)
            return "".join(parts).encode()

        return write_body

    def error(self, error: AwsError, request_id: str) -> HttpAnswer:
        """<Error> without a wrapper; the error's further members are elements beside Code and Message."""
        shape = self.error_shapes.get(error.code)
        trait = shape.metadata.get("error", {}) if shape is not None else {}
        elements = {"Code": error.code, "Message": error.message or ""} | error.members
        elements |= {"RequestId": request_id, "HostId": _host_id(request_id)}
        body = "".join(f"<{name}>{clean(str(value))}</{name}>" for name, value in elements.items())
        status = trait.get("httpStatusCode", error.http_status)
        return HttpAnswer(status, f"{_DECLARATION}<Error>{body}</Error>".encode(), [(b"content-type", self.body_content_type)])

    def identify(self, request_id: str) -> HeaderPairs:
        return [(b"x-amz-request-id", request_id.encode()), (b"x-amz-id-2", _host_id(request_id).encode())]


def _host_id(request_id: str) -> str:
    """S3's second id of an answer."""
    return base64.b64encode(hashlib.sha384(request_id.encode()).digest()).decode()
