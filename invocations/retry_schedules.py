"""How long services wait before they try a delivery again: pure functions of the tries so far.

Sources: SNS Developer Guide, "Message delivery retries"; EventBridge User Guide, "Retrying event delivery".
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

LONGEST_SECONDS: Final = 300.0


def sns_delay(failures: int, draw: float) -> float:
    """SNS to a function: 3 retries at once, 2 after a second each, 10 that back off from 1 to 20 s, then one each 20 s."""
    if failures <= 3:
        return 0.0
    if failures <= 5:
        return 1.0
    return min(math.pow(20.0, (failures - 6) / 9), 20.0)


def events_delay(failures: int, draw: float) -> float:
    """EventBridge and Scheduler: 1, 2, 4 … seconds up to five minutes, shortened by up to half by *draw* (0.0 up to 1.0)."""
    return float(min(2.0 ** min(failures - 1, 12), LONGEST_SECONDS)) * (1 - draw / 2)


SCHEDULES: Final[Mapping[str, Callable[[int, float], float]]] = {"sns": sns_delay, "events": events_delay}
"""RetryRule.schedule -> seconds on the account's clock before the next try, after so many failures (from 1)."""


def delay(schedule: str, delays: Sequence[float], failures: int, draw: float) -> float:
    """Seconds before the next try, after so many failures (from 1); *delays* where the schedule is "delays"."""
    if schedule == "delays":
        return float(delays[min(failures, len(delays)) - 1]) if delays else 0.0
    return SCHEDULES[schedule](failures, draw)
