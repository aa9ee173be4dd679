"""IAM groups: users who share policies."""

from django.db import transaction

from invocations import identities
from invocations.errors import aws_error
from invocations.models import Group, User
from invocations.resources import policy_holders

MOST_GROUPS = 10
"""IAM's quota "Groups an IAM user can be a member of"."""


def delete(account_id: str, name: str) -> None:
    """Raises DeleteConflict while it has users or policies."""
    if policy_holders.get(Group, account_id, name).users.exists():
        raise aws_error("DeleteConflict", "Cannot delete entity, must remove users from group first.", 409)
    policy_holders.delete(Group, account_id, name)


def add_user(account_id: str, name: str, user_name: str) -> None:
    """Puts a user into a group; again is no error. Raises NoSuchEntity, LimitExceeded."""
    with transaction.atomic():
        group, user = policy_holders.get(Group, account_id, name), policy_holders.get(User, account_id, user_name)
        if user.groups.exclude(pk=group.pk).count() >= MOST_GROUPS:
            raise aws_error("LimitExceeded", f"Cannot exceed quota for GroupsPerUser: {MOST_GROUPS}", 409)
        group.users.add(user)
        identities.changed_on_commit(account_id)


def remove_user(account_id: str, name: str, user_name: str) -> None:
    """Raises NoSuchEntity."""
    with transaction.atomic():
        group, user = policy_holders.get(Group, account_id, name), policy_holders.get(User, account_id, user_name)
        if not group.users.filter(pk=user.pk).exists():
            raise aws_error("NoSuchEntity", f"User {user_name} is not in group {name}.", 404)
        group.users.remove(user)
        identities.changed_on_commit(account_id)
