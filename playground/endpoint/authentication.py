"""Who makes a request: its signature checked, its key's holder found."""

from collections.abc import Callable
from functools import partial

from invocations import clock, credentials
from invocations.region import REGION
from invocations.resources import access_keys
from invocations.resources.access_keys import KeyHolder
from invocations.values import Principal
from playground.endpoint import aws_chunked, sigv2, sigv4
from playground.endpoint.refusals import Reason, Refused
from playground.endpoint.services import Service
from playground.endpoint.sigv4 import Claim
from playground.endpoint.threads import in_thread
from playground.endpoint.wire import HttpRequest

PrincipalOf = Callable[[], Principal]
_HERE = (REGION,)
_ANYWHERE = (REGION, "us-east-1")


async def authenticate(request: HttpRequest, claim: Claim | None, service: Service, principal_of: PrincipalOf | None = None) -> Principal:
    """The principal who signed *request*, whose body is decoded if it was sent in signed chunks. Raises Refused, Malformed.

    *principal_of* gives the principal to whose execution environment the connection belongs: the keys that everybody knows
    stand for it there, so that no function can make itself another account's root.
    """
    if claim is None:
        raise Refused(Reason.MISSING)
    principal, secret = await authenticate_head(request, claim, service, principal_of, has_body=True)
    if service.name == "s3" and "x-amz-content-sha256" in request.headers and aws_chunked.is_chunked(request):
        aws_chunked.decode(request, claim, secret)
    return principal


async def authenticate_head(
    request: HttpRequest, claim: Claim, service: Service, principal_of: PrincipalOf | None = None, *, has_body: bool = False
) -> tuple[Principal, str]:
    """The principal and its secret, of a request whose body may still have to come. Raises Refused."""
    is_s3 = service.name == "s3"
    if not isinstance(claim, sigv2.OldClaim):
        sigv4.check_scope(claim, service.signing_name, _ANYWHERE if service.is_global else _HERE)
        sigv4.check_time(claim, clock.epoch(), sigv4.S3_SKEW_SECONDS if is_s3 else sigv4.SKEW_SECONDS)
        sigv4.check_headers(claim, request)
    found, is_new = _session(claim), False
    if found is None:
        try:
            holder = access_keys.remembered(claim.credential.access_key_id)
        except KeyError:
            holder, is_new = await in_thread(access_keys.find, claim.credential.access_key_id), True
        found = _speaker(claim, holder, principal_of)
    principal, secret = found
    if isinstance(claim, sigv2.OldClaim):
        sigv2.check(claim, request, secret, clock.epoch())
    else:
        sigv4.check_signature(claim, request, secret, is_s3=is_s3, has_body=has_body)
    if is_new and not access_keys.is_well_known(claim.credential.access_key_id):
        await in_thread(partial(access_keys.note_use, claim.credential.access_key_id), service.signing_name)
    return principal, secret


def _session(claim: Claim) -> tuple[Principal, str] | None:
    """Principal and secret of temporary credentials; None where the key is a lasting one."""
    access_key_id = claim.credential.access_key_id
    if claim.session_token is None or access_keys.is_well_known(access_key_id):
        return None
    try:
        session = credentials.verify_session(access_key_id, claim.session_token)
    except credentials.InvalidToken:
        raise Refused(Reason.INVALID_TOKEN) from None
    except credentials.ExpiredToken:
        raise Refused(Reason.EXPIRED_TOKEN) from None
    return session.principal, session.secret_access_key


def _speaker(claim: Claim, holder: KeyHolder | None, principal_of: PrincipalOf | None) -> tuple[Principal, str]:
    """Principal and secret of a lasting key."""
    if holder is None:
        raise Refused(Reason.UNKNOWN_KEY, AWSAccessKeyId=claim.credential.access_key_id)
    if holder.is_well_known and principal_of is not None:
        return principal_of(), holder.secret_access_key
    return holder.principal, holder.secret_access_key
