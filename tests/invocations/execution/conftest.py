"""One set of real sandboxes per worker process."""

import asyncio
from collections.abc import Iterator

import pytest
import uvloop
from django.test import override_settings

from invocations.execution.sandboxes import Sandboxes
from tests.invocations.execution.workbench import Workbench


@pytest.fixture(scope="session")
def _sandboxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    data = tmp_path_factory.mktemp("data")
    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    with override_settings(DATA_DIR=data):
        sandboxes = Sandboxes(data)
        loop.run_until_complete(sandboxes.open())
        folder = data / "functions"
        folder.mkdir()
        yield Workbench(loop, sandboxes, folder)
        loop.run_until_complete(sandboxes.close())
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture
def bench(_sandboxes: Workbench) -> Iterator[Workbench]:
    """Where a test starts its functions; what it leaves running is ended."""
    yield _sandboxes
    _sandboxes.tidy()


@pytest.fixture
def isolated(bench: Workbench) -> Workbench:
    """The same, where sandboxes work: what only they forbid cannot be tried elsewhere."""
    if bench.sandboxes.describe()["isolation"] != "bubblewrap":
        pytest.skip(f"no sandboxes here: {bench.sandboxes.describe()['why']}")
    return bench
