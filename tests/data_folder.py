"""A data folder for each test process. A plugin, because settings are read before any conftest is: see addopts in pyproject.toml."""

import os
import tempfile
from pathlib import Path

DATA = Path(tempfile.mkdtemp(prefix="pg-"))
os.environ["PLAYGROUND_DATA"] = str(DATA)
os.environ.pop("DATABASE_URL", None)  # tests run on SQLite, unless they are told otherwise:
if "TEST_DATABASE_URL" in os.environ:
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
os.environ.pop("REDIS_URL", None)
