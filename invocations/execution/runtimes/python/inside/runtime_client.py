"""The compiled client of `awslambdaric`, in Python, for interpreters that it was not compiled for: the same four functions."""

import http.client
import os

VERSION = "/2018-06-01/runtime/invocation/"

_agent = ""
_connection = None


def initialize_client(user_agent):
    """Remembers how to introduce ourselves."""
    global _agent
    _agent = user_agent


def _call(method, path, body=None, headers=None):
    global _connection
    if _connection is None:
        _connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    _connection.request(method, VERSION + path, body, {"User-Agent": _agent, **(headers or {})})
    response = _connection.getresponse()
    answer = response.read()
    if response.status not in (200, 202):
        raise RuntimeError("Failed to call the Runtime API: {} {}".format(response.status, answer.decode("utf-8", "replace")))
    return answer, response.headers


def next():
    """Waits for an event: its body and the headers, those that are missing as None."""
    return _call("GET", "next")


def post_invocation_result(invoke_id, result, content_type, invocation_id=None):
    """Answers an event."""
    headers = {"Content-Type": content_type}
    if invocation_id:
        headers["Lambda-Runtime-Invocation-Id"] = invocation_id
    _call("POST", invoke_id + "/response", result, headers)


def post_error(invoke_id, error, xray_fault, invocation_id=None):
    """Tells that the function failed on an event."""
    headers = {"Content-Type": "application/json", "Lambda-Runtime-Function-XRay-Error-Cause": xray_fault.encode("utf-8")}
    if invocation_id:
        headers["Lambda-Runtime-Invocation-Id"] = invocation_id
    body = error.encode("utf-8") if isinstance(error, str) else error
    _call("POST", invoke_id + "/error", body, headers)
