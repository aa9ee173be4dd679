"""What the platform itself writes into a function's log: text lines, or JSON events filtered by level; and billed duration."""

import hashlib
import json
import math
from datetime import UTC, datetime
from typing import Any

from invocations import clock
from invocations.enums import InitializationType, LogFormat
from invocations.execution.runtimes.choice import RuntimeChoice
from invocations.execution.spec import EnvironmentSpec
from invocations.region import REGION

LEVELS = {"DEBUG": 0, "INFO": 1, "WARN": 2}


def billed_duration_ms(duration_ms: float, init_duration_ms: float | None) -> int:
    """Rounded up to the millisecond; the init of on-demand environments counts in (Developer Guide, "Billed duration")."""
    return math.ceil(round(duration_ms + (init_duration_ms or 0.0), 6))


class Report:
    """The platform's lines of one environment, in the function's log format."""

    def __init__(self, spec: EnvironmentSpec, choice: RuntimeChoice, version_label: str, environment_id: str) -> None:
        self._spec = spec
        self._is_json = spec.log_format is LogFormat.JSON
        self._threshold = LEVELS.get(spec.system_log_level or "INFO", 1) if self._is_json else 0
        self._version = version_label if choice.exact else f"{version_label} (the nearest here to {choice.requested})"
        digest = hashlib.sha256(f"{choice.interpreter}:{choice.version}:{choice.requested}".encode()).hexdigest()
        self._version_arn = f"arn:aws:lambda:{REGION}::runtime:{digest}"
        self._environment_id = environment_id

    def init_start(self) -> list[str]:
        """The first line of an environment's life; it tells what really runs."""
        if not self._is_json:
            return [f"INIT_START Runtime Version: {self._version}\tRuntime Version ARN: {self._version_arn}"]
        record = {
            "initializationType": str(self._spec.initialization_type),
            "phase": "init",
            "runtimeVersion": self._version,
            "runtimeVersionArn": self._version_arn,
            "functionName": self._spec.function_name,
            "functionVersion": self._spec.version,
            "instanceId": self._environment_id,
            "instanceMaxMemory": self._spec.memory_size_mb,
        }
        return self._event("INFO", "platform.initStart", record)

    def init_done(self, duration_ms: float, phase: str, status: str, error_type: str | None = None) -> list[str]:
        """The end of an init: as text only when it failed."""
        if not self._is_json:
            return [] if status == "success" else [init_report_text(duration_ms, phase, status, error_type)]
        kind = str(self._spec.initialization_type)
        error = {"errorType": error_type} if error_type else {}
        level = "DEBUG" if status == "success" else "WARN"
        done = {"initializationType": kind, "phase": phase, "status": status, **error}
        lines = self._event(level, "platform.initRuntimeDone", done)
        if status == "success" and self._spec.initialization_type is not InitializationType.ON_DEMAND:
            level = "INFO"
        return lines + self._event(level, "platform.initReport", {**done, "metrics": {"durationMs": round(duration_ms, 3)}})

    def start(self, request_id: str, trace_id: str) -> list[str]:
        """START."""
        if not self._is_json:
            return [f"START RequestId: {request_id} Version: {self._spec.version}"]
        record: dict[str, Any] = {"requestId": request_id, "version": self._spec.version}
        if "Sampled=1" in trace_id:
            parent = trace_id.partition("Parent=")[2].partition(";")[0]
            record["tracing"] = {"spanId": parent, "type": "X-Amzn-Trace-Id", "value": trace_id}
        return self._event("INFO", "platform.start", record)

    def end(
        self,
        request_id: str,
        *,
        duration_ms: float,
        billed_ms: int,
        peak_mb: int,
        init_ms: float | None,
        status: str,
        error_type: str | None,
        produced_bytes: int,
        is_platform_fault: bool,
    ) -> list[str]:
        """END and REPORT. *is_platform_fault*: the runtime did not answer by itself (timeout, exit, kill)."""
        if not self._is_json:
            return [
                f"END RequestId: {request_id}",
                f"REPORT RequestId: {request_id}\tDuration: {duration_ms:.2f} ms\tBilled Duration: {billed_ms} ms\t"
                f"Memory Size: {self._spec.memory_size_mb} MB\tMax Memory Used: {peak_mb} MB\t"
                + ("" if init_ms is None else f"Init Duration: {init_ms:.2f} ms\t")
                + (failure_text(status, error_type) if is_platform_fault else ""),
            ]
        error = {"errorType": error_type} if error_type and status != "success" else {}
        metrics = {"durationMs": round(duration_ms, 3), "producedBytes": produced_bytes}
        done = {"requestId": request_id, "status": status, **error, "metrics": metrics}
        lines = self._event("DEBUG" if status == "success" else "WARN", "platform.runtimeDone", done)
        numbers: dict[str, Any] = {
            "durationMs": round(duration_ms, 3),
            "billedDurationMs": billed_ms,
            "memorySizeMB": self._spec.memory_size_mb,
            "maxMemoryUsedMB": peak_mb,
        }
        if init_ms is not None:
            numbers["initDurationMs"] = round(init_ms, 3)
        report = {"requestId": request_id, "metrics": numbers, "status": status, **error}
        return lines + self._event("INFO" if status == "success" else "WARN", "platform.report", report)

    def timed_out(self, request_id: str, timeout_seconds: float) -> list[str]:
        """The event that says so, with the empty line after it that AWS writes; JSON logs have it in platform.report alone."""
        if self._is_json:
            return []
        return [f"{clock.iso_millis(clock.now())} {request_id} Task timed out after {timeout_seconds:.2f} seconds\n"]

    def exited(self, message: str, error_type: str) -> list[str]:
        """What the platform writes when the runtime is gone."""
        return [] if self._is_json else [message, error_type]

    def _event(self, level: str, kind: str, record: dict[str, Any]) -> list[str]:
        if LEVELS[level] < self._threshold:
            return []
        time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return [json.dumps({"time": time, "type": kind, "record": record}, separators=(",", ":"), ensure_ascii=False)]


def init_report_text(duration_ms: float, phase: str, status: str, error_type: str | None) -> str:
    """INIT_REPORT of a failed init."""
    return f"INIT_REPORT Init Duration: {duration_ms:.2f} ms\tPhase: {phase}\t{failure_text(status, error_type)}"


def failure_text(status: str, error_type: str | None) -> str:
    """Status: timeout, or Status: error and the type."""
    return "Status: timeout" if status == "timeout" else "Status: error" + (f"\tError Type: {error_type}" if error_type else "")
