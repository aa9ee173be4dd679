"""The supervisor over a process of the test's own."""

import os
import sys
import threading
from pathlib import Path

import pytest

from playground import settings
from playground.supervision import redis_server
from playground.supervision.processes import Process, table
from playground.supervision.supervisor import Supervisor


def test_what_is_to_be_done_every_second_is_done_while_it_watches(tmp_path: Path) -> None:
    done: list[str] = []

    def do() -> None:
        done.append("once more")
        if len(done) == 2:
            supervisor.ask_to_stop()

    process = Process("sleeper", ["sleep", "60"], lambda: True, os.environ, every_second=do)
    supervisor = Supervisor([process], tmp_path / "log", tmp_path, say=lambda line: None)
    patience = threading.Timer(20, supervisor.ask_to_stop)
    patience.start()
    assert supervisor.start()
    supervisor.watch()
    supervisor.stop()
    patience.cancel()
    assert len(done) == 2


def test_a_process_finds_its_packages_and_its_data_wherever_the_command_was_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLAYGROUND_DATA", "kept-here")
    process = Process(
        "finder",
        [sys.executable, "-c", "import playground; open('{}', 'w')".format(tmp_path / "found")],
        (tmp_path / "found").exists,
        os.environ,
    )
    supervisor = Supervisor([process], tmp_path / "log", tmp_path, say=lambda line: None)
    assert supervisor.start()
    supervisor.stop()
    assert all(Path(each.environment["PLAYGROUND_DATA"]) == settings.DATA_DIR for each in table([], []))


def test_a_redis_that_has_written_nothing_has_nothing_to_bring_to_the_disk(tmp_path: Path) -> None:
    redis_server.to_disk(tmp_path)
    (tmp_path / "appendonly.aof").write_bytes(b"*1\r\n")
    redis_server.to_disk(tmp_path)
