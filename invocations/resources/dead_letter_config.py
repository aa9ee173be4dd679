"""DeadLetterConfig: where events go that no run could finish. Part of a version, unlike destinations."""

from typing import Final

from invocations.authorize import may_role_send
from invocations.delivery_rights import ACTIONS
from invocations.errors import InvalidParameterValueException
from invocations.region import REGION
from invocations.resources import target_arns
from invocations.values import Members

_NOUNS: Final = {"sqs": "SQS queue", "sns": "SNS topic"}
_PERMISSIONS: Final = {"sqs": "SendMessage on SQS", "sns": "Publish on SNS"}


def check(account_id: str, parameters: Members, name: str, role_arn: str) -> None:
    """Raises InvalidParameterValueException for a TargetArn that cannot be one, and where the execution role *role_arn* of the
    function may not send there; an empty one takes the queue away.

    Lambda finds a queue or topic that is not there by trying it as the execution role, and words it as a missing permission.
    """
    arn = parameters.get("DeadLetterConfig", {}).get("TargetArn", "")
    if not arn:
        return
    service = target_arns.service_of(arn)
    if service not in target_arns.DEAD_LETTER_SERVICES:
        raise _invalid("The service specified by the TargetArn is not supported for dead letter configuration.")
    if arn.split(":")[3] != REGION:
        raise _invalid("The resource specified by the TargetArn must be in the same region as the Lambda function it's associated with.")
    if arn.endswith(".fifo"):
        raise _invalid(f"FIFO {_NOUNS[service]} is not supported for dead letter configuration")
    (action,) = ACTIONS[service]
    if not target_arns.exists(account_id, arn) or not may_role_send(account_id, role_arn, name, action, arn).allowed:
        raise InvalidParameterValueException(f"The provided execution role does not have permissions to call {_PERMISSIONS[service]}")


def _invalid(reason: str) -> InvalidParameterValueException:
    return InvalidParameterValueException(f"Invalid dead letter queue ARN: {reason}")
