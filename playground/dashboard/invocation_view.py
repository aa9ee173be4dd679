"""One invocation as the pages show it, whether it runs, has just finished, or was stored long ago."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from invocations import clock, event_queue, limits
from invocations.arn import LATEST, function_arn
from invocations.enums import InvocationState, InvocationType, Station
from invocations.errors import ServiceException
from invocations.event_queue import QueuedEvent
from invocations.execution import dispatch
from invocations.models import Invocation, LogBatch
from invocations.region import REGION
from invocations.retry import Rules
from invocations.values import InvokeRequest, Step
from playground.dashboard.attempts import Try, tries
from playground.dashboard.event_story import EventStory, with_rules_async
from playground.dashboard.log_lines import LogEntry, entries
from playground.dashboard.payload import Payload
from playground.dashboard.triggers import FUNCTION_URL, SERVICES, TRIGGERS

SHOWN_LINES = 1_000
"""Of a log: the newest are shown, the download has all of them."""


@dataclass(frozen=True)
class InvocationView:
    """The columns of models.Invocation, times as epoch seconds; what is not known yet is None or empty."""

    account_id: str
    request_id: str
    function_name: str
    state: InvocationState
    received_at: float
    qualifier: str = ""
    executed_version: str = ""
    invocation_type: str = InvocationType.REQUEST_RESPONSE
    log_type: str = ""
    """Only known until the invocation is in the database."""
    source: str = "api"
    status_code: int = 0
    http_status: int | None = None
    error_code: str = ""
    error_message: str = ""
    function_error: str = ""
    principal_arn: str = ""
    trace_id: str = ""
    replay_of: str = ""
    parent_request_id: str = ""
    attempts: int = 0
    condition: str = ""
    ended_at: float | None = None
    duration_ms: float | None = None
    billed_duration_ms: int | None = None
    init_duration_ms: float | None = None
    memory_size_mb: int | None = None
    max_memory_used_mb: int | None = None
    log_group_name: str = ""
    log_stream_name: str = ""
    response_content_type: str = "application/json"
    steps: tuple[Step, ...] = ()
    request: Payload = field(default_factory=lambda: Payload(b""))
    response: Payload = field(default_factory=lambda: Payload(b""))
    log_events: Sequence[tuple[int, str]] = ()
    """(epoch milliseconds, text) each."""
    seen_at: float = field(default_factory=clock.epoch)
    """When this was true."""
    rules: Rules = field(default_factory=Rules)
    """What rules its tries now, where it is asynchronous and not over."""

    @property
    def refused_delivery(self) -> Step | None:
        """The delivery to a destination or dead-letter queue that no policy allowed, if there was one."""
        return next((step for step in self.steps if step.station is Station.DESTINATION and "decision" in step.detail), None)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "InvocationView":
        """From `dispatch.record`, or from a record without payloads and log."""
        known = {name: record[name] for name in cls.__dataclass_fields__ if name in record}
        known["state"] = InvocationState(record["state"])
        known["steps"] = _steps(record.get("steps", ()))
        return cls(
            **known,
            request=Payload(record.get("request_payload", b"")),
            response=Payload(record.get("response_payload", b"")),
            log_events=[(at, text) for at, text in record.get("log", ())],
        )

    @classmethod
    def from_row(cls, row: Invocation, log_events: Sequence[tuple[int, str]] = ()) -> "InvocationView":
        """From the database."""
        plain = {
            name: getattr(row, name)
            for name in cls.__dataclass_fields__
            if name in _COLUMNS and name not in {"state", "steps", "received_at", "ended_at"}
        }
        return cls(
            **plain,
            state=InvocationState(row.state),
            steps=_steps(row.steps),
            received_at=row.received_at.timestamp(),
            ended_at=row.ended_at.timestamp(),
            request=Payload(bytes(row.request_payload)),
            response=Payload(bytes(row.response_payload)),
            log_events=log_events,
        )

    @classmethod
    def from_announcement(cls, account_id: str, event: Mapping[str, Any]) -> "InvocationView":
        """As much as an announcement of kind "invocation" tells: enough for a row of a list."""
        known = {name: event[name] for name in _ANNOUNCED if event.get(name) is not None}
        return cls(
            account_id=account_id,
            request_id=event["id"],
            function_name=event["function"],
            state=InvocationState(event["state"]),
            executed_version=event.get("version", ""),
            invocation_type=event["type"],
            steps=_steps(event.get("steps", ())),
            ended_at=clock.epoch() if event.get("final") else None,
            **known,
        )

    @classmethod
    def queued(cls, request: InvokeRequest) -> "InvocationView":
        """One that has been sent this instant."""
        return cls(
            account_id=request.account_id,
            request_id=request.request_id,
            function_name=request.function_name,
            state=InvocationState.QUEUED,
            received_at=request.received_at,
            qualifier=request.qualifier or "",
            invocation_type=request.invocation_type,
            log_type=request.log_type,
            source=request.source,
            trace_id=request.trace_id,
            replay_of=request.replay_of or "",
            request=Payload(request.payload),
        )

    @property
    def is_final(self) -> bool:
        """Nothing more will happen."""
        return self.state.is_final

    @property
    def injected(self) -> str:
        """What faults of the account did to it on purpose; empty where they did nothing."""
        return ", ".join(dict.fromkeys(str(step.detail.get("fault", "fault")) for step in self.steps if step.detail.get("injected")))

    @property
    def trigger(self) -> str:
        """What made it happen, in a word."""
        return TRIGGERS.get(self.source, self.source)

    @property
    def came_as(self) -> str:
        """Its type, with what triggered it where that was another service."""
        if self.source == FUNCTION_URL:
            return self.trigger
        return f"{self.invocation_type} · {self.trigger}" if self.source in SERVICES else str(self.invocation_type)

    @property
    def is_dry_run(self) -> bool:
        """Only the checks were asked for."""
        return self.invocation_type == InvocationType.DRY_RUN

    @property
    def is_event(self) -> bool:
        """Invoked asynchronously."""
        return self.invocation_type == InvocationType.EVENT

    @cached_property
    def tries(self) -> list[Try]:
        """An asynchronous event's tries, in their order."""
        return tries(self.steps)

    @property
    def sent(self) -> list[Step]:
        """What was sent to destinations and dead-letter queues, each with its last try."""
        last = {step.detail["kind"]: step for step in self.steps if step.station is Station.DESTINATION}
        return list(last.values())

    @property
    def story(self) -> EventStory:
        """How far it has come, where it is asynchronous."""
        return EventStory(self.state, self.attempts, self.condition, self.rules, self.steps)

    @property
    def tries_told(self) -> str:
        """ "try 2 of 3" and the like; empty where there is nothing to say."""
        return self.story.words if self.is_event else ""

    @property
    def moved_at(self) -> float:
        """When it came to where it is: of two views of one invocation the later is the truer."""
        return self.ended_at or (self.steps[-1].at if self.steps else self.received_at)

    @property
    def accepted_ms(self) -> float | None:
        """How long the caller waited for 202; None where it did not get that."""
        queued = next((step for step in self.steps if step.station is Station.QUEUE), None)
        return (queued.at - self.received_at) * 1000 if queued else None

    @property
    def has_run(self) -> bool:
        """The function was handed the event, or is about to be."""
        return any(step.station in {Station.INIT, Station.RUN} and step.outcome != "refused" for step in self.steps)

    @property
    def is_invocation_error(self) -> bool:
        """Refused before the function ran."""
        return self.state in {InvocationState.REJECTED, InvocationState.THROTTLED} and not self.condition

    @cached_property
    def raised(self) -> tuple[str, str]:
        """errorType and errorMessage of a function error as its payload has them, else of the record."""
        value = self.response.as_json() if self.function_error else None
        if isinstance(value, dict) and isinstance(value.get("errorType"), str):
            return value["errorType"], str(value.get("errorMessage", ""))
        return self.error_code, self.error_message

    @property
    def is_cold(self) -> bool | None:
        """Whether an environment was made for it; None while, or where, that was never decided."""
        step = self.step(Station.INIT)
        return None if step is None or step.outcome == "refused" else step.outcome == "cold"

    @property
    def target(self) -> str:
        """function:qualifier as the caller named it."""
        return f"{self.function_name}:{self.qualifier}" if self.qualifier else self.function_name

    @property
    def total_ms(self) -> float:
        """From the request's arrival to its answer, or to now."""
        return max((self.ended_at or self.seen_at) - self.received_at, 0.0) * 1000

    @property
    def short_id(self) -> str:
        """The start of the request id, enough to tell neighbours apart."""
        return self.request_id[:8]

    @property
    def topics(self) -> str:
        """What a page that shows it listens to."""
        return f"inv:{self.request_id} log:{self.request_id}"

    @property
    def root_trace(self) -> str:
        """Root of the trace header, which X-Ray calls the trace id."""
        return dict(part.split("=", 1) for part in self.trace_id.split(";") if "=" in part).get("Root", self.trace_id)

    @property
    def invoked_arn(self) -> str:
        """What was invoked, qualified."""
        return function_arn(self.account_id, REGION, self.function_name, self.qualifier or LATEST)

    @cached_property
    def log(self) -> list[LogEntry]:
        """The lines of its log."""
        return entries(self.log_events, self.received_at)

    @property
    def shown_log(self) -> list[LogEntry]:
        """The newest lines, as many as a page can carry."""
        return self.log[-SHOWN_LINES:]

    @property
    def hidden_lines(self) -> int:
        """How many earlier lines are left to the download."""
        return max(len(self.log) - SHOWN_LINES, 0)

    @property
    def why_no_log(self) -> str:
        """Why there is no line; empty where there is one."""
        if self.log_events:
            return ""
        if self.is_dry_run:
            return "A dry run does not run the function, so nothing is logged."
        if not self.is_final:
            return "Nothing was printed yet."
        if not self.has_run:
            return "The function never ran, so nothing was logged."
        return "The function printed nothing, and its log settings leave out Lambda's own lines."

    @property
    def why_no_response(self) -> str:
        """Why there is no response body."""
        if not self.is_final:
            return "There is no answer yet."
        if self.is_dry_run and self.status_code == 204:
            return "A dry run answers 204 without a body."
        if self.is_event and not self.response.data:
            return "The caller got 202 with an empty body; the function never ran."
        if self.is_invocation_error:
            return f"The function never ran. The caller got the API's error {self.error_code}."
        return "The function streamed its response, or returned nothing."

    @property
    def facts(self) -> list[tuple[str, object]]:
        """Every plain column, by its AWS name where it has one."""
        said = ((label, getattr(self, name)) for name, label in _LABELS.items())
        return [(label, round(value, 2) if isinstance(value, float) else value) for label, value in said if value not in {None, ""}]

    @property
    def about_status_code(self) -> str:
        """What the number says."""
        if self.status_code == 202:
            return "202: Lambda has the event safe in its queue. What becomes of it, the caller never learns."
        if self.is_dry_run and self.status_code == 204:
            return "204: the checks passed and nothing was run, as DryRun asks."
        if self.status_code == 200:
            return "200: Lambda ran the function and brings its answer, even where the function failed."
        if self.status_code == 429:
            return "429: throttled. There was no concurrency for it."
        side = "the request" if self.status_code < 500 else "the service"
        return f"{self.status_code}: an invocation error, for a reason in {side}."

    @cached_property
    def log_result(self) -> str:
        """What LogType=Tail answers: the last 4 KB of START … REPORT."""
        texts = [text for _, text in self.log_events]
        first = next((index for index, text in enumerate(texts) if _starts(text)), 0)
        tail = "".join(text + "\n" for text in texts[first:]).encode()[-limits.LOG_RESULT :]
        return tail.decode("utf-8", "ignore")

    @property
    def log_result_lines(self) -> int:
        """How many lines that is."""
        return self.log_result.count("\n")

    @property
    def log_result_base64(self) -> str:
        """The same as it travels in X-Amz-Log-Result."""
        return base64.b64encode(self.log_result.encode()).decode()

    def step(self, station: Station) -> Step | None:
        """The last step of *station*, if it was reached."""
        return next((step for step in reversed(self.steps) if step.station is station), None)

    def as_json(self) -> dict[str, Any]:
        """All of it, for the raw view and the download."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in _NOT_RAW}
        return {
            **plain,
            "steps": [step.as_json() for step in self.steps],
            "request_payload": self.request.as_json(),
            "response_payload": self.response.as_json() if self.response.data else None,
            "log": [[at, text] for at, text in self.log_events],
        }

    def destination_record(self) -> dict[str, Any]:
        """What AWS would send to a destination, had this been an asynchronous invocation (Developer Guide, "Invocation record")."""
        context = {"statusCode": 200 if self.is_event else self.status_code, "executedVersion": self.executed_version}
        if self.function_error:
            context["functionError"] = self.function_error
        moment = clock.iso_millis(clock.from_epoch(self.ended_at or self.seen_at))
        return {
            "version": "1.0",
            "timestamp": moment,
            "requestContext": {
                "requestId": self.request_id,
                "functionArn": self.invoked_arn,
                "condition": self.condition or ("RetriesExhausted" if self.function_error else "Success"),
                "approximateInvokeCount": self.attempts if self.is_event else 1,
            },
            "requestPayload": self.request.as_json(),
            "responseContext": context,
            "responsePayload": self.response.as_json(),
        }


_COLUMNS = {column.name for column in Invocation._meta.get_fields()} | {"account_id"}
_ANNOUNCED = [
    "attempts",
    "qualifier",
    "source",
    "received_at",
    "duration_ms",
    "billed_duration_ms",
    "init_duration_ms",
    "max_memory_used_mb",
    "error_code",
    "status_code",
    "http_status",
]
_LABELS = {
    "request_id": "Request id",
    "state": "State",
    "invoked_arn": "Invoked ARN",
    "executed_version": "Executed Version",
    "invocation_type": "Invocation type",
    "source": "Source",
    "principal_arn": "Caller",
    "status_code": "Status Code",
    "http_status": "HTTP status of the answer",
    "function_error": "Function Error",
    "error_code": "Error",
    "error_message": "Message",
    "duration_ms": "Duration (ms)",
    "billed_duration_ms": "Billed Duration (ms)",
    "init_duration_ms": "Init Duration (ms)",
    "memory_size_mb": "Memory Size (MB)",
    "max_memory_used_mb": "Max Memory Used (MB)",
    "log_group_name": "Log group",
    "log_stream_name": "Log stream",
    "response_content_type": "Content type of the response",
    "trace_id": "Trace header",
    "replay_of": "Replay of",
    "parent_request_id": "Made by invocation",
    "attempts": "Runs",
    "condition": "Condition",
}
_NOT_RAW = {"steps", "request", "response", "log_events", "seen_at", "rules"}


async def find(account_id: str, request_id: str) -> InvocationView | None:
    """The invocation from the service while it knows it, else from the database."""
    try:
        record = await dispatch.record(account_id, request_id)
    except ServiceException:
        record = None  # The service is away; what was finished is in the database.
    queued = await event_queue.find_async(account_id, request_id)
    if queued is not None:
        return (await with_rules_async(account_id, [_of_queued(queued, record)]))[0]
    if record is not None:
        return InvocationView.from_record(record)
    row = await Invocation.objects.of(account_id).filter(request_id=request_id).afirst()
    if row is None:
        return None
    batches = LogBatch.objects.of(account_id).filter(request_id=request_id).order_by("first_at", "id")
    return InvocationView.from_row(row, [(at, text) async for batch in batches for at, text in batch.events])


def _of_queued(event: QueuedEvent, trying: Mapping[str, Any] | None) -> InvocationView:
    """An asynchronous event that is not over: as it waits, or as it is *trying* now, with the log of the tries before."""
    before = [(at, text) for _, at, text in event.log]
    row: dict[str, Any] = {**event.row, "request_payload": event.request.payload, "response_payload": event.response, "log": before}
    if trying is not None and len(trying["steps"]) > len(event.row["steps"]):
        row |= {**trying, "request_payload": event.request.payload, "response_payload": event.response}
        row["log"] = [*before, *((at, text) for at, text in trying["log"])]
    return InvocationView.from_record(row)


def _steps(steps: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    return tuple(map(Step.from_json, steps))


def _starts(text: str) -> bool:
    return text.startswith("START RequestId:") or '"platform.start"' in text
