"""Bodies sent in signed chunks: the same whatever pieces they come in, and found out where anything was changed."""

import hashlib
import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.endpoint import aws_chunked
from playground.endpoint.refusals import Refused
from playground.endpoint.sigv4 import EMPTY_HASH, Claim, Credential
from playground.endpoint.wire import HttpRequest, Malformed

SCOPE = "20261126/us-east-1/s3/aws4_request"
CLAIM = Claim(Credential("test", *SCOPE.split("/"), "host", ("host",), SCOPE), "0" * 64, "20261126T190000Z", None)
CHUNKS = [b"first", b"\r\n0\r\n", b"third"]
BODY = b"".join(CHUNKS)


def seal(kind: str, previous: str, digests: str) -> str:
    """The next signature of the chain (S3 API Reference, "Signature calculations: transferring payload in multiple chunks")."""
    key = b"AWS4test"
    for part in SCOPE.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256-{kind}\n{CLAIM.amz_date}\n{SCOPE}\n{previous}\n{digests}"
    return hmac.digest(key, text.encode(), "sha256").hex()


def signed() -> bytes:
    encoded, previous = b"", CLAIM.signature
    for chunk in [*CHUNKS, b""]:
        previous = seal("PAYLOAD", previous, f"{EMPTY_HASH}\n{hashlib.sha256(chunk).hexdigest()}")
        encoded += f"{len(chunk):x};chunk-signature={previous}\r\n".encode()
        encoded += chunk + b"\r\n" if chunk else b""
    trailer = seal("TRAILER", previous, hashlib.sha256(b"x-amz-checksum-crc32:AAAAAA==\n").hexdigest())
    return encoded + f"x-amz-checksum-crc32:AAAAAA==\r\nx-amz-trailer-signature:{trailer}\r\n\r\n".encode()


def unsigned() -> bytes:
    encoded = b"".join(f"{len(chunk):X}\r\n".encode() + chunk + b"\r\n" for chunk in CHUNKS)
    return encoded + b"0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"


KINDS = {aws_chunked.SIGNED_TRAILER: signed(), aws_chunked.UNSIGNED_TRAILER: unsigned()}


def request_of(kind: str) -> HttpRequest:
    headers = {
        "x-amz-content-sha256": kind,
        "x-amz-decoded-content-length": str(len(BODY)),
        "x-amz-trailer": "x-amz-checksum-crc32",
        "content-encoding": "aws-chunked,gzip",
    }
    return HttpRequest("PUT", "/b/k", "", headers)


def decoded(kind: str, *pieces: bytes) -> tuple[bytes, HttpRequest]:
    request = request_of(kind)
    decoder = aws_chunked.decoder_of(request, CLAIM, "test")
    plain = b"".join(decoder.feed(piece) for piece in pieces)
    decoder.finish(request)
    return plain, request


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=50, deadline=None)
@given(cuts=st.lists(st.integers(0, 700), max_size=8))
def test_pieces_of_any_size_give_the_same_body(kind: str, cuts: list[int]) -> None:
    encoded, places = KINDS[kind], sorted({0, *cuts})
    plain, request = decoded(kind, *(encoded[start:end] for start, end in zip(places, [*places[1:], len(encoded)], strict=True)))
    assert plain == BODY
    assert (request.headers["content-encoding"], request.headers["x-amz-checksum-crc32"]) == ("gzip", "AAAAAA==")


def test_the_last_line_break_may_be_missing() -> None:
    plain, request = decoded(aws_chunked.UNSIGNED_TRAILER, unsigned()[:-4])
    assert (plain, request.headers["x-amz-checksum-crc32"]) == (BODY, "AAAAAA==")


@pytest.mark.parametrize(("old", "new"), [(b"first", b"First"), (b"AAAAAA==", b"BBBBBB=="), (b"third", b"thurd")])
def test_a_signed_body_that_was_changed_is_refused(old: bytes, new: bytes) -> None:
    with pytest.raises(Refused):
        decoded(aws_chunked.SIGNED_TRAILER, signed().replace(old, new))


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        b"5\r\nfir",
        b"5\r\nfirst",
        b"5\r\nfirst and more\r\n0\r\n\r\n",
        b"x\r\n",
        b"5;chunk-signature=" + b"0" * 64 + b"\r\nfirst\r\n0\r\n\r\n",
        b"f" * 20_000,
        unsigned().replace(b"x-amz-checksum-crc32:", b"x-amz-checksum-sha1:"),
        unsigned().replace(b"x-amz-checksum-crc32:AAAAAA==", b"no trailer"),
        b"5\r\nfirst\r\n0\r\n\r\n",
    ],
    ids=["nothing", "cut", "without end", "longer", "no head", "signed after all", "endless line", "unannounced", "no colon", "too short"],
)
def test_a_malformed_body_is_refused(encoded: bytes) -> None:
    with pytest.raises(Malformed):
        decoded(aws_chunked.UNSIGNED_TRAILER, encoded)
