"""`manage.py playground` and `manage.py test`, as they are typed."""

import argparse
import fcntl
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from playground.combinations import problems
from playground.listening import open_loopback

BASE_DIR = Path(__file__).resolve().parents[2]


def run(arguments: Sequence[str]) -> int:
    """Runs the command that *arguments* begin with; its exit status."""
    command, *rest = arguments
    if command == "test":
        from playground.supervision import testing

        return testing.run(rest)
    return playground(rest)


def playground(arguments: Sequence[str]) -> int:
    """Starts everything and keeps it up until Ctrl-C or SIGTERM."""
    options = _parser().parse_args(arguments)
    _into_environment(options)
    from playground import settings  # reads the environment just set

    try:
        _refuse_what_cannot_work(settings.DATA_DIR)
        lock = _only_one(settings.DATA_DIR)
        _is_free(settings.PORT)
        endpoint = _open_endpoint(settings.ENDPOINT_PORT, "--endpoint-port")
        encrypted = _open_endpoint(settings.HTTPS_PORT, "--https-port")
    except Refused as refusal:
        say(str(refusal))
        return 1
    from playground.supervision.processes import table
    from playground.supervision.redis_server import RedisMissing
    from playground.supervision.supervisor import Supervisor

    settings.RUN_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        supervisor = Supervisor(table(endpoint, encrypted), settings.DATA_DIR / "log", settings.RUN_DIR, say, verbose=options.verbose)
    except RedisMissing as missing:
        say(str(missing))
        return 1
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: supervisor.ask_to_stop())
    began = time.monotonic()
    if not migrate(settings.DATA_DIR, os.environ.get("DATABASE_URL", "")):
        return 1
    say("starting redis, service, worker and web")
    all_up = supervisor.start()
    if all_up:
        shown = "localhost" if settings.HOST in {"localhost", "127.0.0.1", "::1"} else settings.HOST
        print(f"\n  Dashboard      http://{shown}:{settings.PORT}", flush=True)
        print(f"  AWS endpoint   http://localhost:{settings.ENDPOINT_PORT}", flush=True)
        print(f"                 https://localhost:{settings.HTTPS_PORT}\n", flush=True)
        say(f"ready after {time.monotonic() - began:.1f} s; Ctrl-C ends it")
        supervisor.watch()
    say("ending")
    for listening in (*endpoint, *encrypted):
        listening.close()
    supervisor.stop()
    lock.close()
    return 0 if all_up else 1


class Refused(Exception):
    """Why nothing was started: one sentence that says what to change."""


def migrate(data_dir: Path, database_url: str) -> bool:
    """Brings the database up to date. Skipped where the same migrations were applied to the same SQLite file before."""
    data_dir.mkdir(parents=True, exist_ok=True)
    files = sorted((BASE_DIR / "invocations" / "migrations").glob("*.py"))
    digest = hashlib.sha256(b"".join(file.name.encode() + file.read_bytes() for file in files)).hexdigest()
    stamp = data_dir / "migrated"
    is_sqlite_here = not database_url and (data_dir / "playground.sqlite3").exists()
    if is_sqlite_here and stamp.exists() and stamp.read_text() == digest:
        return True
    say("bringing the database up to date")
    command = [sys.executable, str(BASE_DIR / "manage.py"), "migrate", "--verbosity", "0", "--no-input"]
    if subprocess.call(command) != 0:
        say("the database could not be brought up to date; the lines above say why")
        return False
    stamp.write_text(digest)
    return True


def say(line: str) -> None:
    """One line of the supervisor's own."""
    print(f"playground: {line}", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="manage.py playground", description="Start everything and keep it up.")
    parser.add_argument("--host", help="address of the dashboard (PLAYGROUND_HOST; default localhost)")
    parser.add_argument("--port", type=int, help="port of the dashboard (PLAYGROUND_PORT; default 8000)")
    parser.add_argument("--endpoint-port", type=int, help="port of the AWS endpoint (PLAYGROUND_ENDPOINT_PORT; default 4566)")
    parser.add_argument("--https-port", type=int, help="its port for HTTPS (PLAYGROUND_HTTPS_PORT; default 4443)")
    parser.add_argument("--data", help="folder for everything that is kept (PLAYGROUND_DATA; default var)")
    parser.add_argument("--verbose", action="store_true", help="show what the processes print")
    return parser


def _into_environment(options: argparse.Namespace) -> None:
    for name in ("host", "port", "endpoint_port", "https_port", "data"):
        value = getattr(options, name)
        if value is not None:
            os.environ[f"PLAYGROUND_{name.upper()}"] = str(value)


def _refuse_what_cannot_work(data_dir: Path) -> None:
    for problem in problems(os.environ, data_dir):
        if problem.is_fatal:
            raise Refused(problem.sentence)


def _only_one(data_dir: Path) -> TextIO:
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = (data_dir / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Refused(f"Another playground is running on {data_dir}. End that one, or choose another folder with --data.") from None
    return lock


def _is_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise _taken(port, "--port") from None


def _open_endpoint(port: int, option: str) -> list[socket.socket]:
    try:
        return open_loopback(port)
    except OSError:
        raise _taken(port, option) from None


def _taken(port: int, option: str) -> Refused:
    return Refused(f"Port {port} is taken by another program. End that one, or choose another port with {option}.")
