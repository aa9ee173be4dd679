"""A runtime asked for, and the interpreter that will run it."""

import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path


class RuntimeMissing(LookupError):
    """Nothing on this machine can run the runtime. The message says what to install."""


@dataclass(frozen=True, slots=True)
class RuntimeChoice:
    """What runs a runtime here."""

    requested: str
    """As configured: python3.12"""
    interpreter: Path
    version: str
    """The interpreter's own: 3.12.1; empty for provided runtimes."""
    exact: bool
    """False where the nearest interpreter stands in."""
    prefix: Path | None = None
    """The interpreter's folder, to be shown as /var/lang; None where /usr has it."""


@dataclass(frozen=True, slots=True)
class Locations:
    """Where things are, as the function sees them."""

    task: str = "/var/task"
    runtime: str = "/var/runtime"
    lang: str = "/var/lang"
    """The interpreter's prefix, when that is not /usr."""
    opt: str = "/opt"


def inside_path(choice: RuntimeChoice, locations: Locations) -> str:
    """The interpreter as the environment sees it."""
    return f"{locations.lang}/bin/{choice.interpreter.name}" if choice.prefix else str(choice.interpreter)


def is_binary(path: Path) -> bool:
    """True for an executable file that is no script: version managers put scripts of the same name on the path."""
    try:
        with path.open("rb") as file:
            return file.read(4) == b"\x7fELF"
    except OSError:
        return False


@cache
def version_by_asking(interpreter: Path) -> str:
    """What `--version` prints, without any word or letter before the number; empty if it cannot run."""
    try:
        answer = subprocess.run([interpreter, "--version"], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.split()[-1].removeprefix("v") if answer.stdout.split() else ""


def prefix_of(interpreter: Path) -> Path | None:
    """The folder above bin; None for /usr, which every environment sees anyway."""
    prefix = interpreter.resolve().parent.parent
    return None if prefix == Path("/usr") else prefix
