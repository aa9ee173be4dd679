"""What the reader has just done, told on the page that follows: a sentence once, and its call in the drawer until the next one.

It travels in a signed cookie: pages keep no sessions, and a plain form is answered with a redirect.
"""

import json

from django.http import HttpResponse
from django.shortcuts import redirect

from playground.dashboard.api_call import ApiCall
from playground.dashboard.call_as import Form
from playground.dashboard.web import DashboardRequest, endpoint_url

COOKIE = "last-change"
MOST_CHARACTERS = 2800
"""Of a call's members as JSON: cookies take about 4000, and signing adds a third."""


def done(request: DashboardRequest, url: str, said: str, call: ApiCall | None = None) -> HttpResponse:
    """The answer to a form that did what it should: on to *url*, where *said* is told."""
    request.api_call = call
    response = redirect(url)
    _keep(request, response, said, call)
    return response


def told(request: DashboardRequest) -> tuple[str, list[Form]]:
    """What is to be told now ("" for nothing new), and the forms of the last call."""
    said, call = _read(request)
    return said, call.forms(request.account.account_id, endpoint_url(request)) if call else []


def forget(request: DashboardRequest, response: HttpResponse) -> HttpResponse:
    """The sentence has been told with *response*; the call stays."""
    said, call = _read(request)
    if said:
        _keep(request, response, "", call)
    return response


def _keep(request: DashboardRequest, response: HttpResponse, said: str, call: ApiCall | None) -> None:
    kept = [said, call.service, call.operation, call.members] if call else [said]
    if len(json.dumps(kept)) > MOST_CHARACTERS:
        kept = [said]
    path = "/".join([*request.path.split("/")[:4], ""])  # of the pages of one sort: /w/<account>/resources/
    response.set_signed_cookie(COOKIE, json.dumps(kept, separators=(",", ":")), path=path, httponly=True, samesite="Lax")


def _read(request: DashboardRequest) -> tuple[str, ApiCall | None]:
    try:
        said, *call = json.loads(request.get_signed_cookie(COOKIE, default='[""]'))
    except ValueError:
        return "", None
    return said, ApiCall(*call) if call else None
