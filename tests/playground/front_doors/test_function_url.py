"""A function URL as HTTP clients see it: events, answers, streams and errors."""

import base64
import http.client
import json
import socket
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from invocations.catalogue import UrlSnapshot
from invocations.values import Principal
from playground.endpoint.wire import HttpRequest
from playground.front_doors.addresses import Addressed
from playground.front_doors.function_url import _Exchange
from playground.supervision.trial import Trial
from tests.playground.front_doors.urls_of_tests import FORBIDDEN, Answer, Url, loaded, returning, url_of
from tests.playground.supervision.processes import eventually

EVENTS = Path(__file__).parents[2] / "events"
MIRROR = """
import base64, json

def handler(event, context):
    if event["rawPath"] == "/event":
        return {"event": event, "request_id": context.aws_request_id, "arn": context.invoked_function_arn}
    if event["rawPath"] == "/raise":
        raise ValueError("as asked")
    body = event.get("body", "null")
    if event["isBase64Encoded"]:
        body = base64.b64decode(body).decode()
    try:
        return json.loads(body)
    except ValueError:
        return event
"""
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def mirror(stack: Trial) -> Url:
    """A function that returns what it is sent; to /event, the event itself."""
    return url_of(stack, MIRROR)


def returned(url: Url, value: Any) -> Answer:
    """The answer to a function that returned *value*."""
    return url.send("POST", "/", json.dumps(value).encode(), JSON)


def test_the_event_is_as_documented(mirror: Url, stack: Trial) -> None:
    headers = [
        ("X-Twice", "a"),
        ("X-Twice", "b"),
        ("Cookie", "one=1; two=2"),
        ("Accept-Encoding", "identity"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("User-Agent", "agent"),
        ("X-Amzn-Trace-Id", "Root=1-62ecd163-5f302e550dcde3b12402207d"),
    ]
    answer = mirror.send("POST", "/pa2%Fth/1?a=1&a=2&b=%2Fx+y&c", "grüße".encode(), headers)

    found = loaded(answer)
    context = found["requestContext"]
    wanted_text = json.dumps(json.loads((EVENTS / "function_url_none.json").read_text())["event"])
    wanted_text = wanted_text.replace("URL-ID", mirror.url_id).replace("PORT", str(stack.endpoint_port))
    wanted = json.loads(wanted_text.replace("REQUEST-ID", answer.header("x-amzn-requestid") or "").replace("TIME", context["time"]))
    assert context["timeEpoch"] > 1_700_000_000_000
    context["timeEpoch"] = 0
    assert found == wanted
    assert answer.header("x-amzn-trace-id") == "Root=1-62ecd163-5f302e550dcde3b12402207d"


def test_request_ids_agree_and_empty_members_are_left_out(mirror: Url) -> None:
    answer = mirror.send("GET", "/event", headers={"User-Agent": "x"})

    found = loaded(answer)
    assert answer.header("x-amzn-requestid") == found["request_id"] == found["event"]["requestContext"]["requestId"]
    assert found["arn"].endswith(f":function:{mirror.function_name}")
    assert {"cookies", "queryStringParameters", "body"} & found["event"].keys() == set()
    assert found["event"]["requestContext"]["http"]["method"] == "GET"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "BREW"])
def test_any_method_reaches_the_function(mirror: Url, method: str) -> None:
    answer = mirror.send(method, "/event")

    if method == "BREW":  # the server knows no such method
        assert answer.status in (200, 400)
        return
    assert loaded(answer)["event"]["requestContext"]["http"]["method"] == method


def test_head_has_the_headers_and_no_body(mirror: Url) -> None:
    answer = mirror.send("HEAD", "/event")

    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.header("content-length") or "0") > 100


@pytest.mark.parametrize(
    ("content_type", "body", "is_base64"),
    [
        ("application/json", b"{}x", False),
        ("application/vnd.api+json", b"{}x", False),
        ("application/xml", b"<a/>", False),
        ("text/html", b"<a/>", False),
        ("text/plain", b"\xff\xfe", True),
        ("multipart/form-data; boundary=x", b"--x--", True),
        ("application/octet-stream", b"\0\1", True),
        (None, b"plain", True),
    ],
)
def test_bodies_are_text_or_base64(mirror: Url, content_type: str | None, body: bytes, is_base64: bool) -> None:
    headers = {"Content-Type": content_type} if content_type else {}

    event = loaded(mirror.send("POST", "/event", body, headers))["event"]

    assert event["isBase64Encoded"] is is_base64
    assert event["body"] == (base64.b64encode(body).decode() if is_base64 else body.decode())


