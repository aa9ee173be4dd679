"""Yes or no, by AWS's order of questions.

1. A Deny that applies, in whatever layer, decides. 2. A resource policy of the same account that names the caller directly
allows it. 3. Identity policies must allow it, unless the resource policy names the caller's role. 4. The permissions boundary
and 5. the session policies must allow it too. Across accounts the resource policy and the caller's side must both say yes;
an AWS service has a resource policy alone; an account's root is stopped by a Deny of a resource policy only.
Source: IAM User Guide, "How AWS enforcement code logic evaluates requests to allow or deny access".
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from invocations.enums import PrincipalType
from invocations.policies.documents import Effect, Mismatch, Policy, Question, Statement
from invocations.policies.principals import Naming
from invocations.policies.sentences import refusal


class Layer(StrEnum):
    """Where a decision is made; the words of AWS's messages."""

    IDENTITY = "identity-based policy"
    RESOURCE = "resource-based policy"
    TRUST = "role trust policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    ROOT = "account root"
    """No policy: the account's own root."""
    UNRESTRICTED = "unrestricted"
    """No policy: a role that does not exist here."""


@dataclass(slots=True)
class Policies:
    """Everything that has a say in one question."""

    identity: Sequence[Policy] = ()
    boundary: Policy | None = None
    session: Sequence[Policy] | None = None
    """None: not a session with policies of its own. An empty one allows nothing."""
    resource: Policy | None = None
    resource_layer: Layer = Layer.RESOURCE
    resource_must_allow: bool = False
    """Identity policies alone do not do (role trust policies)."""
    is_unrestricted: bool = False
    """The caller's role does not exist here: as if its identity policies allowed everything."""

    def layers(self) -> Iterator[tuple[Layer, Policy]]:
        """Each policy with its layer, in the order in which they are asked."""
        if self.resource is not None:
            yield self.resource_layer, self.resource
        for policy in self.identity:
            yield Layer.IDENTITY, policy
        if self.boundary is not None:
            yield Layer.BOUNDARY, self.boundary
        for policy in self.session or ():
            yield Layer.SESSION, policy


@dataclass(frozen=True, slots=True)
class Examined:
    """One statement that was looked at."""

    layer: Layer
    policy: Policy
    statement: Statement
    mismatch: Mismatch | None
    """None: it applies."""

    def as_json(self) -> dict[str, Any]:
        """For pages."""
        mismatch = self.mismatch
        return {
            "layer": str(self.layer),
            "policy": self.policy.name,
            "position": self.statement.position,
            "sid": self.statement.sid,
            "effect": str(self.statement.effect),
            "statement": dict(self.statement.source),
            "applies": mismatch is None,
            "mismatch": None
            if mismatch is None
            else {
                "element": mismatch.element,
                "operator": mismatch.operator,
                "key": mismatch.key,
                "expected": list(mismatch.expected),
                "actual": list(mismatch.actual),
            },
        }


@dataclass(slots=True)
class Verdict:
    """The answer, and who gave it."""

    allowed: bool
    layer: Layer
    """That decided; of an implicit deny, the first one that should have allowed and did not."""
    statement: Statement | None
    """That decided; None for an implicit deny, and where no policy was asked."""
    policy: Policy | None
    """The statement's."""
    question: Question
    policies: Policies

    @property
    def is_explicit_deny(self) -> bool:
        """Whether a statement said Deny, rather than none Allow."""
        return not self.allowed and self.statement is not None

    @property
    def message(self) -> str:
        """AWS's sentence for a refusal."""
        question = self.question
        return refusal(question.principal, question.action, question.resource, str(self.layer), is_explicit=self.is_explicit_deny)

    @property
    def reason(self) -> str:
        """One sentence for people."""
        if self.layer is Layer.ROOT:
            return "the account's root may do everything in its account"
        if self.layer is Layer.UNRESTRICTED:
            return f"the role {self.question.principal.role_arn} does not exist here, so it may do everything"
        if self.statement is None:
            return f"no {self.layer} allows {self.question.action}"
        named = f"statement {self.statement.sid or self.statement.position}"
        of = f" of {self.policy.name}" if self.policy is not None and self.policy.name else ""
        verb = "allows" if self.allowed else "denies"
        return f"{named}{of} ({self.layer}) {verb} {self.question.action}"

    def as_json(self, for_account_id: str) -> dict[str, Any]:
        """The decision, for records and pages of an account: whole, but for statements that are another account's."""
        question = self.question
        return {
            "allowed": self.allowed,
            "layer": str(self.layer),
            "explicit_deny": self.is_explicit_deny,
            "reason": self.reason,
            "principal": question.principal.arn,
            "action": question.action,
            "resource": question.resource,
            "context": question.context.as_json(),
            "statements": [each.as_json() for each in self.examined() if self._owner_of(each.layer) == for_account_id],
        }

    def _owner_of(self, layer: Layer) -> str:
        question = self.question
        return question.owner_account_id if layer is self.policies.resource_layer else question.principal.account_id

    def examined(self) -> list[Examined]:
        """Every statement, with the first element that did not fit: worked out when asked for, and not on the hot path."""
        return [
            Examined(layer, policy, statement, statement.mismatch(self.question))
            for layer, policy in self.policies.layers()
            for statement in policy.statements
        ]


