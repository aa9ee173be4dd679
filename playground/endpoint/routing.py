"""Which service a request means, and which of its protocols it speaks."""

import asyncio
import re

from playground.endpoint.protocols import DIALECTS
from playground.endpoint.services import BY_NAME, BY_SIGNING_NAME, BY_TARGET, Service, empty_model, model_of
from playground.endpoint.wire import Dialect, HttpRequest

_CBOR_PATH = re.compile(r"/service/([\w.]+)/operation/\w+/?")
_LAMBDA_PATH = re.compile(r"/20\d\d-\d\d-\d\d/")
_FORM = "application/x-www-form-urlencoded"

UNSIGNED = {"ConfirmSubscription": "sns"}
"""Operations that need no signature, and their services: whoever was sent the token of a subscription may confirm it."""

_dialects: dict[tuple[str, str], Dialect] = {}


def service_of(request: HttpRequest, signing_name: str | None) -> Service | None:
    """The service: by the credential scope's *signing_name*, else by X-Amz-Target, else by the path; None if none of ours."""
    service = BY_SIGNING_NAME.get(signing_name) if signing_name is not None else None
    target = request.headers.get("x-amz-target", "").rpartition(".")[0]
    if service is None:
        return BY_TARGET.get(target) or _by_path(request.path) or _by_action(request)
    if service.name == "dynamodb":
        return BY_TARGET.get(target, service) if target.startswith("DynamoDB") else service
    if service.name == "apigateway" and request.path.startswith("/v2/"):
        return BY_NAME["apigatewayv2"]
    return service


def protocol_of(service: Service, request: HttpRequest) -> str:
    """The protocol that the request is written in, of those that the service speaks."""
    spoken = service.protocols
    if len(spoken) > 1:
        if "smithy-protocol" in request.headers and "smithy-rpc-v2-cbor" in spoken:
            return "smithy-rpc-v2-cbor"
        if "x-amz-target" in request.headers and "json" in spoken:
            return "json"
        if "query" in spoken and is_form(request):
            return "query"
    return spoken[0]


def dialect_at_hand(service: Service, protocol: str) -> Dialect | None:
    """The service's dialect, if its model has been loaded."""
    return _dialects.get((service.name, protocol))


async def dialect_of(service: Service, protocol: str) -> Dialect:
    """The service's dialect; its model is loaded in a thread."""
    return await asyncio.to_thread(load, service, protocol)


def load(service: Service, protocol: str) -> Dialect:
    """Loads the service's model and makes its dialect."""
    return _dialects.setdefault((service.name, protocol), DIALECTS[protocol](model_of(service.name)))


def stranger(request: HttpRequest) -> Dialect:
    """A dialect in which to answer a request for a service that is not here."""
    protocol = "query" if is_form(request) else "json" if "x-amz-target" in request.headers else "rest-json"
    return _dialects.setdefault(("", protocol), DIALECTS[protocol](empty_model(protocol)))


def is_form(request: HttpRequest) -> bool:
    """Whether the parameters stand in a form, or in the query string as a form's would."""
    return request.headers.get("content-type", "").startswith(_FORM) or "Action=" in request.query_string


def _by_action(request: HttpRequest) -> Service | None:
    """The service of an unsigned query that needs no signature."""
    name = UNSIGNED.get(next(iter(request.query.get("Action", ())), ""))
    return BY_NAME[name] if name is not None else None


def _by_path(path: str) -> Service | None:
    match = _CBOR_PATH.fullmatch(path)
    if match is not None:
        return BY_TARGET.get(match[1])
    return BY_SIGNING_NAME["lambda"] if _LAMBDA_PATH.match(path) else None
