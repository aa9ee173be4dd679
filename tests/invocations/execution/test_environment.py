"""An environment's life: reuse, freeze, timeouts, restarts."""

import asyncio
import json
import time
from datetime import timedelta

import pytest

from invocations.enums import EnvironmentPhase, InitializationType
from invocations.execution.environment import ExecutionEnvironment
from invocations.execution.runtimes.python import interpreters
from invocations.execution.spec import RunEvent
from tests.invocations.execution.workbench import ARN, TRACE_ID, Workbench, printed, texts


def test_an_event_goes_in_and_the_response_comes_out(bench: Workbench) -> None:
    environment = bench.start("def handler(event, context):\n    return {'got': event}\n")
    outcome = bench.invoke(environment, {"n": [1, "ä"]})
    assert json.loads(outcome.payload) == {"got": {"n": [1, "ä"]}}
    assert (outcome.status, outcome.function_error, outcome.error_type) == ("success", None, None)
    assert outcome.environment_id == environment.environment_id
    assert outcome.log_stream_name == environment.log_stream_name
    assert outcome.log_stream_name.endswith(f"[$LATEST]{environment.environment_id}")


def test_a_handler_that_returns_nothing_answers_null(bench: Workbench) -> None:
    assert bench.call("def handler(event, context):\n    pass\n") is None


@pytest.mark.parametrize("runtime", [f"python3.{minor}" for minor in sorted(interpreters())])
def test_the_context_holds_what_the_event_came_with(bench: Workbench, runtime: str) -> None:
    code = """
import os
def handler(event, context):
    return [context.aws_request_id, context.invoked_function_arn, context.function_name, context.function_version,
            context.memory_limit_in_mb, context.log_group_name, context.log_stream_name, context.client_context.custom,
            0 < context.get_remaining_time_in_millis() <= 10000, os.environ["_X_AMZN_TRACE_ID"], context.identity.cognito_identity_id]
"""
    environment = bench.start(code, runtime=runtime)
    client_context = json.dumps({"custom": {"a": "ü"}}, ensure_ascii=False)
    outcome = bench.invoke(environment, request_id="the-id", invoked_function_arn=ARN + ":live", client_context=client_context)
    stream = environment.log_stream_name
    expected = ["the-id", ARN + ":live", "f", "$LATEST", "128", "/aws/lambda/f", stream, {"a": "ü"}, True, TRACE_ID, None]
    assert json.loads(outcome.payload) == expected


def test_globals_and_tmp_survive_from_one_invocation_to_the_next_but_init_is_told_of_once(bench: Workbench) -> None:
    code = """
import os
count = 0
def handler(event, context):
    global count
    count += 1
    open("/tmp/x", "a").write("x")
    return [count, os.path.getsize("/tmp/x")]
"""
    environment = bench.start(code)
    outcomes = [bench.invoke(environment) for _ in range(3)]
    assert [json.loads(outcome.payload) for outcome in outcomes] == [[1, 1], [2, 2], [3, 3]]
    assert outcomes[0].init_duration_ms == environment.init_duration_ms
    assert [outcome.init_duration_ms for outcome in outcomes[1:]] == [None, None]
    assert "Init Duration" in texts(outcomes[0])[-1]
    assert texts(outcomes[1])[-1].endswith(f"Max Memory Used: {outcomes[1].max_memory_used_mb} MB\t")


def test_phases_are_announced_in_order(bench: Workbench) -> None:
    phases: list[EnvironmentPhase] = []

    def note(environment: ExecutionEnvironment) -> None:
        phases.append(environment.phase)

    spec = bench.spec("def handler(event, context):\n    pass\n")
    environment = bench.run(bench.sandboxes.start(spec, on_phase=note))
    bench.invoke(environment)
    bench.run(environment.close())
    phase = EnvironmentPhase
    assert phases == [phase.INIT, phase.READY, phase.INVOKE, phase.READY, phase.SHUTDOWN]
    assert not environment.is_usable


def test_the_outcome_does_not_wait_for_the_next_event_to_be_asked_for(bench: Workbench) -> None:
    code = """
import http.client, time
def handler(event, context):
    connection = http.client.HTTPConnection("127.0.0.1:9001")
    connection.request("POST", f"/2018-06-01/runtime/invocation/{context.aws_request_id}/response", b'"early"')
    connection.getresponse()
    time.sleep(1)
"""
    environment = bench.start(code)

    async def go() -> tuple[bytes, bool, float]:
        outcome = await environment.invoke(RunEvent("one", b"{}", ARN, TRACE_ID))
        is_busy, began = environment.is_busy, time.monotonic()
        await environment.ready()
        return outcome.payload, is_busy, time.monotonic() - began

    payload, was_busy, waited = bench.run(go())
    assert payload == b'"early"'
    assert was_busy
    assert waited > 0.2


