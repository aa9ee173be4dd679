"""Node.js: a small bootstrap of ours over the machine's `node`."""

import os
import re
import shutil
from functools import lru_cache
from pathlib import Path

from invocations.execution.runtimes.choice import (
    Locations,
    RuntimeChoice,
    RuntimeMissing,
    inside_path,
    is_binary,
    prefix_of,
    version_by_asking,
)

NAME = "nodejs"
RUNTIMES: tuple[str, ...] = ("nodejs18.x", "nodejs20.x", "nodejs22.x", "nodejs24.x")
START_UP_VARIABLES: tuple[str, ...] = ("NODE_", "LD_", "LANG", "LC_", "TZ", "UV_", "SSL_", "OPENSSL_", "MALLOC_")
"""Variables that node reads once, when it starts: one that waits prepared would miss them."""
HERE = Path(__file__).parent


def choose(runtime: str) -> RuntimeChoice:
    """The node of that very major version, else the nearest one, the newer of two."""
    wanted = int(runtime.removeprefix("nodejs").removesuffix(".x"))
    found = interpreters()
    if not found:
        raise RuntimeMissing(f"No node was found for {runtime}. Install Node.js {wanted}.")
    major = min(found, key=lambda major: (abs(major - wanted), -major))
    interpreter, version = found[major]
    return RuntimeChoice(runtime, interpreter, version, major == wanted, prefix_of(interpreter))


def interpreters() -> dict[int, tuple[Path, str]]:
    """Major version -> the node found first and its version: on the path, the system's, nvm's."""
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    folders += [Path("/usr/bin"), Path("/usr/local/bin")]
    folders += sorted(Path.home().glob(".nvm/versions/node/v*/bin"), key=_by_version, reverse=True)
    return dict(_search(tuple(folders)))


@lru_cache(maxsize=8)
def _search(folders: tuple[Path, ...]) -> tuple[tuple[int, tuple[Path, str]], ...]:
    found: dict[int, tuple[Path, str]] = {}
    for folder in folders:
        for name in ("node", "nodejs"):
            candidate = (folder / name).resolve()
            version = version_by_asking(candidate) if is_binary(candidate) else ""
            if version:
                found.setdefault(int(version.split(".")[0]), (candidate, version))
    return tuple(found.items())


def _by_version(folder: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", folder.parent.name)[:3])


def command(choice: RuntimeChoice, locations: Locations, memory_size_mb: int) -> list[str]:
    """node with our bootstrap. Told how much memory there is, as on AWS: it would collect its garbage too late otherwise."""
    heap = [f"--max-old-space-size={memory_size_mb * 9 // 10}", f"--max-semi-space-size={max(1, memory_size_mb // 20)}"]
    return [inside_path(choice, locations), *heap, f"{locations.runtime}/index.cjs"]


def variables(choice: RuntimeChoice, locations: Locations) -> dict[str, str]:
    """What AWS's Node.js environments have beyond the others."""
    major = choice.requested.removeprefix("nodejs").removesuffix(".x")
    opt, runtime = locations.opt, locations.runtime
    folders = [
        f"{opt}/nodejs/node{major}/node_modules",
        f"{opt}/nodejs/node_modules",
        f"{runtime}/node_modules",
        runtime,
        locations.task,
    ]
    return {"NODE_PATH": ":".join(folders)}


def version_label(choice: RuntimeChoice) -> str:
    """nodejs:20.v20 for Node.js 20.20.2."""
    major, minor, *_ = [*choice.version.split("."), "0"]
    return f"nodejs:{major}.v{minor}"


def install(target: Path) -> None:
    """Copies the bootstrap."""
    shutil.copytree(HERE / "inside", target, dirs_exist_ok=True)
