"""JSON where it is made and read a thousand times a second: records and announcements."""

import json
from typing import Any

import orjson


def dumps(value: Any) -> bytes:
    """Compact JSON in UTF-8. Half a surrogate pair has no UTF-8 and becomes a question mark."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


def loads(text: bytes) -> Any:
    """What `dumps` made."""
    return orjson.loads(text)
