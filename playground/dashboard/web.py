"""What every view of the dashboard shares: its request type, and whether a fragment is wanted."""

from typing import TYPE_CHECKING, TypeGuard

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from invocations.models import Account

if TYPE_CHECKING:
    from playground.dashboard.api_call import ApiCall


class DashboardRequest(HttpRequest):
    """A request that has passed the dashboard's middleware."""

    htmx: HtmxDetails
    account: Account
    """Whose pages these are; from the address."""
    csp_nonce: str
    """What a style element made by a script must carry (the code editor makes one)."""
    api_call: "ApiCall | None"
    """The call that does what the form of this request has done; for the trail."""
    live_after: str
    """The announcement that was the last when this request came in: the page's socket begins behind it."""


def wants_fragment(request: HttpRequest) -> bool:
    """htmx asks for a part of the page, not for the whole (which a history restore does)."""
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def has_account(request: HttpRequest) -> TypeGuard[DashboardRequest]:
    """Whether the address named an account."""
    return hasattr(request, "account")


def endpoint_url(request: HttpRequest) -> str:
    """Where programs on the reader's machine reach the AWS endpoint."""
    try:
        host = request.get_host().rsplit(":", 1)[0]
    except DisallowedHost:  # on the page that says so
        host = settings.HOST
    return f"http://{host}:{settings.ENDPOINT_PORT}"


def came_from(request: HttpRequest, otherwise: str) -> str:
    """The page that a form names as `next`; *otherwise* where it names none, or one on another machine."""
    named = request.POST.get("next", "")
    return named if url_has_allowed_host_and_scheme(named, allowed_hosts={request.get_host()}) else otherwise
