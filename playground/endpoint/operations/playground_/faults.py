"""/_playground/faults: what is to go wrong on purpose, for scripts."""

from invocations.errors import ResourceNotFoundException
from invocations.resources import faults
from playground.endpoint.local import LocalAnswer, LocalRequest, local_route
from playground.endpoint.operations.playground_.limits import object_of

EXAMPLE = '{"function": "hello", "kind": "throttle", "count": 3}'


@local_route("GET", "/_playground/faults")
def list_faults(request: LocalRequest) -> LocalAnswer:
    """{"faults": [{"id", "function", "kind", "probability", "count", "acted", …}, …]}."""
    return LocalAnswer.of_json({"faults": [view.as_json() for view in faults.list_of(request.account_id)]})


@local_route("POST", "/_playground/faults")
def set_fault(request: LocalRequest) -> LocalAnswer:
    """Takes {"function", "kind"} with "probability", "count", "latency_ms", "reason", "expires_in_seconds"; 201 with the fault."""
    return LocalAnswer.of_json(faults.create(request.account_id, object_of(request.body, EXAMPLE)).as_json(), 201)


@local_route("DELETE", "/_playground/faults")
def delete_faults(request: LocalRequest) -> LocalAnswer:
    """Takes all of them away."""
    faults.delete_all(request.account_id)
    return list_faults(request)


@local_route("DELETE", "/_playground/faults/{id}")
def delete_fault(request: LocalRequest) -> LocalAnswer:
    """Takes one away."""
    if not request.parts["id"].isdecimal():
        raise ResourceNotFoundException("A fault is named by its number.")
    faults.delete(request.account_id, int(request.parts["id"][:18]))
    return list_faults(request)
