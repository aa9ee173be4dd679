"""Resource policies of functions."""

from invocations.resources import function_policies
from playground.endpoint.operations.lambda_.common import Answer, name_and_qualifier
from playground.endpoint.registry import Call, operation


@operation("lambda", "AddPermission")
def add_permission(call: Call) -> Answer:
    return {"Statement": function_policies.as_json(function_policies.add(*name_and_qualifier(call), call.input))}


@operation("lambda", "RemovePermission")
def remove_permission(call: Call) -> Answer:
    function_policies.remove(*name_and_qualifier(call), call.input["StatementId"], call.input.get("RevisionId"))
    return {}


@operation("lambda", "GetPolicy")
def get_policy(call: Call) -> Answer:
    policy, revision_id = function_policies.get(*name_and_qualifier(call))
    return {"Policy": function_policies.as_json(policy.document), "RevisionId": revision_id}
