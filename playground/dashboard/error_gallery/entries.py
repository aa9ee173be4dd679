"""The table of errors: AWS's code, status and message, why it comes, and how it is made to come here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from invocations import limits
from invocations.enums import FaultKind, ThrottleReason
from playground.dashboard import explain

WORKS: Final = "error-works"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is called, and what is set up for it."""

    function: str = WORKS
    """A sample of the gallery, or any name where *is_sample* is not set."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """Further members of Invoke; FunctionName may stand among them with {region} and {account} in it."""
    is_sample: bool = True
    fault: Mapping[str, Any] | None = None
    """Set for this one call."""
    payload_bytes: int = 0
    """Length of a payload that is too long to be written here."""
    wrong_secret: bool = False
    no_permission: bool = False
    is_pending: bool = False
    in_a_loop: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One error."""

    id: str
    status: int
    code: str
    message: str
    """AWS's, with … for what differs."""
    why: str
    recipe: Recipe | None
    """None: it does not come here, and *why* says so."""
    reason: str = ""
    """Of a throttle."""

    @property
    def is_injected(self) -> bool:
        """Whether a fault makes it."""
        return self.recipe is not None and self.recipe.fault is not None


def _how(how: str, function: str = "error-python") -> Recipe:
    return Recipe(function, {"Payload": f'{{"how": "{how}"}}'})


def _throttle(reason: ThrottleReason, why: str) -> Entry:
    slug = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in reason)[1:]
    fault = {"kind": str(FaultKind.THROTTLE), "reason": str(reason)}
    return Entry(slug, 429, "TooManyRequestsException", "Rate Exceeded.", why, Recipe(fault=fault), str(reason))


_NOT_HERE = "Does not come here: {} is stored and given back, without effect."