def test_everything_stands_still_between_invocations(bench: Workbench) -> None:
    code = """
import subprocess, sys, threading, time
ticks = 0
def tick():
    global ticks
    while True:
        time.sleep(0.01)
        ticks += 1
threading.Thread(target=tick, daemon=True).start()
ticking = "import time\\nwhile True:\\n    time.sleep(0.01)\\n    open('/tmp/ticks', 'a').write('x')"
child = subprocess.Popen([sys.executable, "-c", ticking])
def handler(event, context):
    before = [ticks, len(open("/tmp/ticks", "a+").read()) or 0]
    time.sleep(event["seconds"])
    with open("/tmp/ticks") as file:
        return before, [ticks, len(file.read())]
"""
    code = code.replace('len(open("/tmp/ticks", "a+").read()) or 0', "__import__('os').path.getsize('/tmp/ticks')")
    environment = bench.start("open('/tmp/ticks', 'w').close()\n" + code)
    _, first_end = json.loads(bench.invoke(environment, {"seconds": 0.5}).payload)
    bench.pause(1.0)
    second_start, second_end = json.loads(bench.invoke(environment, {"seconds": 0.5}).payload)
    assert all(count > 5 for count in first_end)
    assert all(0 <= later - earlier <= 50 for earlier, later in zip(first_end, second_start, strict=True))
    assert all(later - earlier > 5 for earlier, later in zip(second_start, second_end, strict=True))


TIMEOUT = """
import time
marks = []
def handler(event, context):
    marks.append(1)
    open("/tmp/marks", "a").write("x")
    if event.get("sleep"):
        print("before")
        time.sleep(event["sleep"])
    return [len(marks), open("/tmp/marks").read()]
"""


def test_after_a_timeout_memory_is_lost_and_tmp_is_kept(bench: Workbench) -> None:
    environment = bench.start(TIMEOUT, timeout_seconds=2)  # in which the init after the reset has its place, on a busy machine too
    bench.invoke(environment)
    began = time.monotonic()
    outcome = bench.invoke(environment, {"sleep": 30}, request_id="late")
    assert 1.95 < time.monotonic() - began < 15
    assert json.loads(outcome.payload) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": "RequestId: late Error: Task timed out after 2.00 seconds",
    }
    assert (outcome.status, outcome.function_error, outcome.error_type) == ("timeout", "Unhandled", "Sandbox.Timedout")
    assert (outcome.duration_ms, outcome.billed_duration_ms) == (2000.0, 2000)
    lines = texts(outcome)
    assert lines[:2] == ["START RequestId: late Version: $LATEST", "before"]
    assert lines[2].endswith(" late Task timed out after 2.00 seconds\n")
    assert lines[3] == "END RequestId: late"
    assert lines[-1].startswith("REPORT RequestId: late\tDuration: 2000.00 ms\tBilled Duration: 2000 ms\t")
    assert lines[-1].endswith(" MB\tStatus: timeout")
    again = bench.invoke(environment)
    assert json.loads(again.payload) == [1, "xxx"]


