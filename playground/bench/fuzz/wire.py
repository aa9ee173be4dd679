"""From a draft of a request to its bytes: something of it changed, signed well or badly, framed well or badly."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Final
from urllib.parse import quote, urlencode

from playground.bench.fuzz.values import ACCOUNT, ODD

ENDPOINT: Final = "endpoint"
DASHBOARD: Final = "dashboard"
METHODS: Final = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT", "QUERY", "get", "")
_HOSTS: Final = (
    "localhost",
    "127.0.0.1",
    "fuzz.s3.localhost",
    "evil.example",
    "0123456789abcdef0123456789abcdef.lambda-url.us-east-1.localhost",
    "[::1",
    "a:b:c",
    "",
    "localhost:99999",
    "xn--\xff",
)
HEADERS: Final = (
    "content-type",
    "x-amz-target",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-invocation-type",
    "x-amz-client-context",
    "x-amz-log-type",
    "x-amzn-trace-id",
    "x-amz-decoded-content-length",
    "x-amz-copy-source",
    "x-amz-tagging",
    "authorization",
    "content-md5",
    "content-encoding",
    "accept-encoding",
    "expect",
    "origin",
    "sec-fetch-site",
    "range",
    "if-match",
    "if-modified-since",
    "cookie",
    "smithy-protocol",
    "hx-request",
    "hx-target",
    "upgrade",
    "connection",
    "te",
    "date",
)
HEADER_VALUES: Final = (
    "application/json",
    "application/x-amz-json-1.1",
    "application/x-www-form-urlencoded",
    "application/xml",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "AmazonSQS.SendMessage",
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=" + "0" * 64,
    "AWS4-HMAC-SHA256 Credential=///// , SignedHeaders=;;, Signature=",
    "AWS test:x",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "UNSIGNED-PAYLOAD",
    "bytes=5-1",
    "bytes=-0,1-",
    "rpc-v2-cbor",
    "100-continue",
    "gzip",
    "aws-chunked",
    "chunked",
    "websocket",
    "http://evil.example",
    "cross-site",
    "null",
    "true",
    "-1",
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A request before it is signed, framed and sent, maybe several times with something changed."""

    port: str
    """ENDPOINT or DASHBOARD."""
    method: str = ""
    path: str = ""
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    signing_name: str = ""
    """Empty for what is not signed."""
    raw: bytes | None = None
    """All of it, where it is no HTTP."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One request."""

    port: str
    """ENDPOINT or DASHBOARD."""
    data: bytes
    is_whole: bool = True
    """Otherwise the connection's end is the request's."""

    @property
    def may_fail_upstream(self) -> bool:
        """Whether a function may answer it, whose failure is 502."""
        return b"lambda-url" in self.data


def finished(draft: Draft, random: Random, *, mutate: bool) -> Sent:
    """The bytes, signed well or badly and framed well or badly; with *mutate*, something of it is changed before."""
    if draft.raw is not None:
        return Sent(draft.port, _mutated(draft.raw, random) if mutate else draft.raw, is_whole=False)
    if mutate:
        draft = _changed(draft, random)
    host = random.choice(_HOSTS) if random.random() < 0.05 else "localhost"
    query, body = draft.query, draft.body
    told = {"host": host, "connection": "close", **{name: one_line(value) for name, value in draft.headers.items()}}
    how = random.choice(_SIGNED) if draft.signing_name else "none"
    if how != "none" and "authorization" not in draft.headers:
        query, told = _signed(how, draft.method, draft.path, query, told, body, draft.signing_name)
    framing = random.choice(_FRAMED)
    if framing == "chunked":
        told["transfer-encoding"] = "chunked"
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
    else:
        told["content-length"] = str(len(body) + {"length": 0, "short": -min(len(body), 1), "long": 7}[framing])
    target = one_line(draft.path) + (f"?{one_line(query)}" if query else "")
    lines = [f"{draft.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items())]
    data = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body
    return Sent(draft.port, data, is_whole=framing in ("length", "chunked"))


_SIGNED: Final = (*["good"] * 24, "tampered", "presigned", "none", "late")
_FRAMED: Final = (*["length"] * 26, "chunked", "chunked", "chunked", "chunked", "short", "long")


def _changed(draft: Draft, random: Random) -> Draft:
    """Something of a request is not what it was."""
    match random.randrange(6):
        case 0:
            return replace(draft, method=random.choice(METHODS))
        case 1:
            return replace(draft, path=_mutated(draft.path.encode("latin-1", "replace"), random).decode("latin-1"))
        case 2:
            return replace(draft, headers={**draft.headers, random.choice(HEADERS): random.choice(HEADER_VALUES)})
        case 3:
            return replace(draft, query=_mutated(draft.query.encode("latin-1", "replace"), random).decode("latin-1"))
    return replace(draft, body=_mutated(draft.body, random))


def _mutated(data: bytes, random: Random) -> bytes:
    """A stretch of it is cut out, doubled, or has something hurtful put into its place."""
    start = random.randrange(len(data) + 1)
    end = min(len(data), start + random.randrange(12))
    put = random.choice([b"", data[start:end] * 2, random.choice(ODD).encode("utf-8", "replace"), bytes([random.randrange(256)])])
    return data[:start] + put + data[end:]


def _signed(how: str, method: str, path: str, query: str, headers: dict[str, str], body: bytes, service: str) -> tuple[str, dict[str, str]]:
    """Signature Version 4 by the account's own key, right but for *how*; as plain as it can be, as it is made 100,000 times."""
    now = datetime.now(UTC)
    stamp = "20200101T000000Z" if how == "late" else f"{now:%Y%m%dT%H%M%SZ}"
    scope = f"{stamp[:8]}/us-east-1/{service}/aws4_request"
    if how == "presigned":
        told = {"X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": f"{ACCOUNT}/{scope}", "X-Amz-Date": stamp, "X-Amz-Expires": "60"}
        told |= {"X-Amz-SignedHeaders": "host", "X-Amz-Signature": "0" * 64}
        return "&".join(filter(None, (query, urlencode(told)))), headers
    digest = hashlib.sha256(body).hexdigest()
    pairs = sorted(f"{quote(name, safe='-_.~%')}={value}" for name, _, value in (part.partition("=") for part in query.split("&")) if name)
    signed = {"host": headers["host"], "x-amz-date": stamp}
    if service == "s3":
        headers = {"x-amz-content-sha256": digest} | headers
    canonical_path = path if service == "s3" else quote(path, safe="/-_.~")
    canonical = "\n".join(
        [method, canonical_path, "&".join(pairs), *(f"{name}:{value}" for name, value in signed.items()), "", ";".join(signed), digest]
    )
    to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode("utf-8", "replace")).hexdigest()])
    signature = hmac.new(_signing_key(stamp[:8], service), to_sign.encode(), hashlib.sha256).hexdigest()
    if how == "tampered":
        signature = "0" + signature[1:]
    told_credential = f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/{scope}, SignedHeaders={';'.join(signed)}, Signature={signature}"
    return query, {**headers, "x-amz-date": stamp, "authorization": told_credential}


@cache
def _signing_key(date: str, service: str) -> bytes:
    key = b"AWS4test"
    for part in (date, "us-east-1", service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def percent_encodable(value: str) -> str:
    """Text that percent-encoding can take."""
    return value.encode("utf-8", "replace").decode()


def one_line(value: str) -> str:
    """Without the line breaks that would make two headers of one; those are in `garbage`."""
    return value.replace("\r", "").replace("\n", "")
