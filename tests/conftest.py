"""What every test may use: a data folder per test process, a real Redis, a whole playground, a browser."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

# Settings are read from the environment when Django is set up, which is before any fixture: each process gets its own folder.
_DATA = Path(tempfile.mkdtemp(prefix="pg-"))
os.environ["PLAYGROUND_DATA"] = str(_DATA)
os.environ.pop("DATABASE_URL", None)
os.environ.pop("REDIS_URL", None)

import pytest  # noqa: E402

from playground.supervision import redis_server  # noqa: E402
from playground.supervision.trial import Trial  # noqa: E402


def pytest_sessionfinish() -> None:
    subprocess.run(["rm", "-rf", str(_DATA)], check=False)


@pytest.fixture(scope="session")
def redis_process() -> Iterator[None]:
    """The embedded Redis of this test process, at settings.REDIS_URL."""
    from django.conf import settings

    settings.RUN_DIR.mkdir(parents=True, exist_ok=True)
    command = redis_server.command(settings.REDIS_SOCKET, settings.DATA_DIR / "redis")
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
