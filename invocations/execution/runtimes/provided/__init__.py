"""OS-only runtimes: any executable `bootstrap`, in the function's code or in a layer."""

from pathlib import Path

from invocations.execution.runtimes.choice import Locations, RuntimeChoice

NAME = "provided"
RUNTIMES: tuple[str, ...] = ("provided.al2", "provided.al2023")
START_UP_VARIABLES: tuple[str, ...] = ("",)
"""Every variable: the bootstrap is started only when the function is known."""


def choose(runtime: str) -> RuntimeChoice:
    """Nothing is needed but the system itself."""
    return RuntimeChoice(runtime, Path("bootstrap"), "", exact=True)


def command(choice: RuntimeChoice, locations: Locations, memory_size_mb: int) -> list[str]:
    """The function's own bootstrap; sandboxes.py takes the one of a layer where the code has none."""
    return [f"{locations.task}/bootstrap"]


def variables(choice: RuntimeChoice, locations: Locations) -> dict[str, str]:
    """Nothing beyond what all have."""
    return {}


def version_label(choice: RuntimeChoice) -> str:
    """provided:al2023.v1"""
    return f"provided:{choice.requested.removeprefix('provided.')}.v1"


def install(target: Path) -> None:
    """Nothing."""
