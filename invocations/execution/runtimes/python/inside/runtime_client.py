"""The compiled client of `awslambdaric`, in Python, for interpreters that it was not compiled for: the same four functions."""

import http.client
import os
from typing import Any

VERSION = "/2018-06-01/runtime/invocation/"

_agent = ""
_connection: Any = None


def initialize_client(user_agent: str) -> None:
    """Remembers how to introduce ourselves."""
    global _agent
    _agent = user_agent


def _call(method: str, path: str, body: "bytes | None" = None, headers: "dict[str, str | bytes] | None" = None) -> "tuple[bytes, Any]":
    global _connection
    if _connection is None:
        _connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    _connection.request(method, VERSION + path, body, {"User-Agent": _agent, **(headers or {})})
    response = _connection.getresponse()
    answer = response.read()
    if response.status not in (200, 202):
        raise RuntimeError("Failed to call the Runtime API: {} {}".format(response.status, answer.decode("utf-8", "replace")))
    return answer, response.headers


def next() -> "tuple[bytes, dict[str, Any]]":
    """Waits for an event: its body and the headers, in UTF-8, the deadline as a number. One that is missing is missing."""
    body, answered = _call("GET", "next")
    headers: dict[str, Any] = {name: value.encode("latin-1").decode("utf-8", "replace") for name, value in answered.items()}
    headers["Lambda-Runtime-Deadline-Ms"] = int(headers["Lambda-Runtime-Deadline-Ms"])
    return body, headers


def post_invocation_result(invoke_id: str, result: bytes, content_type: str, invocation_id: "str | None" = None) -> None:
    """Answers an event."""
    headers: dict[str, str | bytes] = {"Content-Type": content_type}
    if invocation_id:
        headers["Lambda-Runtime-Invocation-Id"] = invocation_id
    _call("POST", invoke_id + "/response", result, headers)


def post_error(invoke_id: str, error: "str | bytes", xray_fault: str, invocation_id: "str | None" = None) -> None:
    """Tells that the function failed on an event."""
    headers: dict[str, str | bytes] = {
        "Content-Type": "application/json",
        "Lambda-Runtime-Function-XRay-Error-Cause": xray_fault.encode("utf-8"),
    }
    if invocation_id:
        headers["Lambda-Runtime-Invocation-Id"] = invocation_id
    body = error.encode("utf-8") if isinstance(error, str) else error
    _call("POST", invoke_id + "/error", body, headers)
