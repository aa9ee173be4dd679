"""Whether what one account owes may be put on a bus of another: its policy must let that account in.

(Who calls PutEvents is asked before, as with every operation.)
"""

from invocations import attached_policies, identities
from invocations.authorize import decide
from invocations.errors import aws_error
from invocations.services.eventbridge import names
from invocations.services.eventbridge.directory import BusConfig
from invocations.values import Principal

ACTION = "events:PutEvents"


def check(principal: Principal, account_id: str, bus_name: str, bus: BusConfig | None) -> None:
    """Raises AccessDeniedException unless the policy of the bus allows events:PutEvents to the caller's account."""
    arn = names.bus_arn(account_id, bus_name)
    policy = None if bus is None else attached_policies.compiled(bus.policy, arn)
    verdict = decide(principal, identities.find(principal), ACTION, arn, account_id, resource_policy=policy)
    if not verdict.allowed:
        raise aws_error("AccessDeniedException", verdict.message)