INVOCATION_ERRORS: Final = [
    Entry(
        "no-function",
        404,
        "ResourceNotFoundException",
        "Function not found: arn:…:function:nobody:$LATEST",
        "There is no function of that name. A name over 64 characters is answered the same way.",
        Recipe("nobody", is_sample=False),
    ),
    Entry(
        "no-version",
        404,
        "ResourceNotFoundException",
        "Function not found: arn:…:function:…:99",
        "The function has no such version or alias.",
        Recipe(arguments={"Qualifier": "99"}),
    ),
    Entry(
        "other-region",
        404,
        "ResourceNotFoundException",
        "Functions from '…' are not reachable in this region ('…')",
        "The ARN names another Region than the endpoint that was asked.",
        Recipe("arn:aws:lambda:{other_region}:{account}:function:error-works", is_sample=False),
    ),
    Entry(
        "denied",
        403,
        "AccessDeniedException",
        "User: … is not authorized to perform: lambda:InvokeFunction on resource: … because no … policy allows the … action",
        "No policy allows this caller to invoke the function. Here a role session calls whose session policy allows nothing.",
        Recipe(no_permission=True),
    ),
    Entry(
        "signature",
        403,
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided. …",
        "The caller signed with a secret that is not the key's.",
        Recipe(wrong_secret=True),
    ),
    Entry(
        "two-qualifiers",
        400,
        "InvalidParameterValueException",
        "The derived qualifier from the function name does not match the specified qualifier.",
        "FunctionName says :1, and Qualifier something else.",
        Recipe(f"{WORKS}:1", {"Qualifier": "2"}, is_sample=False),
    ),
    Entry(
        "not-json",
        400,
        "InvalidRequestContentException",
        "Could not parse request body into json: …",
        "The payload is not JSON; the message, of the Java parser behind Lambda, tells line and column.",
        Recipe(arguments={"Payload": '{"order": 42'}),
    ),
    Entry(
        "too-large",
        413,
        "RequestTooLargeException",
        "… byte payload is too large for the RequestResponse invocation type (limit 6291556 bytes)",
        "A synchronous event may have 6 MB.",
        Recipe(payload_bytes=limits.SYNC_PAYLOAD + 1024),
    ),
    Entry(
        "too-large-event",
        413,
        "RequestTooLargeException",
        "… byte payload is too large for the Event invocation type (limit 1048576 bytes)",
        "An asynchronous event may have 1 MB.",
        Recipe(arguments={"InvocationType": "Event"}, payload_bytes=limits.ASYNC_PAYLOAD + 1024),
    ),
    _throttle(
        ThrottleReason.CONCURRENT_INVOCATION_LIMIT_EXCEEDED,
        "All concurrency that the account has left for functions without a reservation is in use.",
    ),
    _throttle(
        ThrottleReason.RESERVED_FUNCTION_CONCURRENT_INVOCATION_LIMIT_EXCEEDED,
        "All of the function's reserved concurrency is in use, or it is 0.",
    ),
    _throttle(
        ThrottleReason.FUNCTION_INVOCATION_RATE_LIMIT_EXCEEDED,
        "More than ten requests a second for each unit of concurrency, or the function would scale faster than its scaling rate.",
    ),
    _throttle(
        ThrottleReason.RESERVED_FUNCTION_INVOCATION_RATE_LIMIT_EXCEEDED,
        "More than ten requests a second for each unit of reserved concurrency.",
    ),
    _throttle(ThrottleReason.CALLER_RATE_LIMIT_EXCEEDED, "The caller sends more requests to Lambda's API than it may."),
    Entry(
        "pending",
        409,
        "ResourceConflictException",
        "The operation cannot be performed at this time. The function is currently in the following state: Pending",
        "The function is being created. SDKs have waiters for that: function_active_v2.",
        Recipe(is_pending=True),
    ),
    Entry(
        "recursion",
        400,
        "RecursiveInvocationException",
        "Lambda has detected your function being invoked in a recursive loop …",
        "The function has run 16 times in one chain of events; the trace header that travels along tells it.",
        Recipe(in_a_loop=True),
    ),
    Entry(
        "service",
        500,
        "ServiceException",
        "The service encountered an internal error.",
        "Lambda's own fault: SDKs repeat the request.",
        Recipe(fault={"kind": str(FaultKind.SERVICE_EXCEPTION)}),
    ),
    Entry(
        "snapshots",
        429,
        "TooManyRequestsException",
        "",
        _NOT_HERE.format("SnapStart"),
        None,
        "ConcurrentSnapshotCreateLimitExceeded",
    ),
    *(
        Entry(slug, status, ", ".join(codes.split()), "", why, None)
        for slug, status, codes, why in (
            ("media-type", 415, "UnsupportedMediaTypeException", "Does not come here: any Content-Type is taken."),
            (
                "serialized",
                413,
                "SerializedRequestEntityTooLargeException",
                "Does not come here: the payload is measured as it was sent, and refused as RequestTooLargeException.",
            ),
            ("quota", 402, "ServiceQuotaExceededException", "Does not come here: no quota of an Invoke is answered so."),
            (
                "snapstart",
                409,
                "SnapStartNotReadyException SnapStartException SnapStartTimeoutException SnapStartRegenerationFailureException",
                _NOT_HERE.format("SnapStart"),
            ),
            (
                "network",
                502,
                "EC2AccessDeniedException EC2ThrottledException EC2UnexpectedException ENILimitReachedException ENINotReadyException "
                "InvalidSecurityGroupIDException InvalidSubnetIDException SubnetIPAddressLimitReachedException ResourceNotReadyException",
                _NOT_HERE.format("a VPC configuration"),
            ),
            (
                "kms",
                502,
                "KMSAccessDeniedException KMSDisabledException KMSInvalidStateException KMSNotFoundException",
                _NOT_HERE.format("a KMS key"),
            ),
            (
                "efs",
                408,
                "EFSIOException EFSMountConnectivityException EFSMountFailureException EFSMountTimeoutException "
                "S3FilesMountConnectivityException S3FilesMountFailureException S3FilesMountTimeoutException",
                _NOT_HERE.format("a file system"),
            ),
            (
                "code",
                502,
                "InvalidRuntimeException InvalidZipFileException",
                "Does not come here: runtime and package are checked when the function is created or its code is updated.",
            ),
            (
                "runtime-version",
                409,
                "RuntimeAliasDeletedException RuntimeVersionDeletedException",
                "Does not come here: a runtime has one version, that of this machine, and it is not taken away.",
            ),
            (
                "code-artifact",
                409,
                "CodeArtifactUserPendingException CodeArtifactUserFailedException CodeArtifactUserDeletedException",
                "Does not come here: the code lies in this playground’s own store, which needs no user of its own.",
            ),
            (
                "no-published-version",
                400,
                "NoPublishedVersionException",
                "Does not come here: only functions that run published versions alone answer so, and there are none.",
            ),
            (
                "durable",
                409,
                "DurableExecutionAlreadyStartedException ModeNotSupportedException",
                "Does not come here: there are no durable functions, and every function takes each invocation type. Of Invoke alone.",
            ),
        )
    ),
]
"""Before the function runs: the SDK raises an exception (sync-invoke, "Errors before the function runs")."""


