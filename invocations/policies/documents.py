"""Policy documents, parsed and compiled once.

Source: IAM User Guide, "IAM JSON policy reference", "Grammar of the IAM JSON policy language".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any

from invocations.policies.conditions import Condition, compile_conditions
from invocations.policies.context import EMPTY, Context
from invocations.policies.errors import MalformedPolicy
from invocations.policies.principals import Naming, PrincipalElement
from invocations.policies.wildcards import AnyOf, variables_in
from invocations.values import Principal

VERSIONS = ("2012-10-17", "2008-10-17")
"""Policy variables are text like any other in the older one, which is also meant where none is given."""
_MOST_REMEMBERED = 512
_MEMBERS = {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}


class Effect(StrEnum):
    """What a statement does where it applies."""

    ALLOW = "Allow"
    DENY = "Deny"


@dataclass(slots=True)
class Question:
    """May this principal do this to that?"""

    principal: Principal
    action: str
    """ "lambda:InvokeFunction"."""
    resource: str
    """An ARN, or "*" where the action knows no resource."""
    owner_account_id: str
    """The account whose resource it is."""
    context: Context = EMPTY


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Why a statement does not apply: its first element that does not fit the question."""

    element: str
    """ "Principal", "NotAction", "Condition" …"""
    expected: tuple[str, ...]
    """What stands there."""
    actual: tuple[str, ...]
    """What the question has; empty where the context has no such key."""
    operator: str = ""
    """Of a condition: "StringEquals"."""
    key: str = ""
    """Of a condition: "aws:SourceArn"."""


@dataclass(frozen=True, slots=True)
class _Element:
    """Action, Resource or their negations."""

    name: str
    test: AnyOf
    is_negated: bool

    def fits(self, value: str, context: Context) -> bool:
        return self.test(value, context) != self.is_negated


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, compiled."""

    sid: str
    effect: Effect
    position: int
    """Its place in the document, from 1."""
    source: Mapping[str, Any]
    """As written."""
    action: _Element
    resource: _Element | None
    """None: whatever the policy is attached to."""
    principal: PrincipalElement | None
    """None in identity policies, which speak of whom they are attached to."""
    principal_name: str
    conditions: tuple[Condition, ...]

    def context_keys(self) -> set[str]:
        """The keys of the request context, in lower case, that it asks for: in conditions and in policy variables."""
        texts = [text for condition in self.conditions for text in condition.expected]
        keys = {condition.key.lower() for condition in self.conditions}
        return keys | variables_in([*texts, *(() if self.resource is None else self.resource.test.texts)])

    def naming(self, question: Question) -> Naming:
        """How the statement means the question, if it applies at all. Its action was compared before."""
        named = Naming.DIRECT if self.principal is None else self.principal.naming(question.principal)
        if named is Naming.NOT:
            return Naming.NOT
        if self.resource is not None and not self.resource.fits(question.resource, question.context):
            return Naming.NOT
        for condition in self.conditions:
            if not condition.holds(question.context):
                return Naming.NOT
        return named

    def mismatch(self, question: Question) -> Mismatch | None:
        """The first element that does not fit; None where the statement applies."""
        context = question.context
        if self.principal is not None and self.principal.naming(question.principal) is Naming.NOT:
            return Mismatch(self.principal_name, self.principal.texts, (question.principal.arn,))
        if not self.action.fits(question.action, EMPTY):
            return Mismatch(self.action.name, self.action.test.texts, (question.action,))
        if self.resource is not None and not self.resource.fits(question.resource, context):
            return Mismatch(self.resource.name, self.resource.test.texts, (question.resource,))
        for condition in self.conditions:
            if not condition.holds(context):
                actual = context.get(condition.key.lower()) or ()
                return Mismatch("Condition", condition.expected, actual, condition.operator, condition.key)
        return None


@dataclass(frozen=True, slots=True)
class Policy:
    """A document, compiled, under the name by which people know it."""

    name: str
    """ARN of a managed policy, name of an inline one; "" where the layer has just one."""
    statements: tuple[Statement, ...]
    _by_action: dict[str, tuple[Statement, ...]] = field(default_factory=dict, repr=False, compare=False)

    def about(self, action: str) -> tuple[Statement, ...]:
        """The statements whose Action or NotAction takes in *action*; found once for each action."""
        known = self._by_action.get(action)
        if known is None:
            known = tuple(each for each in self.statements if each.action.fits(action, EMPTY))
            if len(self._by_action) < _MOST_REMEMBERED:
                self._by_action[action] = known
        return known


def parse(document: str | Mapping[str, Any], name: str = "") -> Policy:
    """Compiles a document. Raises MalformedPolicy."""
    body = _body(document)
    variables = body.get("Version") == VERSIONS[0]
    found = body.get("Statement")
    statements = [found] if isinstance(found, dict) else found
    if not isinstance(statements, list) or not statements:
        raise MalformedPolicy("Syntax errors in policy.")
    compiled = tuple(_statement(each, position, variables) for position, each in enumerate(statements, 1))
    sids = [each.sid for each in compiled if each.sid]
    if len(set(sids)) < len(sids):
        raise MalformedPolicy("Statement IDs (SID) in a single policy must be unique.")
    return Policy(name, compiled)


@lru_cache(maxsize=1024)
def parse_text(document: str, name: str = "") -> Policy:
    """`parse` for documents that are met again and again (session policies, AWS's managed ones). Raises MalformedPolicy."""
    return parse(document, name)


def _body(document: str | Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        body = json.loads(document) if isinstance(document, str) else document
    except (ValueError, RecursionError):
        raise MalformedPolicy("This policy contains invalid Json") from None
    if not isinstance(body, Mapping) or body.get("Version", VERSIONS[1]) not in VERSIONS:
        raise MalformedPolicy("Syntax errors in policy.")
    return body


def _statement(source: Any, position: int, variables: bool) -> Statement:
    if not isinstance(source, dict) or source.get("Effect") not in ("Allow", "Deny") or not set(source) <= _MEMBERS:
        raise MalformedPolicy("Syntax errors in policy.")
    sid = source.get("Sid", "")
    if not isinstance(sid, str):
        raise MalformedPolicy("Syntax errors in policy.")
    action = _element(source, "Action", variables=False, fold=True)
    if action is None:
        raise MalformedPolicy("Policy statement must contain actions.")
    principal_name = _either(source, "Principal")
    return Statement(
        sid=sid,
        effect=Effect(source["Effect"]),
        position=position,
        source=source,
        action=action,
        resource=_element(source, "Resource", variables=variables),
        principal=PrincipalElement(source[principal_name], is_negated=principal_name.startswith("Not")) if principal_name else None,
        principal_name=principal_name,
        conditions=compile_conditions(source.get("Condition", {}), variables=variables),
    )


def _element(source: Mapping[str, Any], name: str, *, variables: bool, fold: bool = False) -> _Element | None:
    written = _either(source, name)
    if not written:
        return None
    values = source[written] if isinstance(source[written], list) else [source[written]]
    if not all(isinstance(each, str) for each in values):
        raise MalformedPolicy("Syntax errors in policy.")
    return _Element(written, AnyOf(values, variables=variables, fold=fold), is_negated=written != name)


def _either(source: Mapping[str, Any], name: str) -> str:
    """*name* or "Not" + *name*, whichever the statement has; "" for none."""
    present = [each for each in (name, f"Not{name}") if each in source]
    if len(present) > 1:
        raise MalformedPolicy("Syntax errors in policy.")
    return present[0] if present else ""
