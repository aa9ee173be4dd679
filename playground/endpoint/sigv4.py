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

_AUTHORIZATION = re.compile(
    rf"{ALGORITHM}\s+Credential=([^/,\s]+)/([^/,\s]*)/([^/,\s]*)/([^/,\s]*)/([^/,\s]*),"
    r"\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})\s*"
)
"""As practically all clients send it; any other order or spacing is read by `_read_slowly`."""
_AMZ_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z")
_SLASHES = re.compile(r"//+")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says about its signature; nothing of it is proven."""

    access_key_id: str
    date: str
    region: str
    service: str
    terminator: str
    signed_headers: str
    """As sent: names separated by semicolons."""
    signature: str
    amz_date: str
    """YYYYMMDDTHHMMSSZ."""
    session_token: str | None
    expires_in: int | None
    """Seconds that a presigned address holds; None for a signed header."""

    @property
    def is_presigned(self) -> bool:
        """Whether the signature stands in the query string."""
        return self.expires_in is not None

    @property
    def scope(self) -> str:
        """The credential scope."""
        return f"{self.date}/{self.region}/{self.service}/{self.terminator}"


def read(request: HttpRequest) -> Claim | None:
    """The claim of a request, or None where it is not signed at all. Raises Refused."""
    header = request.headers.get("authorization")
    if header is None:
        return _read_presigned(request) if "X-Amz-" in request.query_string else None
    match = _AUTHORIZATION.fullmatch(header)
    parts = match.groups() if match is not None else _read_slowly(header)
    access_key_id, date, region, service, terminator, signed_headers, signature = parts
    return Claim(
        access_key_id,
        date,
        region,
        service,
        terminator,
        signed_headers,
        signature,
        _amz_date(request.headers),
        request.headers.get("x-amz-security-token"),
        None,
    )


def named_service(request: HttpRequest) -> str | None:
    """The service in the credential scope, even of a request whose signature cannot be read further."""
    text = request.headers.get("authorization") or (request.query.get("X-Amz-Credential") or [""])[0]
    match = re.search(r"[^/=\s]+/\d{8}/[^/,]*/([^/,\s]+)/", text)
    return match[1] if match is not None else None


def check_scope(claim: Claim, service: str, regions: tuple[str, ...]) -> None:
    """Raises Refused unless the scope names this service, one of its regions, and the request's own day."""
    if claim.terminator != TERMINATOR:
        detail = f"Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{claim.terminator}'."
        raise Refused(Reason.WRONG_SCOPE, detail)
    if claim.service != service:
        raise Refused(Reason.WRONG_SCOPE, f"Credential should be scoped to correct service: '{service}'.")
    if claim.region not in regions:
        raise Refused(Reason.WRONG_SCOPE, f"Credential should be scoped to a valid Region, not '{claim.region}'.")
    if claim.amz_date[:8] != claim.date:
        raise Refused(
            Reason.WRONG_SCOPE,
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{claim.date}' != '{claim.amz_date[:8]}', from '{claim.amz_date}'.",
        )


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
    signed = claim.signed_headers.split(";")
    if "host" not in signed:
        raise Refused(Reason.UNSIGNED_HEADER, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    for name in request.headers:
        if name.startswith("x-amz-") and name not in signed:
            detail = f"'{name}' must be a 'SignedHeader' in the AWS Authorization."
            raise Refused(Reason.UNSIGNED_HEADER, detail, HeadersNotSigned=name)


def check_signature(claim: Claim, request: HttpRequest, secret_access_key: str, *, is_s3: bool = False) -> None:
    """Raises Refused unless the signature was made with *secret_access_key* over this very request."""
    payload_hash = _payload_hash(claim, request, is_s3)
    canonical = "\n".join(
        (
            request.method,
            canonical_path(request.path, is_s3),
            canonical_query(request.query_string),
            _canonical_headers(claim.signed_headers, request.headers),
            claim.signed_headers,
            payload_hash,
        )
    )
    # Header values were decoded as latin-1: this gives back the bytes that were received.
    digest = hashlib.sha256(canonical.encode("latin-1", "replace")).hexdigest()
    text = f"{ALGORITHM}\n{claim.amz_date}\n{claim.scope}\n{digest}"
    key = signing_key(secret_access_key, claim.date, claim.region, claim.service)
    expected = hmac.digest(key, text.encode(), "sha256").hex()
    if not hmac.compare_digest(expected.encode(), claim.signature.encode()):
        raise Refused(Reason.MISMATCH, AWSAccessKeyId=claim.access_key_id, StringToSign=text, CanonicalRequest=canonical)


@lru_cache(maxsize=512)
def signing_key(secret_access_key: str, date: str, region: str, service: str) -> bytes:
    """The key of one day, region and service."""
    key = f"AWS4{secret_access_key}".encode()
    for part in (date, region, service, TERMINATOR):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


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


def _canonical_headers(signed_headers: str, headers: dict[str, str]) -> str:
    lines = [f"{name}:{' '.join(headers.get(name, '').split())}\n" for name in sorted(signed_headers.split(";"))]
    return "".join(lines)


def _payload_hash(claim: Claim, request: HttpRequest, is_s3: bool) -> str:
    """What the client says its body's hash is, after making sure that it is so; else the body's hash."""
    given = request.headers.get("x-amz-content-sha256")
    if given is None:
        if claim.is_presigned and is_s3:
            return UNSIGNED_PAYLOAD
        return hashlib.sha256(request.body).hexdigest() if request.body else EMPTY_HASH
    if given != UNSIGNED_PAYLOAD and not given.startswith(STREAMING_PREFIX):
        computed = hashlib.sha256(request.body).hexdigest()
        if given.lower() != computed:
            members = {"ClientComputedContentSHA256": given, "S3ComputedContentSHA256": computed}
            raise Refused(Reason.CONTENT_MISMATCH, **members)
    return given


def _read_slowly(header: str) -> tuple[str, ...]:
    """The parts of an Authorization header of unusual order or spacing. Raises Refused with what is wrong with it."""
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
    return (*_credential(found["Credential"]), found["SignedHeaders"], found["Signature"])


def _credential(text: str) -> tuple[str, ...]:
    parts = text.rsplit("/", 4)
    if len(parts) != 5:
        wanted = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term"
        raise Refused(Reason.INCOMPLETE, f"{wanted}, got '{text}'")
    return tuple(parts)


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
    access_key_id, date, region, service, terminator = _credential(query["X-Amz-Credential"])
    return Claim(
        access_key_id,
        date,
        region,
        service,
        terminator,
        query["X-Amz-SignedHeaders"],
        query["X-Amz-Signature"],
        _valid_amz_date(query["X-Amz-Date"]),
        query.get("X-Amz-Security-Token"),
        int(expires),
    )


def _amz_date(headers: dict[str, str]) -> str:
    given = headers.get("x-amz-date")
    if given is not None:
        return _valid_amz_date(given)
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
