"""What the Function URL tab shows."""

from typing import Any

from invocations.arn import LATEST
from invocations.models import FunctionUrl, FunctionVersion
from invocations.resources import function_urls
from playground.dashboard import url_metrics
from playground.dashboard.url_client import HttpCall, signers
from playground.dashboard.url_forms import RequestForm, UrlForm
from playground.dashboard.web import DashboardRequest, endpoint_url
from playground.front_doors.addresses import address_of, path_form_of


def qualifier_of(request: DashboardRequest, version: FunctionVersion) -> str:
    """$LATEST, or the alias that is asked for, if there is such a one."""
    asked = request.POST.get("qualifier") or request.GET.get("qualifier") or LATEST
    return asked if version.function.aliases.filter(name=asked).exists() else LATEST


def url_of(version: FunctionVersion, qualifier: str) -> FunctionUrl | None:
    """The URL of $LATEST or of the alias."""
    return version.function.urls.select_related("function").filter(qualifier=qualifier, alias_is_gone=False).first()


def context(request: DashboardRequest, version: FunctionVersion) -> dict[str, Any]:
    """Everything of one qualifier."""
    qualifier = qualifier_of(request, version)
    url, own = url_of(version, qualifier), set(version.function.urls.filter(alias_is_gone=False).values_list("qualifier", flat=True))
    aliases = version.function.aliases.order_by("name").values_list("name", flat=True)
    found: dict[str, Any] = {
        "qualifiers": [(each, each in own) for each in (LATEST, *aliases)],
        "qualifier": qualifier,
        "function_url": url,
        "form": UrlForm.of(url),
        "request_form": request_form(request),
        "has_vpc": bool((version.stored_options.get("VpcConfig") or {}).get("SubnetIds")),
    }
    if url is None:
        return found
    endpoint = endpoint_url(request)
    address = address_of(url.url_id, endpoint)
    cors = url.cors or {}
    return found | {
        "url_address": address,
        "metrics": url_metrics.of(url),
        "path_form": path_form_of(url.url_id, endpoint),
        "missing": function_urls.missing_public(url) if url.auth_type == "NONE" else [],
        "is_open_wrongly": bool(cors.get("AllowCredentials")) and "*" in (cors.get("AllowOrigins") or ()),
        "curl": HttpCall(address).curl(),
    }


def request_form(request: DashboardRequest, data: Any = None) -> RequestForm:
    """The small HTTP client's form."""
    return RequestForm(data, choices={"sign_as": signers(request.account.account_id)})
