"""What the lab's pattern can be made into: a rule of a bus, a subscription of a topic. Its form is filled in where these are made."""

from typing import Final
from urllib.parse import urlencode

from django.urls import reverse

from playground.dashboard.filter_lab.modes import POLICY, RULE, Mode

MADE: Final = {RULE: ("buses", "rule", "#new-rule"), POLICY: ("topics", "subscription", "#new-subscription")}
"""Group of modes -> the kind of resource that has it, what it is called, and where on the resource's page it is made."""


def noun(mode: Mode) -> str:
    """What it would be; empty where nothing is made of such patterns here."""
    return MADE[mode.group][1] if mode.group in MADE else ""


def url(mode: Mode, account_id: str, name: str, pattern: str) -> str:
    """The form with *pattern*, on the page of the bus or topic *name*."""
    slug, _, place = MADE[mode.group]
    scope = {"scope": str(mode.scope)} if mode.scope else {}
    return f"{reverse('resource', args=[account_id, slug, name])}?{urlencode({'pattern': pattern, **scope})}{place}"
