"""Bodies of any size: written to the disk piece by piece, verified, and handed to the operation as an Upload.

Bodies at hand, of S3's other operations, are verified here too.
"""

import asyncio
import base64
import binascii
from collections.abc import Iterable, Mapping

from invocations.errors import aws_error
from invocations.services.s3 import digests
from invocations.services.s3.blobs import PIECE, Incoming, Upload
from invocations.services.s3.errors import bad_digest, invalid_request
from playground.endpoint import aws_chunked, sigv4
from playground.endpoint.aws_chunked import Decoder
from playground.endpoint.bodies import Disconnected, Receive
from playground.endpoint.sigv4 import Claim
from playground.endpoint.wire import HttpRequest

LARGEST = 5 * 1024**3
"""Bytes of one request's body (S3 User Guide, "Uploading objects")."""
DRAINED = 16 * 1024**2
"""Bytes of a refused body that are read so that the client, which is still sending, sees the answer."""
_CHECKSUM = "x-amz-checksum-"
_OF_OBJECTS = frozenset({"CompleteMultipartUpload"})
"""Operations whose checksums are not those of their bodies."""
_NO_CHECKSUMS = frozenset({"algorithm", "mode", "type"})


async def receive_upload(receive: Receive, request: HttpRequest, claim: Claim, secret_access_key: str) -> Upload:
    """The body of a request whose signature has been checked. Raises Disconnected, Refused, Malformed, AwsError."""
    _check_length(request.headers)
    given = request.headers.get("x-amz-content-sha256", sigv4.UNSIGNED_PAYLOAD)
    if "x-amz-content-sha256" not in request.headers and claim.expires_in is None:
        raise invalid_request("Missing required header for this request: x-amz-content-sha256")
    is_chunked = aws_chunked.is_chunked(request)
    decoder = aws_chunked.decoder_of(request, claim, secret_access_key) if is_chunked else None
    algorithms = set(_algorithms(request.headers))
    if not is_chunked and given != sigv4.UNSIGNED_PAYLOAD:
        algorithms.add("SHA256")
    incoming = await asyncio.to_thread(Incoming, algorithms)
    try:
        await _take_all(receive, request, decoder, incoming)
        upload = await asyncio.to_thread(incoming.close)
    except BaseException:
        incoming.discard()
        raise
    try:
        if decoder is not None:
            decoder.finish(request)
        elif "SHA256" in upload.digests:
            sigv4.check_content(given, upload.digests["SHA256"].hex())
        verify(request.headers, bytes.fromhex(upload.md5), upload.digests)
    except BaseException:
        upload.discard()
        raise
    return upload


async def _take_all(receive: Receive, request: HttpRequest, decoder: Decoder | None, incoming: Incoming) -> None:
    def take(data: bytes) -> None:
        incoming.write(decoder.feed(data) if decoder is not None else data)

    pieces: list[bytes] = []
    size = total = 0
    while request.is_unread:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        total += len(pieces[-1])
        request.is_unread = bool(message.get("more_body"))
        if total > LARGEST + LARGEST // 8:  # chunks have heads
            raise _too_large(total)
        if size >= PIECE or not request.is_unread:
            await asyncio.to_thread(take, b"".join(pieces))
            pieces, size = [], 0


async def drain(receive: Receive, request: HttpRequest) -> None:
    """Reads some of a body that nobody wants, unless its client waits to be told to send it."""
    left = DRAINED
    while request.is_unread and left > 0 and "expect" not in request.headers:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        left -= len(message.get("body", b""))
        request.is_unread = bool(message.get("more_body"))


def verify_body(request: HttpRequest, operation: str) -> None:
    """Raises BadDigest where a body that is at hand is not the one that was meant."""
    if operation in _OF_OBJECTS:
        return
    names = list(_algorithms(request.headers))
    if names or "content-md5" in request.headers:
        made = digests.make([*names, "MD5"])
        for digest in made.values():
            digest.update(request.body)
        computed = {name: digest.digest() for name, digest in made.items()}
        verify(request.headers, computed["MD5"], computed)


def verify(headers: Mapping[str, str], md5: bytes, computed: Mapping[str, bytes]) -> None:
    """Raises InvalidDigest, BadDigest, InvalidRequest where the checksums among *headers* are not those computed."""
    given_md5 = headers.get("content-md5")
    if given_md5 is not None:
        try:
            wanted = base64.b64decode(given_md5, validate=True)
        except (binascii.Error, ValueError):
            wanted = b""
        if len(wanted) != len(md5):
            raise aws_error("InvalidDigest", "The Content-MD5 you specified was invalid.")
        if wanted != md5:
            message = "The Content-MD5 you specified did not match what we received."
            raise bad_digest(message, ExpectedDigest=wanted.hex(), CalculatedDigest=digests.text(md5))
    given = {_name(header): value for header, value in headers.items() if _is_checksum(header)}
    digests.check(given, computed)


def _algorithms(headers: Mapping[str, str]) -> Iterable[str]:
    """Names of the checksums that a request has, or is to have at its end."""
    trailers = [name.strip().lower() for name in headers.get("x-amz-trailer", "").split(",")]
    found = {_name(header) for header in (*headers, *trailers) if _is_checksum(header)}
    if len(found) > 1:
        raise invalid_request("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
    return found


def _is_checksum(header: str) -> bool:
    return header.startswith(_CHECKSUM) and header.removeprefix(_CHECKSUM) not in _NO_CHECKSUMS


def _name(header: str) -> str:
    return header.removeprefix(_CHECKSUM).upper()


def _check_length(headers: Mapping[str, str]) -> None:
    length = headers.get("x-amz-decoded-content-length") or headers.get("content-length")
    if length is None:
        raise aws_error("MissingContentLength", "You must provide the Content-Length HTTP header.", 411)
    if length.isascii() and length.isdigit() and int(length[:20]) > LARGEST:
        raise _too_large(int(length[:20]))


def _too_large(size: int) -> Exception:
    message = "Your proposed upload exceeds the maximum allowed size"
    return aws_error("EntityTooLarge", message, ProposedSize=size, MaxSizeAllowed=LARGEST)
