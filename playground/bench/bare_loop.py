"""The floor that the product is measured against: AWS's runtime client on a minimal Runtime API server, no sandbox, no product.

The server answers `next` and takes `response`; an invocation lasts from handing out the event to having the response.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playground.bench.figures import summary

_HANDLER = "def handler(event, context):\n    return event\n"
_EVENT = b'{"order": 42}'


def measure(invocations: int = 3000, warm_up: int = 200) -> dict[str, float]:
    """p50 and p99 of *invocations* of an echo function, one after the other."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as server:
        Path(folder, "echo.py").write_text(_HANDLER)
        environment = os.environ | {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.getsockname()[1]}",
            "LAMBDA_TASK_ROOT": folder,
            "_HANDLER": "echo.handler",
            "AWS_REGION": "us-east-1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_LAMBDA_FUNCTION_NAME": "echo",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/echo",
            "AWS_LAMBDA_LOG_STREAM_NAME": "bare",
        }
        runtime = subprocess.Popen([sys.executable, "-m", "awslambdaric", "echo.handler"], cwd=folder, env=environment)
        try:
            durations, started = _serve(server, invocations, warm_up)
        finally:
            runtime.kill()
            runtime.wait()
    return summary(durations, time.perf_counter() - started)


def _serve(server: socket.socket, invocations: int, warm_up: int) -> tuple[list[float], float]:
    durations: list[float] = []
    started = handed_out = 0.0
    number = 0
    connection, buffer = server.accept()[0], b""
    while len(durations) < invocations:
        head, _, rest = buffer.partition(b"\r\n\r\n")
        length = _content_length(head)
        if not _ or len(rest) < length:
            received = connection.recv(65536)
            if not received:
                connection, buffer = server.accept()[0], b""  # the client opens a new connection when it likes
                continue
            buffer += received
            continue
        buffer = rest[length:]
        if head.startswith(b"GET"):
            number += 1
            if number == warm_up:
                started = time.perf_counter()
            headers = (
                f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(_EVENT)}\r\n"
                f"Lambda-Runtime-Aws-Request-Id: {number:036d}\r\nLambda-Runtime-Deadline-Ms: {int(time.time() * 1000) + 3000}\r\n"
                "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:000000000000:function:echo\r\n\r\n"
            )
            handed_out = time.perf_counter()
            connection.sendall(headers.encode() + _EVENT)
        else:
            if number >= warm_up:
                durations.append(time.perf_counter() - handed_out)
            connection.sendall(b'HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{"status":"OK"}')
    return durations, started


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
