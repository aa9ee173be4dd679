"""Temporary credentials that prove themselves: nothing is stored, the session token carries it all and a seal."""

import base64
import hmac
import json
import os
import secrets
import tempfile
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from invocations import clock
from invocations.arn import role_name
from invocations.enums import PrincipalType
from invocations.values import Principal

SECRET_LENGTH = 32
TEMPORARY_PREFIX = "ASIA"
_SEAL_LENGTH = 32
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class InvalidToken(Exception):
    """The session token was not issued here, or not for that access key."""


class ExpiredToken(Exception):
    """The session is over."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a caller gets."""

    access_key_id: str
    secret_access_key: str
    session_token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """What a token says."""

    principal: Principal
    secret_access_key: str
    expires_at: datetime


def secret_key() -> bytes:
    """The installation's own secret: 32 random bytes in the data folder, made once and readable by its owner alone."""
    return _secret_in(settings.DATA_DIR / "secret")


@cache
def _secret_in(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    # Written whole before it gets its name: another process sees the one secret or none.
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix="secret.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(SECRET_LENGTH))
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)
    return path.read_bytes()


@lru_cache(maxsize=1024)
def role_id(role_arn: str) -> str:
    """AROA…: the unique id of a role, the same for the same ARN."""
    return unique_id("AROA", role_arn)


def unique_id(prefix: str, name: str) -> str:
    """An id in IAM's form, e.g. AIDA… of a user: the same for the same *name*, which has its account in it."""
    return prefix + _base32(sha256(name.encode()).digest(), 17)


def assumed_role_arn(account_id: str, role_arn: str, session_name: str) -> str:
    """arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION"""
    return f"arn:aws:sts::{account_id}:assumed-role/{role_name(role_arn)}/{session_name}"


def issue_session(
    account_id: str,
    role_arn: str,
    session_name: str,
    lifetime: timedelta,
    *,
    policies: tuple[str, ...] | None = None,
    tags: tuple[tuple[str, str], ...] = (),
    source_function_arn: str = "",
) -> Credentials:
    """Credentials of a role's session. Cheap: a cold start asks for them."""
    principal = Principal(
        account_id,
        assumed_role_arn(account_id, role_arn, session_name),
        PrincipalType.ASSUMED_ROLE,
        f"{role_id(role_arn)}:{session_name}",
        role_arn=role_arn,
        session_policies=policies,
        session_tags=tags,
        source_function_arn=source_function_arn,
    )
    return issue_for(principal, lifetime)


def issue_for(principal: Principal, lifetime: timedelta) -> Credentials:
    """Credentials under which *principal* stays who it is (GetSessionToken)."""
    access_key_id = TEMPORARY_PREFIX + _account_in_base32(principal.account_id) + _base32(secrets.token_bytes(8), 8)
    now = clock.epoch()
    expires_at = int(now + lifetime.total_seconds())
    claims = [
        access_key_id,
        principal.account_id,
        principal.arn,
        principal.type,
        principal.principal_id,
        principal.role_arn,
        expires_at,
        principal.session_policies,
        principal.session_tags,
        principal.source_function_arn,
        int(now),
    ]
    body = json.dumps(claims, separators=(",", ":")).encode()
    token = base64.urlsafe_b64encode(_seal(b"token", body) + body).decode()
    return Credentials(access_key_id, _secret_of(token), token, datetime.fromtimestamp(expires_at, UTC))


def verify_session(access_key_id: str, session_token: str) -> Session:
    """Who speaks with these. Raises InvalidToken, ExpiredToken."""
    try:
        sealed = base64.b64decode(session_token, altchars=b"-_", validate=True)
    except ValueError:
        raise InvalidToken from None
    seal, body = sealed[:_SEAL_LENGTH], sealed[_SEAL_LENGTH:]
    if not hmac.compare_digest(seal, _seal(b"token", body)):
        raise InvalidToken
    claims = json.loads(body)
    key_id, account_id, arn, principal_type, principal_id, role_arn, expires_at, policies, tags, source_function_arn, *later = claims
    if key_id != access_key_id:
        raise InvalidToken
    if clock.epoch() >= expires_at:
        raise ExpiredToken
    principal = Principal(
        account_id,
        arn,
        PrincipalType(principal_type),
        principal_id,
        access_key_id,
        role_arn,
        session_policies=None if policies is None else tuple(policies),
        session_tags=tuple((name, value) for name, value in tags),
        source_function_arn=source_function_arn,
        session_began_at=later[0] if later else 0,  # a token may be older than the member
    )
    return Session(principal, _secret_of(session_token), datetime.fromtimestamp(expires_at, UTC))


def seal_message(account_id: str, message: str) -> str:
    """A text that only principals of *account_id* can have read, by `open_message`."""
    body = zlib.compress(json.dumps([account_id, message]).encode())
    return base64.urlsafe_b64encode(_seal(b"message", body) + body).decode()


def open_message(account_id: str, sealed: str) -> str:
    """The text. Raises InvalidToken for another account's, and for what was not sealed here."""
    try:
        data = base64.b64decode(sealed, altchars=b"-_", validate=True)
    except ValueError:
        raise InvalidToken from None
    seal, body = data[:_SEAL_LENGTH], data[_SEAL_LENGTH:]
    if not hmac.compare_digest(seal, _seal(b"message", body)):
        raise InvalidToken
    owner, message = json.loads(zlib.decompress(body))
    if owner != account_id:
        raise InvalidToken
    return str(message)


def account_of(access_key_id: str) -> str | None:
    """The account in the id of a temporary key; None for other keys."""
    digits = access_key_id.removeprefix(TEMPORARY_PREFIX)[:8]
    if not access_key_id.startswith(TEMPORARY_PREFIX) or len(digits) < 8 or not set(digits) <= set(_BASE32):
        return None
    number = 0
    for digit in digits:
        number = number * 32 + _BASE32.index(digit)
    return f"{number:012d}" if number < 10**12 else None


def _account_in_base32(account_id: str) -> str:
    number, digits = int(account_id), ""
    for _ in range(8):
        number, digit = divmod(number, 32)
        digits = _BASE32[digit] + digits
    return digits


def _base32(data: bytes, length: int) -> str:
    return base64.b32encode(data).decode()[:length]


def _secret_of(token: str) -> str:
    """The secret access key that goes with a token: 40 characters, as AWS's."""
    return base64.b64encode(_seal(b"secret", token.encode())).decode()[:40]


def _seal(purpose: bytes, data: bytes) -> bytes:
    return hmac.digest(secret_key(), purpose + b"\0" + data, "sha256")
