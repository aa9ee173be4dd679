"""What every event meets: an account's buses with their enabled rules and archives, compiled and kept in memory.

Whoever changes a bus, a rule or an archive calls `changed` after the commit; each process compares one token in Redis with
that of what it has, so that a change is in force everywhere at once.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection

from invocations import store
from invocations.event_patterns import PatternIndex, cached
from invocations.models import Archive, EventBus, Rule
from invocations.services.eventbridge import names
from invocations.values import Members

MOST_ACCOUNTS = 256
"""Accounts of which a process keeps the directory."""


@dataclass(frozen=True, slots=True)
class RuleConfig:
    """A rule as events and its schedule meet it."""

    account_id: str
    bus_name: str
    name: str
    targets: tuple[Members, ...]

    @property
    def arn(self) -> str:
        """The rule's."""
        return names.rule_arn(self.account_id, self.bus_name, self.name)


@dataclass(frozen=True, slots=True)
class BusConfig:
    """A bus as events meet it."""

    account_id: str
    name: str
    policy: Mapping[str, Any]
    index: PatternIndex[str]
    rules: Mapping[str, RuleConfig]
    archives: PatternIndex[str]
    """Those with a pattern."""
    whole_archives: tuple[str, ...]
    """Those that keep every event."""
    retention_days: Mapping[str, int]
    """Archive -> days."""

    @property
    def arn(self) -> str:
        """The bus's."""
        return names.bus_arn(self.account_id, self.name)


Directory = Mapping[str, BusConfig]
"""An account's buses by name; the default one is always among them."""


def of(account_id: str) -> Directory:
    """The account's directory as it stands."""
    return _loaded(account_id, _token(account_id))


def changed(account_id: str) -> None:
    """Has every process read the account's buses, rules and archives anew; to be called after the commit."""
    store.connection().set(token_key(account_id), uuid.uuid4().hex)


def token_key(account_id: str) -> str:
    """String: differs after each change."""
    return f"event-buses:{account_id}:token"


def _token(account_id: str) -> str:
    client, key = store.connection(), token_key(account_id)
    found = client.get(key)
    if found is None:  # never set, or lost with Redis: nobody may go on with what he knew
        client.set(key, uuid.uuid4().hex, nx=True)
        found = client.get(key)
    return found.decode() if isinstance(found, bytes) else str(found)


@lru_cache(maxsize=MOST_ACCOUNTS)
def _loaded(account_id: str, token: str) -> Directory:
    try:
        policies = {bus.name: bus.policy for bus in EventBus.objects.of(account_id)}
        rules, archives = defaultdict(list), defaultdict(list)
        for rule in Rule.objects.of(account_id).exclude(state="DISABLED").order_by("id"):
            rules[rule.bus_name].append(rule)
        for archive in Archive.objects.of(account_id).order_by("id"):
            archives[archive.bus_name].append(archive)
    finally:
        connection.close_if_unusable_or_obsolete()
    policies.setdefault(names.DEFAULT_BUS, {})
    return {name: _bus(account_id, name, policy, rules[name], archives[name]) for name, policy in policies.items()}


def _bus(account_id: str, name: str, policy: Mapping[str, Any], rules: list[Rule], archives: list[Archive]) -> BusConfig:
    return BusConfig(
        account_id,
        name,
        policy,
        PatternIndex([(rule.name, cached(rule.event_pattern)) for rule in rules if rule.event_pattern]),
        {rule.name: RuleConfig(account_id, name, rule.name, tuple(rule.targets)) for rule in rules},
        PatternIndex([(archive.name, cached(archive.event_pattern)) for archive in archives if archive.event_pattern]),
        tuple(archive.name for archive in archives if not archive.event_pattern),
        {archive.name: archive.retention_days for archive in archives},
    )
