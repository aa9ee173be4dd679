"""An event sent to a function's URL, as the fire panel sends it: POST /, the event as the body, signed where the URL wants that."""

import logging
import threading
from http.client import HTTPException

from invocations.arn import LATEST
from invocations.enums import InvocationState
from invocations.errors import ServiceException
from invocations.models import AccessKey, Function, FunctionUrl
from invocations.values import InvokeRequest
from playground.dashboard.invocation_view import InvocationView
from playground.dashboard.url_client import NOBODY, ROOT, HttpCall, credentials_of, exchange
from playground.front_doors.addresses import address_of
from playground.front_doors.function_url import SOURCE
from playground.front_doors.http_response import BadResponse, answer_of

log = logging.getLogger(__name__)
_SPARE_SECONDS = 15
"""How much longer than the function's timeout an answer may take: a cold start."""


def url_of(function: Function | None, qualifier: str) -> FunctionUrl | None:
    """The URL of $LATEST or of the alias; a version has none."""
    if function is None:
        return None
    return function.urls.select_related("function").filter(qualifier=qualifier or LATEST, alias_is_gone=False).first()


def signer_of(url: FunctionUrl, act_as: str) -> str:
    """Who signs: *act_as*, as the fire panel has it, by the first key of a user. Who has no key signs nothing."""
    if url.auth_type != "AWS_IAM":
        return NOBODY
    if not act_as or ":role/" in act_as:
        return act_as or ROOT
    keys = AccessKey.objects.of(url.function.account_id).filter(status="Active", user_name=act_as.rpartition("/")[2]).order_by("pk")
    return keys.values_list("access_key_id", flat=True).first() or NOBODY if ":user/" in act_as else NOBODY


def call_of(url: FunctionUrl, payload: str, endpoint_url: str, act_as: str = "") -> HttpCall:
    """The HTTP request that carries the event."""
    signer = signer_of(url, act_as)
    credentials = credentials_of(url.function.account_id, signer)
    return HttpCall(address_of(url.url_id, endpoint_url), "POST", body=payload, credentials=credentials, signer=signer)


def send(request: InvokeRequest, url: FunctionUrl, endpoint_url: str, *, wait: bool, act_as: str = "") -> None:
    """Sends it under the request's id. Raises ServiceException where it waits and no answer comes."""
    call = call_of(url, request.payload.decode(), endpoint_url, act_as)
    timeout = max(url.function.versions.values_list("timeout", flat=True), default=3) + _SPARE_SECONDS
    if not wait:
        threading.Thread(target=_send_and_tell, args=(call, url, timeout, request.request_id), daemon=True).start()
        return
    try:
        exchange(call, url, timeout, request.request_id)
    except (OSError, HTTPException) as error:
        raise ServiceException(f"The function URL does not answer: {error or type(error).__name__}.") from error


def _send_and_tell(call: HttpCall, url: FunctionUrl, timeout: float, request_id: str) -> None:
    try:
        exchange(call, url, timeout, request_id)
    except (OSError, HTTPException) as error:
        log.warning("request %s to a function URL has no answer: %s", request_id, error)


def status_of(view: InvocationView) -> int:
    """The status that the HTTP client got, of an invocation that is over."""
    if view.http_status is not None:
        return view.http_status
    # Invocations from before the status was kept.
    if view.state in (InvocationState.REJECTED, InvocationState.THROTTLED):
        return 403 if view.status_code == 404 else view.status_code
    if view.function_error:
        return 502
    try:
        return answer_of(view.response.data).status
    except BadResponse:
        return 502


def is_of_url(view: InvocationView) -> bool:
    """Whether it came in by a function URL."""
    return view.source == SOURCE
