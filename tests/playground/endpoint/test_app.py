"""The endpoint as boto3 sees it: which operation is meant, what is answered, what is refused."""

import asyncio
import http.client
import json
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from invocations.arn import FUNCTION_NAME_PATTERN
from invocations.errors import ResourceNotFoundException, aws_error
from playground.endpoint import edges
from playground.endpoint.app import Endpoint
from playground.endpoint.registry import Call
from tests.playground.endpoint.conftest import Server

pytestmark = pytest.mark.django_db(transaction=True)

Answer = Callable[..., list[Call]]


def post(server: Server, service: str, path: str, body: bytes | None, method: str = "POST", **headers: str) -> Any:
    """A signed request that no SDK would send."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = AWSRequest(method, server.url + path, data=body, headers=named)
    SigV4Auth(Credentials("test", "test"), service, "us-east-1").add_auth(request)
    prepared = request.prepare()
    return urllib3.request(method, prepared.url, headers=dict(prepared.headers.items()), body=body, retries=False)


def error_of(call: Callable[[], Any]) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        call()
    response: dict[str, Any] = caught.value.response
    return response


def test_invoke_carries_payload_headers_and_status_through(server: Server, answer: Answer) -> None:
    output = {
        "StatusCode": 200,
        "FunctionError": "Unhandled",
        "LogResult": None,
        "Payload": b'{"errorMessage": "boom"}',
        "ExecutedVersion": "7",
    }
    calls = answer("lambda", "Invoke", output)
    reply = server.client("lambda").invoke(
        FunctionName="arn:aws:lambda:us-east-1:000000000000:function:hello", Qualifier="$LATEST", LogType="Tail", Payload=b'{"a": 1}'
    )
    assert reply["Payload"].read() == b'{"errorMessage": "boom"}'
    assert (reply["StatusCode"], reply["FunctionError"], reply["ExecutedVersion"]) == (200, "Unhandled", "7")
    assert "LogResult" not in reply
    assert reply["ResponseMetadata"]["HTTPHeaders"]["content-type"] == "application/json"
    (call,) = calls
    assert call.input == {
        "FunctionName": "arn:aws:lambda:us-east-1:000000000000:function:hello",
        "Qualifier": "$LATEST",
        "LogType": "Tail",
        "Payload": b'{"a": 1}',
    }
    assert call.request_id == reply["ResponseMetadata"]["RequestId"]
    assert (call.principal.account_id, call.source_ip, call.endpoint) == ("000000000000", "127.0.0.1", server.url)


def test_a_dry_run_is_answered_with_204_and_nothing_else(server: Server, answer: Answer) -> None:
    answer("lambda", "Invoke", {"StatusCode": 204, "Payload": b""})
    reply = server.client("lambda").invoke(FunctionName="hello", InvocationType="DryRun")
    assert (reply["StatusCode"], reply["Payload"].read()) == (204, b"")
    assert "content-type" not in reply["ResponseMetadata"]["HTTPHeaders"]


@pytest.mark.parametrize("is_async", [True, False])
def test_operations_run_on_the_loop_or_in_a_thread(server: Server, answer: Answer, is_async: bool) -> None:
    threads: list[str] = []

    def note(_: Call) -> dict[str, Any]:
        threads.append(threading.current_thread().name)
        return {"Configuration": {"FunctionName": "f", "Timeout": 3, "MemorySize": None}}

    answer("lambda", "GetFunction", note, is_async=is_async)
    reply = server.client("lambda").get_function(FunctionName="f")
    assert reply["Configuration"] == {"FunctionName": "f", "Timeout": 3}
    assert threads[0].startswith("operation") is not is_async


def test_an_error_of_an_operation_reaches_the_client_in_aws_s_form(server: Server, answer: Answer) -> None:
    answer("lambda", "GetFunction", ResourceNotFoundException("Function not found: f"))
    response = error_of(lambda: server.client("lambda").get_function(FunctionName="f"))
    assert response["Error"] == {"Code": "ResourceNotFoundException", "Message": "Function not found: f"}
    assert (response["Type"], response["ResponseMetadata"]["HTTPStatusCode"]) == ("User", 404)
    answer("iam", "GetRole", aws_error("NoSuchEntity", "The role with name x cannot be found.", 404))
    response = error_of(lambda: server.client("iam").get_role(RoleName="x"))
    assert response["Error"]["Code"] == "NoSuchEntity"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 404


@pytest.mark.parametrize(
    ("service", "name", "call", "code"),
    [
        ("lambda", "ListFunctions", "list_functions", "ServiceException"),
        ("logs", "DescribeLogGroups", "describe_log_groups", "InternalFailure"),
        ("iam", "ListRoles", "list_roles", "InternalFailure"),
        ("s3", "ListBuckets", "list_buckets", "InternalError"),
    ],
)
def test_a_crash_of_an_operation_is_the_server_s_fault_and_logged(
    server: Server, answer: Answer, caplog: pytest.LogCaptureFixture, service: str, name: str, call: str, code: str
) -> None:
    answer(service, name, ZeroDivisionError("secret detail"))
    response = error_of(getattr(server.client(service), call))
    assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == (code, 500)
    assert "secret detail" not in response["Error"]["Message"]
    assert "ZeroDivisionError: secret detail" in caplog.text


def test_an_operation_that_is_not_here_is_named(server: Server) -> None:
    response = error_of(lambda: server.client("lambda").list_code_signing_configs())
    assert response["Error"] == {
        "Code": "NotImplemented",
        "Message": "The operation ListCodeSigningConfigs of lambda exists on AWS, but not in this playground.",
    }
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_a_service_that_is_not_here_is_named(server: Server) -> None:
    response = error_of(server.client("ec2").describe_instances)
    assert (response["Error"]["Code"], response["Error"]["Message"]) == ("NotImplemented", "This playground has no service ec2.")
    assert error_of(server.client("stepfunctions").list_state_machines)["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert error_of(server.client("batch").list_jobs)["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_an_unknown_operation_is_no_operation(server: Server) -> None:
    reply = post(server, "lambda", "/2015-03-31/nonsense", b"")
    assert (reply.status, reply.headers["x-amzn-errortype"]) == (404, "UnknownOperationException")
    reply = post(server, "logs", "/", b"{}", X_Amz_Target="Logs_20140328.DoIt")
    assert (reply.status, reply.json()["__type"]) == (400, "com.amazon.coral.service#UnknownOperationException")
    reply = post(server, "logs", "/", b"{}", X_Amz_Target="AmazonSQS.TagResource")
    assert reply.status == 400
    reply = post(server, "iam", "/", b"Action=Nothing", Content_Type="application/x-www-form-urlencoded")
    assert (reply.status, b"<Code>InvalidAction</Code>" in reply.data) == (400, True)


def test_broken_input_is_told_as_aws_tells_it(server: Server, answer: Answer) -> None:
    answer("lambda", "UpdateFunctionConfiguration", {})
    path = "/2015-03-31/functions/f/configuration"
    reply = post(server, "lambda", path, b"{not json", "PUT")
    assert (reply.status, reply.headers["x-amzn-errortype"]) == (400, "SerializationException")
    reply = post(server, "lambda", path, b'{"Timeout": "three"}', "PUT")
    assert reply.json() == {"message": "STRING_VALUE can not be converted to an Integer"}
    reply = post(server, "lambda", path, b'{"Environment": ["A"]}', "PUT")
    assert reply.json() == {"message": "Start of list found where not expected"}
    reply = post(server, "lambda", path, b'{"Timeout": 0, "Description": "' + b"x" * 257 + b'"}', "PUT")
    assert reply.headers["x-amzn-errortype"] == "ValidationException"
    assert reply.json() == {
        "message": "2 validation errors detected: Value '0' at 'timeout' failed to satisfy constraint: Member must have value greater "
        f"than or equal to 1; Value '{'x' * 257}' at 'description' failed to satisfy constraint: Member must have length less than or "
        "equal to 256"
    }
    reply = post(server, "lambda", path, b"[" * 100_000, "PUT")
    assert reply.headers["x-amzn-errortype"] == "SerializationException"


def test_members_of_the_path_cannot_be_replaced_by_the_body(server: Server, answer: Answer) -> None:
    calls = answer("lambda", "UpdateFunctionConfiguration", {})
    post(server, "lambda", "/2015-03-31/functions/f/configuration", b'{"FunctionName": "g", "Timeout": 5}', "PUT")
    assert calls[0].input == {"FunctionName": "f", "Timeout": 5}


def test_a_name_of_more_than_64_characters_reaches_the_operation_and_an_impossible_one_does_not(server: Server, answer: Answer) -> None:
    calls = answer("lambda", "Invoke", {"StatusCode": 200, "Payload": b""})
    client = server.client("lambda")
    client.invoke(FunctionName="x" * 65)
    assert len(calls) == 1
    response = error_of(lambda: client.invoke(FunctionName="no/slash"))
    assert response["Error"]["Code"] == "ValidationException"
    assert response["Error"]["Message"] == (
        "1 validation error detected: Value 'no/slash' at 'functionName' failed to satisfy constraint: "
        f"Member must satisfy regular expression pattern: {FUNCTION_NAME_PATTERN}"
    )


def test_a_body_over_the_limit_is_refused_before_it_is_read(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    headers = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, "
        f"Signature={'0' * 64}",
        "X-Amz-Date": "20260101T000000Z",
        "Content-Length": "80000000",
    }
    connection.request("POST", "/2015-03-31/functions", headers=headers)
    reply = connection.getresponse()
    assert (reply.status, reply.headers["x-amzn-errortype"]) == (413, "RequestEntityTooLargeException")
    assert json.loads(reply.read())["message"] == "Request must be smaller than 70167211 bytes for the CreateFunction operation"


def test_chunked_bodies_are_put_together_and_bounded(server: Server, answer: Answer) -> None:
    calls = answer("lambda", "Invoke", {"StatusCode": 200, "Payload": b""})
    request = AWSRequest("POST", f"{server.url}/2015-03-31/functions/f/invocations", data=b"[1,2]")
    SigV4Auth(Credentials("test", "test"), "lambda", "us-east-1").add_auth(request)
    headers = dict(request.headers.items())
    connection = http.client.HTTPConnection("localhost", server.port, timeout=10)
    connection.request("POST", "/2015-03-31/functions/f/invocations", iter([b"[1", b",2]"]), headers, encode_chunked=True)
    assert connection.getresponse().status == 200
    assert calls[0].input["Payload"] == b"[1,2]"
    connection = http.client.HTTPConnection("localhost", server.port, timeout=10)

    def send_too_much() -> None:
        connection.request("POST", "/2015-03-31/functions/f/invocations", iter([bytes(2**20)] * 40), headers, encode_chunked=True)
        raise ConnectionError(connection.getresponse().status)

    with pytest.raises((ConnectionError, http.client.HTTPException)):
        send_too_much()


def test_query_parameters_may_come_with_get(server: Server) -> None:
    reply = post(server, "sts", "/?Action=GetCallerIdentity&Version=2011-06-15", None, "GET")
    assert b"<Arn>arn:aws:iam::000000000000:root</Arn>" in reply.data


def test_responses_are_streamed_piece_by_piece(server: Server, answer: Answer) -> None:
    go_on = threading.Event()

    async def events() -> AsyncIterator[dict[str, Any]]:
        yield {"PayloadChunk": {"Payload": b"first"}}
        while not go_on.is_set():
            await asyncio.sleep(0.01)
        yield {"PayloadChunk": {"Payload": b"second"}}
        yield {"InvokeComplete": {"ErrorCode": None, "LogResult": "bG9n"}}

    answer("lambda", "InvokeWithResponseStream", lambda _: {"StatusCode": 200, "ExecutedVersion": "1", "EventStream": events()})
    reply = server.client("lambda").invoke_with_response_stream(FunctionName="f")
    assert (reply["StatusCode"], reply["ExecutedVersion"]) == (200, "1")
    assert reply["ResponseStreamContentType"] == "application/vnd.amazon.eventstream"
    stream = iter(reply["EventStream"])
    assert next(stream) == {"PayloadChunk": {"Payload": b"first"}}
    go_on.set()
    assert list(stream) == [{"PayloadChunk": {"Payload": b"second"}}, {"InvokeComplete": {"LogResult": "bG9n"}}]


def test_a_stream_of_a_json_protocol_begins_with_the_other_members(server: Server, answer: Answer) -> None:
    async def events() -> AsyncIterator[dict[str, Any]]:
        yield {"sessionStart": {"requestId": "r", "sessionId": "s"}}
        raise aws_error("SessionTimeoutException", "over")

    answer("logs", "StartLiveTail", lambda _: {"responseStream": events()})
    reply = server.client("logs").start_live_tail(logGroupIdentifiers=["arn:aws:logs:us-east-1:000000000000:log-group:x"])
    stream = iter(reply["responseStream"])
    assert next(stream) == {"sessionStart": {"requestId": "r", "sessionId": "s"}}
    with pytest.raises(ClientError, match="SessionTimeoutException"):
        next(stream)


def test_a_stream_ends_when_its_client_goes_away(server: Server, answer: Answer) -> None:
    ended = threading.Event()

    async def events() -> AsyncIterator[dict[str, Any]]:
        try:
            yield {"PayloadChunk": {"Payload": b"first"}}
            await asyncio.sleep(30)
        finally:
            ended.set()

    answer("lambda", "InvokeWithResponseStream", lambda _: {"StatusCode": 200, "EventStream": events()})
    reply = server.client("lambda").invoke_with_response_stream(FunctionName="f")
    next(iter(reply["EventStream"]))
    reply["EventStream"].close()
    assert ended.wait(5)


def test_health_and_version_are_local(server: Server) -> None:
    reply = urllib3.request("GET", f"{server.url}/_playground/version")
    assert (reply.status, set(reply.json())) == (200, {"version"})
    assert urllib3.request("GET", f"{server.url}/_playground/health").status in (200, 503)
    assert urllib3.request("GET", f"{server.url}/_playground/nothing").status == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://localhost:8000"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost:3000"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "abc.lambda-url.us-east-1.localhost"}, 403),
        ({"Host": "127.0.0.1:4566"}, 200),
        ({"Host": "[::1]:4566"}, 200),
        ({"x-amz-sns-message-type": "Notification"}, 403),
    ],
)
def test_local_routes_refuse_other_sites_pages(server: Server, headers: dict[str, str], status: int) -> None:
    assert urllib3.request("GET", f"{server.url}/_playground/version", headers=headers).status == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
    ],
)
def test_presigned_links_are_nothing_for_other_sites_pages(
    server: Server, answer: Callable[..., Any], headers: dict[str, str], status: int
) -> None:
    answer("s3", "ListBuckets", {"Buckets": []})
    link = server.client("s3").generate_presigned_url("list_buckets")
    assert urllib3.request("GET", link, headers=headers).status == status


@pytest.mark.parametrize(
    ("host", "refused"),
    [
        ("evil.example:4566", True),
        ("evil.example.:4566", True),
        ("s3.evil.example", True),
        ("localhost.evil.example", True),
        ("localhost:4566", False),
        ("bucket.localhost:4566", False),
        ("bucket.s3.playground.example:4566", False),
        ("192.168.1.5:4566", False),
        ("[fd00::1]:4566", False),
        ("playground:4566", False),
        ("host.docker.internal:4566", False),
        ("playground.ci.svc.cluster.local:4566", False),
    ],
)
def test_a_name_that_a_site_may_have_does_not_go_with_keys_that_every_page_knows(host: str, refused: bool, settings: Any) -> None:
    settings.DOMAIN = "playground.example"
    assert (edges.refusal({"host": host}, is_well_known=True) is not None) is refused
    assert edges.refusal({"host": host}) is None


def test_a_page_whose_name_leads_here_cannot_sign_with_the_keys_that_it_knows(server: Server, answer: Answer) -> None:
    answer("lambda", "ListFunctions", {"Functions": []})
    assert post(server, "lambda", "/2015-03-31/functions", None, "GET", Host="playground").status == 200
    refused = post(server, "lambda", "/2015-03-31/functions", None, "GET", Host="evil.example")
    assert (refused.status, refused.headers["x-amzn-errortype"]) == (403, "AccessDeniedException")


def test_functions_see_no_local_routes_and_are_their_role_with_the_keys_that_everybody_knows(server: Server) -> None:
    from invocations.values import Principal

    role = Principal("000000000000", "arn:aws:sts::000000000000:assumed-role/r/f", principal_id="AROA:f")
    with Server(Endpoint(lambda: role)) as inside:
        assert urllib3.request("GET", f"{inside.url}/_playground/version").status == 403
        assert inside.client("sts", "999999999999").get_caller_identity()["Arn"] == role.arn
        own = inside.client("sts").get_session_token()["Credentials"]
        named = inside.client("sts", own["AccessKeyId"], own["SecretAccessKey"], aws_session_token=own["SessionToken"])
        assert named.get_caller_identity()["Arn"] == role.arn


@pytest.mark.parametrize(
    "extra", ["MaxResults.=5", "MaxResults=1&MaxResults.=5", "MaxResults.=5&MaxResults=1", ".=x", "..MaxResults=2", "."]
)
def test_names_of_fields_without_a_part_name_nothing(server: Server, answer: Callable[..., Any], extra: str) -> None:
    calls = answer("sqs", "ListQueues", {})
    request = AWSRequest("POST", server.url + "/", data=f"Action=ListQueues&Version=2012-11-05&QueueNamePrefix=q&{extra}")
    request.headers["Content-Type"] = "application/x-www-form-urlencoded"
    SigV4Auth(Credentials("test", "test"), "sqs", "us-east-1").add_auth(request)
    reply = urllib3.request("POST", request.url, body=request.body, headers=dict(request.headers))
    assert (reply.status, calls[0].input["QueueNamePrefix"], calls[0].input.get("MaxResults", 1)) == (200, "q", 1)
