"""One invocation while it happens: what its stations write to, and what becomes its row."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from invocations import fast_json
from invocations.announce import Announcement
from invocations.enums import InvocationState
from invocations.values import InvokeRequest, LogLine, Principal, RunOutcome, Step

LINES_AT_ONCE = 500
"""Log lines of one invocation in one batch of news; the rest is only in the stored log."""


@dataclass(slots=True)
class Record:
    """An invocation and its steps so far."""

    request: InvokeRequest
    principal: Principal
    state: InvocationState = InvocationState.QUEUED
    steps: list[Step] = field(default_factory=list)
    executed_version: str = ""
    status_code: int = 0
    http_status: int | None = None
    """What the client of a function URL gets."""
    error_code: str = ""
    error_message: str = ""
    memory_size_mb: int | None = None
    log_group_name: str = ""
    log_stream_name: str = ""
    """Empty until it has an execution environment."""
    attempts: int = 0
    """How often the function was run for an asynchronous event, the present run included; 0 for a synchronous invocation."""
    condition: str = ""
    """Why an asynchronous event's story ended: a retry.Condition."""
    outcome: RunOutcome | None = None
    ended_at: float | None = None
    announced_steps: int = 0
    lines: list[LogLine] = field(default_factory=list)
    """The log so far, as it was read; of an asynchronous event, that of the present try."""
    announced_lines: int = 0
    lines_before: int = 0
    """Log lines of an asynchronous event's earlier tries: what its present lines are numbered behind."""
    _caller: dict[str, str] | None = None

    @classmethod
    def resume(cls, request: InvokeRequest, principal: Principal, row: dict[str, Any]) -> "Record":
        """The record of an asynchronous event that is tried (again), from what `as_json` gave."""
        steps = [Step.from_json(step) for step in row["steps"]]
        return cls(request, principal, InvocationState(row["state"]), steps, row["executed_version"], row["status_code"])

    def as_json(self) -> dict[str, Any]:
        """The record without payloads and log; keys are the columns of models.Invocation and log_type, times are epoch seconds."""
        request, outcome = self.request, self.outcome
        return {
            "account_id": request.account_id,
            "request_id": request.request_id,
            "function_name": request.function_name,
            "qualifier": request.qualifier or "",
            "executed_version": self.executed_version,
            "invocation_type": str(request.invocation_type),
            "log_type": str(request.log_type),
            "source": request.source,
            "state": str(self.state),
            "status_code": self.status_code,
            "http_status": self.http_status,
            "error_code": self.error_code,
            "error_message": self.error_message,
            "function_error": (outcome.function_error or "") if outcome else "",
            "attempts": self.attempts,
            "condition": self.condition,
            "principal_arn": self.principal.arn,
            "caller": self.caller,
            "trace_id": request.trace_id,
            "replay_of": request.replay_of or "",
            "parent_request_id": request.parent_request_id or "",
            "received_at": request.received_at,
            "ended_at": self.ended_at,
            "duration_ms": outcome.duration_ms if outcome else None,
            "billed_duration_ms": outcome.billed_duration_ms if outcome else None,
            "init_duration_ms": outcome.init_duration_ms if outcome else None,
            "memory_size_mb": self.memory_size_mb,
            "max_memory_used_mb": outcome.max_memory_used_mb if outcome else None,
            "log_group_name": self.log_group_name,
            "log_stream_name": self.log_stream_name,
            "response_content_type": outcome.content_type if outcome else "application/json",
            "steps": [step.as_json() for step in self.steps],
        }

    @property
    def caller(self) -> dict[str, str]:
        """Who called, from where: what is known of it."""
        if self._caller is None:
            self._caller = self._who_called()
        return self._caller

    def _who_called(self) -> dict[str, str]:
        request, principal = self.request, self.principal
        known = {
            "type": str(principal.type),
            "account_id": principal.account_id,
            "principal_id": principal.principal_id,
            "access_key_id": principal.access_key_id,
            "role_arn": principal.role_arn,
            "source_function_arn": principal.source_function_arn,
            "session_began_at": str(principal.session_began_at or ""),
            "source_ip": request.source_ip,
            "user_agent": request.user_agent,
        }
        return {name: value for name, value in known.items() if value}

    def log_events(self) -> list[tuple[int, str]]:
        """[(epoch milliseconds, text), …] of the whole invocation so far; of an asynchronous event, of the present try."""
        lines = self.outcome.log if self.outcome else self.lines
        return [(int(line.at * 1000), line.text) for line in lines]

    @property
    def size(self) -> int:
        """Roughly its bytes in memory."""
        return len(self.request.payload) + (len(self.outcome.payload) + 100 * len(self.outcome.log) if self.outcome else 0) + 2000

    def news(self) -> list[Announcement]:
        """What has not been announced of it yet."""
        event = announcement(self.as_json(), self.announced_steps, is_final=self.ended_at is not None)
        self.announced_steps = len(self.steps)
        first = self.announced_lines
        if len(self.lines) == first:
            return [event]
        self.announced_lines = len(self.lines)
        return [event, self._lines_announcement(first, self.lines[first:])]

    def _lines_announcement(self, first: int, fresh: Sequence[LogLine]) -> Announcement:
        request = self.request
        return {
            "kind": "log",
            "id": request.request_id,
            "function": request.function_name,
            "group": self.log_group_name,
            "stream": self.log_stream_name,
            "received_at": request.received_at,
            "attempt": self.attempts,
            "lines": [[self.lines_before + first + index, line.at, line.text] for index, line in enumerate(fresh[:LINES_AT_ONCE])],
            "dropped": max(len(fresh) - LINES_AT_ONCE, 0),
        }


_FIGURES = ("duration_ms", "billed_duration_ms", "init_duration_ms", "max_memory_used_mb")


def announcement(row: dict[str, Any], told_steps: int, *, is_final: bool) -> Announcement:
    """News of an invocation, from `Record.as_json`: its state, and its steps after the first *told_steps*."""
    event: Announcement = {
        "kind": "invocation",
        "id": row["request_id"],
        "function": row["function_name"],
        "qualifier": row["qualifier"],
        "version": row["executed_version"],
        "state": row["state"],
        "type": row["invocation_type"],
        "source": row["source"],
        "attempts": row["attempts"],
        "parent": row["parent_request_id"],
        "received_at": row["received_at"],
        "steps": row["steps"][told_steps:],
        "final": is_final,
    }
    if is_final:
        event |= {"status_code": row["status_code"], "error_code": row["error_code"], "http_status": row.get("http_status")}
        event |= {name: row[name] for name in _FIGURES if row["duration_ms"] is not None}
    return event


def journal_entry(row: dict[str, Any], log: Sequence[tuple[int, str]], request: bytes, response: bytes) -> dict[str, bytes]:
    """The stream entry of a finished invocation: "record" (`Record.as_json` with "log"), "request" and "response" (raw payloads)."""
    return {"record": fast_json.dumps({**row, "log": log}), "request": request, "response": response}


def log_entry(row: dict[str, Any], log: Sequence[tuple[int, str]]) -> dict[str, bytes]:
    """The stream entry of one try's log, when the invocation is not over: "log" (JSON: where it belongs, and "log")."""
    where = {name: row[name] for name in ("account_id", "request_id", "log_group_name", "log_stream_name")}
    return {"log": fast_json.dumps({**where, "log": log})}