def _error(entry_id: str, code: str, message: str, recipe: Recipe, why: str = "") -> Entry:
    return Entry(entry_id, 200, code, message, why or explain.meaning_of(code), recipe)


FUNCTION_ERRORS: Final = [
    _error("exception", "ValueError", "no stock left of A-1", _how("exception"), "The handler raised an exception."),
    _error("timeout", "Sandbox.Timedout", "RequestId: … Error: Task timed out after 2.00 seconds", _how("timeout")),
    _error("exit", "Runtime.ExitError", "RequestId: … Error: Runtime exited without providing a reason", _how("exit")),
    _error("exit-status", "Runtime.ExitError", "RequestId: … Error: Runtime exited with error: exit status 1", _how("exit 1")),
    _error(
        "signal",
        "Runtime.ExitError",
        "RequestId: … Error: Runtime exited with error: signal: killed",
        _how("signal"),
        "The process was killed; Lambda does the same to a function that uses more memory than it has.",
    ),
    _error("response-size", "Function.ResponseSizeTooLarge", "Response payload size exceeded maximum allowed …", _how("too large")),
    _error("marshal", "Runtime.MarshalError", "Unable to marshal response: Object of type set is not JSON serializable", _how("no JSON")),
    _error("import", "Runtime.ImportModuleError", "Unable to import module 'app': No module named '…'", Recipe("error-import")),
    _error("handler", "Runtime.HandlerNotFound", "Handler 'main' missing on module 'app'", Recipe("error-no-handler")),
    _error("handler-name", "Runtime.MalformedHandlerName", "Bad handler 'handler': not enough values …", Recipe("error-handler-name")),
    _error("syntax", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app': expected ':' (app.py, line 1)", Recipe("error-syntax")),
    _error("node-exception", "TypeError", "no stock left of A-1", _how("exception", "error-node"), "The handler threw an error."),
    _error("node-import", "Runtime.ImportModuleError", "Error: Cannot find module '…' …", Recipe("error-node-import")),
    _error("node-handler", "Runtime.HandlerNotFound", "index.main is undefined or not exported", Recipe("error-node-handler")),
    _error("node-rejection", "Runtime.UnhandledPromiseRejection", "Error: nobody catches this", _how("rejection", "error-node")),
    _error(
        "node-exit",
        "Runtime.NodeJsExit",
        "The Lambda runtime client detected an unexpected …",
        _how("never", "error-node"),
    ),
    _error("bootstrap", "Runtime.InvalidEntrypoint", "… Error: Couldn't find valid bootstrap(s): …", Recipe("error-no-bootstrap")),
    _error(
        "init-failure",
        "Runtime.ExitError",
        "RequestId: … Error: Runtime exited with error: signal: killed",
        Recipe(fault={"kind": str(FaultKind.INIT_FAILURE)}),
        "The runtime died in the Init phase, and once more in the invocation that tried it again.",
    ),
    _error(
        "crash",
        "Runtime.ExitError",
        "RequestId: … Error: Runtime exited with error: signal: killed",
        Recipe(fault={"kind": str(FaultKind.CRASH)}),
        "The environment died while it had the event.",
    ),
]
"""The function ran and failed: status 200, and X-Amz-Function-Error says so (sync-invoke, "Error payloads")."""

ENTRIES: Final = {entry.id: entry for entry in (*INVOCATION_ERRORS, *FUNCTION_ERRORS)}
