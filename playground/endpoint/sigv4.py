"""AWS Signature Version 4, the verifying side: Authorization header or presigned address -> who signed.

Source: IAM User Guide, "Create a signed AWS API request"; S3 API Reference, "Authenticating Requests".
"""

import base64
import hashlib
import hmac
import re
from calendar import timegm
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from playground.endpoint.refusals import Reason, Refused
from playground.endpoint.wire import HttpRequest

ALGORITHM = "AWS4-HMAC-SHA256"
TERMINATOR = "aws4_request"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
STREAMING_PREFIX = "STREAMING-"
EMPTY_HASH = hashlib.sha256(b"").hexdigest()
SKEW_SECONDS = 5 * 60
S3_SKEW_SECONDS = 15 * 60
LONGEST_LINK_SECONDS = 7 * 24 * 3600

SIGNATURE_LENGTH = 64
"""In hexadecimal digits."""

_AUTHORIZATION_START = re.compile(rf"{ALGORITHM}\s+Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=")
_AMZ_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z")
_SLASHES = re.compile(r"//+")


@dataclass(frozen=True, slots=True)
class Credential:
    """The part of a claim that a client repeats with every request of a day: whose key, for what, over which headers."""

    access_key_id: str
    date: str
    region: str
    service: str
    terminator: str
    signed_headers: str
    """As sent: names separated by semicolons."""
    header_names: tuple[str, ...]
    """The same, sorted."""
    scope: str
    """date/region/service/terminator."""


@dataclass(slots=True)
class Claim:
    """What a request says about its signature; nothing of it is proven."""

    credential: Credential
    signature: str
    amz_date: str
    """YYYYMMDDTHHMMSSZ."""
    session_token: str | None
    expires_in: int | None = None
    """Seconds that a presigned address holds; None for a signed header."""


def read(request: HttpRequest) -> Claim | None:
    """The claim of a request, or None where it is not signed at all. Raises Refused."""
    headers = request.headers
    header = headers.get("authorization")
    if header is None:
        return _read_presigned(request) if "X-Amz-" in request.query_string else None
    amz_date = headers.get("x-amz-date")
    amz_date = _valid_amz_date(amz_date) if amz_date is not None else _date_header(headers)
    credential, signature = _from_header(header[:-SIGNATURE_LENGTH]), header[-SIGNATURE_LENGTH:]
    if credential is None:
        credential, signature = _from_unusual_header(header)
    return Claim(credential, signature, amz_date, headers.get("x-amz-security-token"))


@lru_cache(maxsize=2048)
def _from_header(start: str) -> Credential | None:
    """The credential of an Authorization header without its signature, in the form that practically all clients send."""
    match = _AUTHORIZATION_START.fullmatch(start)
    return None if match is None else _credential(match[1], match[2])


def named_service(request: HttpRequest) -> str | None:
    """The service in the credential scope, even of a request whose signature cannot be read further."""
    text = request.headers.get("authorization") or (request.query.get("X-Amz-Credential") or [""])[0]
    match = re.search(r"[^/=\s]+/\d{8}/[^/,]*/([^/,\s]+)/", text)
    return match[1] if match is not None else None


def check_scope(claim: Claim, service: str, regions: tuple[str, ...]) -> None:
    """Raises Refused unless the scope names this service, one of its regions, and the request's own day."""
    credential = claim.credential
    if credential.terminator != TERMINATOR:
        detail = f"Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{credential.terminator}'."
    elif credential.service != service:
        detail = f"Credential should be scoped to correct service: '{service}'."
    elif credential.region not in regions:
        detail = f"Credential should be scoped to a valid Region, not '{credential.region}'."
    elif claim.amz_date[:8] != credential.date:
        detail = (
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{credential.date}' != '{claim.amz_date[:8]}', from '{claim.amz_date}'."
        )
    else:
        return
    raise Refused(Reason.WRONG_SCOPE, detail)


def check_time(claim: Claim, now: float, skew_seconds: int = SKEW_SECONDS) -> None:
    """Raises Refused for a signature of too long ago, of the future, or of an address that has expired."""
    signed_at = _epoch(claim.amz_date)
    if signed_at - now > skew_seconds:
        limit = f"{_text(now + skew_seconds)} ({_text(now)} + {skew_seconds // 60} min.)"
        raise Refused(Reason.OUT_OF_TIME, f"Signature not yet current: {claim.amz_date} is still later than {limit}")
    if claim.expires_in is None:
        if now - signed_at > skew_seconds:
            limit = f"{_text(now - skew_seconds)} ({_text(now)} - {skew_seconds // 60} min.)"
            raise Refused(Reason.OUT_OF_TIME, f"Signature expired: {claim.amz_date} is now earlier than {limit}")
    elif now > signed_at + claim.expires_in:
        ended = _text(signed_at + claim.expires_in)
        raise Refused(Reason.LINK_EXPIRED, f"Signature expired: {ended} is now earlier than {_text(now)}")


