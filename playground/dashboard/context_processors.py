"""What every page's template may use beside its view's own names."""

from typing import Any

import redis
from django.http import HttpRequest
from django.urls import reverse

from invocations.models.account import DEFAULT_ACCOUNT_ID
from invocations.region import REGION
from invocations.resources import faults
from playground.dashboard import legend
from playground.dashboard.account_time import ClockView
from playground.dashboard.appearance import Appearance
from playground.dashboard.navigation import pages
from playground.dashboard.web import endpoint_url


def _clock(account_id: str) -> ClockView | None:
    """The account's clock; None where Redis does not answer."""
    try:
        return ClockView.of(account_id)
    except redis.RedisError:
        return None


def _faults(account_id: str) -> int:
    """How many faults are set and may act; 0 where Redis does not answer."""
    try:
        return len(faults.active(account_id))
    except redis.RedisError:
        return 0


def shell(request: HttpRequest) -> dict[str, Any]:
    """Names of the shell: account, its clock, pages, appearance, legend, addresses."""
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
        "clock": _clock(account_id) if account else None,
        "faults_on": _faults(account_id) if account else 0,
        "home_url": reverse("playground", args=[account_id]),
    }