@dataclass(slots=True)
class _Found:
    """What one layer says."""

    naming: Naming = Naming.NOT
    """The strongest way in which an Allow names the caller; NOT where none applies."""
    statement: Statement | None = None
    policy: Policy | None = None


class _Denied(Exception):
    """A Deny applies."""

    def __init__(self, statement: Statement, policy: Policy) -> None:
        self.statement = statement
        self.policy = policy


def evaluate(question: Question, policies: Policies) -> Verdict:
    """Decides. Pure: the same question and policies give the same answer."""
    layer = policies.resource_layer
    try:
        resource = _ask(question, () if policies.resource is None else (policies.resource,))
        if question.principal.type is PrincipalType.ROOT and not policies.session:
            return _root(question, policies, resource)
        layer = Layer.IDENTITY
        identity = _ask(question, policies.identity)
        layer = Layer.BOUNDARY
        boundary = None if policies.boundary is None else _ask(question, (policies.boundary,))
        layer = Layer.SESSION
        session = None if policies.session is None else _ask(question, policies.session)
    except _Denied as denied:
        return Verdict(False, layer, denied.statement, denied.policy, question, policies)
    is_own = question.principal.account_id == question.owner_account_id and not _has_no_identity(question)
    if resource.naming is Naming.NOT and (not is_own or policies.resource_must_allow):
        return Verdict(False, policies.resource_layer, None, None, question, policies)
    if resource.naming is Naming.DIRECT and (is_own or _has_no_identity(question)):
        return Verdict(True, policies.resource_layer, resource.statement, resource.policy, question, policies)
    named_role = is_own and resource.naming is Naming.ROLE
    if not named_role and not policies.is_unrestricted and identity.naming is Naming.NOT:
        return Verdict(False, Layer.IDENTITY, None, None, question, policies)
    for layer, limit in ((Layer.BOUNDARY, boundary), (Layer.SESSION, session)):
        if limit is not None and limit.naming is Naming.NOT:
            return Verdict(False, layer, None, None, question, policies)
    if resource.statement is not None and (not is_own or identity.statement is None):
        return Verdict(True, policies.resource_layer, resource.statement, resource.policy, question, policies)
    layer = Layer.UNRESTRICTED if identity.statement is None else Layer.IDENTITY
    return Verdict(True, layer, identity.statement, identity.policy, question, policies)


def _root(question: Question, policies: Policies, resource: _Found) -> Verdict:
    """An account's root needs no identity policy; in another account it needs the resource's."""
    if question.principal.account_id == question.owner_account_id:
        return Verdict(True, Layer.ROOT, None, None, question, policies)
    is_named = resource.naming is not Naming.NOT
    return Verdict(is_named, policies.resource_layer, resource.statement, resource.policy, question, policies)


def _has_no_identity(question: Question) -> bool:
    """An AWS service or nobody in particular: there is no account whose policies could be asked."""
    return question.principal.type in (PrincipalType.AWS_SERVICE, PrincipalType.AWS_ACCOUNT)


def _ask(question: Question, policies: Iterable[Policy]) -> _Found:
    """The Allow of *policies* that names the caller most directly. Raises _Denied where a Deny applies."""
    best = Naming.NOT
    found: tuple[Statement, Policy] | None = None
    for policy in policies:
        for statement in policy.about(question.action):
            naming = statement.naming(question)
            if naming is Naming.NOT:
                continue
            if statement.effect is Effect.DENY:
                raise _Denied(statement, policy)
            if naming > best:
                best, found = naming, (statement, policy)
    return _NOTHING if found is None else _Found(best, *found)


_NOTHING = _Found()
