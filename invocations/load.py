"""A load generator: callers who send events to one function for a while, at a rate with a shape, and then stop.

It lives in the service, one per account: pages come and go, it goes on until its time is over or somebody stops it.
"""

import asyncio
import logging
import math
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final

from invocations import clock
from invocations.enums import InvocationType
from invocations.errors import AwsError, TooManyRequestsException, ValidationException
from invocations.invoke import invoke
from invocations.values import InvokeRequest, Principal

log = logging.getLogger(__name__)

TICK_SECONDS: Final = 0.02
PERIOD_SECONDS: Final = 10.0
"""Of a wave."""
BURST_EVERY_SECONDS: Final = 5.0
MOST_RATE, MOST_SECONDS, MOST_CALLERS = 500, 600, 500
_REMEMBERED: Final = 1000
SOURCE: Final = "load"
INJECTED: Final = " (injected)"
"""Behind the reason of what a fault refused."""


class Shape(StrEnum):
    """How the rate goes over time."""

    STEADY = "steady"
    RAMP = "ramp"
    BURST = "burst"
    WAVE = "wave"


class Way(StrEnum):
    """How each request is sent."""

    SYNC = "sync"
    ASYNC = "async"
    BOTH = "both"
    """Once in each way: twice the requests."""

    @property
    def types(self) -> tuple[InvocationType, ...]:
        """As Invoke has them."""
        sync, later = (InvocationType.REQUEST_RESPONSE,), (InvocationType.EVENT,)
        return {Way.SYNC: sync, Way.ASYNC: later, Way.BOTH: sync + later}[self]


@dataclass(frozen=True, slots=True)
class LoadSpec:
    """What is to be sent."""

    function: str
    rate: int
    """Requests a second: all the time, at the end of a ramp, at the top of a wave; of a burst, at once, every five seconds."""
    seconds: int
    shape: Shape = Shape.STEADY
    callers: int = 50
    """How many wait for an answer at once at the most, in each way."""
    way: Way = Way.SYNC
    payload: str = "{}"
    qualifier: str = ""

    @classmethod
    def parse(cls, wanted: Mapping[str, Any]) -> "LoadSpec":
        """From what a page or the socket sent. Raises ValidationException."""
        try:
            spec = cls(**{**wanted, "shape": Shape(wanted.get("shape", Shape.STEADY)), "way": Way(wanted.get("way", Way.SYNC))})
        except (TypeError, ValueError):
            raise ValidationException(
                f"A load has {', '.join(cls.__dataclass_fields__)}; shapes are {', '.join(Shape)}; ways are {', '.join(Way)}."
            ) from None
        for name, most in (("rate", MOST_RATE), ("seconds", MOST_SECONDS), ("callers", MOST_CALLERS)):
            if type(getattr(spec, name)) is not int or not 1 <= getattr(spec, name) <= most:
                raise ValidationException(f'"{name}" must be a whole number from 1 to {most}.')
        return spec


def due(spec: LoadSpec, passed: float) -> int:
    """How many requests are to have been sent *passed* seconds after the beginning."""
    t = min(max(passed, 0.0), float(spec.seconds))
    match spec.shape:
        case Shape.STEADY:
            return int(spec.rate * t)
        case Shape.RAMP:
            return int(spec.rate * t * t / (2 * spec.seconds))
        case Shape.WAVE:
            around = 2 * math.pi / PERIOD_SECONDS
            return int(spec.rate * (t - math.sin(around * t) / around) / 2)
        case Shape.BURST:
            last = math.ceil(spec.seconds / BURST_EVERY_SECONDS)
            return spec.rate * min(int(t / BURST_EVERY_SECONDS) + 1, last)


