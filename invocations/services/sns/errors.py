"""SNS's errors."""

from invocations.errors import AwsError, aws_error


def invalid_parameter(message: str) -> AwsError:
    """`Invalid parameter: …`"""
    return aws_error("InvalidParameter", f"Invalid parameter: {message}")


def invalid_value(message: str) -> AwsError:
    """What is wrong with a message attribute."""
    return aws_error("ParameterValueInvalid", message)


def topic_does_not_exist() -> AwsError:
    """No such topic."""
    return aws_error("NotFound", "Topic does not exist", 404)


def subscription_does_not_exist() -> AwsError:
    """No such subscription."""
    return aws_error("NotFound", "Subscription does not exist", 404)


def not_authorized(principal_arn: str, action: str, resource_arn: str) -> AwsError:
    """A topic of another account whose policy lets nobody in, or not this caller. *action* is "Publish"."""
    reason = f"no resource-based policy allows the SNS:{action} action"
    message = f"User: {principal_arn} is not authorized to perform: SNS:{action} on resource: {resource_arn} because {reason}"
    return aws_error("AuthorizationError", message, 403)
