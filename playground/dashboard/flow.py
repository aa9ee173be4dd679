"""What a record's steps look like: the diagram's nodes, the waterfall's bars and the moments the time cursor stops at."""

from invocations.enums import InvocationType
from playground.dashboard import async_flow, sync_flow
from playground.dashboard.flow_parts import Flow
from playground.dashboard.invocation_view import InvocationView


def flow(view: InvocationView) -> Flow:
    """The diagram, the waterfall and the moments of *view* as it stands."""
    return async_flow.flow(view) if view.invocation_type == InvocationType.EVENT else sync_flow.flow(view)
