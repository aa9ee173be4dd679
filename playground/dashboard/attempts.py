"""An asynchronous event's tries, read from its steps."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from invocations.enums import InvocationState, Station
from invocations.values import Step


@dataclass(slots=True)
class Try:
    """One time that the event came out of the queue."""

    number: int
    """Of the run that was tried: a try that found no room has the number of the one after it."""
    steps: dict[Station, Step] = field(default_factory=dict)
    queued: Step | None = None
    """What put it into the queue before this try: the acceptance, or the decision to try again."""
    decided: Step | None = None
    """What was decided after it: "retry", "done" or "gave up"."""

    @property
    def run(self) -> Step | None:
        """The function's run, if there was one."""
        return self.steps.get(Station.RUN)

    @property
    def refusal(self) -> Step | None:
        """The step at which it was refused: throttled, or there is no such function any more."""
        return next((step for step in self.steps.values() if step.outcome == "refused"), None)

    @property
    def state(self) -> InvocationState:
        """What this try alone came to."""
        if self.run is not None:
            return _RUN_STATES.get(self.run.outcome, InvocationState.FUNCTION_ERROR)
        if self.refusal is not None:
            is_throttle = self.refusal.detail.get("error_code") == "TooManyRequestsException"
            return InvocationState.THROTTLED if is_throttle else InvocationState.REJECTED
        return InvocationState.RUNNING if Station.INIT in self.steps else InvocationState.STARTING

    @property
    def starts_at(self) -> float:
        """Epoch seconds, real time."""
        return min(step.at for step in self.steps.values())

    @property
    def ends_at(self) -> float | None:
        """Epoch seconds, real time; None while it lasts."""
        if self.run is not None:
            return self.run.at + (self.run.duration_ms or 0.0) / 1000
        return self.refusal.at if self.refusal is not None else None

    @property
    def init_duration_ms(self) -> float | None:
        """Of a cold start."""
        step = self.steps.get(Station.INIT)
        return step.detail.get("init_duration_ms") if step is not None else None

    @property
    def is_cold(self) -> bool | None:
        """Whether an environment was made for it; None where it had none."""
        step = self.steps.get(Station.INIT)
        return None if step is None else step.outcome == "cold"

    @property
    def version(self) -> str:
        """The version that ran."""
        step = self.steps.get(Station.ROUTE)
        return str(step.detail.get("version", "")) if step is not None else ""

    @property
    def error(self) -> str:
        """The error's name."""
        if self.refusal is not None:
            return str(self.refusal.detail.get("Reason") or self.refusal.detail.get("error_code", ""))
        name = str(self.run.detail.get("error_type") or "") if self.run is not None else ""
        return "" if name == _NO_NAME else name


_NO_NAME = "Function.Unknown"
"""Lambda's own word for whatever a handler raised."""
_RUN_STATES = {"success": InvocationState.SUCCEEDED, "timeout": InvocationState.TIMED_OUT}
_OF_A_TRY = {Station.ROUTE, Station.ADMIT, Station.INIT, Station.RUN}


def tries(steps: Sequence[Step]) -> list[Try]:
    """In their order; the last one may still be under way."""
    found: list[Try] = []
    queued: Step | None = None
    for step in steps:
        if step.station is Station.QUEUE:
            if found and found[-1].decided is None and step.outcome != "queued":
                found[-1].decided = step
            queued = step if step.outcome in {"queued", "retry"} else None
        elif step.station in _OF_A_TRY:
            if not found or found[-1].decided is not None:
                found.append(Try(int(step.detail.get("attempt", 1)), queued=queued))
            found[-1].steps[step.station] = step
    return found
