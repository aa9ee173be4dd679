"""JSON as text for others, people and services: what is written can always be read again, and what is read can be written.

A JSON text may hold half a surrogate pair as an escape, which is no character once it has been read, and numbers that have no float.
"""

import json
import math
import re
from typing import Any, Final

_UNFIT: Final = re.compile("[\ud800-\udfff\ufffe\uffff]")
"""What has no UTF-8, or no place in a message of SQS; but for control characters, which JSON has as escapes anyhow."""


def dumps(value: Any, *, indent: int | None = None, compact: bool = False) -> str:
    """The value as JSON, not in ASCII alone; what is unfit is escaped."""
    text = json.dumps(value, indent=indent, separators=(",", ":") if compact else None, ensure_ascii=False)
    return _UNFIT.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def loads(text: str) -> Any:
    """The value. Raises ValueError, for NaN, Infinity and 1e400 too, RecursionError."""
    return _DECODER.decode(text)


def is_json(text: str) -> bool:
    """Whether it is JSON as Python reads it, whatever its numbers come to."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


_DECODER: Final = json.JSONDecoder(parse_float=_finite, parse_constant=_finite)