@pytest.mark.parametrize(
    ("value", "body"),
    [
        ({"hello": "world"}, b'{"hello":"world"}'),
        ("hello", b"hello"),
        (3, b"3"),
        (3.1, b"3.1"),
        (True, b"true"),
        (["hello", 3, True], b'["hello",3,true]'),
        (None, b"null"),
        ({"headers": {"x": "y"}}, b'{"headers":{"x":"y"}}'),
    ],
)
def test_without_a_status_code_the_answer_is_inferred(mirror: Url, value: Any, body: bytes) -> None:
    answer = returned(mirror, value)

    assert (answer.status, answer.header("content-type"), answer.body) == (200, "application/json", body)


@pytest.mark.parametrize(
    ("value", "status", "content_type", "body"),
    [
        ({"statusCode": 200, "body": "body123"}, 200, "application/json", b"body123"),
        ({"statusCode": "418", "body": "tea"}, 418, "application/json", b"tea"),
        ({"statusCode": 201}, 201, "application/json", b""),
        ({"statusCode": 200, "headers": {"Content-Type": "text/html"}, "body": "<p>"}, 200, "text/html", b"<p>"),
        ({"statusCode": 200, "body": '{"hello": "world"}'}, 200, "application/json", b'{"hello": "world"}'),
        ({"statusCode": 200, "body": {"a": 1}}, 200, "application/json", b'{"a":1}'),
        ({"statusCode": 200, "body": "AAE=", "isBase64Encoded": True}, 200, "application/json", b"\0\1"),
        ({"statusCode": 204, "body": "none"}, 204, "application/json", b""),
    ],
)
def test_a_status_code_makes_it_explicit(mirror: Url, value: Any, status: int, content_type: str, body: bytes) -> None:
    answer = returned(mirror, value)

    assert (answer.status, answer.header("content-type"), answer.body) == (status, content_type, body)


def test_headers_and_cookies_of_a_response(mirror: Url) -> None:
    headers = {"X-Own": "1", "Connection": "close", "Content-Length": "999", "X-Lines": "a\r\nX-Injected: b"}
    answer = returned(mirror, {"statusCode": 200, "headers": headers, "cookies": ["a=1; Path=/", "b=2"], "body": "x"})

    assert (answer.header("x-own"), answer.header("content-length"), answer.header("x-injected")) == ("1", "1", None)
    assert answer.all("set-cookie") == ["a=1; Path=/", "b=2"]


@pytest.mark.parametrize(
    "value",
    [
        {"statusCode": {}},
        {"statusCode": 600},
        {"statusCode": 99},
        {"statusCode": "fine"},
        {"statusCode": True},
        {"statusCode": 200.5},
        {"statusCode": 200, "headers": []},
        {"statusCode": 200, "headers": {"a": ["b"]}},
        {"statusCode": 200, "headers": {"not a name": "b"}},
        {"statusCode": 200, "cookies": "a=1"},
        {"statusCode": 200, "body": "no base64!", "isBase64Encoded": True},
    ],
)
def test_a_response_of_the_wrong_shape_is_a_502(mirror: Url, value: Any) -> None:
    answer = returned(mirror, value)

    assert (answer.status, answer.body) == (502, b"Internal Server Error")
    assert answer.header("x-playground-reason")


def test_an_exception_and_a_timeout_are_502(mirror: Url, stack: Trial) -> None:
    slow = url_of(stack, "import time\ndef handler(event, context):\n    time.sleep(5)\n", settings={"Timeout": 1})
    for url, path in ((mirror, "/raise"), (slow, "/")):
        answer = url.send("GET", path)

        assert (answer.status, answer.body, answer.header("content-length")) == (502, b"Internal Server Error", "21")
        assert answer.header("x-amzn-requestid")


def test_an_unknown_url_is_forbidden_without_a_word(mirror: Url, stack: Trial) -> None:
    stranger = Url(stack, "nobody", f"http://{'a' * 32}.lambda-url.us-east-1.localhost:{stack.endpoint_port}/")

    answer = stranger.send()

    assert (answer.status, answer.body) == (403, b'{"Message":null}')
    assert (answer.header("x-amzn-errortype"), answer.header("content-type")) == ("AccessDeniedException", "application/json")


