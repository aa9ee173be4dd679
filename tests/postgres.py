"""A PostgreSQL of the tests' own."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from playground.supervision.testing import postgres_programs
from playground.supervision.trial import free_ports


@contextmanager
def running() -> Iterator[str]:
    """The address of an empty database on a server that ends with the block."""
    programs = postgres_programs()
    assert programs is not None, "the test command installs PostgreSQL"
    folder = Path(tempfile.mkdtemp(prefix="playground-postgres-"))
    (port,) = free_ports(1)
    as_owner: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres")
        as_owner = ["runuser", "-u", "postgres", "--"]
    init = [*as_owner, str(programs / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "--no-sync"]
    subprocess.run(init, check=True, stdout=subprocess.DEVNULL)
    options = ["-p", str(port), "-k", str(folder), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
    with subprocess.Popen(
        [*as_owner, str(programs / "postgres"), "-D", str(folder / "data"), *options], stderr=subprocess.DEVNULL
    ) as server:
        try:
            _create_database(port)
            yield f"postgres://postgres@127.0.0.1:{port}/playground"
        finally:
            server.terminate()
            server.wait(20)
            shutil.rmtree(folder, ignore_errors=True)


def _create_database(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        with (
            suppress(psycopg.OperationalError),
            psycopg.connect(host="127.0.0.1", port=port, user="postgres", autocommit=True) as connection,
        ):
            connection.execute("CREATE DATABASE playground")
            return
        assert time.monotonic() < deadline, "PostgreSQL did not start"
        time.sleep(0.1)
