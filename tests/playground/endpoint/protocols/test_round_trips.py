"""What botocore writes, the endpoint reads; what the endpoint writes, botocore reads: over the real models."""

from typing import Any

import pytest
from botocore import parsers, serialize
from botocore.awsrequest import HeadersDict, create_request_object, prepare_request_dict
from botocore.model import OperationModel
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invocations.errors import aws_error
from playground.endpoint.protocols import DIALECTS
from playground.endpoint.services import BY_NAME, model_of
from playground.endpoint.wire import Dialect, HttpAnswer, HttpRequest
from tests.playground.endpoint.protocols.shapes import values, without_empties

SPOKEN = [(service.name, protocol) for service in BY_NAME.values() for protocol in service.protocols]
QUICK = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.large_base_example],
)
SAME_ADDRESS = {"ListDirectoryBuckets", "WriteGetObjectResponse"}
"""Operations of S3 that another host name tells apart."""
UNWRAPPED = {"GetBucketLocation"}
"""Operations whose answer botocore's S3 client reads by itself, beside its parser."""

_dialects: dict[tuple[str, str], Dialect] = {}


def dialect(service: str, protocol: str) -> Dialect:
    if (service, protocol) not in _dialects:
        _dialects[service, protocol] = DIALECTS[protocol](model_of(service))
    return _dialects[service, protocol]


def operations(service: str) -> list[OperationModel]:
    model = model_of(service)
    found = [model.operation_model(name) for name in model.operation_names if name not in SAME_ADDRESS]
    return [operation for operation in found if not operation.deprecated and not operation.has_event_stream_input]


def request_of(operation: OperationModel, members: dict[str, Any], protocol: str) -> HttpRequest:
    """The request that botocore sends."""
    if protocol == "query":  # services that have moved on still have the query protocol's version in their models
        operation.metadata.setdefault("apiVersion", "")
    described = serialize.create_serializer(protocol, include_validation=False).serialize_to_request(members, operation)
    described.pop("host_prefix", None)
    described["context"] = {}
    prepare_request_dict(described, "http://localhost:4566", context={})
    prepared = create_request_object(described).prepare()
    address = prepared.url.removeprefix("http://localhost:4566")
    path, _, query = address.partition("?")
    headers = {name.lower(): _text(value) for name, value in prepared.headers.items()}
    body = prepared.body if prepared.body is not None else b""
    return HttpRequest(prepared.method, path, query, headers, body.encode() if isinstance(body, str) else bytes(body))


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


@pytest.mark.parametrize(("service", "protocol"), SPOKEN)
@QUICK
@given(data=st.data())
def test_the_endpoint_reads_what_botocore_writes(service: str, protocol: str, data: st.DataObject) -> None:
    operation = data.draw(st.sampled_from(operations(service)))
    members = data.draw(values(operation.input_shape)) if operation.input_shape is not None else {}
    spoken = dialect(service, protocol)
    request = request_of(operation, members, protocol)
    meant = spoken.operation_of(request)
    assert meant is not None
    assert meant[0] == operation.name
    read = spoken.plan(operation.name).read(request, meant[1])
    for found in (read, members):
        found.pop("ContentLength", None)  # botocore counts itself
    assert without_empties(read) == without_empties(members)


def parsed(answer: HttpAnswer, shape: Any, protocol: str) -> Any:
    """What botocore makes of an answer."""
    headers = HeadersDict({name.decode(): value.decode("latin-1") for name, value in answer.headers})
    assert isinstance(answer.body, bytes)
    response = {"status_code": answer.status, "headers": headers, "body": answer.body, "context": {}}
    return parsers.create_parser(protocol).parse(response, shape)


@pytest.mark.parametrize(("service", "protocol"), SPOKEN)
@QUICK
@given(data=st.data())
def test_botocore_reads_what_the_endpoint_writes(service: str, protocol: str, data: st.DataObject) -> None:
    found = [each for each in operations(service) if each.output_shape is not None and each.name not in UNWRAPPED]
    operation = data.draw(st.sampled_from([operation for operation in found if not operation.has_event_stream_output]))
    shape = operation.output_shape
    members = data.draw(values(shape))
    payload = shape.serialization.get("payload")
    if payload and shape.members[payload].type_name == "blob":
        members[payload] = b"raw"
    for name, member in shape.members.items():
        if member.serialization.get("location") == "statusCode":
            members[name] = 200
        if member.serialization.get("name", "").lower() == "content-type":
            members[name] = "text/plain"
    if protocol == "query":  # services that have moved on have lost this trait
        shape.serialization.setdefault("resultWrapper", f"{operation.name}Result")
    answer = dialect(service, protocol).plan(operation.name).write(members, "the-request-id")
    found_members = parsed(answer, shape, protocol)
    del found_members["ResponseMetadata"]
    if payload and shape.members[payload].type_name == "blob":
        found_members[payload] = found_members[payload].encode()
    if answer.status == 204:
        found_members = {name: value for name, value in found_members.items() if name != payload}
        members = {name: value for name, value in members.items() if shape.members[name].serialization.get("location")}
    assert without_empties(found_members) == without_empties(members)


@pytest.mark.parametrize(("service", "protocol"), SPOKEN)
def test_botocore_reads_the_errors_of_every_service(service: str, protocol: str) -> None:
    spoken = dialect(service, protocol)
    for shape in model_of(service).error_shapes:
        answer = spoken.error(aws_error(shape.name, "It <failed> & ended.", 404), "the-request-id")
        error = parsed(answer, None, protocol)["Error"]
        is_old_code = protocol == "query" or "awsQueryCompatible" in model_of(service).metadata
        assert error["Code"] == (shape.error_code if is_old_code else shape.name)
        assert error["Message"] == "It <failed> & ended."
    answer = spoken.error(aws_error("SomethingNew", "Nobody knows it.", 418), "the-request-id")
    assert parsed(answer, None, protocol)["Error"]["Code"] == "SomethingNew"


def test_lambda_words_its_errors_as_recorded() -> None:
    spoken = dialect("lambda", "rest-json")
    missing = spoken.error(aws_error("ResourceNotFoundException", "Function not found: f", 404), "id")
    assert (missing.status, missing.body) == (404, b'{"Type":"User","Message":"Function not found: f"}')
    throttled = spoken.error(
        aws_error("TooManyRequestsException", "Rate Exceeded.", 429, Reason="CallerRateLimitExceeded", retryAfterSeconds="1"), "id"
    )
    assert (throttled.status, throttled.body) == (429, b'{"Type":"User","message":"Rate Exceeded.","Reason":"CallerRateLimitExceeded"}')
    assert (b"retry-after", b"1") in throttled.headers
    assert (b"x-amzn-errortype", b"TooManyRequestsException") in throttled.headers
    invalid = spoken.error(aws_error("ValidationException", "1 validation error detected: …"), "id")
    assert invalid.body == '{"message":"1 validation error detected: …"}'.encode()
    server = spoken.error(aws_error("ServiceException", "Oh.", 500), "id")
    assert server.body == b'{"Type":"Server","Message":"Oh."}'


def test_sqs_tells_old_clients_the_old_code() -> None:
    error = aws_error("QueueDoesNotExist", "No queue.")
    error.query_code = "AWS.SimpleQueueService.NonExistentQueue"
    answer = dialect("sqs", "json").error(error, "id")
    assert (b"x-amzn-query-error", b"AWS.SimpleQueueService.NonExistentQueue;Sender") in answer.headers
    assert answer.body == b'{"__type":"com.amazon.coral.service#QueueDoesNotExist","message":"No queue."}'
