"""What a principal brings to a decision: its identity policies, its boundary, its session's policies, its context keys.

Read from the database once and kept; a change of users, groups, roles or policies is heard of by the message that also drops
the catalogue's snapshots.
"""

import logging
from dataclasses import dataclass

from django.db import transaction

from invocations import announce, catalogue
from invocations.arn import role_name
from invocations.enums import PrincipalType
from invocations.models import Group, ManagedPolicy, ManagedPolicyVersion, Role, User
from invocations.policies import Context, MalformedPolicy, Policy, aws_managed, parse, parse_text
from invocations.policies.context import Value
from invocations.remembered import Remembered
from invocations.values import Principal

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """One principal's side of a decision."""

    policies: tuple[Policy, ...]
    boundary: Policy | None
    session: tuple[Policy, ...] | None
    context: Context
    """aws:PrincipalArn and the like."""
    is_unrestricted: bool = False
    """A role that does not exist here."""


def remembered(principal: Principal) -> Identity | None:
    """An identity looked up lately, without asking the database; None where it has to be asked."""
    return _remembered.get(principal)


def remember(principal: Principal, identity: Identity) -> None:
    """Has *identity* known without the database, for a while: for measurements."""
    _remembered.keep(principal, identity)


def find(principal: Principal, *, fresh: bool = False) -> Identity:
    """The identity. Asks the database where it is not remembered, and always where it has to be *fresh*."""
    return _remembered.find(principal, fresh=fresh)


def changed_on_commit(account_id: str) -> None:
    """To be called with any change to an account's users, groups, roles or policies; all processes hear of it once it is committed."""
    transaction.on_commit(lambda: _changed(account_id))


@dataclass(frozen=True, slots=True)
class Document:
    """One identity policy as it is stored."""

    name: str
    """ARN of a managed policy, name of an inline one, "group/name" of a group's."""
    kind: str
    """As IAM's simulator has it: user, group, role, aws-managed, user-managed."""
    text: str

    def compiled(self) -> Policy:
        """The policy; a document that is none (it may be older than today's checks) says nothing."""
        try:
            return parse(self.text, self.name)
        except MalformedPolicy as error:
            log.warning("policy %s is not read: %s", self.name, error)
            return Policy(self.name, ())


def managed_document(account_id: str, arn: str) -> str | None:
    """What a managed policy's default version says; None where there is no such policy in the account or at AWS."""
    aws_name = aws_managed.find(arn)
    if aws_name is not None:
        return aws_managed.document(aws_name)
    for policy in ManagedPolicy.objects.of(account_id).filter(name=arn.rpartition("/")[2]):
        if policy.arn == arn:
            return ManagedPolicyVersion.objects.get(policy=policy, number=policy.default_version).document
    return None


def documents_of(holder: Role | User | Group) -> list[Document]:
    """Inline, attached and, of a user, its groups' policies."""
    is_group = isinstance(holder, Group)
    found = [
        Document(f"{holder.name}/{name}" if is_group else name, type(holder).__name__.lower(), text)
        for name, text in holder.inline_policies.items()
    ]
    found += [_managed(holder.account_id, arn) for arn in holder.attached_policy_arns]
    if isinstance(holder, User):
        for group in holder.groups.order_by("name"):
            found += documents_of(group)
    return found


def boundary_of(holder: Role | User) -> Document | None:
    """The permissions boundary."""
    arn = holder.permissions_boundary_arn
    return _managed(holder.account_id, arn) if arn else None


def holder_of(principal: Principal) -> Role | User | None:
    """The user, or the role behind a session; None for others, and where it does not exist here."""
    if principal.type is PrincipalType.IAM_USER:
        found: Role | User | None = User.objects.of(principal.account_id).filter(name=principal.arn.rpartition("/")[2]).first()
        return found if found is not None and found.arn == principal.arn else None
    if principal.role_arn is None:
        return None
    found = Role.objects.of(principal.account_id).filter(name=role_name(principal.role_arn)).first()
    return found if found is not None and found.arn == principal.role_arn else None


def _changed(account_id: str) -> None:
    _forget(account_id, "")
    catalogue.changed(account_id)
    announce.publish(account_id, [{"kind": "permissions"}])


def _forget(account_id: str, function_name: str) -> None:
    if not function_name:
        _remembered.forget(lambda principal: principal.account_id == account_id)


catalogue.on_change(_forget)


def _load(principal: Principal) -> Identity:
    holder = holder_of(principal)
    session = principal.session_policies
    boundary = None if holder is None else boundary_of(holder)
    return Identity(
        policies=() if holder is None else tuple(document.compiled() for document in documents_of(holder)),
        boundary=None if boundary is None else boundary.compiled(),
        session=None if session is None else tuple(parse_text(document) for document in session),
        context=Context(_keys(principal, holder)),
        is_unrestricted=holder is None and principal.role_arn is not None,
    )


_remembered = Remembered(_load, most=4096)


def _keys(principal: Principal, holder: Role | User | None) -> dict[str, Value]:
    """The global condition keys that are properties of the principal, in lower case."""
    if principal.type is PrincipalType.AWS_SERVICE:
        return {"aws:principalisawsservice": "true", "aws:principalservicename": principal.arn}
    keys: dict[str, Value] = {
        "aws:principalisawsservice": "false",
        "aws:principaltype": _TYPES[principal.type],
        "aws:userid": principal.principal_id,
    }
    if principal.type is PrincipalType.AWS_ACCOUNT:
        return keys
    keys |= {"aws:principalarn": principal.role_arn or principal.arn, "aws:principalaccount": principal.account_id}
    if principal.type is PrincipalType.IAM_USER:
        keys["aws:username"] = principal.arn.rpartition("/")[2]
    if principal.access_key_id.startswith("ASIA"):
        keys["aws:multifactorauthpresent"] = "false"
    if principal.source_function_arn:
        keys["lambda:sourcefunctionarn"] = principal.source_function_arn
    tags = {**({} if holder is None else holder.tags), **dict(principal.session_tags)}
    return keys | {f"aws:principaltag/{name.lower()}": value for name, value in tags.items()}


_TYPES = {
    PrincipalType.ROOT: "Account",
    PrincipalType.IAM_USER: "User",
    PrincipalType.ASSUMED_ROLE: "AssumedRole",
    PrincipalType.AWS_ACCOUNT: "Anonymous",
}


def _managed(account_id: str, arn: str) -> Document:
    kind = "aws-managed" if aws_managed.find(arn) else "user-managed"
    return Document(arn, kind, managed_document(account_id, arn) or "")
