"""Pages, and for htmx fragments, of what went wrong: what failed, AWS's name for it, the request id, and what to do next."""

import logging
import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from invocations.errors import AwsError

log = logging.getLogger(__name__)

NEXT_STEPS = {
    "ResourceNotFoundException": "It may have been deleted or renamed. The lists show what there is.",
    "ServiceException": "The service starts again by itself within seconds. Nothing that was accepted is lost.",
    "TooManyRequestsException": "Wait for running invocations to end, or raise the limit that the reason names.",
    "ResourceConflictException": "Something else changed it meanwhile, or the name is taken. Look at it again, then repeat.",
    "CodeStorageExceededException": "Delete functions or versions that are no longer needed.",
}
"""AWS's error -> what a person can do about it."""


def aws_error(request: HttpRequest, error: AwsError) -> HttpResponse:
    """An error as AWS names it, with its sentence."""
    return _show(request, error.http_status, error.code, error.message or "AWS gives no message for this.", NEXT_STEPS.get(error.code, ""))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: a request that no page of ours sends."""
    return _show(request, 400, "Bad request", "The server cannot make sense of this request.", "Go back, load the page anew and repeat.")


def denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return _show(request, 403, "Denied", str(exception or "") or "This is not allowed.", "")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: an address nobody has, or a thing that is not there."""
    reason = exception.args[0] if exception.args and isinstance(exception.args[0], str) else "There is no page at this address."
    return _show(request, 404, "Not found", reason, "The address may be mistyped, or what it showed was deleted.")


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our own mistake. The log has the traceback under the same id."""
    return _show(request, 500, "The dashboard failed", "The page could not be made. The web process's log says why.", "Try again.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form's token does not fit the cookie."""
    sentence = "This form was not sent from a page of this dashboard, or the page is older than your cookies."
    return _show(request, 403, "Form refused", sentence, "Go back, load the page anew and send the form again.")


def _show(request: HttpRequest, status: int, name: str, sentence: str, next_step: str) -> HttpResponse:
    request_id = getattr(request, "request_id", None) or str(uuid.uuid4())
    if status >= 500:
        log.error("%s %s answered %d %s (request id %s)", request.method, request.path, status, name, request_id)
    context = {"status": status, "name": name, "sentence": sentence, "next_step": next_step, "failed_request_id": request_id}
    is_fragment = bool(getattr(request, "htmx", False)) and not request.htmx.boosted  # type: ignore[attr-defined]
    template = "dashboard/error.html" + ("#error" if is_fragment else "")
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "no-store"
    return response
