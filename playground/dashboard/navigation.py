"""The pages of the rail and of the palette, with the keys that open them."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True)
class Page:
    """One place to go."""

    name: str
    icon: str
    url: str
    key: str
    """Pressed after `g`."""
    about: str
    is_current: bool = False
    in_rail: bool = True


_PAGES = [
    # url name, name, icon, key, about, in the rail, url names that belong to it
    ("playground", "Playground", "playground", "p", "Edit a function, fire an event, watch it travel", True, {"playground"}),
    ("functions", "Functions", "functions", "f", "All functions of this account", True, {"function"}),
    ("invocations", "Invocations", "invocations", "i", "Every invocation, newest first", True, {"invocation", "invocations"}),
    ("resources", "Resources", "resources", "r", "Queues and what else sends or receives events", True, {"resource"}),
    (
        "filters",
        "Labs",
        "labs",
        "l",
        "Try event patterns; see why an event does not match",
        True,
        {"filters", "permissions", "capacity", "errors"},
    ),
    ("permissions", "Permissions", "look", "", "Who may do what, which statement says so, what would allow it", False, {"permissions"}),
    ("trail", "Trail", "trail", "t", "Who called what, from where, and what came of it", True, {"trail"}),
    ("capacity", "Concurrency", "throttled", "", "Environments and throttles under load, live, against the account's limits", False, set()),
    ("fire", "Fire", "fire", "", "Send an event to any function or version", False, {"fire"}),
    ("settings", "Settings", "settings", "c", "Theme, contrast, keys, and how to connect", True, {"settings"}),
    ("settings-clock", "Clock", "queued", "", "How fast retries, delays and schedules wait; skip to what is due next", False, set()),
    ("settings-limits", "Limits", "throttled", "", "Concurrency, scaling rate and other quotas of this account", False, set()),
    ("settings-faults", "Faults", "alert", "", "Throttles, errors, latency, crashes and refused deliveries on purpose", False, set()),
    ("errors", "Error gallery", "failed", "", "Every error of Invoke, produced by a button, as the SDK sees it", False, set()),
    ("legend", "Legend", "help", "", "What each state means", False, {"legend"}),
]


def pages(account_id: str, url_name: str) -> list[Page]:
    """All places, the current one marked."""
    return [
        Page(name, icon, reverse(target, args=[account_id]), key, about, _belongs(url_name, target, family), in_rail)
        for target, name, icon, key, about, in_rail, family in _PAGES
        if _exists(target)
    ]


def _belongs(url_name: str, target: str, family: set[str]) -> bool:
    return url_name == target or any(url_name == name or url_name.startswith(name + "-") for name in family)


def _exists(target: str) -> bool:
    try:
        reverse(target, args=["000000000000"])
    except NoReverseMatch:
        return False
    return True
