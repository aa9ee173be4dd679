"""Bodies sent as signed chunks (Content-Encoding: aws-chunked).

Source: S3 API Reference, "Signature calculations: transferring payload in multiple chunks", with and without trailers.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from enum import Enum, auto

from playground.endpoint.refusals import Reason, Refused
from playground.endpoint.sigv4 import EMPTY_HASH, STREAMING_PREFIX, Claim, Seal, seal_of
from playground.endpoint.wire import HttpRequest, Malformed

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
LONGEST_LINE = 8 * 1024
MOST_TRAILERS = 16
_CHUNK_HEAD = re.compile(rb"([0-9a-fA-F]{1,16})(?:;chunk-signature=([0-9a-f]{64}))?")
_TRAILER_SIGNATURE = "x-amz-trailer-signature"


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
    decoder = decoder_of(request, claim, secret_access_key)
    request.body = decoder.feed(request.body)
    decoder.finish(request)


def decoder_of(request: HttpRequest, claim: Claim, secret_access_key: str) -> "Decoder":
    """What decodes a request's body piece by piece. Raises Malformed."""
    kind = request.headers["x-amz-content-sha256"]
    if kind not in (SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER):
        raise Malformed(f"The value {kind} of x-amz-content-sha256 is not supported.")
    seals = None
    if kind != UNSIGNED_TRAILER:
        seals = _Seals(claim, seal_of(claim.credential, secret_access_key), claim.signature)
    return Decoder(seals, is_trailer_sealed=kind == SIGNED_TRAILER)


class _Expects(Enum):
    """What comes next in an encoded body."""

    HEAD = auto()
    DATA = auto()
    BREAK = auto()
    """The line break after a chunk's data."""
    TRAILER = auto()
    NOTHING = auto()


class Decoder:
    """Gives the plain bytes of an encoded body that comes piece by piece.

    Bytes of a chunk are given before its signature has been seen: they are worth nothing until `finish` has returned.
    """

    def __init__(self, seals: _Seals | None, *, is_trailer_sealed: bool) -> None:
        self._seals = seals
        self._is_trailer_sealed = is_trailer_sealed
        self._buffer = bytearray()
        self._expects = _Expects.HEAD
        self._left = 0
        self._hash = hashlib.sha256()
        self._signature = ""
        self._length = 0
        self._trailers: dict[str, str] = {}

    def feed(self, data: bytes) -> bytes:
        """The plain bytes in the next piece. Raises Refused, Malformed."""
        self._buffer += data
        plain: list[bytes] = []
        while self._step(plain):
            pass
        if len(self._buffer) > LONGEST_LINE:
            raise Malformed("A line of the encoded body is too long.")
        return b"".join(plain)

    def finish(self, request: HttpRequest) -> None:
        """The body is over: its trailers become headers of *request*. Raises Refused, Malformed."""
        if self._buffer and self._expects in (_Expects.HEAD, _Expects.TRAILER):
            self.feed(b"\r\n")  # the very last line break may be missing
        if self._expects not in (_Expects.TRAILER, _Expects.NOTHING):
            raise Malformed("The encoded body ends within a chunk.")
        length = request.headers.get("x-amz-decoded-content-length")
        if length is not None and length != str(self._length):
            raise Malformed("The body is not as long as x-amz-decoded-content-length says.")
        self._check_trailers(request)
        request.headers |= self._trailers
        encodings = [name.strip() for name in request.headers.pop("content-encoding", "").split(",")]
        left = ",".join(name for name in encodings if name and name != "aws-chunked")
        if left:
            request.headers["content-encoding"] = left

    def _step(self, plain: list[bytes]) -> bool:
        """Takes one line, or what there is of a chunk's data; whether there was anything to take."""
        match self._expects:
            case _Expects.DATA:
                return self._take_data(plain)
            case _Expects.NOTHING:
                self._buffer.clear()
                return False
        end = self._buffer.find(b"\r\n")
        if end < 0:
            return False
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        match self._expects:
            case _Expects.HEAD:
                self._take_head(line)
            case _Expects.BREAK if line:
                raise Malformed("A chunk is not as long as it says.")
            case _Expects.BREAK:
                self._expects = _Expects.HEAD
            case _Expects.TRAILER:
                self._take_trailer(line)
        return True

    def _take_head(self, line: bytes) -> None:
        match = _CHUNK_HEAD.fullmatch(line)
        if match is None or (self._seals is not None) != (match[2] is not None):
            raise Malformed("A chunk's head is malformed.")
        self._left, self._signature = int(match[1], 16), (match[2] or b"").decode()
        self._hash = hashlib.sha256()
        if self._left:
            self._expects = _Expects.DATA
        else:
            self._check_seal()
            self._expects = _Expects.TRAILER

    def _take_data(self, plain: list[bytes]) -> bool:
        data = bytes(self._buffer[: self._left])
        if not data:
            return False
        del self._buffer[: len(data)]
        plain.append(data)
        self._left -= len(data)
        self._length += len(data)
        if self._seals is not None:
            self._hash.update(data)
        if not self._left:
            self._check_seal()
            self._expects = _Expects.BREAK
        return True

    def _take_trailer(self, line: bytes) -> None:
        if not line:
            self._expects = _Expects.NOTHING
            return
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or len(self._trailers) >= MOST_TRAILERS:
            raise Malformed("A trailer is malformed.")
        self._trailers[name.strip().lower()] = value.strip()

    def _check_seal(self) -> None:
        if self._seals is not None:
            self._seals.check("PAYLOAD", f"{EMPTY_HASH}\n{self._hash.hexdigest()}", self._signature)

    def _check_trailers(self, request: HttpRequest) -> None:
        signature = self._trailers.pop(_TRAILER_SIGNATURE, "")
        if self._seals is not None and self._is_trailer_sealed:
            text = "".join(f"{name}:{value}\n" for name, value in self._trailers.items())
            self._seals.check("TRAILER", hashlib.sha256(text.encode("latin-1")).hexdigest(), signature)
        announced = {name.strip().lower() for name in request.headers.get("x-amz-trailer", "").split(",")}
        if not self._trailers.keys() <= announced:
            raise Malformed("A trailer was not announced in x-amz-trailer.")
