"""rest-xml: S3."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_to_bytes

from botocore.model import ServiceModel, Shape

from invocations.errors import AwsError, aws_error
from playground.endpoint import edges, virtual_hosts
from playground.endpoint.protocols.rest import BodyReader, BodyWriter, RestDialect
from playground.endpoint.protocols.xml_values import XmlShapes, clean, parse_xml
from playground.endpoint.wire import HeaderPairs, HttpAnswer, HttpRequest

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_ROOTS = {
    "CreateMultipartUploadOutput": "InitiateMultipartUploadResult",
    "DeleteObjectsOutput": "DeleteResult",
    "GetBucketAccelerateConfigurationOutput": "AccelerateConfiguration",
    "GetBucketAclOutput": "AccessControlPolicy",
    "GetBucketLoggingOutput": "BucketLoggingStatus",
    "GetBucketRequestPaymentOutput": "RequestPaymentConfiguration",
    "GetBucketTaggingOutput": "Tagging",
    "GetBucketVersioningOutput": "VersioningConfiguration",
    "GetObjectAclOutput": "AccessControlPolicy",
    "GetObjectAttributesOutput": "GetObjectAttributesResponse",
    "GetObjectTaggingOutput": "Tagging",
    "ListBucketsOutput": "ListAllMyBucketsResult",
    "ListObjectVersionsOutput": "ListVersionsResult",
    "ListObjectsOutput": "ListBucketResult",
    "ListObjectsV2Output": "ListBucketResult",
}
"""The root elements of answers that are not named after their shapes."""
_UNWRAPPED = "GetBucketLocationOutput"
"""The shape whose only member is the root element itself (the trait s3UnwrappedXmlOutput, which botocore's model lacks)."""
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


class RestXml(RestDialect):
    """rest-xml as one service speaks it."""

    protocol = "rest-xml"
    malformed_code = "MalformedXML"
    body_content_type = b"application/xml"
    payload_content_type = b"application/octet-stream"
    writes_empty_bodies = False

    def __init__(self, model: ServiceModel) -> None:
        super().__init__(model)
        self._shapes = XmlShapes()

    def operation_of(self, request: HttpRequest) -> tuple[str, Mapping[str, str]] | None:
        path = virtual_hosts.path_of(request)
        try:
            unquote_to_bytes(path).decode()
        except UnicodeDecodeError:
            raise aws_error("InvalidURI", "Couldn't parse the specified URI.", URI=path) from None
        return self.routes.find(request if path == request.path else replace(request, path=path))

    def body_reader(self, shape: Shape) -> BodyReader:
        if shape.type_name == "blob":
            return bytes
        if shape.type_name == "string":
            return lambda body: body.decode(errors="replace")
        read = self._shapes.reader(shape)
        return lambda body: read(parse_xml(body)) if body else {}

    def body_writer(self, shape: Shape) -> BodyWriter:
        if shape.name == _UNWRAPPED:
            return _location
        write = self._shapes.writer(shape)
        usual = shape.name.removesuffix("Output") + "Result" * shape.name.endswith("Output")
        root = shape.serialization.get("name") or _ROOTS.get(shape.name, usual)

        def write_body(value: object) -> bytes:
            parts = [_DECLARATION]
            write(parts, root, value)
            return "".join(parts).encode()

        return write_body

    def error(self, error: AwsError, request_id: str) -> HttpAnswer:
        """<Error> without a wrapper; the error's further members are elements beside Code and Message."""
        if error.http_status == 304:
            return HttpAnswer(304)
        shape = self.error_shapes.get(error.code)
        trait = shape.metadata.get("error", {}) if shape is not None else {}
        elements = {"Code": error.code, "Message": error.message or ""} | error.members
        elements |= {"RequestId": request_id, "HostId": _host_id(request_id)}
        body = "".join(f"<{name}>{clean(str(value))}</{name}>" for name, value in elements.items())
        status = trait.get("httpStatusCode", error.http_status)
        return HttpAnswer(status, f"{_DECLARATION}<Error>{body}</Error>".encode(), [(b"content-type", self.body_content_type)])

    def identify(self, request_id: str) -> HeaderPairs:
        ids = [(b"x-amz-request-id", request_id.encode()), (b"x-amz-id-2", _host_id(request_id).encode())]
        # An object is whatever its writer made it, a page with scripts too.
        return [*ids, edges.SANDBOX, (b"x-content-type-options", b"nosniff")]


def _location(value: Any) -> bytes:
    inner = clean(value.get("LocationConstraint") or "")
    return f'{_DECLARATION}<LocationConstraint xmlns="{_NAMESPACE}">{inner}</LocationConstraint>'.encode()


def _host_id(request_id: str) -> str:
    """S3's second id of an answer."""
    return base64.b64encode(hashlib.sha384(request_id.encode()).digest()).decode()
