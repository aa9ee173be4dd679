"""A server of the endpoint in a thread, and boto3 clients for it."""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
import uvicorn
from botocore.config import Config

from invocations.resources import access_keys
from playground.endpoint import registry
from playground.endpoint.app import Endpoint, application
from playground.endpoint.registry import Operation


class Server:
    """The endpoint on a free port."""

    def __init__(self, app: Endpoint) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(128)  # a client that comes before the thread has begun waits, and is not refused
        self.port = self._socket.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        config = uvicorn.Config(app, http="httptools", lifespan="off", log_config=None, ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    def __enter__(self) -> "Server":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()

    def client(self, service: str, key: str = "test", secret: str = "test", **options: Any) -> Any:
        """A boto3 client that asks once."""
        config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, inject_host_prefix=False)
        options = {"region_name": "us-east-1", "aws_access_key_id": key, "aws_secret_access_key": secret, "config": config} | options
        return boto3.client(service, endpoint_url=self.url, **options)  # a session of its own would read all models anew


@pytest.fixture(scope="module")
def server(redis_process: None) -> Iterator[Server]:
    app = application()
    assert isinstance(app, Endpoint)
    with Server(app) as running:
        yield running


@pytest.fixture(autouse=True)
def _no_key_known_from_another_test() -> Iterator[None]:
    access_keys._known.clear()
    yield
    access_keys._known.clear()


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[registry.Call]]:
    """Has an operation answered by the test: `answer("lambda", "GetFunction", {...})`; gives the calls that arrive."""

    def put(service: str, name: str, output: Any = None, *, is_async: bool = True) -> list[registry.Call]:
        calls: list[registry.Call] = []

        def plain(call: registry.Call) -> Any:
            calls.append(call)
            if isinstance(output, Exception):
                raise output
            return output(call) if callable(output) else output

        async def on_loop(call: registry.Call) -> Any:
            return plain(call)

        function = on_loop if is_async else plain
        monkeypatch.setitem(registry._operations, (service, name), Operation(service, name, function, is_async))
        return calls

    return put
