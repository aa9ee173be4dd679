"""Managed policies: a customer's own, with their versions, and AWS's."""

from typing import Any

from django.db import IntegrityError, transaction

from invocations import credentials, identities
from invocations.errors import AwsError, aws_error
from invocations.models import Group, ManagedPolicy, ManagedPolicyVersion, Role, User
from invocations.resources.policy_documents import check_identity_policy

MOST_VERSIONS = 5
LARGEST = 6144
"""Characters of a managed policy, white space aside."""


def create(account_id: str, name: str, document: str, *, path: str, description: str, tags: dict[str, str]) -> ManagedPolicy:
    """A policy whose version v1 is the default. Raises EntityAlreadyExists, MalformedPolicyDocument."""
    check_identity_policy(document, LARGEST)
    unique_id = credentials.unique_id("ANPA", f"{account_id}:{path}{name}")
    try:
        with transaction.atomic():
            policy = ManagedPolicy.objects.create(
                account_id=account_id, name=name, path=path, unique_id=unique_id, description=description, tags=tags
            )
            policy.versions.create(number=1, document=document)
    except IntegrityError:
        message = f"A policy called {name} already exists. Duplicate names are not allowed."
        raise aws_error("EntityAlreadyExists", message, 409) from None
    return policy


def get(account_id: str, arn: str, *, locked: bool = False) -> ManagedPolicy:
    """A policy of the account's own; *locked*: held until the transaction ends. Raises NoSuchEntity."""
    rows = ManagedPolicy.objects.of(account_id).filter(name=arn.rpartition("/")[2])
    for policy in rows.select_for_update() if locked else rows:
        if policy.arn == arn:
            return policy
    raise not_found(arn)


def exists(account_id: str, arn: str) -> bool:
    """Whether *arn* can be attached in the account: a policy of its own or of AWS's."""
    return identities.managed_document(account_id, arn) is not None


def holders(account_id: str, arn: str) -> tuple[list[Role], list[User], list[Group]]:
    """Roles, users and groups that have the policy attached."""
    return (
        [role for role in Role.objects.of(account_id).order_by("name") if arn in role.attached_policy_arns],
        [user for user in User.objects.of(account_id).order_by("name") if arn in user.attached_policy_arns],
        [group for group in Group.objects.of(account_id).order_by("name") if arn in group.attached_policy_arns],
    )


def bounded(account_id: str, arn: str) -> tuple[list[Role], list[User]]:
    """Roles and users whose permissions boundary the policy is."""
    return (
        list(Role.objects.of(account_id).filter(permissions_boundary_arn=arn).order_by("name")),
        list(User.objects.of(account_id).filter(permissions_boundary_arn=arn).order_by("name")),
    )


def delete(account_id: str, arn: str) -> None:
    """Raises DeleteConflict while it is attached or has other versions than the default."""
    with transaction.atomic():
        policy = get(account_id, arn, locked=True)
        if any(holders(account_id, arn)) or any(bounded(account_id, arn)):
            raise aws_error("DeleteConflict", "Cannot delete a policy attached to entities.", 409)
        if policy.versions.count() > 1:
            message = "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
            raise aws_error("DeleteConflict", message + "The default version is deleted with the policy.", 409)
        policy.delete()


def create_version(account_id: str, arn: str, document: str, *, set_as_default: bool) -> ManagedPolicyVersion:
    """Raises LimitExceeded at five versions."""
    check_identity_policy(document, LARGEST)
    with transaction.atomic():
        policy = get(account_id, arn, locked=True)
        if policy.versions.count() >= MOST_VERSIONS:
            message = f"A managed policy can have up to {MOST_VERSIONS} versions. Before you create a new version, you must delete an "
            raise aws_error("LimitExceeded", message + "existing version.", 409)
        policy.latest_version += 1
        if set_as_default:
            policy.default_version = policy.latest_version
        policy.save(update_fields=["latest_version", "default_version", "updated_at"])
        made = policy.versions.create(number=policy.latest_version, document=document)
        identities.changed_on_commit(account_id)
    return made


def version(policy: ManagedPolicy, version_id: str) -> ManagedPolicyVersion:
    """The version of an id "v3". Raises NoSuchEntity."""
    number = version_id.removeprefix("v")
    found = policy.versions.filter(number=int(number)).first() if number.isdigit() else None
    if found is None:
        message = f"Policy {policy.arn} version {version_id} does not exist or is not attachable."
        raise aws_error("NoSuchEntity", message, 404)
    return found


def delete_version(account_id: str, arn: str, version_id: str) -> None:
    """Raises DeleteConflict for the default one."""
    with transaction.atomic():
        policy = get(account_id, arn, locked=True)
        found = version(policy, version_id)
        if found.number == policy.default_version:
            raise aws_error("DeleteConflict", "Cannot delete the default version of a policy.", 409)
        found.delete()


def set_default_version(account_id: str, arn: str, version_id: str) -> None:
    """The version that counts from now on. Raises NoSuchEntity."""
    with transaction.atomic():
        policy = get(account_id, arn, locked=True)
        policy.default_version = version(policy, version_id).number
        policy.save(update_fields=["default_version", "updated_at"])
        identities.changed_on_commit(account_id)


def change_tags(account_id: str, arn: str, put: dict[str, str], removed: Any = ()) -> None:
    """Sets some tags and removes others."""
    with transaction.atomic():
        policy = get(account_id, arn, locked=True)
        policy.tags = {key: value for key, value in (policy.tags | put).items() if key not in removed}
        policy.save(update_fields=["tags"])


def not_found(arn: str) -> AwsError:
    """NoSuchEntity for a policy."""
    return aws_error("NoSuchEntity", f"Policy {arn} was not found.", 404)
