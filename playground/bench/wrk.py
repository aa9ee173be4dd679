"""A load by wrk, which costs the machine next to nothing; Debian's package of the same name."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from playground.bench.load import signed_invoke
from playground.supervision.trial import Trial


def is_there() -> bool:
    """Whether the machine has it."""
    return shutil.which("wrk") is not None


def invoke(
    trial: Trial, function_name: str, payload: bytes, *, invocation_type: str, connections: int, seconds: float
) -> tuple[int, float]:
    """Invokes over *connections* as fast as answers come; how many were answered with success, and in how many seconds.

    Raises RuntimeError where any answer was none of success.
    """
    head, _, body = signed_invoke(trial.endpoint_url, function_name, payload, invocation_type).partition(b"\r\n\r\n")
    request_line, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    script = ["wrk.method = 'POST'", f"wrk.body = [==[{body.decode()}]==]"]
    script += [f"wrk.headers[ [==[{name}]==] ] = [==[{value}]==]" for name, value in headers.items() if name != "Content-Length"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "invoke.lua"
        path.write_text("\n".join(script))
        address = trial.endpoint_url.replace("localhost", "127.0.0.1") + request_line.split(" ")[1]
        command = [
            "wrk",
            "--threads",
            "1",
            "--connections",
            str(connections),
            "--duration",
            f"{seconds:.0f}s",
            "--script",
            str(path),
            address,
        ]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.+)", output)
    if failed is not None:
        raise RuntimeError(f"not every request was answered with success:\n{output}")
    found = re.search(r"(\d+) requests in ([\d.]+)s", output)
    assert found is not None, output
    return int(found[1]), float(found[2])
