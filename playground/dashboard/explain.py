"""Why an invocation did not succeed: which kind of error, who tries again, what to do."""

from dataclasses import dataclass, replace

from invocations.enums import InvocationState
from playground.dashboard.invocation_view import InvocationView

INVOCATION_ERROR = "Invocation error: Lambda refused the request, and the function never ran."
FUNCTION_ERROR = "Function error: the function ran and failed. To the caller that is Status Code 200 with Function Error set."

EVENT_ERROR = "Function error: the function ran and failed each time. The caller had its 202 long before and does not learn of it."
EVENT_NOT_RUN = "The event was accepted and came to no good end."

_NOBODY = "Nobody: the same request would be refused again."
_SDK = "The caller. AWS SDKs do it by themselves, with growing pauses."
_LAMBDA = "Lambda itself: after one minute and after two, unless Maximum retry attempts says otherwise. The caller knows nothing of it."
_OVER = "Nobody any more: the story of this event is over. Replay it, or send on what its destination or dead-letter queue got."
_CALLER = "The caller, if it wants to. In a synchronous invocation neither Lambda nor the SDK repeats a function error."


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a person needs to know about a failure."""

    kind: str
    name: str
    """AWS's name of the error, or the exception's."""
    message: str
    meaning: str
    who_retries: str
    what_to_do: str
    tab: str
    """The function page's tab where it can be done; empty where there is none."""


_REFUSALS: dict[str, tuple[str, str, str, str]] = {
    "ResourceNotFoundException": (
        "There is no function of that name, or it has no such version or alias.",
        _NOBODY,
        "Check the name and the qualifier.",
        "versions",
    ),
    "AccessDeniedException": (
        "No policy allows this caller to invoke the function.",
        _NOBODY,
        "Let a policy of the caller or of the function allow lambda:InvokeFunction.",
        "",
    ),
    "InvalidRequestContentException": (
        "The event is not JSON.",
        _NOBODY,
        "Correct the event: the message tells line and column.",
        "",
    ),
    "RequestTooLargeException": (
        "The event is larger than 6 MB.",
        _NOBODY,
        "Put the data into storage and send a reference to it.",
        "",
    ),
    "ResourceConflictException": (
        "The function is not ready: it is being created or has failed to be.",
        _SDK,
        "Wait until its State is Active.",
        "config",
    ),
    "ServiceException": (
        "The Lambda service itself failed or was stopped while the invocation was under way.",
        _SDK,
        "Try again.",
        "",
    ),
    "NotImplemented": (
        "AWS can do this, this server cannot yet.",
        _NOBODY,
        "Choose another invocation type.",
        "",
    ),
}

_ENDS: dict[str, tuple[str, str, str, str]] = {
    "EventAgeExceeded": (
        EVENT_NOT_RUN,
        "The event became older than its maximum age before a try succeeded, or the next try would have come too late.",
        "Raise Maximum age of event, or the concurrency that it waited for.",
        "async",
    ),
    "ZeroReservedConcurrency": (
        EVENT_NOT_RUN,
        "Reserved concurrency is 0, which switches the function off: events go to the failure side at once.",
        "Raise or remove the reservation.",
        "concurrency",
    ),
    "RecursiveLoopDetected": (
        EVENT_NOT_RUN,
        "The function had run 16 times in one chain of events: Lambda takes that for a loop and stops it.",
        "Find where its output leads back to it, or allow recursive loops for the function.",
        "async",
    ),
    "FunctionDeleted": (
        EVENT_NOT_RUN,
        "The function, or the version or alias, was deleted while the event waited. On AWS it is lost without a trace.",
        "Create it again and replay the event.",
        "",
    ),
}
"""Condition -> kind, meaning, what to do, tab; the others are function errors."""

_THROTTLES = {
    "ReservedFunctionConcurrentInvocationLimitExceeded": (
        "All of the function's reserved concurrency is in use, or it is 0, which stops the function."
    ),
    "ConcurrentInvocationLimitExceeded": "All concurrency that the account has left for functions without a reservation is in use.",
    "FunctionInvocationRateLimitExceeded": (
        "More requests a second than the account's unreserved concurrency allows (ten for each unit), or the function would have to "
        "scale faster than its scaling rate: 1,000 environments, or 10,000 requests a second, per 10 seconds."
    ),
    "ReservedFunctionInvocationRateLimitExceeded": "More requests a second than the reserved concurrency allows: ten for each unit.",
    "CallerRateLimitExceeded": "The caller sends more requests than it may.",
}

