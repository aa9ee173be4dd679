"""What is changed on a page is in the trail too: as the account's root did it, with the call that does the same over the API.

A form that worked is noted by the call that its view makes (`made`, `note`) or tells the reader (`last_change.done`), else by its
address; one that was
refused is shown to who sent it, and changes nothing.
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from invocations.models import Account
from invocations.trail import names, stream
from invocations.trail.events import Happened
from invocations.values import Principal, new_request_id
from playground.dashboard.api_call import ApiCall
from playground.endpoint.services import model_of
from playground.endpoint.trail import resources_of, shown

_FUNCTION: Final[Mapping[str, str]] = {
    "function-create": "CreateFunction",
    "function-delete": "DeleteFunction",
    "function-deploy": "UpdateFunctionCode",
    "function-remove-file": "UpdateFunctionCode",
    "function-upload": "UpdateFunctionCode",
    "function-restore": "UpdateFunctionCode",
    "playground-deploy": "UpdateFunctionCode",
    "playground-reset": "UpdateFunctionCode",
    "function-publish": "PublishVersion",
    "function-delete-version": "DeleteFunction",
    "function-delete-alias": "DeleteAlias",
    "function-async-remove": "DeleteFunctionEventInvokeConfig",
    "function-recursion": "PutFunctionRecursionConfig",
    "function-url-delete": "DeleteFunctionUrlConfig",
    "function-permission-remove": "RemovePermission",
}
"""Name of an address -> Lambda's operation, where the view does not say itself what it calls (`made`)."""
_KINDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "queues": ("sqs", "Queue", "QueueName"),
    "topics": ("sns", "Topic", "Name"),
    "buses": ("events", "EventBus", "Name"),
    "schedules": ("scheduler", "Schedule", "Name"),
    "buckets": ("s3", "Bucket", "Bucket"),
}
"""Of a resource's address -> service, what its operations end in, and the member with its name."""
_CHANGES: Final = {"resource-kind": "Create", "resource-delete": "Delete"}
_FIELDS: Final = {"qualifier": "Qualifier", "alias": "Name", "number": "Qualifier", "sid": "StatementId"}
Next = Callable[[HttpRequest], HttpResponse]


made: ContextVar[ApiCall | None] = ContextVar("made", default=None)
"""The call that the view at work is making, where it makes one of the API's."""
_beside: ContextVar[tuple[ApiCall, ...]] = ContextVar("beside", default=())


_call_id: ContextVar[str] = ContextVar("call_id", default="")
"""The request id of that call."""


def call_id() -> str:
    """The request id of the call that the view at work makes: what it sets off names it, as it does where a program calls."""
    if not _call_id.get():
        _call_id.set(new_request_id())
    return _call_id.get()


def note(call: ApiCall) -> None:
    """Has *call* noted beside what the form itself does: a permission that was missing for it."""
    _beside.set((*_beside.get(), call))


class ConsoleTrailMiddleware:
    """Notes what a page's form has done."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        made.set(None)
        _beside.set(())
        _call_id.set("")
        response = self.get_response(request)
        if request.method == "POST" and response.status_code < 400 and hasattr(request, "account"):
            call = getattr(request, "api_call", None) or made.get() or _call(request)
            account: Account = request.account
            for each in (*_beside.get(), *([call] if call is not None else ())):
                if names.is_management(each.service, each.operation):
                    stream.put_now(_happened(request, account.account_id, each, new_request_id()))
                elif account.records_messages and names.is_message(each.service, each.operation):
                    stream.put_now(_happened(request, account.account_id, each, call_id()))
        return response


def _call(request: HttpRequest) -> ApiCall | None:
    """The call that the address stands for."""
    match = request.resolver_match
    name, parts = (match.url_name or "", match.kwargs) if match is not None else ("", {})
    if name in _FUNCTION:
        told = {field: parts.get(key) or request.POST.get(key, "") for key, field in _FIELDS.items()}
        members = {"FunctionName": parts.get("name") or request.POST.get("name") or request.POST.get("fn", ""), **told}
        return ApiCall("lambda", _FUNCTION[name], {key: value for key, value in members.items() if value})
    if name in _CHANGES and parts.get("slug") in _KINDS:
        service, noun, member = _KINDS[parts["slug"]]
        return ApiCall(service, _CHANGES[name] + noun, {member: parts.get("name") or request.POST.get("name", "")})
    return None


def _happened(request: HttpRequest, account_id: str, call: ApiCall, request_id: str) -> Happened:
    shape = model_of(call.service).operation_model(call.operation).input_shape
    members: dict[str, Any] = dict(call.members)
    return Happened(
        Principal.root(account_id),
        call.service,
        call.operation,
        request_id,
        request.META.get("REMOTE_ADDR", ""),
        f"console.amazonaws.com {request.headers.get('user-agent', '')}"[:512],
        shown(shape, members),
        resources=resources_of(call.service, call.operation, members, account_id),
        extra={"sessionCredentialFromConsole": "true"},
    )
