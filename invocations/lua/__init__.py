"""Scripts that Redis runs as one step, put together from what several share, what their folder shares, and themselves."""

from pathlib import Path

_SHARED = Path(__file__).parent / "account_time.lua"


def text(folder: Path, name: str) -> str:
    """The whole of *folder*'s script *name*."""
    return "".join(path.read_text() for path in (_SHARED, folder / "common.lua", folder / f"{name}.lua"))