def test_the_init_after_a_reset_is_part_of_the_duration_and_has_no_line_of_its_own(bench: Workbench) -> None:
    environment = bench.start("import time\ntime.sleep(0.2)\n" + TIMEOUT, timeout_seconds=2)
    bench.invoke(environment, {"sleep": 30})
    outcome = bench.invoke(environment)
    assert outcome.duration_ms > 200
    assert outcome.init_duration_ms is None
    assert outcome.billed_duration_ms == -(-outcome.duration_ms // 1)
    assert not [text for text in texts(outcome) if text.startswith("INIT")]


def test_after_a_crash_the_next_invocation_starts_afresh(bench: Workbench) -> None:
    code = """
import os
count = 0
def handler(event, context):
    global count
    count += 1
    if event.get("die"):
        os._exit(int(event["die"]))
    return count
"""
    environment = bench.start(code)
    assert bench.invoke(environment).payload == b"1"
    assert bench.invoke(environment).payload == b"2"
    outcome = bench.invoke(environment, {"die": "3"}, request_id="dead")
    assert json.loads(outcome.payload)["errorMessage"] == "RequestId: dead Error: Runtime exited with error: exit status 3"
    assert texts(outcome)[1:3] == ["RequestId: dead Error: Runtime exited with error: exit status 3", "Runtime.ExitError"]
    assert texts(outcome)[-1].endswith("Status: error\tError Type: Runtime.ExitError")
    assert bench.invoke(environment).payload == b"1"


def test_a_caller_that_goes_away_does_not_stop_the_function(bench: Workbench) -> None:
    code = "import time\ndef handler(event, context):\n    time.sleep(1)\n    open('/tmp/done', 'w').close()\n    return 1\n"
    code += "import os\nold = handler\ndef handler(event, context):\n"
    code += "    return os.path.exists('/tmp/done') if event.get('look') else old(event, context)\n"
    environment = bench.start(code)

    async def go() -> None:
        task = asyncio.ensure_future(environment.invoke(RunEvent("one", b"{}", ARN, TRACE_ID)))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await environment.ready()

    bench.run(go())
    assert bench.invoke(environment, {"look": True}).payload == b"true"


def test_an_init_that_fails_is_tried_once_more_by_the_first_invocation(bench: Workbench) -> None:
    code = """
import os
open("/tmp/inits", "a").write("x")
if os.path.getsize("/tmp/inits") == 1:
    raise ValueError("not yet")
def handler(event, context):
    return os.path.getsize("/tmp/inits")
"""
    environment = bench.start(code)
    assert environment.init_error is not None
    assert (environment.init_error.status, environment.init_error.error_type) == ("error", "Runtime.Unknown")
    outcome = bench.invoke(environment)
    assert outcome.payload == b"2"
    lines = texts(outcome)
    report = next(line for line in lines if line.startswith("INIT_REPORT"))
    assert (
        report
        == f"INIT_REPORT Init Duration: {environment.init_duration_ms:.2f} ms\tPhase: init\tStatus: error\tError Type: Runtime.Unknown"
    )
    assert lines.index(report) < next(index for index, line in enumerate(lines) if line.startswith("START"))


def test_an_init_over_ten_seconds_runs_again_inside_the_invocation(bench: Workbench) -> None:
    code = "import time\ntime.sleep(1.3)\ndef handler(event, context):\n    return 'slow'\n"
    environment = bench.run(bench.sandboxes.start(bench.spec(code), init_timeout=timedelta(seconds=1)))
    assert environment.init_error is not None
    assert environment.init_error.status == "timeout"
    outcome = bench.invoke(environment)
    assert outcome.payload == b'"slow"'
    assert outcome.duration_ms > 1300
    report = next(line for line in texts(outcome) if line.startswith("INIT_REPORT"))
    assert report.endswith("ms\tPhase: init\tStatus: timeout")


def test_an_init_that_is_late_again_times_out(bench: Workbench) -> None:
    spec = bench.spec("import time\ntime.sleep(30)\ndef handler(event, context):\n    pass\n", timeout_seconds=1)
    environment = bench.run(bench.sandboxes.start(spec, init_timeout=timedelta(seconds=1)))
    outcome = bench.invoke(environment)
    assert outcome.error_type == "Sandbox.Timedout"
    assert environment.is_usable


def test_provisioned_environments_are_told_so_and_their_init_is_not_billed(bench: Workbench) -> None:
    code = "import os, time\ntime.sleep(0.4)\ndef handler(event, context):\n    return os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']\n"
    environment = bench.start(code, initialization_type=InitializationType.PROVISIONED_CONCURRENCY)
    outcome = bench.invoke(environment)
    assert json.loads(outcome.payload) == outcome.initialization_type == "provisioned-concurrency"
    assert outcome.billed_duration_ms < 400


def test_many_environments_run_at_once(bench: Workbench) -> None:
    spec = bench.spec("import time\ndef handler(event, context):\n    time.sleep(0.2)\n    return event\n")

    async def go() -> list[bytes]:
        environments = await asyncio.gather(*(bench.sandboxes.start(spec) for _ in range(6)))
        outcomes = await asyncio.gather(
            *(environment.invoke(RunEvent(str(n), b"%d" % n, ARN, TRACE_ID)) for n, environment in enumerate(environments))
        )
        await asyncio.gather(*(environment.close() for environment in environments))
        return [outcome.payload for outcome in outcomes]

    assert bench.run(go()) == [b"%d" % n for n in range(6)]


def test_a_large_event_and_a_large_response_pass(bench: Workbench) -> None:
    environment = bench.start("def handler(event, context):\n    return event\n", memory_size_mb=512)
    payload = b'"' + b"x" * (6 * 1024 * 1024 - 2) + b'"'
    assert bench.invoke(environment, payload).payload == payload


def test_a_frozen_environment_is_closed_like_any_other(bench: Workbench) -> None:
    environment = bench.start("def handler(event, context):\n    print('x')\n")
    bench.invoke(environment)
    bench.pause(0.1)
    assert printed(bench.invoke(environment)) == ["x"]
    bench.pause(0.1)
    bench.run(environment.close())
    bench.run(environment.close())
    assert not environment.is_usable


def test_memory_of_several_processes_at_a_time_is_counted(bench: Workbench) -> None:
    environment = bench.start(
        """
import subprocess
import sys

CHILD = "x = bytearray(40_000_000); print(flush=True); input()"

def handler(event, context):
    child = subprocess.Popen([sys.executable, "-I", "-S", "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    child.stdout.readline()
""",
        memory_size_mb=256,
    )
    assert 40 < bench.invoke(environment).max_memory_used_mb < 100
