"""Durations and sizes in one unit each, with the digits that matter."""

MINUTE_MS = 60_000


def milliseconds(duration_ms: float) -> str:
    """0.42 ms, 3.0 ms, 112 ms, 1.24 s, 2.5 min."""
    if duration_ms < 1:
        return f"{duration_ms:.2f} ms"
    if duration_ms < 10:
        return f"{duration_ms:.1f} ms"
    if duration_ms < 999.5:
        return f"{duration_ms:.0f} ms"
    if duration_ms < MINUTE_MS:
        return f"{duration_ms / 1000:.2f} s"
    return f"{duration_ms / MINUTE_MS:.1f} min"


def size(count: int) -> str:
    """Bytes, with powers of 1024 as AWS counts them."""
    if count < 1024:
        return f"{count} B"
    if count < 1024 * 1024:
        return f"{count / 1024:.1f} KB"
    return f"{count / 1024 / 1024:.2f} MB"


def share(weight: float) -> str:
    """0.25 as 25 %."""
    return f"{weight * 100:.4g} %"


def seconds(duration: float) -> str:
    """45 s, 2 min, 6 h, 90 min, 75 s: a setting in the largest unit that it is a whole number of."""
    for unit, name in ((3600, "h"), (60, "min")):
        if duration >= unit and duration % unit == 0:
            return f"{duration / unit:.0f} {name}"
    return f"{duration:g} s"
