"""What an asynchronous event's story sent to destinations and to its dead-letter queue, exactly as it left."""

from dataclasses import dataclass

from invocations.values import Step
from playground.dashboard.invocation_view import InvocationView
from playground.dashboard.payload import Payload
from playground.dashboard.stations import DESTINATION_TEXTS

WORDS = {"delivered": "delivered", "failed": "failed delivery", "retry": "trying again"}


@dataclass(frozen=True, slots=True)
class SentRecord:
    """One delivery, as it stands after its last try."""

    name: str
    """On success, On failure, Dead-letter queue."""
    word: str
    arn: str
    body: Payload
    problem: str
    """Why it could not be delivered; empty where it was."""
    attributes: tuple[tuple[str, str], ...]
    """Message attributes, of a dead letter."""
    is_injected: bool
    """A fault of the account refused it."""


def sent_by(view: InvocationView) -> list[SentRecord]:
    """All deliveries of *view*, in the order in which they were first tried."""
    return [_record(step) for step in view.sent]


def _record(step: Step) -> SentRecord:
    detail = step.detail
    problem = f"{detail['error_code']}: {detail['error_message']}" if detail.get("error_code") else ""
    return SentRecord(
        DESTINATION_TEXTS[detail["kind"]].name,
        WORDS.get(step.outcome, step.outcome),
        str(detail["arn"]),
        Payload(str(detail["record"]).encode()),
        problem,
        tuple((name, str(value)) for name, value in detail.get("attributes", {}).items()),
        bool(detail.get("injected")),
    )
