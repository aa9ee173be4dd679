"""IAM users' access keys."""

import secrets
import string

from django.db import transaction

from invocations.errors import aws_error
from invocations.models import AccessKey, User
from invocations.resources import access_keys, policy_holders

MOST_KEYS = 2
_LETTERS = string.ascii_uppercase + "234567"


def delete(account_id: str, name: str) -> None:
    """Raises DeleteConflict while the user has keys or policies."""
    if AccessKey.objects.of(account_id).filter(user_name=name).exists():
        raise aws_error("DeleteConflict", "Cannot delete entity, must delete access keys first.", 409)
    if policy_holders.get(User, account_id, name).groups.exists():
        raise aws_error("DeleteConflict", "Cannot delete entity, must remove users from group first.", 409)
    policy_holders.delete(User, account_id, name)


def create_access_key(account_id: str, user_name: str) -> AccessKey:
    """A key pair; its secret is shown this once. Raises NoSuchEntity, LimitExceeded."""
    with transaction.atomic():
        if user_name:
            policy_holders.get(User, account_id, user_name)
        if AccessKey.objects.of(account_id).filter(user_name=user_name).count() >= MOST_KEYS:
            raise aws_error("LimitExceeded", f"Cannot exceed quota for AccessKeysPerUser: {MOST_KEYS}", 409)
        made = AccessKey.objects.create(
            account_id=account_id,
            user_name=user_name,
            access_key_id="AKIA" + "".join(secrets.choice(_LETTERS) for _ in range(16)),
            secret_access_key=secrets.token_urlsafe(30),
        )
        transaction.on_commit(lambda: access_keys.changed(account_id))
    return made


def delete_access_key(account_id: str, access_key_id: str) -> None:
    """Raises NoSuchEntity."""
    with transaction.atomic():
        _key(account_id, access_key_id).delete()
        transaction.on_commit(lambda: access_keys.changed(account_id))


def update_access_key(account_id: str, access_key_id: str, status: str) -> None:
    """Makes a key "Active" or "Inactive". Raises NoSuchEntity."""
    with transaction.atomic():
        key = _key(account_id, access_key_id)
        key.status = status
        key.save(update_fields=["status"])
        transaction.on_commit(lambda: access_keys.changed(account_id))


def find_key(account_id: str, access_key_id: str) -> AccessKey:
    """Raises AccessDenied: of a key that is not the account's nobody is told anything."""
    key = AccessKey.objects.of(account_id).filter(access_key_id=access_key_id).first()
    if key is None:
        raise aws_error("AccessDenied", f"The Access Key with id {access_key_id} is not one of this account.", 403)
    return key


def _key(account_id: str, access_key_id: str) -> AccessKey:
    key = AccessKey.objects.of(account_id).filter(access_key_id=access_key_id).first()
    if key is None:
        raise aws_error("NoSuchEntity", f"The Access Key with id {access_key_id} cannot be found.", 404)
    return key