def test_text_counts_in_utf_8_and_not_as_json_escapes_it() -> None:
    request = HttpRequest("POST", "/", "", {"content-type": "text/plain", "host": "x"}, "ü".encode() * 1000)
    exchange = _Exchange(
        request, Addressed("x", "x", "/", False), UrlSnapshot("x", "000000000000", "f", None, "NONE", "BUFFERED", None), "id", "trace"
    )

    payload = exchange._invoke_request(Principal.anonymous()).payload

    assert "ü".encode() * 1000 in payload


def test_six_megabytes_are_the_most(mirror: Url) -> None:
    answer = mirror.send("POST", "/", b"x" * (6 * 1024 * 1024 + 1), {"Content-Type": "text/plain"})

    message = {"message": "Request must be smaller than 6291456 bytes for the InvokeFunction operation"}
    assert (answer.status, loaded(answer)) == (413, message)
    assert answer.header("x-amzn-errortype") == "RequestEntityTooLargeException"


def test_reserved_concurrency_of_none_is_a_429(stack: Trial) -> None:
    url = url_of(stack, returning("x"))
    stack.boto3("lambda").put_function_concurrency(FunctionName=url.function_name, ReservedConcurrentExecutions=0)

    answer = url.send()

    reason = "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert (answer.status, loaded(answer)) == (429, {"Reason": reason, "Type": "User", "message": "Rate Exceeded."})
    assert answer.header("x-amzn-errortype") == "TooManyRequestsException"


def test_an_alias_has_a_url_of_its_own_until_it_is_deleted(stack: Trial) -> None:
    plain = url_of(stack, "def handler(event, context):\n    return context.invoked_function_arn\n")
    client = stack.boto3("lambda")
    client.publish_version(FunctionName=plain.function_name)
    client.create_alias(FunctionName=plain.function_name, Name="live", FunctionVersion="1")
    made = client.create_function_url_config(FunctionName=plain.function_name, Qualifier="live", AuthType="NONE")
    live = Url(stack, plain.function_name, made["FunctionUrl"], {"Qualifier": "live"})
    assert live.send().status == 403  # the function's own policy does not open an alias
    live.open_to_all()
    assert live.send().body.endswith(f":function:{plain.function_name}:live".encode())

    client.delete_alias(FunctionName=plain.function_name, Name="live")

    answer = live.send()
    assert (answer.status, answer.body, answer.header("x-amzn-errortype")) == (403, FORBIDDEN, "AccessDeniedException")
    client.delete_function(FunctionName=plain.function_name)
    assert plain.send().body == b'{"Message":null}'


def test_the_path_form_strips_its_prefix_and_keeps_the_dashboards_cookies_out(mirror: Url, stack: Trial) -> None:
    path = f"/_playground/lambda-url/{mirror.url_id}"
    headers = {"Host": f"localhost:{stack.endpoint_port}", "Cookie": "csrftoken=secret; own=1; theme=dark", "Origin": "https://x.org"}

    event = loaded(mirror.send("GET", f"{path}/event?a=1", headers=headers))["event"]

    assert (event["rawPath"], event["rawQueryString"], event["cookies"]) == ("/event", "a=1", ["own=1"])
    assert event["requestContext"]["domainName"] == f"{mirror.url_id}.lambda-url.us-east-1.localhost"
    setting = {"statusCode": 200, "cookies": ["csrftoken=mine", "own=2"], "headers": {"Set-Cookie": "csrftoken=mine"}}
    answer = mirror.send("POST", path, json.dumps(setting).encode(), {**headers, **JSON})
    assert answer.all("set-cookie") == ["own=2"]
    assert "sandbox" in (answer.header("content-security-policy") or "")


STREAMING = """
import { setTimeout } from "node:timers/promises";
export const handler = awslambda.streamifyResponse(async (event, stream) => {
  const path = event.rawPath;
  if (path === "/raise") throw new Error("at once");
  if (path === "/plain") {
    stream.setContentType("text/plain");
    stream.write("as it comes");
    stream.end();
    return;
  }
  if (path === "/nothing") {
    stream = awslambda.HttpResponseStream.from(stream, { statusCode: 204 });
    for (let piece = 0; piece < 40; piece++) {
      stream.write("unread");
      await setTimeout(2);
    }
    stream.end();
    return;
  }
  const head = { statusCode: 201, headers: { "Content-Type": "text/html", "X-Own": "1" }, cookies: ["a=1", "b=2"] };
  stream = awslambda.HttpResponseStream.from(stream, head);
  stream.write("<p>first");
  await setTimeout(path === "/slow" ? 1500 : 10);
  if (path === "/cut") throw new Error("too late");
  stream.write("second</p>");
  stream.end();
});
"""


