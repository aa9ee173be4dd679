"""The closed sets of values AWS's API uses, letter for letter, and this product's own few."""

from enum import StrEnum


class InvocationType(StrEnum):
    """How a caller wants its function run (API reference, Invoke)."""

    REQUEST_RESPONSE = "RequestResponse"
    EVENT = "Event"
    DRY_RUN = "DryRun"


class LogType(StrEnum):
    """Whether Invoke's answer carries the last 4 KB of the log."""

    NONE = "None"
    TAIL = "Tail"


class State(StrEnum):
    """Where a function version is in its life."""

    PENDING = "Pending"
    ACTIVE = "Active"
    INACTIVE = "Inactive"
    FAILED = "Failed"


class LastUpdateStatus(StrEnum):
    """Whether the newest change of code or configuration is in force."""

    IN_PROGRESS = "InProgress"
    SUCCESSFUL = "Successful"
    FAILED = "Failed"


class PackageType(StrEnum):
    """How the code is delivered; only Zip can run here."""

    ZIP = "Zip"
    IMAGE = "Image"


class LogFormat(StrEnum):
    """LoggingConfig.LogFormat."""

    TEXT = "Text"
    JSON = "JSON"


class InitializationType(StrEnum):
    """Why an execution environment was made: AWS_LAMBDA_INITIALIZATION_TYPE inside it."""

    ON_DEMAND = "on-demand"
    PROVISIONED_CONCURRENCY = "provisioned-concurrency"


class ThrottleReason(StrEnum):
    """Whose limit a TooManyRequestsException speaks of (API reference, Invoke)."""

    CONCURRENT_INVOCATION_LIMIT_EXCEEDED = "ConcurrentInvocationLimitExceeded"
    FUNCTION_INVOCATION_RATE_LIMIT_EXCEEDED = "FunctionInvocationRateLimitExceeded"
    RESERVED_FUNCTION_CONCURRENT_INVOCATION_LIMIT_EXCEEDED = "ReservedFunctionConcurrentInvocationLimitExceeded"
    RESERVED_FUNCTION_INVOCATION_RATE_LIMIT_EXCEEDED = "ReservedFunctionInvocationRateLimitExceeded"
    CALLER_RATE_LIMIT_EXCEEDED = "CallerRateLimitExceeded"


class FaultKind(StrEnum):
    """What can be made to go wrong on purpose."""

    THROTTLE = "throttle"
    """429 TooManyRequestsException."""
    SERVICE_EXCEPTION = "service-exception"
    """500 ServiceException."""
    LATENCY = "latency"
    """The invocation waits before it gets an environment, and holds its concurrency meanwhile."""
    INIT_FAILURE = "init-failure"
    """A new environment whose runtime is killed in its Init phase, and again when the invocation tries once more."""
    CRASH = "crash"
    """The environment's runtime is killed as it is handed the event."""
    DESTINATION_DENIED = "destination-denied"
    """A delivery of the function's records or dead letters is refused with AccessDeniedException."""
    SOURCE_ERROR = "source-error"
    """What a topic, rule or schedule owes the function does not come through: 500 ServiceException."""


class PrincipalType(StrEnum):
    """What kind of identity makes a call; the words of CloudTrail's userIdentity.type."""

    ROOT = "Root"
    IAM_USER = "IAMUser"
    ASSUMED_ROLE = "AssumedRole"
    AWS_SERVICE = "AWSService"
    UNKNOWN = "Unknown"
    """Somebody who gave an access key and did not prove to have it: in the trail alone."""
    AWS_ACCOUNT = "AWSAccount"
    """Nobody in particular: a caller without a signature."""


class TrailCategory(StrEnum):
    """What an event of the trail is."""

    MANAGEMENT = "management"
    """In CloudTrail's event history."""
    DATA = "data"
    """A call that carried messages."""
    UNKNOWN_CALLER = "unknown-caller"
    """Refused before it was known who called: on AWS in no record."""


class Station(StrEnum):
    """The stations an invocation passes, in order; each emits steps (values.Step)."""

    ACCEPT = "accept"
    AUTHORIZE = "authorize"
    ROUTE = "route"
    ADMIT = "admit"
    INIT = "init"
    RUN = "run"
    JOURNAL = "journal"
    QUEUE = "queue"
    """An asynchronous event's way into, through and out of the internal queue."""
    DESTINATION = "destination"
    """What is sent when an asynchronous event's story has ended: to a destination, or to a dead-letter queue."""


class InvocationState(StrEnum):
    """The one vocabulary of the pages (word, icon, colour and pattern per state stand in the dashboard's legend)."""

    QUEUED = "queued"
    THROTTLED = "throttled"
    STARTING = "starting"
    RUNNING = "running"
    WAITING_TO_RETRY = "waiting to retry"
    SUCCEEDED = "succeeded"
    SUCCEEDED_AFTER_RETRIES = "succeeded after retries"
    FUNCTION_ERROR = "function error"
    TIMED_OUT = "timed out"
    EXPIRED = "expired"
    REJECTED = "rejected"
    """An invocation error: refused before the function ran (not found, denied, bad input, wrong function state)."""

    @property
    def is_final(self) -> bool:
        """True when nothing more will happen to an invocation in this state."""
        return self not in {self.QUEUED, self.STARTING, self.RUNNING, self.WAITING_TO_RETRY}


class EnvironmentPhase(StrEnum):
    """The phases of an execution environment (Developer Guide, "Lambda execution environment lifecycle")."""

    STARTING = "starting"
    INIT = "init"
    READY = "ready"
    INVOKE = "invoke"
    SHUTDOWN = "shutdown"
