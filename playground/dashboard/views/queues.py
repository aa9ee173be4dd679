"""One queue."""

from django.http import Http404, HttpResponse

from invocations.errors import AwsError
from invocations.resources import queues
from playground.dashboard.resources.kind import Kind
from playground.dashboard.resources.page import show
from playground.dashboard.web import DashboardRequest


def queue(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """Its page."""
    try:
        row = queues.get(request.account.account_id, name)
    except AwsError as error:
        raise Http404(error.message) from None
    return show(request, kind, name, "dashboard/resource/queue.html", queue=row)
