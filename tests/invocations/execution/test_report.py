"""The platform's own lines."""

import json
from pathlib import Path
from typing import Any

import pytest

from invocations.enums import InitializationType, LogFormat
from invocations.execution.report import Report, billed_duration_ms
from invocations.execution.runtimes import RuntimeChoice
from invocations.execution.spec import EnvironmentSpec
from tests.invocations.execution.workbench import ARN, Workbench, texts

CHOICE = RuntimeChoice("python3.12", Path("/usr/bin/python3.12"), "3.12.1", True)


def report_for(choice: RuntimeChoice = CHOICE, label: str = "python:3.12.v1", **changes: Any) -> Report:
    defaults: dict[str, Any] = {
        "account_id": "000000000000",
        "function_name": "f",
        "version": "7",
        "function_arn": ARN,
        "revision_id": "r",
        "runtime": "python3.12",
        "handler": "index.handler",
        "memory_size_mb": 128,
        "timeout_seconds": 3,
        "ephemeral_storage_mb": 512,
        "variables": (),
        "code_tree": Path("/code"),
        "layer_trees": (),
        "role_arn": "arn:aws:iam::000000000000:role/r",
    }
    return Report(EnvironmentSpec(**{**defaults, **changes}), choice, label, "e" * 32)


END: dict[str, Any] = {
    "duration_ms": 3.0123,
    "billed_ms": 114,
    "peak_mb": 36,
    "init_ms": 110.1,
    "status": "success",
    "error_type": None,
    "produced_bytes": 16,
    "is_platform_fault": False,
}


@pytest.mark.parametrize(
    ("duration", "init", "billed"), [(3.01, 110.10, 114), (3.0, None, 3), (0.2, None, 1), (3000.0, 0.0, 3000), (0.1 + 0.2, 0.7, 1)]
)
def test_bills_round_up_and_init_counts_in(duration: float, init: float | None, billed: int) -> None:
    assert billed_duration_ms(duration, init) == billed


def test_the_text_lines_are_those_of_aws() -> None:
    report = report_for()
    init_start = report.init_start()[0]
    assert init_start.startswith("INIT_START Runtime Version: python:3.12.v1\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:")
    assert len(init_start.rpartition(":")[2]) == 64
    assert report.start("id", "Root=1") == ["START RequestId: id Version: 7"]
    assert report.end("id", **END) == [
        "END RequestId: id",
        "REPORT RequestId: id\tDuration: 3.01 ms\tBilled Duration: 114 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\t"
        "Init Duration: 110.10 ms\t",
    ]
    warm = report.end("id", **{**END, "init_ms": None})[1]
    assert warm.endswith("Max Memory Used: 36 MB\t")


@pytest.mark.parametrize(
    ("status", "error_type", "suffix"),
    [("timeout", "Sandbox.Timedout", "Status: timeout"), ("error", "Runtime.ExitError", "Status: error\tError Type: Runtime.ExitError")],
)
def test_failures_end_the_report_line(status: str, error_type: str, suffix: str) -> None:
    line = report_for().end("id", **{**END, "init_ms": None, "status": status, "error_type": error_type, "is_platform_fault": True})[1]
    assert line.endswith("Max Memory Used: 36 MB\t" + suffix)


def test_a_stand_in_interpreter_is_named() -> None:
    choice = RuntimeChoice("python3.14", Path("/usr/bin/python3.13"), "3.13.0", False)
    line = report_for(choice, "python:3.13.v0").init_start()[0]
    assert line.startswith("INIT_START Runtime Version: python:3.13.v0 (the nearest here to python3.14)\t")


def test_a_failed_init_is_reported_a_good_one_is_not() -> None:
    report = report_for()
    assert report.init_done(12.0, "init", "success") == []
    assert report.init_done(1236.04, "init", "timeout") == ["INIT_REPORT Init Duration: 1236.04 ms\tPhase: init\tStatus: timeout"]
    failed = report.init_done(9.0, "invoke", "error", "Runtime.ExitError")
    assert failed == ["INIT_REPORT Init Duration: 9.00 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ExitError"]


def events(lines: list[str]) -> dict[str, Any]:
    parsed = [json.loads(line) for line in lines]
    assert all(set(event) == {"time", "type", "record"} for event in parsed)
    return {event["type"]: event["record"] for event in parsed}


