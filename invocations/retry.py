"""What becomes of an asynchronous event that has been tried: a pure decision.

Source: Developer Guide, "How Lambda handles errors and retries with asynchronous invocation".
"""

from dataclasses import dataclass
from enum import StrEnum

MAXIMUM_RETRY_ATTEMPTS = 2
"""0 to 2 may be set; PutFunctionEventInvokeConfig."""
MAXIMUM_EVENT_AGE_SECONDS = 21_600
"""Six hours; 60 s to 6 h may be set."""
FIRST_BACKOFF_SECONDS = 1.0
LONGEST_BACKOFF_SECONDS = 300.0


class Condition(StrEnum):
    """Why an event's story ended, as its invocation record says."""

    SUCCESS = "Success"
    RETRIES_EXHAUSTED = "RetriesExhausted"
    EVENT_AGE_EXCEEDED = "EventAgeExceeded"
    ZERO_RESERVED_CONCURRENCY = "ZeroReservedConcurrency"
    RECURSIVE_LOOP = "RecursiveLoopDetected"
    FUNCTION_DELETED = "FunctionDeleted"
    """These two are this product's own words: AWS documents none for the one, and loses the event of the other without a trace."""


class Attempt(StrEnum):
    """How one try ended."""

    SUCCEEDED = "succeeded"
    FUNCTION_ERROR = "function error"
    """Exception, timeout, crash: uses up an attempt."""
    THROTTLED = "throttled"
    """No concurrency, or a service error: uses up none."""
    ZERO_RESERVED_CONCURRENCY = "zero reserved concurrency"
    RECURSIVE_LOOP = "recursive loop"
    """The function has run too often in one chain."""
    REFUSED = "refused"
    """There is no such function, version or alias any more."""


@dataclass(frozen=True, slots=True)
class Done:
    """The function took it."""


@dataclass(frozen=True, slots=True)
class Retry:
    """To be tried again."""

    at: float
    """Epoch seconds on the account's clock."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """It goes to the failure side."""

    condition: Condition


NextStep = Done | Retry | GiveUp


@dataclass(frozen=True, slots=True)
class Rules:
    """The configuration in force when the event was tried."""

    maximum_retry_attempts: int = MAXIMUM_RETRY_ATTEMPTS
    maximum_event_age_seconds: int = MAXIMUM_EVENT_AGE_SECONDS


def before_attempt(enqueued_at: float, now: float, rules: Rules) -> GiveUp | None:
    """Whether an event is too old to be tried at *now*."""
    return GiveUp(Condition.EVENT_AGE_EXCEEDED) if now - enqueued_at > rules.maximum_event_age_seconds else None


def after_attempt(attempt: Attempt, *, runs: int, throttles: int, enqueued_at: float, now: float, rules: Rules) -> NextStep:
    """What becomes of an event after a try.

    *runs* counts how often the function has run for it, this try included; *throttles* the tries in a row that found no
    room, this one included. A retry that would come after the event's maximum age is not waited for.
    """
    match attempt:
        case Attempt.SUCCEEDED:
            return Done()
        case Attempt.ZERO_RESERVED_CONCURRENCY:
            return GiveUp(Condition.ZERO_RESERVED_CONCURRENCY)
        case Attempt.RECURSIVE_LOOP:
            return GiveUp(Condition.RECURSIVE_LOOP)
        case Attempt.REFUSED:
            return GiveUp(Condition.FUNCTION_DELETED)
        case Attempt.FUNCTION_ERROR:
            if runs > rules.maximum_retry_attempts:
                return GiveUp(Condition.RETRIES_EXHAUSTED)
            at = now + retry_delay(runs)
        case Attempt.THROTTLED:
            at = now + throttle_delay(throttles)
    return Retry(at) if at - enqueued_at <= rules.maximum_event_age_seconds else GiveUp(Condition.EVENT_AGE_EXCEEDED)


def retry_delay(runs: int) -> float:
    """Seconds that an event waits after a function error: one minute after its first run, two after its second."""
    return 60.0 * runs


def throttle_delay(throttles: int) -> float:
    """Seconds that an event waits when there was no room: 1, 2, 4 … up to five minutes."""
    return float(min(FIRST_BACKOFF_SECONDS * 2 ** (min(throttles, 20) - 1), LONGEST_BACKOFF_SECONDS))
