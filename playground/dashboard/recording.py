"""A run that was recorded on this product: what the diagram shows, and plays once, before anything was fired."""

from functools import cache

from invocations.enums import Station
from playground.dashboard.invocation_view import InvocationView

RECEIVED_AT = 1795529966.882501
_ENVIRONMENT = "f7176a7866a44e34a4247126eb0ed8f4"
_STEPS = [
    (Station.ACCEPT, 0.0, "ok", None, {"bytes": 29}),
    (Station.AUTHORIZE, 0.0001603, "ok", None, {"reason": "the account's root may do everything in its account"}),
    (Station.ROUTE, 0.0031363, "ok", None, {"version": "$LATEST", "alias": None, "weight": 1.0}),
    (Station.ADMIT, 0.0068556, "ok", None, {"initialization_type": "on-demand", "pool": "unreserved", "used": 1, "limit": 1000}),
    (Station.INIT, 0.340725, "cold", 333.848, {"environment": _ENVIRONMENT, "init_duration_ms": 88.529}),
    (Station.RUN, 0.3407496, "success", 0.726, {"error_type": None, "max_memory_used_mb": 22}),
]
"""Station, seconds since the request, outcome, milliseconds taken, detail: a cold start of the ready-made function orders."""


@cache
def recorded() -> InvocationView:
    """The recording as a page shows it. It belongs to no function: nothing in it can be opened."""
    steps = [
        {"station": station, "at": RECEIVED_AT + after, "outcome": outcome, "duration_ms": duration_ms, "detail": detail}
        for station, after, outcome, duration_ms, detail in _STEPS
    ]
    record = {
        "account_id": "",
        "request_id": "recorded",
        "function_name": "",
        "state": "succeeded",
        "received_at": RECEIVED_AT,
        "ended_at": RECEIVED_AT + 0.3415967,
        "executed_version": "$LATEST",
        "status_code": 200,
        "duration_ms": 0.726,
        "billed_duration_ms": 90,
        "init_duration_ms": 88.529,
        "memory_size_mb": 128,
        "max_memory_used_mb": 22,
        "steps": steps,
        "response_payload": b'{"order": 42, "accepted": true}',
    }
    return InvocationView.from_record(record)
