"""What is sent: AWS calls of every operation in every protocol, pages and their forms, and what is no HTTP at all."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

from playground.bench.fuzz.values import ACCOUNT, deep_json, json_value, members_of, text
from playground.bench.fuzz.wire import DASHBOARD, ENDPOINT, HEADER_VALUES, HEADERS, METHODS, Draft, one_line, percent_encodable
from playground.endpoint import operations as implementations
from playground.endpoint import registry
from playground.endpoint.services import BY_NAME, Service, model_of

_PART: Final = re.compile(r"<str:(\w+)>")
_CSRF: Final = "f" * 32
"""Cookie and form may bring any token, as long as both bring the same."""
_PATHS: Final = (
    "/",
    "/_playground/health",
    "/_playground/clock",
    "/_playground/version",
    "/_playground/lambda-url/0123456789abcdef0123456789abcdef/a%2Fb",
    "/_playground/lambda-url/",
    "/_playground/code/x",
    "/2015-03-31/functions/",
    "/2015-03-31/functions/hello/invocations",
    "/2021-11-15/functions/hello/response-streaming-invocations",
    "/service/GraniteServiceVersion20100801/operation/PutMetricData",
    "//",
    "/%",
    "/%00",
    "/..%2f..%2fetc/passwd",
    "*",
    "http://evil.example/",
    "no-slash",
    f"/{ACCOUNT}/fuzz",
    "/fuzz/key",
    "/fuzz?uploads",
    "/fuzz/key?uploadId=x&partNumber=0",
    "/fuzz?list-type=2&max-keys=x&continuation-token=%ff",
)


@cache
def operations() -> list[tuple[Service, str]]:
    """Every operation of every service that answers here."""
    implementations.load()
    return [(BY_NAME[service], name) for service in BY_NAME for name in registry.names_of(service)]


def drafts() -> "st.SearchStrategy[Draft]":
    """Of every sort; most for the endpoint, which has more to misunderstand and answers sooner."""
    return st.one_of(*[calls()] * 9, plain(ENDPOINT), plain(ENDPOINT), plain(DASHBOARD), pages(), garbage())


def to_endpoint() -> "st.SearchStrategy[Draft]":
    """Those of the AWS endpoint alone."""
    return st.one_of(calls(), calls(), calls(), calls(), plain(ENDPOINT), garbage(ENDPOINT))


@st.composite
def calls(draw: st.DrawFn) -> Draft:
    """A call of one operation in one of its service's protocols."""
    service, name = draw(st.sampled_from(operations()))
    operation = model_of(service.name).operation_model(name)
    members: dict[str, Any] = draw(members_of(operation.input_shape))
    protocol = draw(st.sampled_from(service.protocols))
    headers: dict[str, str] = {}
    method, path, query, body = "POST", "/", "", b""
    if protocol == "json":
        headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": f"{service.target_prefix}.{name}"}
        body = _json(draw, members)
    elif protocol == "query":
        headers = {"content-type": "application/x-www-form-urlencoded"}
        body = urlencode({"Action": name, "Version": "2012-11-05", **_flat(members)}, errors="replace").encode()
    elif protocol == "smithy-rpc-v2-cbor":
        headers = {"smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor"}
        path, body = f"/service/{service.target_prefix}/operation/{name}", draw(st.binary(max_size=40))
    else:
        method, uri = operation.http["method"], operation.http["requestUri"]
        path, query, headers, body = _rest(draw, operation.input_shape, uri, members, is_xml=protocol == "rest-xml")
    if draw(st.integers(0, 9)) == 0:
        body = draw(
            st.one_of(
                st.binary(max_size=60), st.sampled_from([b"{", b"<a>", b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"])
            )
        )
    if draw(st.integers(0, 3)) == 0:
        headers |= draw(_more_headers)
    return Draft(ENDPOINT, method, path, query, headers, body, service.signing_name)


@st.composite
def plain(draw: st.DrawFn, port: str) -> Draft:
    """Any method, path, headers and body."""
    method = draw(st.sampled_from(METHODS))
    path = draw(st.one_of(st.sampled_from(_PATHS), text.map(lambda each: "/" + percent_encodable(each))))
    query = draw(st.one_of(st.just(""), st.dictionaries(text, text, max_size=3).map(lambda pairs: urlencode(pairs, errors="replace"))))
    if path.startswith("/_playground/") and method not in ("GET", "HEAD", "OPTIONS"):
        path = "/_playground/health"  # what is sent here must not turn the default account's clock
    return Draft(
        port, method, path, query, draw(_more_headers), draw(st.binary(max_size=80)), draw(st.sampled_from(["lambda", "s3", "sqs"]))
    )


@st.composite
def pages(draw: st.DrawFn) -> Draft:
    """A page of the dashboard or one of its forms, with a token that is accepted."""
    pattern, names = draw(st.sampled_from(_routes()))
    values = {
        name: quote(percent_encodable(draw(st.one_of(st.sampled_from(["hello", "fuzz", "queues", "code", "1"]), text))), safe="") or "x"
        for name in names
    }
    path = f"/w/{ACCOUNT}/" + pattern % values
    fields = draw(st.dictionaries(st.one_of(st.sampled_from(_FIELDS), text), st.one_of(text, json_value.map(str)), max_size=6))
    encoded = urlencode(fields, errors="replace")
    headers = draw(_more_headers) if draw(st.booleans()) else {}
    headers |= draw(st.sampled_from([{}, {"hx-request": "true"}, {"hx-request": "true", "hx-boosted": "true"}]))
    if draw(st.booleans()):
        return Draft(DASHBOARD, "GET", path, encoded, headers, b"", "")
    headers |= {"content-type": "application/x-www-form-urlencoded", "cookie": f"csrftoken={_CSRF}", "x-csrftoken": _CSRF}
    return Draft(DASHBOARD, "POST", path, "", headers, encoded.encode(), "")


@st.composite
def garbage(draw: st.DrawFn, port: str = "") -> Draft:
    """What is no request, or only the beginning of one."""
    port = port or draw(st.sampled_from([ENDPOINT, DASHBOARD]))
    data = draw(
        st.one_of(
            st.binary(max_size=200),
            st.sampled_from(
                [
                    b"\r\n\r\n",
                    b"GET / HTTP/9.9\r\n\r\n",
                    b"GET /\r\n\r\n",
                    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                    b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
                    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
                    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
                    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nabc",
                    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
                    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
                    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\nabc",
                    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
                    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
                ]
            ),
        )
    )
    return Draft(port, raw=data)


_FIELDS: Final = (
    *("fn", "event", "payload", "models", "qualifier", "times", "q", "state", "since", "before", "show", "name", "confirm", "tab", "runs"),
    *(
        "from",
        "queue",
        "message",
        "bucket",
        "key",
        "prefix",
        "rule",
        "pattern",
        "mode",
        "rate",
        "skip",
        "paused",
        "file",
        "version",
        "text",
    ),
    *(
        "url",
        "path",
        "method",
        "headers",
        "origin",
        "sign_as",
        "auth_type",
        "reserved",
        "provisioned",
        "memory_size",
        "timeout",
        "next",
        "burst",
    ),
    *(
        "principal",
        "action",
        "resource",
        "theme",
        "contrast",
        "keys",
        "log_type",
        "source",
        "detail",
        "detail_type",
        "expression",
        "subscription",
    ),
)
_more_headers: Final = st.dictionaries(
    st.sampled_from(HEADERS), st.one_of(st.sampled_from(HEADER_VALUES), st.sampled_from(HEADER_VALUES), text), max_size=3
)


@cache
def _routes() -> list[tuple[str, list[str]]]:
    """(%-pattern below /w/<account>/, names in it) of every page."""
    from playground.dashboard.urls import of_account

    routes = [str(each.pattern) for each in of_account]
    return [(_PART.sub(r"%(\1)s", route), _PART.findall(route)) for route in routes]


def _json(draw: st.DrawFn, members: Any) -> bytes:
    if draw(st.integers(0, 60)) == 0:
        return deep_json().encode()
    return json.dumps(members).encode("utf-8", "replace")


def _flat(value: Any, prefix: str = "") -> dict[str, str]:
    """A value as the query protocol writes it."""
    if isinstance(value, Mapping):
        pairs = [(f"{prefix}.{name}" if prefix else str(name), inner) for name, inner in value.items()]
    elif isinstance(value, list):
        pairs = [(f"{prefix}.member.{number}", inner) for number, inner in enumerate(value, 1)]
    else:
        return {prefix: str(value)}
    return {name: text for key, inner in pairs for name, text in _flat(inner, key).items()}


def _rest(draw: st.DrawFn, shape: Any, uri: str, members: dict[str, Any], *, is_xml: bool) -> tuple[str, str, dict[str, str], bytes]:
    path, query, headers, rest, body = uri, [], {}, {}, None
    for name, value in members.items():
        inner = shape.members.get(name) if shape is not None else None
        where = inner.serialization if inner is not None else {}
        told = where.get("name", name)
        match where.get("location"):
            case "uri":
                label = percent_encodable(str(value))
                path = path.replace(f"{{{told}}}", quote(label, safe="")).replace(f"{{{told}+}}", quote(label))
            case "querystring":
                query.append((told, percent_encodable(str(value))))
            case "header":
                headers[told] = one_line(str(value))
            case _ if shape is not None and shape.serialization.get("payload") == name:
                body = value
            case _:
                rest[told] = value
    content = rest if body is None else body
    path, _, fixed = path.partition("?")
    whole_query = "&".join(filter(None, (fixed, urlencode(query))))
    if is_xml:
        data = content if isinstance(content, str) else _xml("Root", content)
        return path, whole_query, headers, data.encode("utf-8", "replace")
    return path, whole_query, {"content-type": "application/json", **headers}, _json(draw, content) if content != {} else b""


def _xml(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(_xml(str(key), inner) for key, inner in value.items())}</{name}>"
    if isinstance(value, list):
        return "".join(_xml(name, inner) for inner in value)
    return f"<{name}>{value}</{name}>"
