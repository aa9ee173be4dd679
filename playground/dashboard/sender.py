"""Which service sent an invocation its event: a topic, a rule or a schedule, and the message or event that it passed on."""

import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse

from invocations.enums import Station
from invocations.services.eventbridge.names import parse, split_rule
from playground.dashboard.arns import name_of, place
from playground.dashboard.invocation_view import InvocationView

_SPEAKERS: Final = {"sns": "topic", "events": "rule", "scheduler": "schedule"}
"""An invocation's source, of those that invoke by themselves -> its word."""


@dataclass(frozen=True, slots=True)
class Sender:
    """The last one before the function."""

    noun: str
    name: str
    icon: str
    url: str
    """Its page, with what it sent where that is known; empty where it is another account's."""
    cargo: str
    """message …, event …; empty where it is not known."""

    @property
    def words(self) -> str:
        """topic news, message 4be1…"""
        return f"{self.noun} {self.name}" + (f", {self.cargo}" if self.cargo else "")


def sender_of(view: InvocationView) -> Sender | None:
    """By what the decision to let it in says of the source, and by the event itself; None where a caller sent it."""
    noun, step = _SPEAKERS.get(view.source), view.step(Station.AUTHORIZE)
    arn = str(step.detail.get("source_arn", "")) if step is not None else ""
    if noun is None or not arn:
        return None
    query, cargo, what = "", "", _passed_on(view)
    if what:
        word = "message" if view.source == "sns" else "event"
        query, cargo = f"?{urlencode({word: what})}#{word}", f"{word} {what[:8]}…"
    own = arn.split(":")[4] == view.account_id
    if view.source == "events":
        found = parse(arn, "rule")
        bus, rule = split_rule(found[1]) if found else ("", name_of(arn))
        url = reverse("resource", args=[view.account_id, "buses", bus]) + (query or f"?{urlencode({'rule': rule})}") if bus else ""
        return Sender(noun, rule, "buses", url if own else "", cargo)
    if view.source == "sns":
        there = place(view.account_id, arn)
        return Sender(noun, there.name, there.icon, there.url + query if own else "", cargo)
    name = arn.partition(":schedule/")[2].removeprefix("default/")
    return Sender(
        noun, name, "schedules", reverse("resource", args=[view.account_id, "schedules", name.replace("/", ":")]) if own else "", ""
    )


def _passed_on(view: InvocationView) -> str:
    """The id of the topic's message or of the bus's event, where the function got it as it was."""
    try:
        event: Any = json.loads(view.request.data)
        if view.source == "sns":
            return str(event["Records"][0]["Sns"]["MessageId"])
        return str(event["id"]) if view.source == "events" and "detail-type" in event else ""
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
