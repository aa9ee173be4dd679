"""What an account asks of this host, second by second: for pages that plot it. Memory alone; a host that starts again begins anew."""

from collections import deque
from dataclasses import dataclass
from typing import Final, Literal

from invocations import clock

KEPT_SECONDS: Final = 600

What = Literal["arrivals", "throttles", "cold_starts", "errors", "injected"]


@dataclass(slots=True)
class Second:
    """One second of one account."""

    at: int
    """Epoch seconds."""
    arrivals: int = 0
    """Requests that came to the door, asynchronous ones included."""
    throttles: int = 0
    cold_starts: int = 0
    errors: int = 0
    """Function errors and timeouts."""
    injected: int = 0
    """Of the throttles, those that a fault made."""
    peak: int = 0
    """The most executions at once."""
    left: int = 0
    """Executions under way at its end."""

    def as_list(self) -> list[int]:
        """As pages plot it: at, arrivals, throttles, cold starts, errors, peak, injected."""
        return [self.at, self.arrivals, self.throttles, self.cold_starts, self.errors, self.peak, self.injected]


class Meter:
    """All accounts of one host."""

    def __init__(self) -> None:
        self._series: dict[str, deque[Second]] = {}

    def count(self, account_id: str, what: What) -> None:
        """One more of that kind now."""
        second = self._now(account_id, int(clock.epoch()))
        setattr(second, what, getattr(second, what) + 1)

    def concurrency(self, account_id: str, used: int) -> None:
        """So many executions are under way from now on."""
        second = self._now(account_id, int(clock.epoch()))
        second.peak = max(second.peak, used)
        second.left = used

    def since(self, account_id: str, after: int) -> list[Second]:
        """Every second behind *after*, the present one included; those in which nothing happened have what was under way."""
        now = int(clock.epoch())
        first = max(after + 1, now - KEPT_SECONDS + 1)
        found, under_way = [], 0
        known = iter(self._series.get(account_id, ()))
        second = next(known, None)
        for at in range(min(first, second.at if second else first), now + 1):
            if second is not None and second.at == at:
                shown, under_way = second, second.left
                second = next(known, None)
            else:
                shown = Second(at, peak=under_way)
            if at >= first:
                found.append(shown)
        return found

    def _now(self, account_id: str, at: int) -> Second:
        series = self._series.get(account_id)
        if series is None:
            series = self._series[account_id] = deque(maxlen=KEPT_SECONDS)
        if not series or series[-1].at < at:
            left = series[-1].left if series else 0
            series.append(Second(at, peak=left, left=left))
        return series[-1]
