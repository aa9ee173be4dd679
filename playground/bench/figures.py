"""Summaries of measured durations."""

from collections.abc import Sequence


def percentile(durations: Sequence[float], share: float) -> float:
    """The smallest duration that *share* (0 to 1) of them do not exceed."""
    ordered = sorted(durations)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def summary(durations_s: Sequence[float], elapsed_s: float) -> dict[str, float]:
    """p50 and p99 in ms, and requests per second."""
    return {
        "p50_ms": round(percentile(durations_s, 0.50) * 1000, 3),
        "p99_ms": round(percentile(durations_s, 0.99) * 1000, 3),
        "per_second": round(len(durations_s) / elapsed_s, 1),
        "requests": len(durations_s),
    }
