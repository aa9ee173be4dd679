"""A request becomes an event: payload format 2.0, as function URLs and HTTP APIs have it.

Source: Developer Guide, "Invoking Lambda function URLs" (Request payload format); real events.
"""

import base64
from collections.abc import Collection
from typing import Any
from urllib.parse import unquote_plus

from invocations import clock
from invocations.enums import PrincipalType
from invocations.values import Principal
from playground.endpoint.wire import HttpRequest
from playground.front_doors.addresses import Addressed

_TEXT_TYPES = frozenset(
    {"application/json", "application/xml", "application/javascript", "application/x-www-form-urlencoded", "application/graphql"}
)
_NOT_PASSED_ON = frozenset({"connection", "keep-alive", "cookie", "proxy-connection", "te", "transfer-encoding", "upgrade"})
_TRACE = "x-amzn-trace-id"


def event_of(
    request: HttpRequest, addressed: Addressed, principal: Principal, request_id: str, trace_id: str, *, hidden: Collection[str]
) -> dict[str, Any]:
    """The event for a function URL. *hidden*: names of cookies that do not pass."""
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": addressed.raw_path,
        "rawQueryString": request.query_string,
        "headers": _headers(request, trace_id),
        "requestContext": _context(request, addressed, principal, request_id),
        "isBase64Encoded": False,
    }
    cookies = cookies_of(request.headers.get("cookie", ""), hidden)
    if cookies:
        event["cookies"] = cookies
    parameters = parameters_of(request.query_string)
    if parameters:
        event["queryStringParameters"] = parameters
    if request.body:
        event["body"], event["isBase64Encoded"] = _body(request.body, request.headers.get("content-type", ""))
    return event


def cookies_of(header: str, hidden: Collection[str] = ()) -> list[str]:
    """name=value, one by one."""
    pairs = [pair.strip() for pair in header.split(";")]
    return [pair for pair in pairs if pair and pair.partition("=")[0].strip() not in hidden]


def parameters_of(query_string: str) -> dict[str, str]:
    """Decoded; the values of a repeated name are joined with commas."""
    found: dict[str, str] = {}
    for pair in query_string.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            name, value = unquote_plus(name), unquote_plus(value)
            found[name] = f"{found[name]},{value}" if name in found else value
    return found


def is_text(content_type: str) -> bool:
    """Whether a body of that type goes as text. Without a type it does not."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind.startswith("text/") or kind in _TEXT_TYPES or kind.endswith(("+json", "+xml"))


def _body(body: bytes, content_type: str) -> tuple[str, bool]:
    """Body and isBase64Encoded."""
    if is_text(content_type):
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass  # Bytes that are no UTF-8 would not survive as text.
    return base64.b64encode(body).decode(), True


def _headers(request: HttpRequest, trace_id: str) -> dict[str, str]:
    found = {name: value for name, value in request.headers.items() if name not in _NOT_PASSED_ON}
    forwarded = found.get("x-forwarded-for")
    found["x-forwarded-for"] = f"{forwarded}, {request.source_ip}" if forwarded else request.source_ip
    found["x-forwarded-proto"] = request.scheme
    found["x-forwarded-port"] = _port(request)
    found[_TRACE] = found.get(_TRACE) or trace_id.partition(";")[0]
    if request.tls is not None:
        found["x-amzn-tls-version"], found["x-amzn-tls-cipher-suite"] = request.tls
    return found


def _port(request: HttpRequest) -> str:
    port = request.host.rpartition(":")[2]
    return port if port.isdigit() else "443" if request.scheme == "https" else "80"


def _context(request: HttpRequest, addressed: Addressed, principal: Principal, request_id: str) -> dict[str, Any]:
    now = clock.now()
    is_anonymous = principal.type is PrincipalType.AWS_ACCOUNT
    context: dict[str, Any] = {
        "accountId": principal.account_id,
        "apiId": addressed.url_id,
        "domainName": addressed.domain_name,
        "domainPrefix": addressed.url_id,
        "http": {
            "method": request.method,
            "path": addressed.raw_path,
            "protocol": "HTTP/1.1",
            "sourceIp": request.source_ip,
            "userAgent": request.headers.get("user-agent", ""),
        },
        "requestId": request_id,
        "routeKey": "$default",
        "stage": "$default",
        "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(now.timestamp() * 1000),
    }
    if not is_anonymous:
        context["authorizer"] = {"iam": _iam(principal)}
    return context


def _iam(principal: Principal) -> dict[str, Any]:
    return {
        "accessKey": principal.access_key_id,
        "accountId": principal.account_id,
        "callerId": principal.principal_id,
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": principal.arn,
        "userId": principal.principal_id,
    }
