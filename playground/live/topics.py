"""What a page wants to hear of, as its address and its messages name it: `home`, `functions`, `fn:<name>`, `list:<filters>`,
`inv:<request id>`, `log:<request id>`, `resource:<service>` (any of its resources), `resource:<service>:<name>`,
`clock` and `faults` (on every page: the header shows them), `due` (what is due next), `burst:<name>` (events fired at once),
`lanes:<request id>.<request id>` (one event fired in several ways), `events:<function>` (its event queue), `event-queues` (all of
them), `chain:<request id>`, `capacity` (environments and load), `trail:<filters>`, `permissions` (any policy of the account)."""

from collections.abc import Iterable

KINDS = {
    "home": False,
    "functions": False,
    "clock": False,
    "due": False,
    "faults": False,
    "capacity": False,
    "fn": True,
    "list": True,
    "inv": True,
    "log": True,
    "resource": True,
    "burst": True,
    "lanes": True,
    "events": True,
    "event-queues": False,
    "permissions": False,
    "chain": True,
    "trail": True,
}
"""Kind -> whether something stands behind a colon (for `list` and `trail`, the query of its filters, which may be empty)."""
WANTED_AT_ONCE = 48
LONGEST = 300


def parse(names: Iterable[str]) -> list[str]:
    """Those that mean something, each once, no more than a page can have."""
    known: dict[str, None] = {}
    for name in names:
        kind, colon, _ = name.partition(":")
        if len(name) <= LONGEST and KINDS.get(kind) is bool(colon):
            known[name] = None
    return list(known)[:WANTED_AT_ONCE]


def values(topics: Iterable[str], kind: str) -> list[str]:
    """What stands behind the colon of the topics of that kind."""
    return [topic.partition(":")[2] for topic in topics if topic.startswith(kind + ":")]
