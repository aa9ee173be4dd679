"""A load of one signed HTTP request, sent again and again over kept connections, at next to no cost to the machine."""

import selectors
import socket
import time
from urllib.parse import quote, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def signed_invoke(endpoint_url: str, function_name: str, payload: bytes, invocation_type: str = "RequestResponse") -> bytes:
    """The bytes of an Invoke, signed with the default key. A signature holds for five minutes."""
    path = f"/2015-03-31/functions/{quote(function_name)}/invocations"
    headers = {"Content-Type": "application/json", "X-Amz-Invocation-Type": invocation_type}
    request = AWSRequest("POST", endpoint_url + path, data=payload, headers=headers)
    SigV4Auth(Credentials("test", "test"), "lambda", "us-east-1").add_auth(request)
    lines = [f"POST {path} HTTP/1.1", f"Host: {urlsplit(endpoint_url).netloc}", f"Content-Length: {len(payload)}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + payload


def run(
    address: tuple[str, int], request: bytes, *, connections: int, seconds: float, expected_status: int = 200
) -> tuple[list[float], float]:
    """Sends *request* over *connections* at once, each as soon as its last answer is there. Durations (s) and time elapsed.

    Raises RuntimeError on any other status: a figure made of errors would be no figure.
    """
    selector = selectors.DefaultSelector()
    sent_at: dict[socket.socket, float] = {}
    buffers: dict[socket.socket, bytes] = {}
    for _ in range(connections):
        connection = socket.create_connection(address)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ)
        buffers[connection] = b""
        sent_at[connection] = time.perf_counter()
        connection.sendall(request)
    durations: list[float] = []
    started = time.perf_counter()
    while time.perf_counter() - started < seconds:
        for key, _ in selector.select(timeout=1):
            connection = key.fileobj
            assert isinstance(connection, socket.socket)
            received = connection.recv(65536)
            if not received:
                raise RuntimeError("the server closed the connection")
            buffers[connection] += received
            if not _is_whole(buffers[connection]):
                continue
            status = int(buffers[connection][9:12])
            if status != expected_status:
                raise RuntimeError(f"answered {buffers[connection][:600]!r}")
            now = time.perf_counter()
            durations.append(now - sent_at[connection])
            buffers[connection] = b""
            sent_at[connection] = now
            connection.sendall(request)
    elapsed = time.perf_counter() - started
    for connection in sent_at:
        connection.close()
    return durations, elapsed


def _is_whole(answer: bytes) -> bool:
    head, separator, body = answer.partition(b"\r\n\r\n")
    if not separator:
        return False
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return len(body) >= int(value)
    return body.endswith(b"0\r\n\r\n")
