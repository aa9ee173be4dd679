"""EventBridge's errors, in AWS's words."""

from invocations.errors import AwsError, aws_error
from invocations.event_patterns import InvalidPattern


def invalid(message: str) -> AwsError:
    """ValidationException, with its whole message."""
    return aws_error("ValidationException", message)


def invalid_parameter(name: str, reason: str = "") -> AwsError:
    """`Parameter Event is not valid.`, with a reason where there is one."""
    return invalid(f"Parameter {name} is not valid." + (f" Reason: {reason}" if reason else ""))


def invalid_pattern(error: InvalidPattern) -> AwsError:
    """InvalidEventPatternException."""
    return aws_error("InvalidEventPatternException", f"Event pattern is not valid. Reason: {error}")


def not_found(message: str) -> AwsError:
    """ResourceNotFoundException."""
    return aws_error("ResourceNotFoundException", message)


def no_bus(name: str) -> AwsError:
    """`Event bus orders does not exist.`"""
    return not_found(f"Event bus {name} does not exist.")


def no_rule(name: str, bus_name: str) -> AwsError:
    """`Rule x does not exist on EventBus default.`"""
    return not_found(f"Rule {name} does not exist on EventBus {bus_name}.")


def exists_already(what: str) -> AwsError:
    """`Event bus orders already exists.`"""
    return aws_error("ResourceAlreadyExistsException", f"{what} already exists.")


def limit_exceeded() -> AwsError:
    """More rules, targets or buses than an account may have."""
    return aws_error("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
