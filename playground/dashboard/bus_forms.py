"""Forms of an event bus's page. They only read what was typed; what EventBridge allows is decided by invocations.resources."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from django import forms

from invocations.values import Members
from playground.dashboard.forms import StyledForm
from playground.dashboard.target_names import HELP, arn_of

EXAMPLE_EVENT = {"source": "shop.orders", "detail_type": "OrderPlaced", "detail": '{\n  "order": 42,\n  "total": 99.5\n}'}
"""What the form to put an event holds at first."""
EXAMPLE_PATTERN = '{\n  "source": ["shop.orders"]\n}'

WHOLE, PART, CONSTANT, TEMPLATE = "whole", "part", "constant", "template"
INPUTS = [
    (WHOLE, "the whole event"),
    (PART, "a part of it (InputPath)"),
    (CONSTANT, "a constant (Input)"),
    (TEMPLATE, "a template (InputTransformer)"),
]


def _listed(list_id: str) -> forms.TextInput:
    """A field that offers what a datalist of the page has."""
    return forms.TextInput(attrs={"list": list_id, "autocomplete": "off"})


def _text(label: str, rows: int, *, required: bool = True, help_text: str = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "spellcheck": "false"})
    return forms.CharField(label=label, widget=widget, required=required, help_text=help_text)


class PutEventForm(StyledForm):
    """One entry of PutEvents."""

    source = forms.CharField(label="Source", max_length=256)
    detail_type = forms.CharField(label="Detail type", max_length=128)
    detail = _text("Detail (JSON)", 6)
    resources = _text("Resources", 1, required=False, help_text="ARNs, one a line.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="put-%s", **kwargs)

    def entry(self, bus_name: str) -> dict[str, Any]:
        """As PutEvents takes it."""
        data = self.cleaned_data
        resources = {"Resources": data["resources"].split()} if data["resources"] else {}
        return {
            "Source": data["source"],
            "DetailType": data["detail_type"],
            "Detail": data["detail"],
            **resources,
            "EventBusName": bus_name,
        }


class RuleForm(StyledForm):
    """PutRule."""

    name = forms.CharField(label="Rule name", max_length=64, help_text="Letters, digits, dots, hyphens and underscores.")
    event_pattern = _text("Event pattern (JSON)", 5, required=False)
    schedule_expression = forms.CharField(
        label="Schedule", max_length=256, required=False, help_text="rate(5 minutes) or cron(0 12 * * ? *), in UTC."
    )
    description = forms.CharField(label="Description", max_length=512, required=False)

    FIELDS = {"EventPattern": "event_pattern", "Event pattern": "event_pattern", "ScheduleExpression": "schedule_expression"}
    """What a refusal may name -> the field that shows it."""

    def __init__(self, *args: Any, has_schedules: bool, is_new: bool = True, **kwargs: Any) -> None:
        """*has_schedules*: only the default bus has. The name of a rule that is there is not asked for."""
        omitted = ([] if has_schedules else ["schedule_expression"]) + ([] if is_new else ["name"])
        super().__init__(*args, auto_id="rule-%s" if is_new else "edit-%s", omitted=omitted, **kwargs)

    def members(self, name: str, bus_name: str, state: str) -> dict[str, Any]:
        """As PutRule takes them."""
        data = self.cleaned_data
        given = {
            "EventPattern": data["event_pattern"].strip(),
            "ScheduleExpression": data.get("schedule_expression", ""),
            "Description": data["description"],
        }
        return {"Name": name, "EventBusName": bus_name, "State": state, **{key: value for key, value in given.items() if value}}


class TargetForm(StyledForm):
    """One target of PutTargets."""

    arn = forms.CharField(label="Target", max_length=1600, widget=_listed("target-arns"), help_text=HELP)
    input_kind = forms.ChoiceField(label="It is sent", choices=INPUTS)
    input_text = _text("Path, constant or template", 2, required=False, help_text='$.detail, {"a": 1}, or "order <order>".')
    input_paths = _text("Variables of the template", 1, required=False, help_text="One a line: order=$.detail.order")
    dead_letter_arn = forms.ChoiceField(label="Dead-letter queue", required=False)

    def __init__(self, *args: Any, queues: Sequence[str], **kwargs: Any) -> None:
        """*queues*: ARNs of those that may be the dead-letter queue."""
        offered = [("", "none"), *((arn, arn.rpartition(":")[2]) for arn in queues)]
        super().__init__(*args, auto_id="target-%s", choices={"dead_letter_arn": offered}, **kwargs)

    def clean_input_paths(self) -> dict[str, str]:
        """{"order": "$.detail.order"}"""
        paths = {}
        for number, line in enumerate(self.cleaned_data["input_paths"].splitlines(), 1):
            name, separator, path = line.partition("=")
            if line.strip() and not separator:
                raise forms.ValidationError(f"Line {number} has no equals sign: write name=$.path.")
            if line.strip():
                paths[name.strip()] = path.strip()
        return paths

    def target(self, account_id: str, taken: Sequence[str]) -> dict[str, Any]:
        """As PutTargets takes it, with an id that is not *taken*."""
        data = self.cleaned_data
        arn = arn_of(account_id, data["arn"])
        stem = arn.rpartition(":")[2].replace("/", "-")[:56] or "target"
        numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
        name = next(each for each in (stem, *numbered) if each not in taken)
        text, kind = data["input_text"].strip(), data["input_kind"]
        given: dict[str, Any] = {}
        if kind == PART:
            given["InputPath"] = text
        elif kind == CONSTANT:
            given["Input"] = text
        elif kind == TEMPLATE:
            given["InputTransformer"] = {"InputPathsMap": data["input_paths"], "InputTemplate": text}
        if data["dead_letter_arn"]:
            given["DeadLetterConfig"] = {"Arn": data["dead_letter_arn"]}
        return {"Id": name, "Arn": arn, **given}


class ArchiveForm(StyledForm):
    """CreateArchive."""

    name = forms.CharField(label="Archive name", max_length=48)
    event_pattern = _text("Only events that match", 2, required=False, help_text="An event pattern. Empty: all events of this bus.")
    retention_days = forms.IntegerField(label="Kept for (days)", min_value=0, initial=0, help_text="0: for ever.")

    FIELDS = {"Archive": "name", "Event pattern": "event_pattern"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="archive-%s", **kwargs)

    def members(self, bus_arn: str) -> dict[str, Any]:
        """As CreateArchive takes them."""
        data = self.cleaned_data
        pattern = {"EventPattern": data["event_pattern"].strip()} if data["event_pattern"].strip() else {}
        return {"ArchiveName": data["name"], "EventSourceArn": bus_arn, "RetentionDays": data["retention_days"], **pattern}


class ReplayForm(StyledForm):
    """StartReplay."""

    archive = forms.ChoiceField(label="Archive")
    name = forms.CharField(label="Replay name", max_length=64)
    start = forms.DateTimeField(label="Events from", help_text="On the account's clock, UTC.")
    end = forms.DateTimeField(label="Events until")
    rule = forms.ChoiceField(label="For", required=False)

    def __init__(self, *args: Any, archives: Sequence[str], rules: Mapping[str, str], **kwargs: Any) -> None:
        """*rules*: ARN -> name."""
        offered = {"archive": [(name, name) for name in archives], "rule": [("", "all rules of this bus"), *rules.items()]}
        super().__init__(*args, auto_id="replay-%s", choices=offered, **kwargs)
        for name in ("start", "end"):
            attrs = {"type": "datetime-local", "step": "1", "class": "input"}
            self.fields[name].widget = forms.DateTimeInput(attrs=attrs, format="%Y-%m-%dT%H:%M:%S")

    def members(self, bus_arn: str, archive_arn: str) -> dict[str, Any]:
        """As StartReplay takes them."""
        data = self.cleaned_data
        destination: dict[str, Any] = {"Arn": bus_arn}
        if data["rule"]:
            destination["FilterArns"] = [data["rule"]]
        return {
            "ReplayName": data["name"],
            "EventSourceArn": archive_arn,
            "EventStartTime": data["start"].replace(tzinfo=UTC),
            "EventEndTime": data["end"].replace(tzinfo=UTC),
            "Destination": destination,
        }


class SettingsForm(StyledForm):
    """UpdateEventBus, and the bus's policy."""

    description = forms.CharField(label="Description", max_length=512, required=False)
    policy = _text("Policy (JSON)", 8, required=False, help_text="Which other accounts may put events here. Empty: none.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="settings-%s", **kwargs)


def target_input(target: Members) -> str:
    """What a target is sent, in a few words."""
    if "Input" in target:
        return f"constant {target['Input']}"
    if "InputPath" in target:
        return str(target["InputPath"])
    if "InputTransformer" in target:
        return str(target["InputTransformer"]["InputTemplate"])
    return ""
