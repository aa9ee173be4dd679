"""An account's clock as the pages show it: the badge, its page, and durations by both clocks."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from invocations import account_clock, clock, due
from invocations.account_clock import ClockState
from invocations.due import Due

SHOWN_DUE = 8
"""Due things that the clock's page lists."""
_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60


@dataclass(frozen=True)
class Affected:
    """Something that AWS waits for, and how long (seconds): a span, or from one to another."""

    name: str
    about: str
    waits: tuple[float, ...]


AFFECTED = [
    Affected("Second attempt", "after the function failed", (60,)),
    Affected("Third attempt", "after it failed again", (120,)),
    Affected("After a throttle", "or a service error, longer each time", (1, 300)),
    Affected("Maximum event age", "of a function, by default", (21_600,)),
    Affected("Visibility timeout", "of a queue, by default", (30,)),
    Affected("Delay", "of a message, at the most", (900,)),
    Affected("Deduplication", "of FIFO queues and topics", (300,)),
    Affected("rate(1 minute)", "of a rule or a schedule", (60,)),
    Affected("rate(1 day)", "of a rule or a schedule", (86_400,)),
]
UNAFFECTED = [
    "run time, timeouts and cold starts of functions",
    "signatures and temporary credentials",
    "long polls: a receive that waits 20 s waits 20 s",
    "the lease of whoever works on a message right now",
    "how long logs and invocations are kept",
]
"""What follows real time whatever the clock shows."""


@dataclass(frozen=True)
class ClockView:
    """A clock, looked at."""

    state: ClockState
    real: float
    """When it was looked at: real epoch seconds."""
    upcoming: list[Due] = field(default_factory=list)

    @classmethod
    def of(cls, account_id: str, upcoming: int = 0) -> "ClockView":
        """The clock as it is now, with that many due things."""
        return cls(account_clock.read(account_id), clock.epoch(), due.upcoming(account_id, upcoming) if upcoming else [])

    @classmethod
    async def of_async(cls, account_id: str, upcoming: int = 0) -> "ClockView":
        """The same on a loop."""
        found = await due.upcoming_async(account_id, upcoming) if upcoming else []
        return cls(await account_clock.read_async(account_id), clock.epoch(), found)

    @property
    def now(self) -> float:
        """What it shows."""
        return self.state.at(self.real)

    @property
    def now_at(self) -> datetime:
        """The same as a moment, UTC."""
        return clock.from_epoch(self.now)

    @property
    def real_at(self) -> datetime:
        """Real time, UTC."""
        return clock.from_epoch(self.real)

    @property
    def speed(self) -> int:
        """Its seconds per real second: 0 while it is paused."""
        return 0 if self.state.paused else self.state.rate

    @property
    def is_real(self) -> bool:
        """Whether it shows what every clock shows."""
        return self.state.is_real

    @property
    def word(self) -> str:
        """The badge's word."""
        if self.state.paused:
            return "paused"
        if self.state.rate > 1:
            return f"time ×{self.state.rate}"
        return "real time" if self.is_real else "set forward"

    @property
    def ahead(self) -> str:
        """How far it is ahead of real time; empty where it is not."""
        return "" if self.is_real or self.now - self.real < 1 else span(self.now - self.real)

    @property
    def affected(self) -> list[tuple[Affected, str, str]]:
        """What waits by this clock: its name, how long by the clock, and how long in real time."""
        return [(each, by_clock(each), self.in_reality(each)) for each in AFFECTED]

    def in_reality(self, each: Affected) -> str:
        """How long that takes for whoever looks at a watch."""
        return "stands still" if self.speed == 0 else " to ".join(span(wait / self.speed) for wait in each.waits)

    def left(self, moment: float, *, is_short: bool = False) -> str:
        """How long it is until the clock shows *moment*; unless *is_short*, by real time as well where that differs."""
        seconds = moment - self.now
        if seconds <= 0:
            return "now"
        text = countdown(seconds)
        if is_short or self.speed == 1:
            return text
        return f"{text}, paused" if self.speed == 0 else f"{text}, {span(seconds / self.speed)} real"


def panel_context(account_id: str) -> dict[str, Any]:
    """What the clock's panel takes."""
    return _panel(ClockView.of(account_id, SHOWN_DUE))


async def panel_context_async(account_id: str) -> dict[str, Any]:
    """The same on a loop."""
    return _panel(await ClockView.of_async(account_id, SHOWN_DUE))


def _panel(view: ClockView) -> dict[str, Any]:
    return {"clock": view, "rates": account_clock.RATES, "unaffected": UNAFFECTED}


def by_clock(each: Affected) -> str:
    """How long AWS waits."""
    return " to ".join(span(wait) for wait in each.waits)


def countdown(seconds: float) -> str:
    """58 s, 4 min 05 s, 5 h 59 min, 2 d 3 h. app.js has the same."""
    whole = int(-(-seconds // 1))
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02d} s"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02d} min"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"


def span(seconds: float) -> str:
    """A duration in one unit, or two where the second is not nothing: 17 ms, 0.5 s, 2 min, 1 min 40 s. app.js has the same."""
    if seconds < 0.0995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    whole = round(seconds)
    for unit, size, part, part_size in (("d", _DAY, "h", _HOUR), ("h", _HOUR, "min", _MINUTE), ("min", _MINUTE, "s", 1)):
        if whole >= size:
            rest = whole % size // part_size
            return f"{whole // size} {unit}" + (f" {rest} {part}" if rest else "")
    return f"{whole} s"
