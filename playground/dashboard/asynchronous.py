"""What the Asynchronous tab draws: when an event is tried, and where it goes after that."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404

from invocations.arn import LATEST
from invocations.models import EventInvokeConfig, Function, FunctionVersion
from invocations.resources import functions, target_arns
from invocations.retry import (
    Attempt,
    Condition,
    GiveUp,
    Retry,
    Rules,
    after_attempt,
    retry_delay,
)
from playground.dashboard import event_list
from playground.dashboard.arns import Place, place
from playground.dashboard.async_forms import DeadLetterForm, EventInvokeConfigForm, RecursionForm, Targets
from playground.dashboard.event_story import rules
from playground.dashboard.figures import seconds
from playground.dashboard.web import DashboardRequest

A_MOMENT = 0.001
"""Seconds that a run takes in the drawing: enough for a retry that falls on the age limit to come too late, as it always does."""


TRY, MISSED, LIMIT = "try", "missed", "limit"
"""Kinds of marks: a try, one that would come too late, and the age limit."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One mark on the timeline of an event that fails each time."""

    kind: str
    name: str
    at: str
    about: str
    then_waits: str = ""
    """How long until the next try; empty where none follows."""


def timeline(rules: Rules) -> list[Moment]:
    """The tries that *rules* allow and those that they forbid for the event's age, with the age limit where it falls."""
    ats, condition = _tries(rules)
    moments = []
    for number, at in enumerate(ats, 1):
        is_last = number == len(ats)
        about = f"If it fails: given up, {condition}." if is_last else "If it fails, the event waits."
        moments.append(Moment(TRY, f"Try {number}", _after(at), about, "" if is_last else seconds(retry_delay(number))))
    limit = _after(rules.maximum_event_age_seconds)
    moments.append(Moment(LIMIT, "Age limit", limit, "What still waits then, throttled or not, is given up: EventAgeExceeded."))
    at = ats[-1]
    for number in range(len(ats) + 1, rules.maximum_retry_attempts + 2):
        at += retry_delay(number - 1)
        moments.append(Moment(MISSED, f"Try {number}", _after(at), "Never made: the event would be too old."))
    return moments


def _tries(rules: Rules) -> tuple[list[float], Condition]:
    """When an event that always fails is tried, in seconds from its arrival, and what it is given up for."""
    ats = [0.0]
    while True:
        now = ats[-1] + A_MOMENT
        match after_attempt(Attempt.FUNCTION_ERROR, runs=len(ats), throttles=0, enqueued_at=0, now=now, rules=rules):
            case Retry(at=later):
                ats.append(float(round(later)))
            case GiveUp(condition=condition):
                return ats, condition
            case _:
                raise AssertionError("an error is never the end of a success")


def _after(at: float) -> str:
    return f"after {seconds(at)}" if at else "at once"


@dataclass(frozen=True, slots=True)
class Way:
    """One way out for an event, with the place that it leads to."""

    name: str
    """AWS's word for it."""
    cargo: str
    """What goes there, and when."""
    otherwise: str
    """What happens where it leads nowhere."""
    place: Place | None
    is_missing: bool
    """It was deleted after it was chosen."""


def ways(account_id: str, on_success: str, on_failure: str, dead_letter_target_arn: str) -> list[Way]:
    """The three ways, those that lead nowhere too."""
    found = [
        ("On success", "a record of the try that succeeded", "The function's response is thrown away.", on_success),
        ("On failure", "a record of the last try, once the event is given up", "Nobody is told.", on_failure),
        ("Dead-letter queue", "the event itself, once it is given up", "The event is lost.", dead_letter_target_arn),
    ]
    return [
        Way(name, cargo, otherwise, place(account_id, arn) if arn else None, bool(arn) and not target_arns.exists(account_id, arn))
        for name, cargo, otherwise, arn in found
    ]


@dataclass(frozen=True, slots=True)
class Replacement:
    """A target that would be another one, or none, after saving."""

    name: str
    before: Place
    after: Place | None

    def __str__(self) -> str:
        return f"{self.before.arn}>{self.after.arn if self.after else ''}"


def replaced(account_id: str, slots: Sequence[tuple[str, str, str]]) -> list[Replacement]:
    """Of *slots*, (name, ARN now, ARN to be), those where something would be lost."""
    return [
        Replacement(name, place(account_id, before), place(account_id, after) if after else None)
        for name, before, after in slots
        if before and before != after
    ]


def rules_of(config: EventInvokeConfig | None) -> Rules:
    """What was set, with Lambda's defaults for the rest."""
    return rules(config.maximum_retry_attempts, config.maximum_event_age_in_seconds) if config else Rules()


def context(request: DashboardRequest, version: FunctionVersion) -> dict[str, Any]:
    """What the tab shows of the qualifier that the request names, $LATEST where it names none. Raises Http404."""
    function, qualifier = version.function, qualifier_of(request, version.function)
    account_id = function.account_id
    configs = {config.qualifier: config for config in function.event_invoke_configs.all()}
    config = configs.get(qualifier)
    served = version if qualifier == LATEST else functions.get(account_id, function.name, qualifier)
    book = {(function.name, name): rules_of(each) for name, each in configs.items()}
    on_success, on_failure = (config.on_success, config.on_failure) if config else ("", "")
    in_force = rules_of(config)
    return {
        "qualifier": qualifier,
        "qualifiers": [(each, each in configs) for each in qualifiers(function)],
        "config": config,
        "served": served,
        "rules": in_force,
        "timeline": timeline(in_force),
        "queue": event_list.page(account_id, function.name, request.GET.get("events", ""), book),
        "ways": ways(account_id, on_success, on_failure, served.dead_letter_target_arn),
        "form": EventInvokeConfigForm.of(config, destinations(function)),
        "dead_letter_form": DeadLetterForm.of(version, target_arns.choices(account_id, target_arns.DEAD_LETTER_SERVICES)),
        "recursion_form": RecursionForm(initial={"recursive_loop": function.recursive_loop}),
    }


def destinations(function: Function) -> Targets:
    """What a function may choose from: everything there is but itself. Buckets only take failures, and are marked so."""
    found = target_arns.choices(function.account_id, target_arns.DESTINATION_SERVICES | {"s3"})
    return {
        heading: [arn for arn in arns if arn != function.arn and not arn.startswith(f"{function.arn}:")] for heading, arns in found.items()
    }


def qualifiers(function: Function) -> list[str]:
    """$LATEST, the aliases by name, and the published versions, newest first."""
    published = function.versions.exclude(version=LATEST).order_by("-pk").values_list("version", flat=True)
    return [LATEST, *function.aliases.order_by("name").values_list("name", flat=True), *published]


def qualifier_of(request: DashboardRequest, function: Function) -> str:
    """The qualifier that the request names. Raises Http404 for one that the function does not have."""
    asked = request.POST.get("qualifier") or request.GET.get("qualifier") or LATEST
    if asked not in qualifiers(function):
        raise Http404(f"{function.name} has no version or alias {asked}.")
    return asked
