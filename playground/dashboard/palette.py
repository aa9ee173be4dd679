"""What the palette finds for a few typed letters."""

import re
from dataclasses import dataclass

from django.urls import reverse

from invocations.models import Function
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


def find(account_id: str, typed: str) -> list[tuple[str, list[Hit]]]:
    """(heading, hits) of what fits: pages, functions and resources by any part of their names, invocations by the start of their id."""
    groups = [
        ("Go to", _pages(account_id, typed)),
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