def check_headers(claim: Claim, request: HttpRequest) -> None:
    """Raises Refused unless the host and every x-amz- header are signed."""
    signed = claim.credential.header_names
    if "host" not in signed:
        raise Refused(Reason.UNSIGNED_HEADER, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    for name in request.headers:
        if name.startswith("x-amz-") and name not in signed:
            detail = f"'{name}' must be a 'SignedHeader' in the AWS Authorization."
            raise Refused(Reason.UNSIGNED_HEADER, detail, HeadersNotSigned=name)


def check_signature(claim: Claim, request: HttpRequest, secret_access_key: str, *, is_s3: bool = False, has_body: bool = True) -> None:
    """Raises Refused unless the signature was made with *secret_access_key* over this very request.

    Where the body is still to come (not *has_body*), the hash that the request gives for it is believed: `check_content` then.
    """
    credential, headers = claim.credential, request.headers
    lines = [f"{name}:{' '.join(headers.get(name, '').split())}\n" for name in credential.header_names]
    canonical = (
        f"{request.method}\n{canonical_path(request.path, is_s3)}\n{canonical_query(request.query_string)}\n"
        f"{''.join(lines)}\n{credential.signed_headers}\n{_payload_hash(claim, request, is_s3, has_body)}"
    )
    # Header values were decoded as latin-1: this gives back the bytes that were received.
    digest = hashlib.sha256(canonical.encode("latin-1", "replace")).hexdigest()
    text = f"{ALGORITHM}\n{claim.amz_date}\n{credential.scope}\n{digest}"
    expected = seal_of(credential, secret_access_key).of(text)
    if not hmac.compare_digest(expected.encode(), claim.signature.encode()):
        members = {"AWSAccessKeyId": credential.access_key_id, "StringToSign": text, "CanonicalRequest": canonical}
        raise Refused(Reason.MISMATCH, **members)


class Seal:
    """HMAC-SHA-256 under one key, whose padded halves are hashed once: half the time of a fresh HMAC."""

    def __init__(self, key: bytes) -> None:
        padded = key.ljust(64, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))

    def of(self, text: str) -> str:
        """The seal of *text* in hexadecimal."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text.encode())
        outer.update(inner.digest())
        return outer.hexdigest()


def seal_of(credential: Credential, secret_access_key: str) -> Seal:
    """What signs under a credential, with the secret that belongs to its key."""
    return _seal(secret_access_key, credential.date, credential.region, credential.service)


@lru_cache(maxsize=512)
def _seal(secret_access_key: str, *scope: str) -> Seal:
    key = f"AWS4{secret_access_key}".encode()
    for part in (*scope, TERMINATOR):
        key = hmac.digest(key, part.encode(), "sha256")
    return Seal(key)


@lru_cache(maxsize=1024)
def canonical_path(path: str, is_s3: bool = False) -> str:
    """The path of the canonical request: normalised and encoded once more, but for S3, whose keys may hold anything."""
    if is_s3:
        return quote(unquote_to_bytes(path), safe="/-_.~")
    kept: list[str] = []
    for segment in _SLASHES.sub("/", path).split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    ending = "/" if kept and path.endswith("/") else ""
    return quote(f"/{'/'.join(kept)}{ending}", safe="/-_.~")


def canonical_query(query_string: str) -> str:
    """The parameters encoded anew and sorted, without the signature."""
    if not query_string:
        return ""
    pairs = [
        (quote(name, "-_.~", errors="surrogateescape"), quote(value, "-_.~", errors="surrogateescape"))
        for name, value in parse_qsl(query_string, keep_blank_values=True, errors="surrogateescape")
        if name != "X-Amz-Signature"
    ]
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def check_content(given: str, computed: str) -> None:
    """Raises Refused unless the hash that a request to S3 gives for its body, if any, is the one computed."""
    if _is_hash(given):
        _check_hash(given, computed)


def _is_hash(given: str) -> bool:
    """S3 takes other words instead, for bodies that are unsigned or signed piece by piece."""
    return given != UNSIGNED_PAYLOAD and not given.startswith(STREAMING_PREFIX)


def _check_hash(given: str, computed: str) -> None:
    if given.lower() != computed:
        members = {"ClientComputedContentSHA256": given, "S3ComputedContentSHA256": computed}
        raise Refused(Reason.CONTENT_MISMATCH, **members)


def _payload_hash(claim: Claim, request: HttpRequest, is_s3: bool, has_body: bool) -> str:
    """What the client says its body's hash is, after making sure that it is so; else the body's hash."""
    given = request.headers.get("x-amz-content-sha256")
    if given is None:
        if claim.expires_in is not None and is_s3:
            return UNSIGNED_PAYLOAD
        return hashlib.sha256(request.body).hexdigest() if request.body else EMPTY_HASH
    if has_body and (not is_s3 or _is_hash(given)):
        _check_hash(given, hashlib.sha256(request.body).hexdigest())
    return given


def _from_unusual_header(header: str) -> tuple[Credential, str]:
    """Credential and signature of an Authorization header of unusual order or spacing. Raises Refused with what is wrong."""
    algorithm, _, rest = header.strip().partition(" ")
    if algorithm != ALGORITHM and "=" in header:
        raise Refused(Reason.INCOMPLETE, f"Unsupported AWS 'algorithm': '{algorithm}'.")
    found: dict[str, str] = {}
    for item in rest.split(",") if algorithm == ALGORITHM else [header]:
        name, equals, value = item.strip().partition("=")
        if not equals:
            hashed = base64.b64encode(hashlib.sha256(header.encode("latin-1", "replace")).digest()).decode()
            raise Refused(
                Reason.INCOMPLETE,
                "Invalid key=value pair (missing equal-sign) in Authorization header "
                f"(hashed with SHA-256 and encoded with Base64): '{hashed}'.",
            )
        found[name.strip()] = value.strip()
    missing = [name for name in ("Credential", "Signature", "SignedHeaders") if not found.get(name)]
    if missing:
        raise Refused(Reason.INCOMPLETE, " ".join(f"Authorization header requires '{name}' parameter." for name in missing))
    return _credential(found["Credential"], found["SignedHeaders"]), found["Signature"]


def _credential(text: str, signed_headers: str) -> Credential:
    parts = text.rsplit("/", 4)
    if len(parts) != 5:
        wanted = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term"
        raise Refused(Reason.INCOMPLETE, f"{wanted}, got '{text}'")
    key_id, date, region, service, terminator = parts
    names = tuple(sorted(signed_headers.split(";")))
    return Credential(key_id, date, region, service, terminator, signed_headers, names, "/".join(parts[1:]))


def _read_presigned(request: HttpRequest) -> Claim | None:
    query = {name: values[0] for name, values in request.query.items()}
    if "X-Amz-Algorithm" not in query and "X-Amz-Signature" not in query:
        return None
    if query.get("X-Amz-Algorithm") != ALGORITHM:
        raise Refused(Reason.INCOMPLETE, f"Unsupported AWS 'algorithm': '{query.get('X-Amz-Algorithm', '')}'.")
    wanted = ("X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date")
    missing = [name for name in wanted if not query.get(name)]
    if missing:
        raise Refused(Reason.INCOMPLETE, " ".join(f"AWS query-string parameters must include '{name}'." for name in missing))
    expires = query.get("X-Amz-Expires", "300" if named_service(request) != "s3" else "")
    if not expires.isascii() or not expires.isdigit() or not 1 <= int(expires[:9]) <= LONGEST_LINK_SECONDS:
        raise Refused(Reason.INCOMPLETE, f"X-Amz-Expires must be between 1 and {LONGEST_LINK_SECONDS} seconds.")
    return Claim(
        _credential(query["X-Amz-Credential"], query["X-Amz-SignedHeaders"]),
        query["X-Amz-Signature"],
        _valid_amz_date(query["X-Amz-Date"]),
        query.get("X-Amz-Security-Token"),
        int(expires),
    )


def _date_header(headers: dict[str, str]) -> str:
    try:
        return parsedate_to_datetime(headers["date"]).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    except (KeyError, TypeError, ValueError):
        detail = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        raise Refused(Reason.INCOMPLETE, detail) from None


@lru_cache(maxsize=256)
def _valid_amz_date(text: str) -> str:
    try:
        datetime.strptime(text, "%Y%m%dT%H%M%SZ")
    except ValueError:
        raise Refused(Reason.INCOMPLETE, f"Date must be in ISO-8601 'basic format'. Got '{text}'.") from None
    return text


@lru_cache(maxsize=256)
def _epoch(amz_date: str) -> int:
    match = _AMZ_DATE.fullmatch(amz_date)
    assert match is not None
    return timegm(tuple(map(int, match.groups())))


def _text(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y%m%dT%H%M%SZ")
