import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture(autouse=True)
def _no_bytes_of_another_test() -> Iterator[None]:
    yield
    shutil.rmtree(Path(settings.DATA_DIR, "s3"), ignore_errors=True)
