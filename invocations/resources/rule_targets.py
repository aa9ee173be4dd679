"""Targets of rules: which may be, and what they need."""

import re
from typing import Final

from invocations.arn import parse_function_name
from invocations.services.eventbridge import transform
from invocations.services.eventbridge.errors import invalid, invalid_parameter
from invocations.values import Members

_ARN: Final = re.compile(r"arn:aws[\w-]*:([\w-]+):([\w-]*):(\d{12})?:(.+)", re.DOTALL)
HERE: Final = {"lambda": "function:", "sqs": "", "sns": "", "events": "event-bus/"}
"""Services whose resources can be targets here, and what the resource part of their ARNs begins with."""
PARAMETERS: Final = (
    "AppSyncParameters",
    "BatchParameters",
    "EcsParameters",
    "HttpParameters",
    "KinesisParameters",
    "RedshiftDataParameters",
    "RunCommandParameters",
    "SageMakerPipelineParameters",
)
"""What targets take that are not part of this playground."""


def check(target: Members) -> None:
    """Raises ValidationException for a target that no event could be sent to."""
    arn, name = target["Arn"], target["Id"]
    match = _ARN.fullmatch(arn)
    if match is None:
        raise invalid_parameter(arn, "Provided Arn is not in correct format.")
    service, resource = match[1], match[4]
    if service not in HERE:
        raise invalid_parameter(arn, f"Targets of the service {service} are not part of this playground.")
    if not resource.startswith(HERE[service]) or (service == "lambda" and parse_function_name(arn) is None):
        raise invalid_parameter(arn, "Provided Arn is not in correct format.")
    for parameters in PARAMETERS:
        if parameters in target:
            raise invalid(f"Parameter(s) {parameters} not valid for target {name}.")
    _check_group(target, is_fifo=service == "sqs" and resource.endswith(".fifo"))
    if service == "events" and {"Input", "InputPath", "InputTransformer"} & target.keys():
        raise invalid(f"Input, InputPath and InputTransformer are not supported for event bus target {name}.")
    _check_dead_letter_queue(target)
    transform.check(target)


def _check_group(target: Members, *, is_fifo: bool) -> None:
    group = target.get("SqsParameters", {}).get("MessageGroupId")
    if is_fifo and not group:
        raise invalid(f"Parameter(s) SqsParameters must be specified for target: {target['Id']}.")
    if group and not is_fifo:
        raise invalid(f"Parameter(s) SqsParameters not valid for target {target['Id']}.")


def _check_dead_letter_queue(target: Members) -> None:
    arn = target.get("DeadLetterConfig", {}).get("Arn")
    if arn is None:
        return
    match = _ARN.fullmatch(arn)
    if match is None or match[1] != "sqs":
        raise invalid_parameter("DeadLetterConfig", "The ARN is not one of an SQS queue.")
    if arn.endswith(".fifo"):
        raise invalid_parameter("DeadLetterConfig", "A FIFO queue cannot be a dead-letter queue.")
