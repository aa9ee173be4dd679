"""Settings that cannot work, told in sentences by `manage.py check` and by a start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from playground.combinations import problems
from playground.supervision.trial import BASE_DIR

SENTENCES = [
    ({"PLAYGROUND_PORT": "http"}, "port", True),
    ({"PLAYGROUND_PORT": "65536"}, "port", True),
    ({"PLAYGROUND_ENDPOINT_PORT": "-1"}, "port", True),
    ({"PLAYGROUND_PORT": "4566"}, "same-port", True),
    ({"PLAYGROUND_MAX_ENVIRONMENTS": "many"}, "max-environments", True),
    ({"DATABASE_URL": "mysql://host/name"}, "database-url", True),
    ({"DATABASE_URL": "postgres://host"}, "database-url", True),
    ({"REDIS_URL": "http://host"}, "redis-url", True),
    ({"REDIS_URL": "redis://host:6379/0"}, "several-hosts-on-sqlite", False),
    ({"DATABASE_URL": "postgres://host/name"}, "several-hosts-on-embedded-redis", False),
    ({"PLAYGROUND_HOST": "192.168.0.7"}, "open-host", True),
    ({"PLAYGROUND_HOST": "host.example"}, "open-host", True),
    ({"PATH": ""}, "isolation", False),
]


@pytest.mark.parametrize(("environment", "name", "is_fatal"), SENTENCES)
def test_what_cannot_work_has_a_sentence(
    environment: dict[str, str], name: str, is_fatal: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "PATH" in environment:
        monkeypatch.setenv("PATH", environment["PATH"])

    found = problems(environment, tmp_path)

    assert [(problem.id, problem.is_fatal) for problem in found] == [(name, is_fatal)]


@pytest.mark.parametrize(
    "environment",
    [{}, {"PLAYGROUND_HOST": "127.0.0.1"}, {"REDIS_URL": "rediss://host", "DATABASE_URL": "postgresql://user:pw@host/name"}],
)
def test_what_works_has_none(environment: dict[str, str], tmp_path: Path) -> None:
    assert problems(environment, tmp_path / "new") == []


def test_a_data_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert [problem.id for problem in problems({}, tmp_path / "file")] == ["data"]


@pytest.mark.parametrize(
    ("environment", "status", "part"),
    [
        ({}, 0, "no issues"),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, 0, "playground.redis-away"),
        ({"PLAYGROUND_PORT": "http"}, 1, "playground.port"),
        ({"PLAYGROUND_DATA": "/proc/nowhere"}, 1, "playground.data"),
    ],
)
def test_the_check_command_tells_them(environment: dict[str, str], status: int, part: str, tmp_path: Path) -> None:
    command = [sys.executable, str(BASE_DIR / "manage.py"), "check"]
    everything = os.environ | {"PLAYGROUND_DATA": str(tmp_path)} | environment
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, env=everything, check=False)

    assert ended.returncode == status, ended.stderr
    assert part in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
