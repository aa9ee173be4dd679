"""The JSON paths that EventBridge takes: dots, names, array indices and wildcards."""

import re
from functools import lru_cache
from typing import Any, Final

MISSING: Final = object()
"""What a path that leads nowhere gives."""

_STEP: Final = re.compile(r"\.([\w\-/]+|\*)|\[(\d+|\*)\]|\['([^']+)'\]")
Path = tuple[str | int, ...]
"""Keys and indices; "*" stands for all of them."""


@lru_cache(maxsize=2048)
def parse(text: str) -> Path:
    """Reads "$.detail.items[0].id". Raises ValueError."""
    if not text.startswith("$"):
        raise ValueError(text)
    steps: list[str | int] = []
    position = 1
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            raise ValueError(text)
        key, index, quoted = match.groups()
        steps.append(key or quoted or (index if index == "*" else int(index)))
        position = match.end()
    return tuple(steps)


def find(path: Path, value: Any) -> Any:
    """What the path leads to in *value*, a list where it has wildcards, or MISSING."""
    for number, step in enumerate(path):
        if step == "*":
            inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
            found = [find(path[number + 1 :], each) for each in inner]
            return [each for each in found if each is not MISSING] or MISSING
        if isinstance(value, list):
            if not isinstance(step, int) or step >= len(value):
                return MISSING
            value = value[step]
        elif isinstance(value, dict) and step in value:
            value = value[step]
        else:
            return MISSING
    return value
