"""Which runtimes can run on this machine, and by which interpreter. One package per family."""

import time
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from invocations.execution.runtimes import nodejs, provided, python
from invocations.execution.runtimes.choice import Locations, RuntimeChoice, RuntimeMissing

__all__ = ["FAMILIES", "RUNTIMES", "Family", "Locations", "RuntimeChoice", "RuntimeMissing", "available", "family_of", "resolve"]

LOOK_AGAIN_SECONDS = 60


class Family(Protocol):
    """What a family's package offers."""

    NAME: str
    RUNTIMES: tuple[str, ...]
    START_UP_VARIABLES: tuple[str, ...]
    """Beginnings of names of variables that the interpreter must have when it starts."""

    def choose(self, runtime: str) -> RuntimeChoice:
        """The interpreter for *runtime*. Raises RuntimeMissing."""

    def command(self, choice: RuntimeChoice, locations: Locations, memory_size_mb: int) -> list[str]:
        """What starts the runtime."""

    def variables(self, choice: RuntimeChoice, locations: Locations) -> dict[str, str]:
        """The environment variables that the family adds."""

    def install(self, target: Path) -> None:
        """Fills *target*, which the environment sees as /var/runtime."""

    def version_label(self, choice: RuntimeChoice) -> str:
        """As INIT_START shows it: python:3.12.v1"""


FAMILIES: Mapping[str, Family] = {"python": python, "nodejs": nodejs, "provided": provided}
RUNTIMES = tuple(runtime for family in FAMILIES.values() for runtime in family.RUNTIMES)


def family_of(runtime: str) -> Family:
    """The family that runs *runtime*. Raises RuntimeMissing for one that nothing here can ever run."""
    for family in FAMILIES.values():
        if runtime in family.RUNTIMES:
            return family
    raise RuntimeMissing(f"The runtime {runtime} cannot run here. These can: {', '.join(RUNTIMES)}.")


def resolve(runtime: str) -> RuntimeChoice:
    """The interpreter that runs *runtime* here: its own, else the nearest. Raises RuntimeMissing, which says what to install."""
    return _resolve(runtime, int(time.monotonic() // LOOK_AGAIN_SECONDS))


def available() -> dict[str, RuntimeChoice]:
    """Every runtime that can run, with what runs it."""
    choices = {}
    for runtime in RUNTIMES:
        try:
            choices[runtime] = resolve(runtime)
        except RuntimeMissing:
            continue
    return choices


@lru_cache(maxsize=256)
def _resolve(runtime: str, _when: int) -> RuntimeChoice:
    return family_of(runtime).choose(runtime)
