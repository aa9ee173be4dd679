"""Where an asynchronous event's story goes when it has ended: invocation records to OnSuccess and OnFailure, the event itself
to the dead-letter queue.

Source: Developer Guide, "Retaining records of asynchronous invocations"; fields and forms as recorded on AWS.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from invocations import clock, lineage, readable_json
from invocations.arn import LATEST, function_arn
from invocations.catalogue import EventInvokeConfigSnapshot
from invocations.event_queue import QueuedEvent
from invocations.outbox import Delivery
from invocations.region import REGION
from invocations.retry import Condition
from invocations.services.sqs.messages import BAD_CHARACTER
from invocations.targets import service_of, stable_id

TRIES: Final = 3
"""How often a delivery is tried; then it has failed, and is shown so."""
WAITS: Final = (1.0, 10.0)
"""Seconds on the account's clock before the second and the third try."""
ERROR_MESSAGE_BYTES: Final = 1024


class Kind(StrEnum):
    """What sends it."""

    ON_SUCCESS = "OnSuccess"
    ON_FAILURE = "OnFailure"
    DEAD_LETTER_QUEUE = "DeadLetterQueue"


@dataclass(slots=True)
class Sending:
    """One delivery that an event still owes."""

    kind: Kind
    arn: str
    body: str
    """Exactly what is sent: the record, or for a dead-letter queue the event."""
    detail: dict[str, Any] = field(default_factory=dict)
    role_arn: str = ""
    """The function's execution role, as which it is sent."""
    failures: int = 0

    def as_json(self) -> dict[str, Any]:
        """As it is kept with the event."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Sending":
        """What `as_json` gave."""
        return cls(**{**fields, "kind": Kind(fields["kind"])})

    def delivery(self, event: QueuedEvent) -> Delivery:
        """As `targets.send` takes it."""
        return Delivery(
            event.account_id,
            self.arn,
            self.body,
            source="lambda",
            origin=_arn(event),
            role_arn=self.role_arn,
            detail=self.detail,
            trace_id=lineage.entered(event.request.trace_id, function_arn(event.account_id, REGION, event.request.function_name))[0],
            parent_request_id=event.request_id,
            delivery_id=f"{event.request_id} {self.kind} {self.arn}",
        )


def sendings(
    event: QueuedEvent,
    config: EventInvokeConfigSnapshot | None,
    dead_letter_arn: str,
    condition: Condition,
    now: float,
    role_arn: str = "",
) -> list[Sending]:
    """What is owed when an event's story has ended at *now* (the account's clock). A destination and a dead-letter queue both fire,
    both as the execution role *role_arn*."""
    owed = _owed(event, config, dead_letter_arn, condition, now)
    for sending in owed:
        sending.role_arn = role_arn
    return owed


def _owed(
    event: QueuedEvent, config: EventInvokeConfigSnapshot | None, dead_letter_arn: str, condition: Condition, now: float
) -> list[Sending]:
    record = invocation_record(event, condition, now)
    if condition is Condition.SUCCESS:
        return [_record_to(Kind.ON_SUCCESS, config.on_success, event, record, now)] if config and config.on_success else []
    owed = [_record_to(Kind.ON_FAILURE, config.on_failure, event, record, now)] if config and config.on_failure else []
    if dead_letter_arn:
        attributes = dead_letter_attributes(event)
        body = _text(event.request.payload or b"{}")  # what the function was given: no queue takes an empty message
        owed.append(Sending(Kind.DEAD_LETTER_QUEUE, dead_letter_arn, body, {"message_attributes": attributes}))
    return owed


def invocation_record(event: QueuedEvent, condition: Condition, now: float) -> dict[str, Any]:
    """The JSON that a destination gets."""
    record: dict[str, Any] = {
        "version": "1.0",
        "timestamp": clock.iso_millis(clock.from_epoch(now)),
        "requestContext": {
            "requestId": event.request_id,
            "functionArn": _arn(event),
            "condition": str(condition),
            "approximateInvokeCount": event.runs,
        },
        "requestPayload": _value(event.request.payload or b"{}"),
    }
    if event.response_context and condition is not Condition.ZERO_RESERVED_CONCURRENCY:
        record["responseContext"] = event.response_context
        record["responsePayload"] = _value(event.response)
    return record


def dead_letter_attributes(event: QueuedEvent) -> dict[str, Any]:
    """The message attributes of a dead-lettered event (Developer Guide, "Dead-letter queues")."""
    tried = event.tried
    status, message = (tried.status_code, tried.error_message) if tried else (200, "")
    if event.response_context:
        error = _value(event.response)
        status, message = 200, str(error.get("errorMessage", "")) if isinstance(error, dict) else ""
    attributes = {
        "RequestID": {"DataType": "String", "StringValue": event.request_id},
        "ErrorCode": {"DataType": "Number", "StringValue": str(status)},
    }
    if message:
        fit = BAD_CHARACTER.sub("\ufffd", message)
        cut = fit.encode()[:ERROR_MESSAGE_BYTES].decode(errors="ignore")
        attributes["ErrorMessage"] = {"DataType": "String", "StringValue": cut}
    return attributes


def _record_to(kind: Kind, arn: str, event: QueuedEvent, record: dict[str, Any], now: float) -> Sending:
    detail: dict[str, Any] = {}
    match service_of(arn):
        case "events":
            what = "Success" if kind is Kind.ON_SUCCESS else "Failure"
            detail = {"detail_type": f"Lambda Function Invocation Result - {what}", "resources": [arn, _arn(event)]}
        case "s3":
            detail = {"key": s3_key(event, now), "content_type": "application/json"}
    return Sending(kind, arn, readable_json.dumps(record, compact=True), detail)


def key_prefix(function_name: str) -> str:
    """Where in a bucket the records of a function's events lie."""
    return f"aws/lambda/async/{function_name}/"


def s3_key(event: QueuedEvent, now: float) -> str:
    """aws/lambda/async/NAME/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-UUID"""
    moment = clock.from_epoch(now)
    return f"{key_prefix(event.request.function_name)}{moment:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{stable_id('s3 ' + event.request_id)}"


def _arn(event: QueuedEvent) -> str:
    request = event.request
    return function_arn(request.account_id, REGION, request.function_name, request.qualifier or LATEST)


def _value(data: bytes) -> Any:
    """The JSON value of a payload; of one that is no JSON, its text, and so of one with a number that JSON cannot give again."""
    try:
        return readable_json.loads(data.decode())
    except (ValueError, RecursionError):
        return _text(data)


def _text(data: bytes) -> str:
    return data.decode(errors="replace")
