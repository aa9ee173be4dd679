"""`manage.py test`: installs what the tests need of the machine, and runs them all in parallel."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[2]

SET_UP_ONLY = "--set-up-only"
"""Stops when everything that the tests need is installed."""

TESTS_FAILED = 1
"""pytest's exit status."""
MOST_TRIED_AGAIN = 3
"""So many failing again are enough to know."""

PROGRAMS = {"bwrap": "bubblewrap", "node": "nodejs"}
"""Program -> Debian package."""
BROWSERS = ("chromium-headless-shell", "chromium")
"""The first that is there is used: Chromium without its window opens a page at a fifth of the cost."""


def run(arguments: Sequence[str]) -> int:
    """Runs pytest with *arguments*, in parallel, and what failed then once more; its exit status."""
    if not _have_programs():
        return 1
    if list(arguments) == [SET_UP_ONLY]:
        return 0
    if any(argument.startswith(("-n", "--numprocesses", "--pdb")) for argument in arguments):
        return _pytest(*arguments)
    status = _pytest("-n", "auto", "--dist", "worksteal", *arguments)
    if status != TESTS_FAILED:
        return status
    print("\nOnce more, alone: what failed. What fails again is broken; what passes now cannot bear a busy machine.", flush=True)
    return _pytest("-n", "0", "--last-failed", "--maxfail", str(MOST_TRIED_AGAIN), *arguments)


def _pytest(*arguments: str) -> int:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.call([sys.executable, "-m", "pytest", *arguments], cwd=BASE_DIR, env=environment)


def _have_programs() -> bool:
    missing = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    if browser_program() is None:
        missing.append(BROWSERS[0])
    if postgres_programs() is None:
        missing.append("postgresql")
    if not missing:
        return True
    command = f"apt-get update && apt-get install -y {' '.join(missing)}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(f"The tests need {', '.join(missing)}. Run: sudo sh -c '{command}'", file=sys.stderr)
        return False
    print(f"installing {', '.join(missing)}", file=sys.stderr, flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with Path(os.devnull).open("wb") as nowhere:
        status = subprocess.call(["sh", "-c", command], stdout=nowhere, env=quiet)
    if status != 0:
        print(f"Installing failed. Run by hand: {command}", file=sys.stderr)
    return status == 0


def browser_program() -> str | None:
    """The machine's Chromium."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def postgres_programs() -> Path | None:
    """The folder of PostgreSQL's server programs, which no path leads to."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None
