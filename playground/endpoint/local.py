"""What this server offers beside AWS's APIs, under `/_playground/`: a table of routes that other modules add to."""

import json
import logging
import re
import tomllib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from inspect import iscoroutinefunction
from typing import Any, TypeVar

from django.conf import settings

from invocations import account_clock
from invocations.errors import AwsError, ValidationException, aws_error
from invocations.models.account import DEFAULT_ACCOUNT_ID
from invocations.resources import accounts
from playground import health as playground_health
from playground.endpoint import edges, sigv4
from playground.endpoint.authentication import authenticate
from playground.endpoint.bodies import Disconnected, Receive, read_body
from playground.endpoint.refusals import Refused
from playground.endpoint.services import BY_NAME, BY_SIGNING_NAME
from playground.endpoint.threads import in_thread
from playground.endpoint.wire import HttpAnswer, HttpRequest, Malformed, header_value

log = logging.getLogger(__name__)

PREFIX = "/_playground/"

health_of_service: Callable[[], Mapping[str, Any]] | None = None
"""Set by the process that runs invocations: what works in it."""


@dataclass(slots=True)
class LocalRequest:
    """One request to a local route."""

    method: str
    path: str
    parts: Mapping[str, str]
    """What stood in the path for the route's {names}."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes = b""
    account_id: str = DEFAULT_ACCOUNT_ID
    """Whose key signed the request; the default account's where it is not signed."""


@dataclass(slots=True)
class LocalAnswer:
    """The answer of a local route."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_json(cls, value: Any, status: int = 200) -> "LocalAnswer":
        """*value* as JSON."""
        return cls(status, json.dumps(value).encode(), {"content-type": "application/json"})


LocalHandler = Callable[[LocalRequest], LocalAnswer | Awaitable[LocalAnswer]]
"""A plain function runs in a thread, where the ORM is allowed; a coroutine function on the loop."""
_H = TypeVar("_H", bound=LocalHandler)


@dataclass(frozen=True, slots=True)
class LocalRoute:
    """One method and path, e.g. GET /_playground/code/{token}."""

    method: str
    pattern: re.Pattern[str]
    handler: LocalHandler


_routes: list[LocalRoute] = []


def local_route(method: str, path: str) -> Callable[[_H], _H]:
    """Registers a function for *method* and *path*; `{name}` stands for one segment and is found in `request.parts`."""

    def register(handler: _H) -> _H:
        literal = re.split(r"\{(\w+)\}", path)
        expression = "".join(f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(literal))
        _routes.append(LocalRoute(method, re.compile(expression), handler))
        return handler

    return register


def find(method: str, path: str) -> tuple[LocalHandler, dict[str, str]] | None:
    """The handler for a request and its path's parts, or None."""
    for route in _routes:
        match = route.pattern.fullmatch(path)
        if match is not None and route.method == method:
            return route.handler, match.groupdict()
    return None


async def answer(request: HttpRequest, receive: Receive) -> HttpAnswer:
    """Answers one request below `/_playground/`. Raises Disconnected."""
    found = await _answer(request, receive)
    headers = [(name.lower().encode(), header_value(value)) for name, value in found.headers.items()]
    return HttpAnswer(found.status, found.body, headers)


async def _answer(request: HttpRequest, receive: Receive) -> LocalAnswer:
    reason = edges.refusal(request.headers, is_local_route=True)
    if reason is not None:
        return LocalAnswer.of_json({"message": reason}, 403)
    found = find(request.method, request.path)
    if found is None:
        return LocalAnswer.of_json({"message": f"There is no {request.method} {request.path} here."}, 404)
    handler, parts = found
    try:
        request.body = await read_body(receive, request.headers, "", "")
        account_id = await _account_of(request)
        query = {name: values[0] for name, values in request.query.items()}
        call = LocalRequest(request.method, request.path, parts, query, request.headers, request.body, account_id)
        outcome: Any = await handler(call) if iscoroutinefunction(handler) else await in_thread(handler, call)
    except AwsError as error:
        return LocalAnswer.of_json({"code": error.code, "message": error.message}, error.http_status)
    except Disconnected:
        raise
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return LocalAnswer.of_json({"message": "We encountered an internal error. Please try again."}, 500)
    assert isinstance(outcome, LocalAnswer)
    return outcome


async def _account_of(request: HttpRequest) -> str:
    """The account whose key signed the request, for whichever service. Raises AwsError where the signature is wrong."""
    try:
        claim = sigv4.read(request)
        if claim is None:
            return DEFAULT_ACCOUNT_ID
        service = BY_SIGNING_NAME.get(claim.credential.service, BY_NAME["lambda"])
        return (await authenticate(request, claim, service)).account_id
    except Refused as refused:
        raise refused.as_error("json") from None
    except Malformed as malformed:
        raise aws_error("InvalidRequestException", str(malformed)) from None


@local_route("GET", "/_playground/health")
async def health(request: LocalRequest) -> LocalAnswer:
    """What works and what does not, per process; 503 where something does not."""
    if health_of_service is None:
        return LocalAnswer.of_json({"status": "starting"}, 503)
    others = {"worker": playground_health.seen("worker"), "web": playground_health.seen("web")}
    status, body = await playground_health.report({"service": health_of_service()}, others)
    return LocalAnswer.of_json(body, status)


@local_route("GET", "/_playground/version")
async def version(request: LocalRequest) -> LocalAnswer:
    """Which version of this server it is."""
    return LocalAnswer.of_json({"version": product_version()})


@local_route("POST", "/_playground/reset")
def reset(request: LocalRequest) -> LocalAnswer:
    """Deletes everything of the account, and gives it its ready-made functions again."""
    accounts.reset(request.account_id)
    return LocalAnswer.of_json({"account": request.account_id})


@local_route("GET", "/_playground/clock")
def clock(request: LocalRequest) -> LocalAnswer:
    """The account's clock: {"rate", "paused", "now", "next"}; both times in epoch seconds, "next" null where nothing waits."""
    return LocalAnswer.of_json(account_clock.as_json(request.account_id))


@local_route("PUT", "/_playground/clock")
def set_clock(request: LocalRequest) -> LocalAnswer:
    """Takes {"rate": 60}, {"paused": true}, {"skip": "next"}, or several of them, which act at once. Answers as GET does."""
    account_clock.change(request.account_id, **_clock_change(request.body))
    return clock(request)


def _clock_change(body: bytes) -> dict[str, Any]:
    """The arguments of account_clock.change. Raises ValidationException with what is wrong, in a sentence."""
    try:
        wanted = json.loads(body)
    except (ValueError, RecursionError):
        raise ValidationException('The body must be JSON, such as {"rate": 60}.') from None
    if not isinstance(wanted, dict) or not wanted or wanted.keys() - {"rate", "paused", "skip"}:
        raise ValidationException('The body must be an object with "rate", "paused" or "skip", or several of them.')
    if "rate" in wanted and type(wanted["rate"]) is not int:
        raise ValidationException(f'"rate" must be one of the numbers {", ".join(map(str, account_clock.RATES))}.')
    if "paused" in wanted and type(wanted["paused"]) is not bool:
        raise ValidationException('"paused" must be true or false.')
    if wanted.get("skip", "next") != "next":
        raise ValidationException('"skip" can only be "next": to the next thing that is due.')
    return {**wanted, "skip": "skip" in wanted}


@cache
def product_version() -> str:
    """As pyproject.toml has it."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
    return str(project["version"])
