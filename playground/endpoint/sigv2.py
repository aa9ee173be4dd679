"""AWS Signature Version 2 of presigned S3 addresses, which boto3 makes unless it is told `signature_version="s3v4"`.

Source: S3 API Reference, "Signing and authenticating REST requests" (AWS signature version 2), query string authentication.
"""

import base64
import hmac
from dataclasses import dataclass

from playground.endpoint import virtual_hosts
from playground.endpoint.refusals import Reason, Refused
from playground.endpoint.sigv4 import Claim, Credential
from playground.endpoint.wire import HttpRequest

_NAMES = (
    "accelerate acl analytics cors defaultObjectAcl delete inventory lifecycle location logging metrics notification object-lock "
    "partNumber policy replication requestPayment response-cache-control response-content-disposition response-content-encoding "
    "response-content-language response-content-type response-expires restore select select-type storageClass tagging torrent "
    "uploadId uploads versionId versioning versions website"
)
_SUB_RESOURCES = frozenset(_NAMES.split())
"""Parameters of the query string that are signed."""


@dataclass(slots=True)
class OldClaim(Claim):
    """What a presigned address of that kind says; nothing of it is proven."""

    expires_at: int = 0
    """Epoch seconds."""


def read(request: HttpRequest) -> OldClaim | None:
    """The claim of a request, or None where it is not signed so. Raises Refused."""
    if "AWSAccessKeyId=" not in request.query_string or "Action=" in request.query_string:
        return None
    query = {name: values[0] for name, values in request.query.items()}
    if not query.get("Signature") or not query.get("Expires"):
        detail = "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"
        raise Refused(Reason.INCOMPLETE, detail)
    if not query["Expires"].isascii() or not query["Expires"].isdigit():
        raise Refused(Reason.INCOMPLETE, f"Invalid date (should be seconds since epoch): {query['Expires']}")
    credential = Credential(query["AWSAccessKeyId"], "", "", "s3", "", "", (), "")
    token = query.get("x-amz-security-token")
    return OldClaim(credential, query["Signature"], "", token, 1, int(query["Expires"][:12]))


def check(claim: OldClaim, request: HttpRequest, secret_access_key: str, now: float) -> None:
    """Raises Refused unless the address was signed with *secret_access_key* and has not run out."""
    if now > claim.expires_at:
        raise Refused(Reason.LINK_EXPIRED)
    text = string_to_sign(claim, request)
    signature = base64.b64encode(hmac.digest(secret_access_key.encode(), text.encode("latin-1", "replace"), "sha1"))
    if not hmac.compare_digest(signature, claim.signature.encode()):
        raise Refused(Reason.MISMATCH, AWSAccessKeyId=claim.credential.access_key_id, StringToSign=text)


def string_to_sign(claim: OldClaim, request: HttpRequest) -> str:
    """Method, digest and type of the body, expiry, x-amz- headers, resource. Parameters stand for headers of their name."""
    given = {name.lower(): ",".join(values) for name, values in request.query.items()} | request.headers
    amz_headers = "".join(f"{name}:{given[name].strip()}\n" for name in sorted(given) if name.startswith("x-amz-"))
    head = f"{request.method}\n{given.get('content-md5', '')}\n{given.get('content-type', '')}\n{claim.expires_at}\n"
    return f"{head}{amz_headers}{_resource(request)}"


def _resource(request: HttpRequest) -> str:
    signed = sorted((name, values[0]) for name, values in request.query.items() if name in _SUB_RESOURCES)
    parameters = "&".join(f"{name}={value}" if value else name for name, value in signed)
    path = virtual_hosts.path_of(request)
    return f"{path}?{parameters}" if parameters else path
