"""What every page's template may use beside its view's own names."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from invocations.models.account import DEFAULT_ACCOUNT_ID
from invocations.region import REGION
from playground.dashboard import legend
from playground.dashboard.appearance import Appearance
from playground.dashboard.navigation import pages
from playground.dashboard.web import endpoint_url


def shell(request: HttpRequest) -> dict[str, Any]:
    """Names of the shell: account, pages, appearance, legend, addresses."""
    account = getattr(request, "account", None)
    account_id = account.account_id if account else DEFAULT_ACCOUNT_ID
    match = request.resolver_match
    return {
        "account": account,
        "account_id": account_id,
        "pages": pages(account_id, match.url_name or "" if match else ""),
        "appearance": Appearance.of(request),
        "legend": legend.LOOKS,
        "region": REGION,
        "endpoint_url": endpoint_url(request),
        "csp_nonce": getattr(request, "csp_nonce", ""),
        "home_url": reverse("playground", args=[account_id]),
    }
