"""CORS of a function URL: what is allowed to whom, in headers."""

import pytest

from playground.front_doors import cors
from playground.front_doors.http_response import BadResponse
from playground.front_doors.prelude import LONGEST, Prelude

FULL = {
    "AllowOrigins": ["https://x.org", "https://*.example.com"],
    "AllowMethods": ["GET", "POST"],
    "AllowHeaders": ["X-A", "X-B"],
    "ExposeHeaders": ["X-C"],
    "AllowCredentials": True,
    "MaxAge": 60,
}


@pytest.mark.parametrize(
    ("patterns", "origin", "allowed"),
    [
        (["*"], "https://x.org", "*"),
        (["https://x.org"], "https://x.org", "https://x.org"),
        (["https://X.org"], "https://x.org", "https://x.org"),
        (["https://x.org"], "http://x.org", ""),
        (["https://x.org"], "https://x.org:8443", ""),
        (["https://x.org"], "https://x.org.evil.com", ""),
        (["https://*.x.org"], "https://a.b.x.org", "https://a.b.x.org"),
        (["https://*.x.org"], "https://x.org", ""),
        (["https://*.x.org"], "https://evil.com/.x.org", ""),
        (["https://*"], "https://y.org", "https://y.org"),
        ([], "https://x.org", ""),
        (["https://x.org"], "null", ""),
    ],
)
def test_origins(patterns: list[str], origin: str, allowed: str) -> None:
    assert cors.allowed_origin({"AllowOrigins": patterns}, origin) == allowed


def test_a_preflight_is_told_everything_that_is_configured() -> None:
    assert dict(cors.preflight_headers(FULL, "https://a.example.com")) == {
        b"access-control-allow-origin": b"https://a.example.com",
        b"access-control-allow-credentials": b"true",
        b"vary": b"Origin",
        b"access-control-allow-methods": b"GET,POST",
        b"access-control-allow-headers": b"X-A,X-B",
        b"access-control-max-age": b"60",
    }
    assert cors.preflight_headers(FULL, "https://evil.com") == []


def test_other_answers_are_told_what_concerns_them() -> None:
    assert dict(cors.answer_headers(FULL, "https://x.org")) == {
        b"access-control-allow-origin": b"https://x.org",
        b"access-control-allow-credentials": b"true",
        b"vary": b"Origin",
        b"access-control-expose-headers": b"X-C",
    }
    assert cors.answer_headers({"AllowOrigins": ["*"]}, "https://x.org") == [(b"access-control-allow-origin", b"*")]
    assert cors.answer_headers(FULL, "https://evil.com") == []


@pytest.mark.parametrize("size", [1, 3, 7, 8, 100])
def test_a_prelude_is_found_however_it_is_cut(size: int) -> None:
    stream = b'{"statusCode":201}' + b"\0" * 8 + b"body"
    prelude = Prelude()
    for start in range(0, len(stream), size):
        found = prelude.feed(stream[start : start + size])
        if found is not None:
            break
    assert found is not None
    assert found[0] == {"statusCode": 201}
    assert found[1] + stream[start + size :] == b"body"


@pytest.mark.parametrize("stream", [b"x" + b"\0" * 8, b"[]" + b"\0" * 8, b"x" * (LONGEST + 1)])
def test_what_is_no_prelude_is_refused(stream: bytes) -> None:
    with pytest.raises(BadResponse):
        Prelude().feed(stream)
