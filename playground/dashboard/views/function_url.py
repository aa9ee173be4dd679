"""What can be done on a function's URL tab: make, change and delete the URL, open it to everybody, and call it."""

from http.client import HTTPException
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from invocations.arn import LATEST
from invocations.errors import AwsError
from invocations.models import FunctionUrl
from invocations.resources import function_urls
from playground.dashboard import console_trail
from playground.dashboard.api_call import ApiCall
from playground.dashboard.changes import saved, sentence
from playground.dashboard.middleware import policy
from playground.dashboard.url_client import HttpCall, credentials_of, exchange
from playground.dashboard.url_forms import RequestForm, UrlForm
from playground.dashboard.url_tab import qualifier_of, request_form, url_of
from playground.dashboard.views.function_changes import as_called
from playground.dashboard.views.functions import find, render_tab, to_tab
from playground.dashboard.web import DashboardRequest, endpoint_url
from playground.front_doors.addresses import address_of

TAB = "url"
_SPARE_SECONDS = 15
"""How much longer than the function's timeout an answer may take: a cold start."""


@require_POST
def save(request: DashboardRequest, name: str) -> HttpResponse:
    """CreateFunctionUrlConfig where there is none, else UpdateFunctionUrlConfig."""
    version = find(request, name)
    qualifier = qualifier_of(request, version)
    url = url_of(version, qualifier)
    form = UrlForm.of(url, request.POST)

    def put() -> object:
        operation, change = ("CreateFunctionUrlConfig", function_urls.create) if url is None else _UPDATE
        given = form.parameters()
        if url is None and not given["Cors"]:
            del given["Cors"]
        return change(request.account.account_id, name, _alias(qualifier), as_called(operation, {**_named(name, qualifier), **given}))

    if saved(form, put, UrlForm.AWS_NAMES):
        return _back(request, name, qualifier)
    return render_tab(request, version, TAB, 422, form=form)


_UPDATE = ("UpdateFunctionUrlConfig", function_urls.update)


@require_POST
def delete(request: DashboardRequest, name: str) -> HttpResponse:
    """DeleteFunctionUrlConfig."""
    version = find(request, name)
    qualifier = qualifier_of(request, version)
    try:
        function_urls.delete(request.account.account_id, name, _alias(qualifier))
    except AwsError as error:
        return render_tab(request, version, TAB, 422, error=sentence(error))
    return _back(request, name, qualifier)


@require_POST
def open_to_all(request: DashboardRequest, name: str) -> HttpResponse:
    """The public statements that are missing."""
    version = find(request, name)
    qualifier = qualifier_of(request, version)
    try:
        added = function_urls.open_to_all(function_urls.get(request.account.account_id, name, _alias(qualifier)))
    except AwsError as error:
        return render_tab(request, version, TAB, 422, error=sentence(error))
    for members in added:
        console_trail.note(ApiCall("lambda", "AddPermission", {**_named(name, qualifier), **members}))
    return _back(request, name, qualifier)


@require_POST
def send(request: DashboardRequest, name: str) -> HttpResponse:
    """One request to the URL, as the form says."""
    version = find(request, name)
    url = url_of(version, qualifier_of(request, version))
    form = request_form(request, request.POST)
    if url is None or not form.is_valid():
        return render_tab(request, version, TAB, 422, request_form=form)
    call = _call_of(request, url, form)
    shown: dict[str, Any] = {"request_form": form, "curl": call.curl()}
    try:
        shown["exchanged"] = exchange(call, url, version.timeout + _SPARE_SECONDS)
    except (OSError, HTTPException) as error:
        return render_tab(request, version, TAB, 502, **shown, error=f"No answer came: {error or type(error).__name__}.")
    response = render_tab(request, version, TAB, **shown)
    if shown["exchanged"].is_page:
        # The function's own page is shown from its own origin, in a frame that may do nothing to this one.
        frame = call.address.rstrip("/")
        response.headers["Content-Security-Policy"] = f"{policy(request.csp_nonce)}; frame-src {frame}"
    return response


def _call_of(request: DashboardRequest, url: FunctionUrl, form: RequestForm) -> HttpCall:
    data = form.cleaned_data
    return HttpCall(
        address=address_of(url.url_id, endpoint_url(request)),
        method=data["method"],
        path=data["path"],
        headers=data["headers"],
        body=data["body"],
        origin=data["origin"],
        credentials=credentials_of(request.account.account_id, data["sign_as"]),
        signer=data["sign_as"],
    )


def _named(name: str, qualifier: str) -> dict[str, Any]:
    return {"FunctionName": name, **({} if qualifier == LATEST else {"Qualifier": qualifier})}


def _alias(qualifier: str) -> str | None:
    return None if qualifier == LATEST else qualifier


def _back(request: DashboardRequest, name: str, qualifier: str) -> HttpResponse:
    return to_tab(request, name, TAB, "" if qualifier == LATEST else f"?qualifier={quote(qualifier)}")
