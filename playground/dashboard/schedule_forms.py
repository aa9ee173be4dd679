"""The form of a schedule, for a new one and for changing one."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django import forms

from invocations.models import Schedule
from playground.dashboard.forms import StyledForm
from playground.dashboard.target_names import HELP, arn_of


class ScheduleForm(StyledForm):
    """CreateSchedule, UpdateSchedule. The target may be chosen, or typed as an ARN."""

    name = forms.CharField(label="Schedule name", max_length=64, help_text="Letters, digits, dots, hyphens and underscores.")
    expression = forms.CharField(label="When", max_length=256, help_text="rate(5 minutes), cron(0 12 * * ? *) or at(2027-01-31T12:00:00).")
    timezone = forms.CharField(label="Time zone", max_length=50, initial="UTC", help_text="Of cron and at, such as Europe/Berlin.")
    target = forms.CharField(
        label="Target", max_length=1600, widget=forms.TextInput(attrs={"list": "schedule-targets", "autocomplete": "off"}), help_text=HELP
    )
    input_text = forms.CharField(
        label="It is sent",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="Empty: an event that names the schedule. <aws.scheduler.scheduled-time> is filled in.",
    )
    source = forms.CharField(label="Source", max_length=256, required=False, help_text="For an event bus.")
    detail_type = forms.CharField(label="Detail type", max_length=128, required=False, help_text="For an event bus.")
    start = forms.DateTimeField(label="Not before", required=False)
    end = forms.DateTimeField(label="Not after", required=False, help_text="UTC, on the account's clock.")
    window = forms.IntegerField(label="Flexible window (minutes)", required=False, min_value=0, max_value=1440)
    dead_letter_arn = forms.ChoiceField(label="Dead-letter queue", required=False)
    deletes_itself = forms.BooleanField(label="Delete it when it is over", required=False)

    FIELDS = {
        "Schedule Expression": "expression",
        "ScheduleExpressionTimezone": "timezone",
        "StartDate": "start",
        "EndDate": "end",
        "EventBridgeParameters": "source",
        "Arn": "target",
        "Input": "input_text",
        "MaximumWindowInMinutes": "window",
        "schedule named": "name",
        "Schedule": "name",
    }
    """What a refusal may name -> the field that shows it."""

    def __init__(self, *args: Any, queues: Sequence[str] = (), is_new: bool = True, **kwargs: Any) -> None:
        """*queues*: ARNs of those that may be the dead-letter queue."""
        offered = [("", "none"), *((arn, arn.rpartition(":")[2]) for arn in queues)]
        omitted = [] if is_new else ["name"]
        super().__init__(*args, auto_id="schedule-%s", choices={"dead_letter_arn": offered}, omitted=omitted, **kwargs)
        for name in ("start", "end"):
            attrs = {"type": "datetime-local", "step": "1", "class": "input"}
            self.fields[name].widget = forms.DateTimeInput(attrs=attrs, format="%Y-%m-%dT%H:%M:%S")

    @classmethod
    def initial_of(cls, row: Schedule) -> dict[str, Any]:
        """What the form holds for a schedule."""
        parameters = row.target.get("EventBridgeParameters", {})
        return {
            "expression": row.schedule_expression,
            "timezone": row.schedule_expression_timezone,
            "target": row.target["Arn"],
            "input_text": row.target.get("Input", ""),
            "source": parameters.get("Source", ""),
            "detail_type": parameters.get("DetailType", ""),
            "start": row.start_date,
            "end": row.end_date,
            "window": row.flexible_time_window.get("MaximumWindowInMinutes"),
            "dead_letter_arn": row.target.get("DeadLetterConfig", {}).get("Arn", ""),
            "deletes_itself": row.action_after_completion == "DELETE",
        }

    def members(self, account_id: str, row: Schedule | None = None) -> dict[str, Any]:
        """As CreateSchedule, or of a schedule that is there UpdateSchedule, takes them; what the form does not ask for stays."""
        data = self.cleaned_data
        target: dict[str, Any] = {"Arn": arn_of(account_id, data["target"]), "RoleArn": f"arn:aws:iam::{account_id}:role/scheduler"}
        if row is not None:
            target = {key: value for key, value in row.target.items() if key in ("RoleArn", "RetryPolicy", "SqsParameters")} | {
                "Arn": arn_of(account_id, data["target"])
            }
        if data["input_text"]:
            target["Input"] = data["input_text"]
        if data["source"] or data["detail_type"]:
            target["EventBridgeParameters"] = {"Source": data["source"], "DetailType": data["detail_type"]}
        if data["dead_letter_arn"]:
            target["DeadLetterConfig"] = {"Arn": data["dead_letter_arn"]}
        window = data["window"]
        given: dict[str, Any] = {
            "Name": row.name if row else data["name"],
            "ScheduleExpression": data["expression"],
            "ScheduleExpressionTimezone": data["timezone"],
            "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": window} if window else {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE" if data["deletes_itself"] else "NONE",
            "Target": target,
        }
        known_start, known_end = (row.start_date, row.end_date) if row else (None, None)
        moments = {"StartDate": _utc(data["start"], known_start), "EndDate": _utc(data["end"], known_end)}
        given |= {name: moment for name, moment in moments.items() if moment is not None}
        if row is not None:
            kept = {"GroupName": row.group_name, "State": row.state, "Description": row.description, "KmsKeyArn": row.kms_key_arn}
            given |= {name: value for name, value in kept.items() if value}
        return given


def _utc(moment: datetime | None, known: datetime | None) -> datetime | None:
    """What was typed; where that is the *known* moment but for the part of a second, which the form does not show, that one."""
    typed = moment.replace(tzinfo=UTC) if moment else None
    return known if known is not None and typed == known.replace(microsecond=0) else typed
