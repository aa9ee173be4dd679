"""The form of a new fault, and the words for each kind."""

from typing import Any

from django import forms

from invocations.enums import FaultKind, ThrottleReason
from playground.dashboard.forms import StyledForm

WORDS = {
    FaultKind.THROTTLE: ("Throttle", "429 TooManyRequestsException before the function runs. SDKs repeat it, events wait."),
    FaultKind.SERVICE_EXCEPTION: (
        "Service error",
        "500 ServiceException before the function runs. SDKs repeat it, events wait.",
    ),
    FaultKind.LATENCY: ("Added latency", "The invocation waits before it gets an environment, and holds its concurrency meanwhile."),
    FaultKind.INIT_FAILURE: (
        "Init failure",
        "The runtime of a new environment is killed in its Init phase: a function error, Runtime.ExitError.",
    ),
    FaultKind.CRASH: ("Environment crash", "The runtime is killed as it is handed the event: a function error, Runtime.ExitError."),
    FaultKind.DESTINATION_DENIED: (
        "Destination denied",
        "A delivery to the function’s destination or dead-letter queue is refused with AccessDeniedException. It is tried three times, "
        "and has then failed.",
    ),
    FaultKind.SOURCE_ERROR: (
        "Source error",
        "What a topic, a rule or a schedule sends to the function meets 500 ServiceException. That service tries again by its own rule.",
    ),
}
"""Kind -> name, and what happens."""


class FaultForm(StyledForm):
    """What is to go wrong, where, how often."""

    function = forms.ChoiceField(label="Function")
    kind = forms.ChoiceField(label="What goes wrong", choices=[(kind, name) for kind, (name, _) in WORDS.items()])
    percent = forms.FloatField(label="Share (%)", initial=100, help_text="Of the invocations, or of the deliveries. Above 0, up to 100.")
    count = forms.IntegerField(label="At most how often", required=False, help_text="Empty: until it is taken away.")
    latency_ms = forms.IntegerField(label="Latency (ms)", required=False, help_text="For added latency only.")
    reason = forms.ChoiceField(
        label="Reason",
        required=False,
        choices=[("", "ConcurrentInvocationLimitExceeded"), *[(reason, reason) for reason in list(ThrottleReason)[1:]]],
        help_text="For a throttle only.",
    )
    expires_in_minutes = forms.IntegerField(label="Ends by itself after (minutes)", required=False, initial=60, help_text="Empty: never.")

    def wanted(self) -> dict[str, Any]:
        """As resources.faults.create takes it; what belongs to another kind is left out."""
        data, kind = self.cleaned_data, self.cleaned_data["kind"]
        minutes = data["expires_in_minutes"]
        return {
            "function": data["function"],
            "kind": kind,
            "probability": data["percent"] / 100,
            "count": data["count"],
            "latency_ms": data["latency_ms"] if kind == FaultKind.LATENCY else None,
            "reason": (data["reason"] or None) if kind == FaultKind.THROTTLE else None,
            "expires_in_seconds": None if minutes is None else minutes * 60,
        }
