"""What a schedule sends to its target."""

import json
import re
from typing import Any, Final

from invocations.models import Schedule
from invocations.outbox import Delivery, RetryRule
from invocations.services.eventbridge.batch import new_event, read_detail, time_of
from invocations.services.scheduler.names import schedule_arn

_ATTRIBUTE: Final = re.compile(r"<aws\.scheduler\.(schedule-arn|scheduled-time|execution-id)>")
_ATTEMPT_NUMBER: Final = "<aws.scheduler.attempt-number>"


def filled(row: Schedule, scheduled: float, execution_id: str) -> str:
    """The target's Input with its context attributes filled in, but for the number of the attempt (`of_attempt`);
    without an Input, the event that Scheduler sends then.

    Source: Scheduler User Guide, "Adding context attributes".
    """
    arn = schedule_arn(row.account_id, row.group_name, row.name)
    if "Input" not in row.target:
        event = new_event(row.account_id, source="aws.scheduler", detail_type="Scheduled Event", detail={}, time=scheduled, resources=[arn])
        return json.dumps(event | {"detail": "{}"})
    values = {
        "schedule-arn": arn,
        "scheduled-time": time_of(scheduled),
        "execution-id": execution_id,
    }
    return _ATTRIBUTE.sub(lambda match: values[match[1]], row.target["Input"])


def of_attempt(sent: str, number: int) -> str:
    """What is sent by one attempt, the first of which is 1."""
    return sent.replace(_ATTEMPT_NUMBER, str(number))


def delivery(row: Schedule, sent: str, scheduled: float, execution_id: str) -> Delivery:
    """What a schedule owes to its target."""
    policy = row.target.get("RetryPolicy", {})
    arn = schedule_arn(row.account_id, row.group_name, row.name)
    detail: dict[str, Any] = {}
    if group := row.target.get("SqsParameters", {}).get("MessageGroupId"):
        detail["message_group_id"] = group
    if parameters := row.target.get("EventBridgeParameters"):
        detail |= {"source": parameters["Source"], "detail_type": parameters["DetailType"]}
    return Delivery(
        account_id=row.account_id,
        target=row.target["Arn"],
        body=sent,
        source="scheduler",
        origin=arn,
        role_arn=row.target["RoleArn"],
        detail=detail,
        retry=RetryRule("events", policy.get("MaximumRetryAttempts", 185), policy.get("MaximumEventAgeInSeconds", 86_400)),
        dead_letter_arn=row.target.get("DeadLetterConfig", {}).get("Arn", ""),
        dead_letter_attributes={
            "SCHEDULE_ARN": _text(arn),
            "TARGET_ARN": _text(row.target["Arn"]),
            "SCHEDULED_TIME": _text(time_of(scheduled)),
            "EXECUTION_ID": _text(execution_id),
            "IS_PAYLOAD_TRUNCATED": _text("false"),
        },
    )


def as_detail(text: str) -> dict[str, Any]:
    """An event's detail from what is sent; an Input that is no JSON object was refused before."""
    return read_detail(text) or {}


def _text(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}
