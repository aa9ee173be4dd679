"""The only place that knows what time it is."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """Real time, aware, UTC."""
    return datetime.now(UTC)


def epoch() -> float:
    """Real time as seconds since 1970."""
    return time.time()


def monotonic() -> float:
    """Seconds of a clock that never goes back, for durations."""
    return time.perf_counter()


def from_epoch(seconds: float) -> datetime:
    """The moment, aware, UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def iso_millis(moment: datetime) -> str:
    """2025-11-24T22:00:00.000Z, as log lines have it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def last_modified(moment: datetime) -> str:
    """2025-11-24T22:00:00.000+0000, as Lambda's LastModified has it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+0000"
