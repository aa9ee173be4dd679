"""IAM's policy simulator: what policies would answer, statement by statement.

Source: IAM API Reference, SimulateCustomPolicy, SimulatePrincipalPolicy.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from invocations.enums import PrincipalType
from invocations.identities import Document
from invocations.policies import Context, Policies, Policy, Question, Statement, Verdict, evaluate
from invocations.resources.policy_documents import compiled
from invocations.values import Principal

_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Simulation:
    """What is simulated: the policies, and on whose behalf."""

    identity: Sequence[Document]
    boundary: Document | None
    resource: Document | None
    caller: Principal
    owner_account_id: str
    context: Context

    def ask(self, action: str, resource_arn: str) -> Verdict:
        """One question. Raises MalformedPolicyDocument."""
        policies = Policies(
            identity=[_named(document) for document in self.identity],
            boundary=None if self.boundary is None else _named(self.boundary),
            resource=None if self.resource is None else _named(self.resource),
        )
        return evaluate(Question(self.caller, action, resource_arn, self.owner_account_id, self.context), policies)

    def matched(self, verdict: Verdict) -> list[dict[str, Any]]:
        """The statements that brought a decision about, with their places in their documents; none for an implicit deny."""
        documents = {document.name: document for document in (*self.identity, self.boundary, self.resource) if document is not None}
        effect = "Deny" if verdict.is_explicit_deny else "Allow" if verdict.allowed else ""
        found = []
        for each in verdict.examined():
            if each.mismatch is None and each.statement.effect == effect:
                document = documents[each.policy.name]
                start, end = position(document.text, each.statement.position)
                found.append(
                    {"SourcePolicyId": document.name, "SourcePolicyType": document.kind, "StartPosition": start, "EndPosition": end}
                )
        return found

    def missing(self, verdict: Verdict) -> list[str]:
        """Context keys that statements about the action ask for and that were not given."""
        about: Iterable[Statement] = (each for _, policy in verdict.policies.layers() for each in policy.about(verdict.question.action))
        asked = {key for statement in about for key in statement.context_keys()}
        return sorted(key for key in asked if self.context.get(key) is None)


def caller_of(arn: str) -> Principal:
    """The principal that a user's or session's ARN means; a role's ARN stands for a session of it.

    A root's is taken for a user's: simulated policies decide, and none stands above them."""
    account_id = arn.split(":")[4] if arn.count(":") >= 5 else ""
    if ":role/" in arn:
        return Principal(account_id, arn, PrincipalType.ASSUMED_ROLE, role_arn=arn)
    return Principal(account_id, arn, PrincipalType.IAM_USER)


def position(document: str, number: int) -> tuple[dict[str, int], dict[str, int]]:
    """Where the statement *number*, from 1, begins and ends in a document: lines and columns from 1."""
    start = _after(document, "Statement")
    if document[start] == "[":
        start = _next(document, start + 1)
        for _ in range(number - 1):
            end = _DECODER.raw_decode(document, start)[1]
            start = _next(document, _next(document, end) + 1)
    return _place(document, start), _place(document, _DECODER.raw_decode(document, start)[1])


def _after(document: str, member: str) -> int:
    """Where the value of an object's *member* begins."""
    at = _next(document, _next(document, 0) + 1)
    while True:
        name, end = _DECODER.raw_decode(document, at)
        at = _next(document, _next(document, end) + 1)
        if name == member:
            return at
        at = _next(document, _next(document, _DECODER.raw_decode(document, at)[1]) + 1)


def _next(document: str, at: int) -> int:
    """The next place that is no white space."""
    while document[at].isspace():
        at += 1
    return at


def _place(document: str, at: int) -> dict[str, int]:
    return {"Line": document.count("\n", 0, at) + 1, "Column": at - document.rfind("\n", 0, at)}


def _named(document: Document) -> Policy:
    return Policy(document.name, compiled(document.text).statements)
