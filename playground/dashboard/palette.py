"""What the palette finds for a few typed letters."""

import json
import re
from dataclasses import dataclass, field

from django.urls import reverse

from invocations import account_clock, due
from invocations.models import Function
from playground.dashboard.account_time import span
from playground.dashboard.invocation_list import Filters
from playground.dashboard.navigation import pages
from playground.dashboard.resources.registry import KINDS

FOUND_OF_A_KIND = 6


@dataclass(frozen=True)
class Hit:
    """One thing to open."""

    name: str
    url: str
    icon: str
    about: str = ""
    key: str = ""
    sent: dict[str, str] = field(default_factory=dict)
    """What choosing it sends to *url*, where it is something to do; without scripts, the page at *url* does the same."""

    @property
    def sent_as_json(self) -> str:
        """For hx-vals."""
        return json.dumps(self.sent)


def find(account_id: str, typed: str) -> list[tuple[str, list[Hit]]]:
    """(heading, hits) of what fits: pages, functions and resources by any part of their names, invocations by the start of their id."""
    groups = [
        ("Go to", _pages(account_id, typed)),
        ("Clock", _clock(account_id, typed)),
        ("Functions", _functions(account_id, typed)),
        ("Resources", _resources(account_id, typed)),
        ("Invocations", _invocations(account_id, typed)),
    ]
    return [(heading, hits) for heading, hits in groups if hits]


def _pages(account_id: str, typed: str) -> list[Hit]:
    words = typed.lower().split()
    return [
        Hit(page.name, page.url, page.icon, page.about, f"g {page.key}" if page.key else "")
        for page in pages(account_id, "")
        if all(word in f"{page.name} {page.about}".lower() for word in words)
    ]


def _clock(account_id: str, typed: str) -> list[Hit]:
    """Ways to set the clock, for who types of it."""
    words = typed.lower().replace("×", "x").split()
    if not words:
        return []
    url = reverse("settings-clock", args=[account_id])
    state = account_clock.read(account_id)
    hits = [
        Hit(
            f"Clock: ×{rate}",
            url,
            "faster" if rate > 1 else "queued",
            "as fast as real time" if rate == 1 else f"an hour goes by in {span(3600 / rate)}",
            sent={"rate": str(rate)},
        )
        for rate in account_clock.RATES
        if rate != state.rate
    ]
    if state.paused:
        hits.append(Hit("Clock: go on", url, "resume", "", sent={"paused": "false"}))
    else:
        hits.append(Hit("Clock: pause", url, "pause", "retries, delays and schedules stand still", sent={"paused": "true"}))
    waiting = due.upcoming(account_id, 1)
    if waiting:
        hits.append(Hit("Clock: skip to the next", url, "skip", waiting[0].what, sent={"skip": "next"}))
    return [hit for hit in hits if all(word in f"{hit.name} time rate".lower().replace("×", "x") for word in words)]


def _functions(account_id: str, typed: str) -> list[Hit]:
    names = Function.objects.of(account_id).filter(name__icontains=typed.strip()).order_by("name").values_list("name", flat=True)
    return [Hit(name, reverse("function", args=[account_id, name]), "functions") for name in names[:FOUND_OF_A_KIND]]


def _resources(account_id: str, typed: str) -> list[Hit]:
    words = typed.lower().strip()
    kinds = [Hit(kind.heading, kind.url(account_id), kind.icon, kind.about) for kind in KINDS if words in kind.heading.lower()]
    found = [
        Hit(name, kind.url(account_id, name), kind.icon, kind.singular)
        for kind in KINDS
        for name in (kind.search(account_id, words)[:FOUND_OF_A_KIND] if words else ())
    ]
    return kinds + found


def _invocations(account_id: str, typed: str) -> list[Hit]:
    if not re.fullmatch(r"[0-9a-f-]{4,36}", typed.lower()):
        return []
    rows = Filters(q=typed).rows(account_id)[:FOUND_OF_A_KIND]
    return [
        Hit(row.request_id, reverse("invocation", args=[account_id, row.request_id]), "invocations", f"{row.function_name}, {row.state}")
        for row in rows
    ]
