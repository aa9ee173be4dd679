"""Bodies sent as signed chunks (Content-Encoding: aws-chunked).

Source: S3 API Reference, "Signature calculations: transferring payload in multiple chunks", with and without trailers.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass

from playground.endpoint.refusals import Reason, Refused
from playground.endpoint.sigv4 import EMPTY_HASH, STREAMING_PREFIX, Claim, Seal, seal_of
from playground.endpoint.wire import HttpRequest, Malformed

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
_CHUNK_HEAD = re.compile(rb"([0-9a-fA-F]{1,16})(?:;chunk-signature=([0-9a-f]{64}))?")
_TRAILER_SIGNATURE = "x-amz-trailer-signature"


@dataclass(slots=True)
class _Reader:
    """A position in the encoded body."""

    body: bytes
    position: int = 0

    def line(self) -> bytes:
        """Up to the next line break, which may be missing at the very end."""
        end = self.body.find(b"\r\n", self.position)
        if end < 0:
            line, self.position = self.body[self.position :], len(self.body)
            return line
        line, self.position = self.body[self.position : end], end + 2
        return line

    def take(self, size: int) -> bytes:
        """*size* bytes and the line break after them. Raises Malformed."""
        end = self.position + size
        if self.body[end : end + 2] != b"\r\n":
            raise Malformed("A chunk is not as long as it says.")
        data, self.position = self.body[self.position : end], end + 2
        return data


@dataclass(slots=True)
class _Seals:
    """The chain of chunk signatures; None of it where chunks are not signed."""

    claim: Claim
    seal: Seal
    previous: str

    def check(self, kind: str, digests: str, signature: str) -> None:
        """Raises Refused unless *signature* is the next of the chain."""
        credential = self.claim.credential
        text = f"AWS4-HMAC-SHA256-{kind}\n{self.claim.amz_date}\n{credential.scope}\n{self.previous}\n{digests}"
        if not hmac.compare_digest(self.seal.of(text).encode(), signature.encode()):
            raise Refused(Reason.MISMATCH, AWSAccessKeyId=credential.access_key_id, StringToSign=text)
        self.previous = signature


def is_chunked(request: HttpRequest) -> bool:
    """Whether the body has to be decoded."""
    return request.headers.get("x-amz-content-sha256", "").startswith(STREAMING_PREFIX)


def decode(request: HttpRequest, claim: Claim, secret_access_key: str) -> None:
    """Puts the plain body in place of the encoded one, and trailers among the headers.

    The request's own signature has been checked: it is the seed of the chunks'. Raises Refused, Malformed.
    """
    kind = request.headers["x-amz-content-sha256"]
    if kind not in (SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER):
        raise Malformed(f"The value {kind} of x-amz-content-sha256 is not supported.")
    seals = None
    if kind != UNSIGNED_TRAILER:
        seals = _Seals(claim, seal_of(claim.credential, secret_access_key), claim.signature)
    reader = _Reader(request.body)
    chunks = []
    while True:
        match = _CHUNK_HEAD.fullmatch(reader.line())
        if match is None or (seals is not None) != (match[2] is not None):
            raise Malformed("A chunk's head is malformed.")
        size = int(match[1], 16)
        data = reader.take(size) if size else b""
        if seals is not None:
            seals.check("PAYLOAD", f"{EMPTY_HASH}\n{hashlib.sha256(data).hexdigest()}", match[2].decode())
        if not size:
            break
        chunks.append(data)
    _read_trailers(request, reader, seals if kind == SIGNED_TRAILER else None)
    request.body = b"".join(chunks)
    length = request.headers.get("x-amz-decoded-content-length")
    if length is not None and length != str(len(request.body)):
        raise Malformed("The body is not as long as x-amz-decoded-content-length says.")
    encodings = [name.strip() for name in request.headers.get("content-encoding", "").split(",")]
    request.headers["content-encoding"] = ",".join(name for name in encodings if name and name != "aws-chunked")
    if not request.headers["content-encoding"]:
        del request.headers["content-encoding"]


def _read_trailers(request: HttpRequest, reader: _Reader, seals: _Seals | None) -> None:
    announced = {name.strip().lower() for name in request.headers.get("x-amz-trailer", "").split(",")}
    trailers: dict[str, str] = {}
    while line := reader.line():
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            raise Malformed("A trailer is malformed.")
        trailers[name.strip().lower()] = value.strip()
    signature = trailers.pop(_TRAILER_SIGNATURE, "")
    if seals is not None:
        text = "".join(f"{name}:{value}\n" for name, value in trailers.items())
        seals.check("TRAILER", hashlib.sha256(text.encode("latin-1")).hexdigest(), signature)
    if not trailers.keys() <= announced:
        raise Malformed("A trailer was not announced in x-amz-trailer.")
    request.headers |= trailers