@pytest.fixture(scope="module")
def streaming(stack: Trial) -> Url:
    node = {"Runtime": "nodejs20.x", "Handler": "index.handler", "Timeout": 10}
    return url_of(stack, "", files={"index.mjs": STREAMING}, settings=node, InvokeMode="RESPONSE_STREAM")


def test_a_prelude_becomes_the_head_of_a_stream(streaming: Url) -> None:
    answer = streaming.send()

    assert (answer.status, answer.header("content-type"), answer.header("x-own")) == (201, "text/html", "1")
    assert (answer.all("set-cookie"), answer.header("transfer-encoding")) == (["a=1", "b=2"], "chunked")
    assert answer.body == b"<p>firstsecond</p>"


def test_a_stream_arrives_while_the_function_still_writes(streaming: Url) -> None:
    with socket.create_connection(("127.0.0.1", streaming.stack.endpoint_port), timeout=20) as connection:
        connection.sendall(f"GET /slow HTTP/1.1\r\nHost: {streaming.host}\r\n\r\n".encode())
        received = b""
        while b"first" not in received:
            received += connection.recv(65536)
        assert b"second" not in received
        while b"second" not in received:
            received += connection.recv(65536)


def test_a_stream_without_prelude_is_sent_as_it_comes(streaming: Url) -> None:
    answer = streaming.send("GET", "/plain")

    assert (answer.status, answer.body) == (200, b"as it comes")


def assert_kept(url: Url, answer: Answer, status: int) -> None:
    """The client got *status*, and the journal has it."""
    assert answer.status == status
    question = "SELECT http_status FROM invocations_invocation WHERE request_id = ?"
    with closing(sqlite3.connect(url.stack.data_dir / "playground.sqlite3")) as database:
        request_id = answer.header("x-amzn-requestid")
        eventually(lambda: database.execute(question, [request_id]).fetchone() == (status,), f"{status} in the journal")


@pytest.mark.parametrize(("path", "status"), [("/", 201), ("/plain", 200), ("/raise", 502)])
def test_the_status_of_a_stream_is_in_the_journal(streaming: Url, path: str, status: int) -> None:
    assert_kept(streaming, streaming.send("GET", path), status)


@pytest.mark.parametrize(("value", "status"), [({"statusCode": 404}, 404), ({"statusCode": "no"}, 502)])
def test_the_status_of_an_answer_is_in_the_journal(mirror: Url, value: Any, status: int) -> None:
    assert_kept(mirror, returned(mirror, value), status)


def test_a_stream_that_fails_is_a_502_or_cut(streaming: Url) -> None:
    assert streaming.send("GET", "/raise").status == 502
    with pytest.raises(http.client.IncompleteRead) as caught:
        streaming.send("GET", "/cut")
    assert caught.value.partial == b"<p>first"


def test_a_stream_behind_a_status_without_a_body_does_not_hold_the_function_up(streaming: Url) -> None:
    client = streaming.stack.boto3("lambda")
    client.put_function_concurrency(FunctionName=streaming.function_name, ReservedConcurrentExecutions=1)
    try:
        found = []
        for method, path in (("GET", "/nothing"), ("HEAD", "/"), ("GET", "/plain")):
            deadline = time.monotonic() + 8  # less than the function's timeout
            while (status := streaming.send(method, path).status) == 429 and time.monotonic() < deadline:
                time.sleep(0.05)
            found.append(status)
        assert found == [204, 201, 200]
    finally:
        client.delete_function_concurrency(FunctionName=streaming.function_name)


def test_a_handler_that_does_not_stream_is_not_interpreted(stack: Trial) -> None:
    value = {"statusCode": 418, "body": "tea"}
    url = url_of(stack, returning(value), InvokeMode="RESPONSE_STREAM")

    answer = url.send()

    assert (answer.status, json.loads(answer.body)) == (200, value)
