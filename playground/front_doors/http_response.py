"""What a function returned becomes an answer: payload format 2.0, as function URLs and HTTP APIs read it.

Source: Developer Guide, "Invoking Lambda function URLs" (Response payload format); recorded answers.
"""

import base64
import binascii
import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from playground.endpoint.wire import HeaderPairs, HttpAnswer, header_value

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OF_THE_CONNECTION = frozenset(
    {"connection", "content-length", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
BODILESS = (204, 304)
"""Statuses whose answers have no body."""


class BadResponse(ValueError):
    """What the function returned is no HTTP answer; the message says why."""


def answer_of(payload: bytes, hidden: Collection[str] = ()) -> HttpAnswer:
    """The answer that a function's response means. *hidden*: names of cookies that do not pass. Raises BadResponse."""
    try:
        returned = json.loads(payload) if payload else None
    except (ValueError, RecursionError):
        raise BadResponse("the response is no JSON") from None
    if isinstance(returned, dict) and "statusCode" in returned:
        return _explicit(returned, hidden)
    headers: HeaderPairs = [(b"content-type", b"application/json")]
    return HttpAnswer(200, _encoded(returned if isinstance(returned, str) else as_text(returned)), headers)


def head_of(returned: Mapping[str, Any], default_type: str, hidden: Collection[str] = ()) -> tuple[int, HeaderPairs]:
    """Status and headers of an explicit response or of a stream's prelude. Raises BadResponse."""
    status = _status(returned.get("statusCode", 200))
    headers = list(_headers(returned.get("headers")))
    if not any(name == b"content-type" for name, _ in headers):
        headers.append((b"content-type", default_type.encode()))
    headers = [pair for pair in headers if pair[0] != b"set-cookie" or not _is_hidden(pair[1], hidden)]
    return status, headers + list(_cookies(returned.get("cookies"), hidden))


def as_text(value: Any) -> str:
    """JSON without spaces, as AWS writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _explicit(returned: Mapping[str, Any], hidden: Collection[str]) -> HttpAnswer:
    status, headers = head_of(returned, "application/json", hidden)
    body = _body(returned.get("body"), is_base64=returned.get("isBase64Encoded") is True)
    return HttpAnswer(status, b"" if status in BODILESS else body, headers)


def _status(value: Any) -> int:
    """100 to 599, as a number or as text of digits; what HTTP has for answers in between (below 200) ends no exchange."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:4])
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 200 <= value <= 599:
        raise BadResponse(f"statusCode is {as_text(value)}")
    return value


def _headers(given: Any) -> Iterator[tuple[bytes, bytes]]:
    if given is None:
        return
    if not isinstance(given, dict):
        raise BadResponse("headers is no object")
    for name, value in given.items():
        if _TOKEN.fullmatch(name) is None:
            raise BadResponse(f"{name!r} is no name of a header")
        if value is None or isinstance(value, dict | list):
            raise BadResponse(f"the header {name} is no string")
        if name.lower() not in _OF_THE_CONNECTION:
            yield name.lower().encode(), header_value(value if isinstance(value, str) else as_text(value))


def _cookies(given: Any, hidden: Collection[str]) -> Iterator[tuple[bytes, bytes]]:
    if given is None:
        return
    if not isinstance(given, list) or not all(isinstance(cookie, str) for cookie in given):
        raise BadResponse("cookies is no list of strings")
    for cookie in given:
        value = header_value(cookie)
        if not _is_hidden(value, hidden):
            yield b"set-cookie", value


def _is_hidden(cookie: bytes, hidden: Collection[str]) -> bool:
    return cookie.partition(b"=")[0].strip().decode("latin-1") in hidden


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _body(given: Any, *, is_base64: bool) -> bytes:
    text = "" if given is None else given if isinstance(given, str) else as_text(given)
    if not is_base64:
        return _encoded(text)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadResponse("isBase64Encoded is true, and the body is no base64") from None
