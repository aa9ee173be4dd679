"""AWS's errors, by AWS's names. The endpoint turns one into the protocol's error answer; nothing else is shown to callers."""

from collections.abc import Mapping
from typing import Any, ClassVar

from invocations.enums import ThrottleReason


class AwsError(Exception):
    """An error as an AWS service answers it: code, HTTP status, message and further members of its shape.

    The code is the class's name unless the class (or the call) says otherwise.
    """

    status: ClassVar[int] = 400
    code: str
    query_code: str | None = None
    """The code by which clients know it of a service that once spoke the query protocol, where that differs."""

    def __init__(self, message: str | None = "", *, code: str | None = None, members: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).__name__
        self.members: dict[str, Any] = dict(members or {})
        """Members beside the message, e.g. {"Reason": …}."""
        self.http_status = self.status
        self.headers: dict[str, str] = {}
        """Headers of the answer that belong to the error, by lower-case name."""
        self.detail: dict[str, Any] = {}
        """Facts for records and pages, which callers are not sent."""

    @property
    def fault(self) -> str:
        """ "User" or "Server": Lambda's Type member, the query protocol's Sender or Receiver."""
        return "Server" if self.http_status >= 500 else "User"


def aws_error(code: str, message: str, status: int = 400, **members: Any) -> AwsError:
    """An error that one service has for itself and no code here catches by class, e.g. aws_error("NoSuchEntity", …, 404)."""
    error = AwsError(message, code=code, members=members)
    error.http_status = status
    return error


class LambdaError(AwsError):
    """An invocation or API error of Lambda itself. (A handler that raises is none: its result has status 200.)"""


class AccessDeniedException(LambdaError):
    """No policy allows it, or one denies it."""

    status = 403


class ResourceNotFoundException(LambdaError):
    """No such function, version, alias, layer or configuration."""

    status = 404


class ResourceConflictException(LambdaError):
    """It exists already, or its state forbids the call."""

    status = 409


class InvalidParameterValueException(LambdaError):
    """A parameter is well formed and makes no sense here."""


class ValidationException(LambdaError):
    """A parameter breaks a constraint of its shape; the message lists each."""


class InvalidRequestContentException(LambdaError):
    """The payload is not JSON."""


class RequestTooLargeException(LambdaError):
    """The payload is over its limit."""

    status = 413


class RequestEntityTooLargeException(LambdaError):
    """An upload is over its limit."""

    status = 413


class UnsupportedMediaTypeException(LambdaError):
    """The Content-Type is not JSON."""

    status = 415


class PreconditionFailedException(LambdaError):
    """The RevisionId given is not the newest."""

    status = 412


class PolicyLengthExceededException(LambdaError):
    """The resource policy would be over its limit."""


class CodeStorageExceededException(LambdaError):
    """The account's code storage is full."""


class CodeSigningConfigNotFoundException(LambdaError):
    """There is no such code signing configuration."""

    status = 404


class ProvisionedConcurrencyConfigNotFoundException(LambdaError):
    """No provisioned concurrency on that qualifier."""

    status = 404


class TooManyRequestsException(LambdaError):
    """No concurrency left. *reason* says whose: the function's own, the account's, the caller's rate."""

    status = 429

    def __init__(self, reason: ThrottleReason, message: str = "Rate Exceeded.") -> None:
        super().__init__(message, members={"Reason": str(reason)})
        self.reason = reason


class RecursiveInvocationException(LambdaError):
    """The chain of invocations loops."""


class ServiceException(LambdaError):
    """Lambda's own fault."""

    status = 500


class InvalidRuntimeException(LambdaError):
    """The runtime named cannot run here."""

    status = 502


class NotImplementedHere(AwsError):
    """The operation exists on AWS and not here: 501, and a sentence that names it."""

    status = 501

    def __init__(self, message: str) -> None:
        super().__init__(message, code="NotImplemented")
