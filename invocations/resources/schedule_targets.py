"""Targets of schedules: which may be, and what they need."""

import re
from typing import Any, Final

from invocations import readable_json
from invocations.arn import parse_function_name
from invocations.errors import AwsError, aws_error
from invocations.policies.context import Value
from invocations.resources import role_trust
from invocations.services.eventbridge.batch import read_detail
from invocations.values import Members, Principal

_ARN: Final = re.compile(r"arn:aws[\w-]*:([\w-]+):([\w-]*):(\d{12})?:(.+)", re.DOTALL)
HERE: Final = {"lambda": "function:", "sqs": "", "sns": "", "events": "event-bus/"}
"""Services with templated targets here, and what the resource part of their ARNs begins with."""
PARAMETERS: Final = (
    "EcsParameters",
    "EventBridgePutEventsV2Parameters",
    "EventBridgePutRawEventsParameters",
    "KinesisParameters",
    "SageMakerPipelineParameters",
)
"""What targets take that are not part of this playground."""
DEFAULT_RETRY: Final = {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185}


def checked(account_id: str, target: Members) -> dict[str, Any]:
    """The target with its RetryPolicy filled up. Raises ValidationException for one to which nothing could be sent."""
    match = _ARN.fullmatch(target["Arn"])
    if match is None:
        raise invalid("Provided Arn is not in correct format.")
    service, resource = match[1], match[4]
    if service == "scheduler":
        raise invalid("Universal targets are not part of this playground: use a function, a queue, a topic or an event bus.")
    if service not in HERE:
        raise invalid(f"Targets of the service {service} are not part of this playground.")
    if not resource.startswith(HERE[service]) or (service == "lambda" and parse_function_name(target["Arn"]) is None):
        raise invalid("Provided Arn is not in correct format.")
    for parameters in PARAMETERS:
        if parameters in target:
            raise invalid(f"{parameters} not valid for the target {target['Arn']}.")
    _check_parameters(service, target, is_fifo=resource.endswith(".fifo"))
    _check_role(account_id, target["RoleArn"])
    return {**target, "RetryPolicy": DEFAULT_RETRY | target.get("RetryPolicy", {})}


def _check_parameters(service: str, target: Members, *, is_fifo: bool) -> None:
    is_bus = service == "events"
    if is_bus and "EventBridgeParameters" not in target:
        raise invalid("EventBridgeParameters must be specified for an event bus target.")
    if not is_bus and "EventBridgeParameters" in target:
        raise invalid("EventBridgeParameters are valid for event bus targets only.")
    if is_bus and "Input" in target and read_detail(target["Input"]) is None:
        raise invalid("Input must be a JSON object for an event bus target.")
    # API reference, Target; AWS's words for it are not known
    if service == "lambda" and not readable_json.is_json(target.get("Input", "{}")):
        raise invalid("Input must be well-formed JSON for a function target.")
    group = target.get("SqsParameters", {}).get("MessageGroupId")
    if service == "sqs" and is_fifo != bool(group):
        needed = "must be specified for a FIFO queue." if is_fifo else "is valid for FIFO queues only."
        raise invalid(f"SqsParameters.MessageGroupId {needed}")


def _check_role(account_id: str, role_arn: str) -> None:
    """A role that exists here must trust Scheduler; one that does not is taken as it is, as for functions."""
    role = role_trust.find(role_arn)
    context: dict[str, Value] = {"aws:sourceaccount": account_id}
    if role is not None and not role_trust.decide(Principal.service("scheduler.amazonaws.com"), role, context).allowed:
        raise invalid("The execution role you provide must allow AWS EventBridge Scheduler to assume the role.")


def invalid(message: str) -> AwsError:
    """ValidationException."""
    return aws_error("ValidationException", message)
