#!/usr/bin/env python3
"""Runs any command of the project, after making sure that what it needs is installed.

Works with the standard library alone: it makes `.venv` beside this file, installs the pinned packages whose hashes stand in the
lock files, and runs itself again there.
"""

import hashlib
import os
import shutil
import subprocess
import sys

BASE = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(BASE, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
OLDEST = (3, 11)
RUNTIME_LOCK = os.path.join(BASE, "playground", "requirements.lock")
TEST_LOCK = os.path.join(BASE, "tests", "requirements.lock")
"""Holds everything of the first one too."""


def main():
    if sys.version_info < OLDEST:
        sys.exit("Python %d.%d or newer is needed; this is %d.%d." % (OLDEST + sys.version_info[:2]))
    lock = TEST_LOCK if sys.argv[1:2] == ["test"] else RUNTIME_LOCK
    if not is_installed(lock):
        install(lock)
    if os.path.realpath(sys.prefix) != os.path.realpath(VENV):
        os.execv(PYTHON, [PYTHON, os.path.join(BASE, "manage.py")] + sys.argv[1:])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
    if sys.argv[1:2] in (["playground"], ["test"]):
        # These two are started more often than all others together: their modules alone are loaded, not Django.
        from playground.supervision import commands

        sys.exit(commands.run(sys.argv[1:]))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def is_installed(lock):
    """Whether the virtual environment has what *lock* names: the runtime's packages may have come with the tests'."""
    stamps = [stamp_of(lock)] + ([stamp_of(TEST_LOCK)] if lock == RUNTIME_LOCK and os.path.exists(TEST_LOCK) else [])
    return os.path.exists(PYTHON) and any(os.path.exists(stamp) for stamp in stamps)


def stamp_of(lock):
    """The file that says that *lock*, as it is now, has been installed."""
    with open(lock, "rb") as file:
        return os.path.join(VENV, "installed-" + hashlib.sha256(file.read()).hexdigest()[:16])


def install(lock):
    """Makes the virtual environment and installs *lock*; the stamp comes last, so that a broken-off try is begun again."""
    import fcntl

    os.makedirs(VENV, exist_ok=True)
    with open(os.path.join(VENV, ".lock"), "w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if is_installed(lock):
            return
        uv = shutil.which("uv")
        made = os.path.join(VENV, "made")
        if not os.path.exists(made):
            say("making a virtual environment in .venv")
            run([sys.executable, "-m", "venv", VENV])
            open(made, "w").close()
        say("installing %d pinned packages with %s; this is done once" % (count(lock), "uv" if uv else "pip"))
        if uv:
            run([uv, "pip", "install", "--quiet", "--python", PYTHON, "--require-hashes", "-r", lock])
        else:
            run([PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", lock])
        open(stamp_of(lock), "w").close()
        say("installed")


def count(lock):
    """How many packages a lock pins."""
    with open(lock) as file:
        return sum(1 for line in file if "==" in line)


def run(command):
    """Runs a step of the set-up, and stops with a sentence if it fails."""
    if subprocess.call(command) != 0:
        sys.exit("Setting up failed at: " + " ".join(command))


def say(line):
    print("playground: " + line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
