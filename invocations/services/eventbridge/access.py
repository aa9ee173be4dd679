"""Who of another account may put events on a bus: those whom its policy lets in."""

from invocations.errors import aws_error
from invocations.services.eventbridge import names
from invocations.services.eventbridge.directory import BusConfig
from invocations.services.resource_policies import allows
from invocations.values import Principal

ACTION = "events:PutEvents"


def check(principal: Principal, account_id: str, bus_name: str, bus: BusConfig | None) -> None:
    """Raises AccessDeniedException unless the policy of the bus allows events:PutEvents to the caller's account."""
    arn = names.bus_arn(account_id, bus_name)
    if bus is not None and bus.policy and allows(bus.policy, principal, arn, ACTION):
        return
    reason = f"no resource-based policy allows the {ACTION} action"
    message = f"User: {principal.arn} is not authorized to perform: {ACTION} on resource: {arn} because {reason}"
    raise aws_error("AccessDeniedException", message)