_FAILURES: dict[str, tuple[str, str, str]] = {
    "Sandbox.Timedout": (
        "The handler was still running when the function's timeout ended; the runtime was stopped and starts anew next time.",
        "Raise Timeout, or find out what the handler waits for: the last line of the log is where it stood.",
        "config",
    ),
    "Runtime.ExitError": (
        "The process ended before it answered: it left by itself, crashed, or was killed for using more memory than it has.",
        "Look for exit calls, and compare Max Memory Used with Memory size.",
        "config",
    ),
    "Runtime.ImportModuleError": (
        "The handler's module could not be loaded: it, or something it imports, is not in the code.",
        "Check the handler's name and that every package is in the zip or in a layer.",
        "code",
    ),
    "Runtime.HandlerNotFound": (
        "The module was loaded and has no such handler.",
        "Make Handler name the function in your code.",
        "config",
    ),
    "Runtime.MalformedHandlerName": ("Handler is not of the form module.function.", "Correct Handler.", "config"),
    "Runtime.UserCodeSyntaxError": ("The code cannot be parsed.", "Correct the line that the trace shows.", "code"),
    "Runtime.MarshalError": (
        "What the handler returned cannot be written as JSON.",
        "Return strings, numbers, lists and dictionaries.",
        "code",
    ),
    "Function.ResponseSizeTooLarge": (
        "The response is larger than 6 MB.",
        "Put the data into storage and return a reference, or stream the response.",
        "code",
    ),
    "Runtime.NodeJsExit": (
        "Node.js ended while the handler's promise was not settled.",
        "Await everything, and call back once.",
        "code",
    ),
    "Runtime.UnhandledPromiseRejection": (
        "A promise was rejected and nobody caught it.",
        "Await it inside try and catch.",
        "code",
    ),
    "Runtime.InvalidEntrypoint": (
        "There is no executable file named bootstrap in the code.",
        "Put bootstrap at the top of the zip and make it executable.",
        "code",
    ),
}

_EXCEPTION = ("The handler raised an exception.", "Read the trace in the response and the log, then deploy a correction.", "code")


def meaning_of(error_type: str) -> str:
    """What a function error of that name means."""
    return _FAILURES.get(error_type, _EXCEPTION)[0]


def explain(view: InvocationView) -> Explanation | None:
    """Why *view* failed; None if it has not, or not yet."""
    found = _explain(view)
    if found is None or not view.injected:
        return found
    meaning = f"On purpose: a fault of this account ({view.injected}) did this. Otherwise it means: {found.meaning}"
    return replace(found, meaning=meaning, what_to_do="See what callers make of it; then take it away in Settings, Faults.", tab="")


def _explain(view: InvocationView) -> Explanation | None:
    if not view.is_final or view.state in {InvocationState.SUCCEEDED, InvocationState.SUCCEEDED_AFTER_RETRIES}:
        return None
    if view.condition in _ENDS:
        kind, meaning, what, tab = _ENDS[view.condition]
        return Explanation(kind, view.condition, view.raised[1], meaning, _OVER, what, tab)
    if view.state is InvocationState.THROTTLED:
        return _throttle(view)
    if view.is_invocation_error:
        meaning, who, what, tab = _REFUSALS.get(view.error_code, (view.error_message or view.error_code, _NOBODY, "Read the message.", ""))
        return Explanation(INVOCATION_ERROR, view.error_code, view.error_message, meaning, who, what, tab)
    name, message = view.raised
    if view.state is InvocationState.TIMED_OUT:
        name = "Sandbox.Timedout"
    meaning, what, tab = _FAILURES.get(name, _EXCEPTION)
    who = (_OVER if view.condition else _LAMBDA) if view.is_event else _CALLER
    return Explanation(EVENT_ERROR if view.is_event else FUNCTION_ERROR, name, message, meaning, who, what, tab)


def _throttle(view: InvocationView) -> Explanation:
    reason = next((str(step.detail["Reason"]) for step in reversed(view.steps) if "Reason" in step.detail), "")
    meaning = _THROTTLES.get(reason, "There was no concurrency left.")
    what = "Raise or remove the reservation, or send fewer requests at once."
    name = " · ".join(filter(None, (view.error_code, reason)))
    return Explanation(INVOCATION_ERROR, name, view.error_message, meaning, _SDK, what, "concurrency")
