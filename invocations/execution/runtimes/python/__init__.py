"""Python: AWS's own runtime client `awslambdaric` on the interpreters of this machine."""

import importlib.metadata
import os
import re
import shutil
import sys
from functools import lru_cache
from pathlib import Path

from invocations.execution.filesystem import link_file
from invocations.execution.runtimes.choice import (
    Locations,
    RuntimeChoice,
    RuntimeMissing,
    inside_path,
    is_binary,
    prefix_of,
    version_by_asking,
)

NAME = "python"
RUNTIMES: tuple[str, ...] = ("python3.9", "python3.10", "python3.11", "python3.12", "python3.13", "python3.14")
DISTRIBUTIONS = (
    "awslambdaric",
    "snapshot-restore-py",
    "simplejson",
    "boto3",
    "botocore",
    "s3transfer",
    "jmespath",
    "urllib3",
    "python-dateutil",
    "six",
)
"""What functions find in /var/runtime, by the names of their packages."""
START_UP_VARIABLES: tuple[str, ...] = ("PYTHON", "LD_", "LANG", "LC_", "GLIBC_", "MALLOC_")
"""Variables that an interpreter reads once, when it starts: one that waits prepared would miss them."""
HERE = Path(__file__).parent


def choose(runtime: str) -> RuntimeChoice:
    """The interpreter of that very version, else the nearest one, the newer of two, and among equals our own."""
    wanted = int(runtime.removeprefix("python3."))
    found = interpreters()
    if not found:
        raise RuntimeMissing(f"No Python interpreter was found for {runtime}. Install python3.{wanted}.")
    own = sys.version_info.minor
    minor = min(found, key=lambda minor: (abs(minor - wanted), minor != own, -minor))
    interpreter = found[minor]
    version = version_by_asking(interpreter) or f"3.{minor}"
    return RuntimeChoice(runtime, interpreter, version, minor == wanted, prefix_of(interpreter))


def interpreters() -> dict[int, Path]:
    """Minor version -> the interpreter found first: our own, the system's, on the path, pyenv's, uv's."""
    home = Path.home()
    folders = [Path(sys.base_prefix) / "bin", Path("/usr/bin"), Path("/usr/local/bin")]
    folders += [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    folders += sorted(home.glob(".pyenv/versions/3.*/bin"), key=_by_version, reverse=True)
    folders += sorted(home.glob(".local/share/uv/python/cpython-3.*/bin"), key=_by_version, reverse=True)
    return dict(_search(tuple(folders)))


@lru_cache(maxsize=8)
def _search(folders: tuple[Path, ...]) -> tuple[tuple[int, Path], ...]:
    found: dict[int, Path] = {}
    for folder in folders:
        for runtime in RUNTIMES:
            minor = int(runtime.removeprefix("python3."))
            candidate = (folder / runtime).resolve()
            is_complete = (candidate.parent.parent / "lib" / runtime / "os.py").exists()
            if minor not in found and is_complete and is_binary(candidate):
                found[minor] = candidate
    return tuple(found.items())


def _by_version(folder: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", folder.parent.name)[:3])


def command(choice: RuntimeChoice, locations: Locations, memory_size_mb: int) -> list[str]:
    """The interpreter with our bootstrap."""
    return [inside_path(choice, locations), f"{locations.runtime}/bootstrap.py"]


def variables(choice: RuntimeChoice, locations: Locations) -> dict[str, str]:
    """What AWS's Python environments have beyond the others."""
    elsewhere = {} if locations.opt == "/opt" else {"_PLAYGROUND_OPT": locations.opt}
    return {"PYTHONPATH": locations.runtime, "LC_CTYPE": "C.UTF-8", **elsewhere}


def version_label(choice: RuntimeChoice) -> str:
    """python:3.12.v1 for Python 3.12.1."""
    major, minor, *micro = choice.version.split(".")
    return f"python:{major}.{minor}.v{micro[0] if micro else 0}"


def install(target: Path) -> None:
    """Links the packages of our own environment. Interpreters that the client was not compiled for use our pure one."""
    for name in DISTRIBUTIONS:
        distribution = importlib.metadata.distribution(name)
        for file in distribution.files or ():
            source = Path(str(distribution.locate_file(file)))
            if ".." not in file.parts and source.is_file():
                link_file(source, target / file)
    for script in ("bootstrap.py", "runtime_client.py"):
        shutil.copy2(HERE / "inside" / script, target / script)


def own() -> RuntimeChoice:
    """The interpreter that runs us."""
    runtime = f"python3.{sys.version_info.minor}"
    interpreter = Path(sys.base_prefix, "bin", runtime).resolve()
    return RuntimeChoice(runtime, interpreter, ".".join(str(part) for part in sys.version_info[:3]), True, prefix_of(interpreter))
