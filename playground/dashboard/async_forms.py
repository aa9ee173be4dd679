"""Forms of the Asynchronous tab. What AWS allows is decided by invocations.resources."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from django import forms

from invocations.models import EventInvokeConfig, FunctionVersion
from invocations.retry import MAXIMUM_EVENT_AGE_SECONDS, MAXIMUM_RETRY_ATTEMPTS
from playground.dashboard.arns import name_of
from playground.dashboard.forms import StyledForm

Targets = Mapping[str, Sequence[str]]
"""ARNs to choose from, by the heading under which they are offered."""
NO_TARGET = ("", "nothing")


class TargetField(forms.CharField):
    """An ARN, picked from what exists. One that is not offered is not refused here: AWS's own sentence says what is wrong with it."""

    widget = forms.Select

    def offer(self, targets: Targets, current: str) -> None:
        """*current* stays to be seen when it exists no more."""
        assert isinstance(self.widget, forms.Select)
        groups = [(heading, [(arn, name_of(arn)) for arn in arns]) for heading, arns in targets.items() if arns]
        is_offered = not current or any(current in arns for arns in targets.values())
        gone = [] if is_offered else [(current, f"{name_of(current)} (no longer there)")]
        self.widget.choices = [NO_TARGET, *gone, *groups]


class EventInvokeConfigForm(StyledForm):
    """What PutFunctionEventInvokeConfig takes."""

    maximum_event_age_in_seconds = forms.IntegerField(
        label="Maximum age of event (seconds)", required=False, help_text=f"60 to 21600, six hours. Empty: {MAXIMUM_EVENT_AGE_SECONDS}."
    )
    maximum_retry_attempts = forms.ChoiceField(
        label="Retry attempts",
        required=False,
        choices=[("", f"{MAXIMUM_RETRY_ATTEMPTS}, the default"), *[(str(number), str(number)) for number in range(3)]],
        help_text="After the first try.",
    )
    on_success = TargetField(label="On success", required=False)
    on_failure = TargetField(label="On failure", required=False)

    @classmethod
    def of(cls, config: EventInvokeConfig | None, targets: Targets, data: Any = None) -> Self:
        """Filled in with a configuration as it is, or with *data* as it was sent."""
        initial = {name: getattr(config, name) for name in cls.base_fields} if config else {}
        form = cls(data, initial=initial)
        buckets_apart = {heading: arns for heading, arns in targets.items() if not any(":s3:" in arn for arn in arns)}
        form._offer("on_success", buckets_apart)
        form._offer("on_failure", targets)
        return form

    def _offer(self, name: str, targets: Targets) -> None:
        field = self.fields[name]
        assert isinstance(field, TargetField)
        field.offer(targets, self[name].value() or "")

    def parameters(self) -> dict[str, Any]:
        """As PutFunctionEventInvokeConfig takes them, without the names."""
        data = self.cleaned_data
        destinations = {"OnSuccess": {"Destination": data["on_success"]}, "OnFailure": {"Destination": data["on_failure"]}}
        found: dict[str, Any] = {"DestinationConfig": destinations}
        if data["maximum_retry_attempts"]:
            found["MaximumRetryAttempts"] = int(data["maximum_retry_attempts"])
        if data["maximum_event_age_in_seconds"] is not None:
            found["MaximumEventAgeInSeconds"] = data["maximum_event_age_in_seconds"]
        return found

    @property
    def aws_names(self) -> dict[str, str]:
        """What names a field in AWS's messages -> the field."""
        arns = {self.cleaned_data[name]: name for name in ("on_success", "on_failure") if self.cleaned_data[name]}
        longest_first = sorted(arns, key=len, reverse=True)  # one may be the beginning of the other
        numbers = {"maximumEventAgeInSeconds": "maximum_event_age_in_seconds", "maximumRetryAttempts": "maximum_retry_attempts"}
        return numbers | {arn: arns[arn] for arn in longest_first}


class DeadLetterForm(StyledForm):
    """DeadLetterConfig of $LATEST."""

    target_arn = TargetField(label="Dead-letter queue", required=False, help_text="A standard queue or topic.")

    @classmethod
    def of(cls, version: FunctionVersion, targets: Targets, data: Any = None) -> Self:
        """Filled in with what a version has, or with *data* as it was sent."""
        form = cls(data, initial={"target_arn": version.dead_letter_target_arn})
        field = form.fields["target_arn"]
        assert isinstance(field, TargetField)
        field.offer(targets, form["target_arn"].value() or "")
        return form


class RecursionForm(StyledForm):
    """RecursiveLoop of the function."""

    recursive_loop = forms.ChoiceField(
        label="When it runs for the 17th time in one chain", choices=[("Terminate", "stop it (Terminate)"), ("Allow", "go on (Allow)")]
    )