@dataclass(slots=True)
class _Tally:
    """What came of the requests of one way."""

    sent: int = 0
    in_flight: int = 0
    succeeded: int = 0
    accepted: int = 0
    function_errors: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    """By reason, or by the error's code."""
    durations: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    """Milliseconds, of those that were answered last."""

    def status(self) -> dict[str, Any]:
        """For pages."""
        durations = sorted(self.durations)
        return {
            "sent": self.sent,
            "in_flight": self.in_flight,
            "succeeded": self.succeeded,
            "accepted": self.accepted,
            "function_errors": self.function_errors,
            "refused": dict(self.refused),
            "p50_ms": round(durations[len(durations) // 2], 1) if durations else None,
            "p95_ms": round(durations[int(len(durations) * 0.95)], 1) if durations else None,
        }


class Load:
    """One account's load, under way or over."""

    def __init__(self, account_id: str, spec: LoadSpec) -> None:
        self._account_id = account_id
        self.spec = spec
        self._began = clock.epoch()
        self._ended: float | None = None
        self._is_stopped = False
        self._tallies = {type_: _Tally() for type_ in spec.way.types}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begins to send."""
        self._keep(self._send())

    def stop(self) -> None:
        """Sends no more; what is under way comes to its end."""
        self._is_stopped = True

    @property
    def is_running(self) -> bool:
        """Whether it still sends."""
        return self._ended is None

    def status(self) -> dict[str, Any]:
        """For pages; "ways" has what came of each, by invocation type."""
        now = clock.epoch()
        return {
            "spec": asdict(self.spec) | {"shape": str(self.spec.shape), "way": str(self.spec.way)},
            "is_running": self.is_running,
            "is_stopped": self._is_stopped,
            "passed": round(min((self._ended or now) - self._began, self.spec.seconds), 1),
            "ways": {str(type_): tally.status() for type_, tally in self._tallies.items()},
        }

    async def _send(self) -> None:
        began = clock.monotonic()
        while not self._is_stopped:
            passed = clock.monotonic() - began
            for type_, tally in self._tallies.items():
                wanted = due(self.spec, passed) - tally.sent
                for _ in range(min(wanted, self.spec.callers - tally.in_flight)):
                    tally.sent += 1
                    tally.in_flight += 1
                    self._keep(self._call(type_, tally))
            if passed >= self.spec.seconds:
                break
            await asyncio.sleep(TICK_SECONDS)
        self._ended = clock.epoch()

    async def _call(self, invocation_type: InvocationType, tally: _Tally) -> None:
        began = clock.monotonic()
        request = InvokeRequest(
            account_id=self._account_id,
            function_name=self.spec.function,
            payload=self.spec.payload.encode(),
            qualifier=self.spec.qualifier or None,
            invocation_type=invocation_type,
            source=SOURCE,
        )
        try:
            result = await invoke(request, Principal.root(self._account_id))
        except TooManyRequestsException as error:
            tally.refused[f"{error.reason}{_mark(error)}"] += 1
        except AwsError as error:
            tally.refused[f"{error.code}{_mark(error)}"] += 1
        else:
            if result.status_code == 202:
                tally.accepted += 1
            elif result.function_error:
                tally.function_errors += 1
            else:
                tally.succeeded += 1
            tally.durations.append((clock.monotonic() - began) * 1000)
        finally:
            tally.in_flight -= 1

    def _keep(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a caller of a load failed", exc_info=task.exception())


def _mark(error: AwsError) -> str:
    return INJECTED if error.detail.get("injected") else ""


_loads: dict[str, Load] = {}


def start(account_id: str, spec: LoadSpec) -> Load:
    """Begins a load; one that is under way is stopped first."""
    stop(account_id)
    load = _loads[account_id] = Load(account_id, spec)
    load.start()
    return load


def stop(account_id: str) -> None:
    """Stops the account's load, if one is under way."""
    load = _loads.get(account_id)
    if load is not None:
        load.stop()


def stop_all() -> None:
    """The process is about to end."""
    for load in _loads.values():
        load.stop()


def of(account_id: str) -> Load | None:
    """The account's last load."""
    return _loads.get(account_id)
