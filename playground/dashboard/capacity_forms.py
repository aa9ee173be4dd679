"""Forms of the page of concurrency: a load, and the limits beside the picture."""

import json
from typing import Any

from django import forms

from invocations import load
from playground.dashboard.forms import StyledForm


class LoadForm(StyledForm):
    """What is sent, how fast, for how long."""

    function = forms.ChoiceField(label="Function")
    rate = forms.IntegerField(label="Requests a second", initial=5, min_value=1, max_value=load.MOST_RATE)
    shape = forms.ChoiceField(
        label="Shape",
        choices=[
            ("steady", "steady"),
            ("ramp", "ramp: from nothing up to it"),
            ("burst", "burst: so many at once, every 5 s"),
            ("wave", "wave: up and down, every 10 s"),
        ],
    )
    seconds = forms.IntegerField(label="Seconds", initial=30, min_value=1, max_value=load.MOST_SECONDS)
    callers = forms.IntegerField(
        label="Callers",
        initial=50,
        min_value=1,
        max_value=load.MOST_CALLERS,
        help_text="Who wait for an answer at once at the most, in each way.",
    )
    way = forms.ChoiceField(
        label="Invocation type",
        choices=[
            (load.Way.SYNC, "RequestResponse: synchronous"),
            (load.Way.ASYNC, "Event: asynchronous"),
            (load.Way.BOTH, "both: each request once in each way"),
        ],
    )
    payload = forms.CharField(label="Event", initial='{"seconds": 1}', widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}))

    def clean_payload(self) -> str:
        """JSON, as Lambda takes it."""
        try:
            json.loads(self.cleaned_data["payload"])
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(f"This is not JSON: {error}.") from None
        return str(self.cleaned_data["payload"])

    def spec(self) -> dict[str, Any]:
        """As load.LoadSpec has it."""
        return dict(self.cleaned_data)


class KnobsForm(StyledForm):
    """The account's limit, and one function's reservation."""

    concurrent_executions = forms.IntegerField(label="Account limit", min_value=1, max_value=100_000)
    function = forms.ChoiceField(label="Reserve for", required=False)
    reserved = forms.IntegerField(label="Reserved concurrency", required=False, min_value=0, help_text="Empty: none. 0: off.")
