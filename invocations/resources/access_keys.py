"""Long-lived access keys: who holds one, read from memory once known."""

import re
from dataclasses import dataclass

from invocations import catalogue, clock, credentials
from invocations.enums import PrincipalType
from invocations.models import AccessKey, Account, User
from invocations.models.account import DEFAULT_ACCOUNT_ID
from invocations.values import Principal

DEFAULT_ACCESS_KEY_ID = "test"
WELL_KNOWN_SECRET = "test"
KEPT_SECONDS = 60.0
"""How long a key is believed without asking again; a change is heard of at once, unless its message was lost."""
UNKNOWN_KEPT_SECONDS = 2.0
_ACCOUNT_ID = re.compile(r"\d{12}")
_MOST_KEPT = 4096


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Who signs with a key, and with what."""

    principal: Principal
    secret_access_key: str
    is_well_known: bool = False
    """Anybody may use it: it proves nothing about who calls."""


@dataclass(frozen=True, slots=True)
class _Known:
    holder: KeyHolder | None
    until: float


_known: dict[str, _Known] = {}


def is_well_known(access_key_id: str) -> bool:
    """Whether a key is the default one or names an account by its twelve digits."""
    return access_key_id == DEFAULT_ACCESS_KEY_ID or _ACCOUNT_ID.fullmatch(access_key_id) is not None


def remembered(access_key_id: str) -> KeyHolder | None:
    """The holder of a key looked up lately, without asking the database. Raises KeyError where it has to be asked."""
    known = _known[access_key_id]
    if known.until < clock.monotonic():
        raise KeyError(access_key_id)
    return known.holder


def find(access_key_id: str) -> KeyHolder | None:
    """The holder of an active key, or None.

    "test" is the root of the default account. A key of twelve digits is the root of that account, which begins to exist
    with its first use. Nobody could know a secret of theirs: the signature is made with the secret "test" in both cases.
    """
    if is_well_known(access_key_id):
        account_id = DEFAULT_ACCOUNT_ID if access_key_id == DEFAULT_ACCESS_KEY_ID else access_key_id
        Account.objects.get_or_create(account_id=account_id)
        holder: KeyHolder | None = KeyHolder(Principal.root(account_id, access_key_id), WELL_KNOWN_SECRET, is_well_known=True)
    else:
        row = AccessKey.objects.filter(access_key_id=access_key_id, status="Active").first()
        holder = None if row is None else KeyHolder(_principal(row), row.secret_access_key)
    if len(_known) >= _MOST_KEPT:
        _known.clear()
    _known[access_key_id] = _Known(holder, clock.monotonic() + (UNKNOWN_KEPT_SECONDS if holder is None else KEPT_SECONDS))
    return holder


def account_of(access_key_id: str) -> str | None:
    """The account to which a key belongs, whoever signs with it, and whether or not it exists; None where that cannot be told."""
    if is_well_known(access_key_id):
        return DEFAULT_ACCOUNT_ID if access_key_id == DEFAULT_ACCESS_KEY_ID else access_key_id
    try:
        holder = remembered(access_key_id)
    except KeyError:
        holder = find(access_key_id)
    return holder.principal.account_id if holder is not None else credentials.account_of(access_key_id)


def note_use(access_key_id: str, service: str) -> None:
    """Stores that a key has signed a request for *service* now."""
    AccessKey.objects.filter(access_key_id=access_key_id).update(last_used_at=clock.now(), last_used_service=service)


def changed(account_id: str) -> None:
    """To be called after the commit of any change to an account's keys."""
    _forget(account_id, "")
    catalogue.changed(account_id)


def _principal(row: AccessKey) -> Principal:
    account_id = row.account_id
    if not row.user_name:
        return Principal.root(account_id, row.access_key_id)
    user = User.objects.of(account_id).filter(name=row.user_name).first()
    arn = f"arn:aws:iam::{account_id}:user/{row.user_name}" if user is None else user.arn
    return Principal(account_id, arn, PrincipalType.IAM_USER, row.user_name if user is None else user.unique_id, row.access_key_id)


def _forget(account_id: str, function_name: str) -> None:
    if not function_name:
        for access_key_id, known in list(_known.items()):
            if known.holder is None or known.holder.principal.account_id == account_id:
                _known.pop(access_key_id, None)


catalogue.on_change(_forget)
