"""Tags of functions."""

from invocations.resources import tags
from playground.endpoint.operations.lambda_.common import Answer
from playground.endpoint.registry import Call, operation


@operation("lambda", "ListTags")
def list_tags(call: Call) -> Answer:
    return {"Tags": tags.of(call.principal.account_id, call.input["Resource"])}


@operation("lambda", "TagResource")
def tag_resource(call: Call) -> Answer:
    tags.put(call.principal.account_id, call.input["Resource"], call.input["Tags"])
    return {}


@operation("lambda", "UntagResource")
def untag_resource(call: Call) -> Answer:
    tags.remove(call.principal.account_id, call.input["Resource"], call.input["TagKeys"])
    return {}