def test_json_events_have_the_documented_shape() -> None:
    report = report_for(log_format=LogFormat.JSON, system_log_level="DEBUG")
    init = events(report.init_start())["platform.initStart"]
    assert {key: init[key] for key in init if key != "runtimeVersionArn"} == {
        "initializationType": "on-demand",
        "phase": "init",
        "runtimeVersion": "python:3.12.v1",
        "functionName": "f",
        "functionVersion": "7",
        "instanceId": "e" * 32,
        "instanceMaxMemory": 128,
    }
    trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
    assert events(report.start("id", trace))["platform.start"] == {
        "requestId": "id",
        "version": "7",
        "tracing": {"spanId": "53995c3f42cd8ad8", "type": "X-Amzn-Trace-Id", "value": trace},
    }
    assert events(report.start("id", "Root=1;Parent=2;Sampled=0"))["platform.start"] == {"requestId": "id", "version": "7"}
    assert events(report.end("id", **END)) == {
        "platform.runtimeDone": {"requestId": "id", "status": "success", "metrics": {"durationMs": 3.012, "producedBytes": 16}},
        "platform.report": {
            "requestId": "id",
            "metrics": {
                "durationMs": 3.012,
                "billedDurationMs": 114,
                "memorySizeMB": 128,
                "maxMemoryUsedMB": 36,
                "initDurationMs": 110.1,
            },
            "status": "success",
        },
    }


def kinds(level: str | None, **changes: Any) -> list[str]:
    report = report_for(log_format=LogFormat.JSON, system_log_level=level, **changes)
    failed = {**END, "status": "error", "error_type": "Runtime.ExitError"}
    lines = [*report.init_start(), *report.init_done(1.0, "init", "success"), *report.start("id", "")]
    lines += [*report.end("id", **END), *report.end("id", **failed)]
    return [json.loads(line)["type"].removeprefix("platform.") for line in lines]


def test_events_below_the_system_log_level_are_left_out() -> None:
    assert kinds("WARN") == ["runtimeDone", "report"]
    assert kinds(None) == kinds("INFO") == ["initStart", "start", "report", "runtimeDone", "report"]
    everything = ["initStart", "initRuntimeDone", "initReport", "start", "runtimeDone", "report", "runtimeDone", "report"]
    assert kinds("DEBUG") == everything
    provisioned = kinds("INFO", initialization_type=InitializationType.PROVISIONED_CONCURRENCY)
    assert provisioned == ["initStart", "initReport", "start", "report", "runtimeDone", "report"]


def test_json_logs_of_a_python_function(bench: Workbench) -> None:
    code = """
import logging
logging.getLogger().setLevel(logging.getLogger().level)
def handler(event, context):
    logging.info("seen %s", 1)
    logging.debug("not seen")
    raise ValueError("boom")
"""
    environment = bench.start(code, log_format=LogFormat.JSON, application_log_level="INFO", system_log_level="WARN")
    outcome = bench.invoke(environment, request_id="an-id")
    lines = [json.loads(text) for text in texts(outcome)]
    assert {"level": "INFO", "message": "seen 1", "logger": "root", "requestId": "an-id"}.items() <= lines[0].items()
    assert (lines[1]["level"], lines[1]["errorType"], lines[1]["errorMessage"]) == ("ERROR", "ValueError", "boom")
    assert [line["type"] for line in lines[2:]] == ["platform.runtimeDone", "platform.report"]
    assert lines[3]["record"]["status"] == "error"


def test_json_logs_of_a_node_function(bench: Workbench) -> None:
    code = 'exports.handler = async () => { console.debug("no"); console.log("seen", 1); console.warn({a: 1}); throw new Error("boom"); };'
    environment = bench.start({"index.js": code}, runtime="nodejs20.x", log_format=LogFormat.JSON, application_log_level="INFO")
    outcome = bench.invoke(environment, request_id="an-id")
    lines = [json.loads(text) for text in texts(outcome)]
    own = [line for line in lines if "level" in line]
    assert [(line["level"], line["message"]) for line in own[:2]] == [("INFO", "seen 1"), ("WARN", {"a": 1})]
    assert own[2]["message"]["errorMessage"] == "boom"
    assert {line["requestId"] for line in own} == {"an-id"}
    assert [line["type"] for line in lines if "type" in line] == [
        "platform.initStart",
        "platform.start",
        "platform.runtimeDone",
        "platform.report",
    ]


def test_text_logs_of_a_node_function(bench: Workbench) -> None:
    code = 'console.log("init"); exports.handler = async () => { console.log("a\\nb", {c: [1]}); console.error("e"); };'
    outcome = bench.invoke(bench.start({"index.js": code}, runtime="nodejs20.x"), request_id="an-id")
    own = [text.split("\t") for text in texts(outcome) if text.startswith("20")]
    assert [fields[1:] for fields in own] == [
        ["undefined", "INFO", "init"],
        ["an-id", "INFO", "a\rb { c: [ 1 ] }"],
        ["an-id", "ERROR", "e"],
    ]
