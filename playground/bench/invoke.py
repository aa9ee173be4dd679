"""`manage.py bench invoke`: the whole product against the bare loop, in one run on this machine."""

import io
import time
import zipfile
from collections.abc import Callable
from typing import Any

from playground.bench import bare_loop, load
from playground.bench.figures import percentile, summary
from playground.supervision.trial import Trial

ECHO = "def handler(event, context):\n    return event\n"
PAYLOAD = b'{"order": 42}'
COLD_STARTS = 12


def measure(say: Callable[[str], None], *, seconds: float, journal: int) -> dict[str, Any]:
    """Everything at its defaults: signatures, policy, admission, logs, journal. *journal*: invocations to have behind one at the end."""
    say("the bare loop: awslambdaric on a minimal Runtime API server")
    figures: dict[str, Any] = {"bare loop": bare_loop.measure()}
    with Trial() as trial:
        client = trial.boto3("lambda")
        create(client, "bench-echo")
        request = load.signed_invoke(trial.endpoint_url, "bench-echo", PAYLOAD)
        address = ("127.0.0.1", trial.endpoint_port)
        load.run(address, request, connections=8, seconds=1.5)
        for connections in (1, 8):
            say(f"{connections} connection{'s' if connections > 1 else ''}, {seconds:.0f} s")
            figures[f"{connections} connections"] = summary(*load.run(address, request, connections=connections, seconds=seconds))
        say(f"{COLD_STARTS} cold starts")
        figures["cold start"] = _cold_starts(client)
        done = figures["1 connections"]["requests"] + figures["8 connections"]["requests"]
        while done < journal:
            say(f"{done:,} of {journal:,} invocations in the journal")
            request = load.signed_invoke(trial.endpoint_url, "bench-echo", PAYLOAD)
            durations, _ = load.run(address, request, connections=8, seconds=20)
            done += len(durations)
        if journal:
            say("once more, with the journal full")
            time.sleep(2)
            request = load.signed_invoke(trial.endpoint_url, "bench-echo", PAYLOAD)
            for connections in (1, 8):
                name = f"{connections} connections after {journal:,}"
                figures[name] = summary(*load.run(address, request, connections=connections, seconds=seconds))
    figures["p50 against the bare loop"] = round(figures["1 connections"]["p50_ms"] / figures["bare loop"]["p50_ms"], 2)
    return figures


def create(client: Any, name: str, code: str = ECHO, **options: Any) -> None:
    """A Python function of one file, ready to be invoked."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        zipped.writestr("app.py", f"{code}# {name}\n")
    client.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Handler="app.handler",
        Role="arn:aws:iam::000000000000:role/bench",
        Code={"ZipFile": buffer.getvalue()},
        **options,
    )
    client.get_waiter("function_active_v2").wait(FunctionName=name)


def _cold_starts(client: Any) -> dict[str, float]:
    durations = []
    for number in range(COLD_STARTS):
        name = f"bench-cold-{number}"
        create(client, name)
        time.sleep(0.6)  # a person's pace: prepared sandboxes are made again in between
        began = time.perf_counter()
        client.invoke(FunctionName=name, Payload=PAYLOAD)["Payload"].read()
        durations.append(time.perf_counter() - began)
    return {"p50_ms": round(percentile(durations, 0.5) * 1000, 1), "worst_ms": round(max(durations) * 1000, 1)}
