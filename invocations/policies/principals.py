"""The Principal element: whom a statement of a resource policy or trust policy names, and how.

Source: IAM User Guide, "AWS JSON policy elements: Principal", "NotPrincipal".
"""

import re
from enum import IntEnum
from typing import Any

from invocations.enums import PrincipalType
from invocations.policies.errors import MalformedPolicy
from invocations.values import Principal

_ACCOUNT = re.compile(r"(?:arn:aws[a-z-]*:iam::)?(\d{12})(?::root)?")
_REGIONAL_SERVICE = re.compile(r"([a-z0-9-]+)\.[a-z]{2}(?:-[a-z]+)+-\d\.(amazonaws\.com)")
_KINDS = {"AWS", "Service", "Federated", "CanonicalUser"}


class Naming(IntEnum):
    """How a statement names the caller. What else must allow the call depends on it."""

    NOT = 0
    ACCOUNT = 1
    """By its account, which leaves the choice to the account's own identity policies."""
    ROLE = 2
    """By the role of its session, whose boundary and session policies still limit it."""
    DIRECT = 3
    """As user, session or service, or as everybody: nothing but a Deny takes it back."""


class PrincipalElement:
    """A Principal or NotPrincipal element, compiled."""

    __slots__ = ("_accounts", "_everyone", "_is_negated", "_names", "_services", "texts")

    def __init__(self, element: Any, *, is_negated: bool = False) -> None:
        """Raises MalformedPolicy."""
        found = {"AWS": ["*"]} if element == "*" else element
        if not isinstance(found, dict) or not found or not set(found) <= _KINDS:
            raise MalformedPolicy("Invalid principal in policy.")
        named = {kind: _listed(values) for kind, values in found.items()}
        self._is_negated = is_negated
        self._everyone = "*" in named.get("AWS", ())
        self._names = frozenset(named.get("AWS", ()))
        self._accounts = frozenset(match[1] for match in map(_ACCOUNT.fullmatch, self._names) if match is not None)
        self._services = frozenset(map(_without_region, named.get("Service", ())))
        self.texts = tuple(value for values in named.values() for value in values)

    def naming(self, principal: Principal) -> Naming:
        """How the element means *principal*, if it does."""
        if self._is_negated:
            return Naming.NOT if self._excepts(principal) else Naming.DIRECT
        if self._everyone:
            return Naming.DIRECT
        if principal.type is PrincipalType.AWS_SERVICE:
            is_named = _without_region(principal.arn) in self._services or "*" in self._services
            return Naming.DIRECT if is_named else Naming.NOT
        if principal.arn in self._names:
            return Naming.DIRECT
        if principal.role_arn in self._names:
            return Naming.ROLE
        if principal.account_id in self._accounts:
            return Naming.DIRECT if principal.type is PrincipalType.ROOT else Naming.ACCOUNT
        return Naming.NOT

    def _excepts(self, principal: Principal) -> bool:
        """Whether NotPrincipal spares *principal*: its account, its role and itself must all be listed."""
        if self._everyone:
            return True
        if principal.type is PrincipalType.AWS_SERVICE:
            return _without_region(principal.arn) in self._services
        if principal.account_id not in self._accounts:
            return False
        if principal.type is PrincipalType.ROOT:
            return True
        return principal.arn in self._names and (principal.role_arn is None or principal.role_arn in self._names)


def _listed(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str) for each in values):
        raise MalformedPolicy("Invalid principal in policy.")
    return values


def _without_region(service: str) -> str:
    """logs.us-east-1.amazonaws.com is an older name of logs.amazonaws.com."""
    match = _REGIONAL_SERVICE.fullmatch(service)
    return service if match is None else f"{match[1]}.{match[2]}"
