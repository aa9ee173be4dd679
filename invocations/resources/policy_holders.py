"""Roles, users and groups: what all can do, which is to hold policies, and what those who call can: tags and a boundary."""

from collections.abc import Callable, Collection
from typing import Final, TypeVar

from django.db import IntegrityError, transaction

from invocations import credentials, identities
from invocations.errors import AwsError, aws_error
from invocations.models import Group, Role, User
from invocations.resources import managed_policies
from invocations.resources.policy_documents import check_identity_policy, length

MOST_ATTACHED = 10
"""IAM's quota "Managed policies attached to an IAM role", user and group."""
_Holder = TypeVar("_Holder", Role, User, Group)
_Caller = TypeVar("_Caller", Role, User)
_PREFIXES: Final = {"Role": "AROA", "User": "AIDA", "Group": "AGPA"}
_LARGEST: Final = {"Role": 10_240, "User": 2_048, "Group": 5_120}
"""Characters of all inline policies together, white space aside."""


def word(kind: type[_Holder]) -> str:
    """ "Role", "User" or "Group", as messages have it."""
    return kind.__name__


def create(kind: type[_Holder], account_id: str, name: str, **fields: object) -> _Holder:
    """Raises EntityAlreadyExists."""
    new = kind(account_id=account_id, name=name, **fields)
    new.unique_id = credentials.unique_id(_PREFIXES[word(kind)], new.arn)
    try:
        with transaction.atomic():
            new.save(force_insert=True)
            identities.changed_on_commit(account_id)
    except IntegrityError:
        raise aws_error("EntityAlreadyExists", f"{word(kind)} with name {name} already exists.", 409) from None
    return new


def get(kind: type[_Holder], account_id: str, name: str) -> _Holder:
    """Raises NoSuchEntity."""
    found = kind.objects.of(account_id).filter(name=name).first()
    if found is None:
        raise aws_error("NoSuchEntity", f"The {word(kind).lower()} with name {name} cannot be found.", 404)
    return found


def delete(kind: type[_Holder], account_id: str, name: str) -> None:
    """Raises DeleteConflict while it holds policies."""
    with transaction.atomic():
        holder = get(kind, account_id, name)
        if holder.attached_policy_arns:
            raise aws_error("DeleteConflict", "Cannot delete entity, must detach all policies first.", 409)
        if holder.inline_policies:
            raise aws_error("DeleteConflict", "Cannot delete entity, must delete policies first.", 409)
        holder.delete()
        identities.changed_on_commit(account_id)


def attach(kind: type[_Holder], account_id: str, name: str, policy_arn: str) -> None:
    """Attaches a managed policy; again is no error. Raises NoSuchEntity, LimitExceeded."""

    def change(holder: _Holder) -> None:
        if not managed_policies.exists(account_id, policy_arn):
            raise aws_error("NoSuchEntity", f"Policy {policy_arn} does not exist or is not attachable.", 404)
        if policy_arn in holder.attached_policy_arns:
            return
        if len(holder.attached_policy_arns) >= MOST_ATTACHED:
            raise aws_error("LimitExceeded", f"Cannot exceed quota for PoliciesPer{word(kind)}: {MOST_ATTACHED}", 409)
        holder.attached_policy_arns.append(policy_arn)

    _change(kind, account_id, name, change)


def detach(kind: type[_Holder], account_id: str, name: str, policy_arn: str) -> None:
    """Raises NoSuchEntity where it is not attached."""

    def change(holder: _Holder) -> None:
        if policy_arn not in holder.attached_policy_arns:
            raise managed_policies.not_found(policy_arn)
        holder.attached_policy_arns.remove(policy_arn)

    _change(kind, account_id, name, change)


def put_policy(kind: type[_Holder], account_id: str, name: str, policy_name: str, document: str) -> None:
    """Puts an inline policy, in place of one of the same name. Raises MalformedPolicyDocument."""
    check_identity_policy(document)

    def change(holder: _Holder) -> None:
        holder.inline_policies[policy_name] = document
        if sum(map(length, holder.inline_policies.values())) > _LARGEST[word(kind)]:
            message = f"Maximum policy size of {_LARGEST[word(kind)]} bytes exceeded for {word(kind).lower()} {name}"
            raise aws_error("LimitExceeded", message, 409)

    _change(kind, account_id, name, change)


def inline_policy(kind: type[_Holder], account_id: str, name: str, policy_name: str) -> str:
    """An inline policy's document. Raises NoSuchEntity."""
    policies = get(kind, account_id, name).inline_policies
    if policy_name not in policies:
        raise _no_inline_policy(kind, policy_name)
    return str(policies[policy_name])


def delete_policy(kind: type[_Holder], account_id: str, name: str, policy_name: str) -> None:
    """Raises NoSuchEntity."""

    def change(holder: _Holder) -> None:
        if holder.inline_policies.pop(policy_name, None) is None:
            raise _no_inline_policy(kind, policy_name)

    _change(kind, account_id, name, change)


def change_tags(kind: type[_Holder], account_id: str, name: str, put: dict[str, str], removed: Collection[str] = ()) -> None:
    """Sets some tags and removes others."""

    def change(holder: _Holder) -> None:
        holder.tags = {key: value for key, value in (holder.tags | put).items() if key not in removed}

    _change(kind, account_id, name, change)


def boundary(account_id: str, policy_arn: str | None) -> str:
    """The ARN of a policy that may bound somebody; "" for none. Raises NoSuchEntity."""
    if policy_arn and not managed_policies.exists(account_id, policy_arn):
        raise aws_error("NoSuchEntity", f"Scope ARN: {policy_arn} does not exist or is not attachable.", 404)
    return policy_arn or ""


def put_boundary(kind: type[_Caller], account_id: str, name: str, policy_arn: str) -> None:
    """Sets the permissions boundary; "" takes it away. Raises NoSuchEntity."""
    with transaction.atomic():
        caller = get(kind, account_id, name)
        caller.permissions_boundary_arn = boundary(account_id, policy_arn)
        caller.save(update_fields=["permissions_boundary_arn"])
        identities.changed_on_commit(account_id)


def _change(kind: type[_Holder], account_id: str, name: str, change: Callable[[_Holder], None]) -> None:
    with transaction.atomic():
        holder = get(kind, account_id, name)
        locked = kind.objects.select_for_update().get(pk=holder.pk)
        change(locked)
        locked.save(update_fields=["attached_policy_arns", "inline_policies", "tags"])
        identities.changed_on_commit(account_id)


def _no_inline_policy(kind: type[_Holder], policy_name: str) -> AwsError:
    return aws_error("NoSuchEntity", f"The {word(kind).lower()} policy with name {policy_name} cannot be found.", 404)
