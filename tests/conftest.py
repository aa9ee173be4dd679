"""What every test may use: a data folder per test process, a real Redis, a whole playground, a browser."""

import io
import subprocess
import time
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.waiter import Waiter

from playground.supervision import redis_server
from playground.supervision.trial import Trial
from tests.data_folder import DATA

LONGEST = ("tests/test_postgresql.py", "tests/playground/supervision/", "tests/playground/bench/", "tests/pages/")
"""Files whose tests take longest: what begins last alone is waited for by the other test processes."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first; they share the test processes evenly, where the many short ones fill what is left."""
    items.sort(key=lambda item: next((place for place, start in enumerate(LONGEST) if item.nodeid.startswith(start)), len(LONGEST)))


def pytest_sessionfinish() -> None:
    subprocess.run(["rm", "-rf", str(DATA)], check=False)


@pytest.fixture(scope="session", autouse=True)
def _waiters_look_often() -> Iterator[None]:
    """A function is ready after a moment, and botocore's waiters look once a second."""
    patient = Waiter.wait

    def wait(waiter: Waiter, **arguments: Any) -> None:
        patient(waiter, **{"WaiterConfig": {"Delay": 0.02, "MaxAttempts": 3000}} | arguments)

    Waiter.wait = wait
    yield
    Waiter.wait = patient


@pytest.fixture(scope="session")
def redis_process() -> Iterator[None]:
    """The embedded Redis of this test process, at settings.REDIS_URL."""
    from django.conf import settings

    assert settings.REDIS_SOCKET.is_relative_to(DATA), "two test processes would share one Redis"
    settings.RUN_DIR.mkdir(parents=True, exist_ok=True)
    command = redis_server.command(settings.REDIS_SOCKET, DATA / "redis")
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 20
        while not redis_server.answers(settings.REDIS_SOCKET):
            assert time.monotonic() < deadline, "redis did not start"
            time.sleep(0.02)
        try:
            yield
        finally:
            process.kill()


@pytest.fixture(name="redis_server")
def empty_redis(redis_process: None) -> None:
    """A real Redis with nothing in it."""
    from invocations import store

    store.connection().flushall()


@pytest.fixture(scope="session")
def stack() -> Iterator[Trial]:
    """A whole playground, shared by the tests of one process: use names of your own."""
    with Trial() as trial:
        yield trial


@pytest.fixture(scope="session")
def hello_zip() -> bytes:
    """The code of a function whose handler m.handler returns its event."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("m.py", "def handler(event, context):\n    return event\n")
    return archive.getvalue()
