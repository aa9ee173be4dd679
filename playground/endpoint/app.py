"""The AWS endpoint: a plain ASGI application. Which service and operation is meant, who asks, and the answer.

A request goes: edges -> service and protocol -> body -> signature -> members -> operation -> answer.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from typing import Any

import redis

from invocations.errors import AccessDeniedException, AwsError, NotImplementedHere, aws_error
from invocations.resources import access_keys
from invocations.services.s3 import Upload
from invocations.values import Principal, new_request_id
from playground.endpoint import caller_rates, edges, local, operations, permissions, registry, routing, sigv2, sigv4, trail, uploads
from playground.endpoint.authentication import PrincipalOf, authenticate, authenticate_head
from playground.endpoint.bodies import Disconnected, Receive, read_body
from playground.endpoint.refusals import Reason, Refused
from playground.endpoint.registry import Call
from playground.endpoint.services import Service
from playground.endpoint.sigv4 import Claim
from playground.endpoint.threads import in_thread
from playground.endpoint.validation import summary
from playground.endpoint.wire import TLS, BrokenOff, Dialect, HttpAnswer, HttpRequest, Malformed, header_value
from playground.front_doors import addresses, function_url

log = logging.getLogger(__name__)

_LENGTHLESS = (204, 304)


Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def application(principal_of: PrincipalOf | None = None) -> Application:
    """The endpoint. With *principal_of* it is the one that functions see: every caller on its connections is the principal that
    it gives unless the call is signed with credentials of somebody else, and `/_playground/` does not exist."""
    operations.load()
    return Endpoint(principal_of)


class Endpoint:
    """Answers HTTP requests as AWS does."""

    def __init__(self, principal_of: PrincipalOf | None = None) -> None:
        self._principal_of = principal_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        if scope["type"] != "http":
            return
        request = request_of(scope)
        try:
            addressed = addresses.read(request.host, request.path)
            if addressed is not None:
                answer = await function_url.answer(request, addressed, receive, self._principal_of)
            elif request.path.startswith(local.PREFIX) and self._principal_of is None:
                answer = await local.answer(request, receive)
            else:
                answer = await self._answer(request, receive)
        except Disconnected:
            return
        await respond(answer, request, receive, send)

    async def _answer(self, request: HttpRequest, receive: Receive) -> HttpAnswer:
        request_id = new_request_id()
        try:
            claim, refused = sigv4.read(request) or sigv2.read(request), None
        except Refused as refusal:
            claim, refused = None, refusal
        service = routing.service_of(request, claim.credential.service if claim is not None else sigv4.named_service(request))
        if service is None:
            dialect = routing.stranger(request)
        else:
            protocol = routing.protocol_of(service, request)
            dialect = routing.dialect_at_hand(service, protocol) or await routing.dialect_of(service, protocol)
        heard = trail.Heard()
        try:
            if refused is not None:
                raise refused
            answer = await self._perform(request, receive, claim, service, dialect, request_id, heard)
        except AwsError as error:
            heard.error = error
            answer = dialect.error(error, request_id)
            answer.headers = answer.headers + [(name.encode(), header_value(value)) for name, value in error.headers.items()]
        except Refused as refused:
            heard.error, heard.is_unproven = refused.as_error(dialect.protocol), True
            answer = dialect.error(heard.error, request_id)
        except Malformed as malformed:
            heard.error = aws_error(dialect.malformed_code, str(malformed))
            answer = dialect.error(heard.error, request_id)
        except RecursionError:
            heard.error = aws_error(dialect.malformed_code, "The request is nested too deeply.")
            answer = dialect.error(heard.error, request_id)
        except Disconnected:
            raise
        except Exception:
            log.exception("request %s: %s %s failed", request_id, request.method, request.path)
            heard.error = _internal_failure(service)
            answer = dialect.error(heard.error, request_id)
        try:
            await heard.keep()
        except redis.RedisError:
            log.exception("request %s: its record could not be kept", request_id)
            answer = dialect.error(_internal_failure(service), request_id)
        answer.headers += dialect.identify(request_id)
        if request.is_unread:
            await uploads.drain(receive, request)
        return answer

    async def _perform(
        self,
        request: HttpRequest,
        receive: Receive,
        claim: Claim | None,
        service: Service | None,
        dialect: Dialect,
        request_id: str,
        heard: trail.Heard,
    ) -> HttpAnswer:
        if claim is None and (service is None or service.name not in routing.UNSIGNED.values()):
            raise Refused(Reason.MISSING)
        reason = edges.refusal(
            request.headers,
            is_presigned=claim is None or claim.expires_in is not None,
            is_well_known=claim is not None and access_keys.is_well_known(claim.credential.access_key_id),
        )
        if reason is not None:
            raise AccessDeniedException(reason)
        if service is None:
            assert claim is not None
            raise NotImplementedHere(f"This playground has no service {claim.credential.service}.")
        if dialect.needs_body_to_route:
            request.body = await read_body(receive, request.headers, service.name, "")
        meant = dialect.operation_of(request)
        name, labels = meant if meant is not None else ("", {})
        operation = registry.find(service.name, name)
        if claim is not None and operation is not None:
            heard.attempt = trail.Attempt(service.name, name, claim.credential.access_key_id, labels, request, request_id)
        upload = None
        try:
            if operation is not None and operation.upload:
                principal, upload = await self._receive_upload(request, receive, claim, service)
            else:
                if not dialect.needs_body_to_route:
                    request.body = await read_body(receive, request.headers, service.name, name)
                if claim is None and routing.UNSIGNED.get(name) == service.name:
                    principal = Principal.anonymous()
                else:
                    principal = await authenticate(request, claim, service, self._principal_of)
                if service.name == "s3":
                    uploads.verify_body(request, name)
            if meant is None:
                raise _unknown_operation(dialect)
            if operation is None:
                raise NotImplementedHere(f"The operation {name} of {service.name} exists on AWS, but not in this playground.")
            plan = dialect.plan(name)
            members = plan.read(request, labels)
            if upload is not None:
                members[operation.upload] = upload
            call = Call(
                principal,
                service.name,
                name,
                members,
                request_id,
                request.headers,
                request.source_ip,
                f"{request.scheme}://{request.host}",
            )
            heard.call, heard.model = call, plan.operation
            if service.validation_error:
                problems = plan.problems(members)
                if problems:
                    raise aws_error(service.validation_error, summary(problems))
            await caller_rates.check(call)
            await permissions.check(call)
            output = await operation.function(call) if operation.is_async else await in_thread(operation.function, call)
        finally:
            if upload is not None:
                upload.discard()
        heard.output = output
        answer = plan.write(output or {}, request_id)
        if call.status is not None:
            answer.status = call.status
        return answer

    async def _receive_upload(
        self, request: HttpRequest, receive: Receive, claim: Claim | None, service: Service
    ) -> tuple[Principal, Upload]:
        """Who sends a body of any size, which is read only once that is known; and the body."""
        request.is_unread = True
        if claim is None:
            raise Refused(Reason.MISSING)
        principal, secret = await authenticate_head(request, claim, service, self._principal_of)
        return principal, await uploads.receive_upload(receive, request, claim, secret)


def request_of(scope: Scope) -> HttpRequest:
    """What the protocols need of an ASGI scope."""
    raw_headers = scope["headers"]
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw_headers}
    if len(headers) < len(raw_headers):
        headers = _joined(raw_headers)
    client = scope.get("client")
    return HttpRequest(
        scope["method"],
        scope["raw_path"].decode("latin-1"),
        scope["query_string"].decode("latin-1"),
        headers,
        source_ip=client[0] if client else "",
        scheme=scope["scheme"],
        tls=scope.get("extensions", {}).get(TLS),
    )


def _joined(raw_headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in raw_headers:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        separator = "; " if name == "cookie" else ","
        headers[name] = f"{headers[name]}{separator}{value}" if name in headers else value
    return headers


async def respond(answer: HttpAnswer, request: HttpRequest, receive: Receive, send: Send) -> None:
    """Sends an answer; a stream is broken off when the client goes away."""
    body, headers = answer.body, answer.headers
    if answer.status == 413 or request.is_unread:
        headers.append((b"connection", b"close"))
    if isinstance(body, bytes | bytearray):
        if answer.status not in _LENGTHLESS and not (request.method == "HEAD" and any(name == b"content-length" for name, _ in headers)):
            headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    sending = asyncio.create_task(_send_pieces(body, send))
    leaving = asyncio.create_task(_until_disconnected(receive))
    try:
        await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        leaving.cancel()
        sending.cancel()
    try:
        await sending
    except asyncio.CancelledError:
        log.debug("the client left in the middle of %s %s", request.method, request.path)
    except BrokenOff as broken_off:
        # Without its last chunk the answer is seen to be incomplete: the server closes the connection.
        log.warning("%s %s was broken off: %s", request.method, request.path, broken_off)


async def _send_pieces(pieces: AsyncIterator[bytes], send: Send) -> None:
    try:
        async for piece in pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        close = getattr(pieces, "aclose", None)
        if close is not None:
            await close()


async def _until_disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _internal_failure(service: Service | None) -> AwsError:
    if service is not None and service.name == "lambda":
        return aws_error("ServiceException", "The AWS Lambda service encountered an internal error.", 500)
    code = "InternalError" if service is not None and service.name == "s3" else "InternalFailure"
    return aws_error(code, "We encountered an internal error. Please try again.", 500)


def _unknown_operation(dialect: Dialect) -> AwsError:
    if dialect.protocol == "query":
        return aws_error("InvalidAction", "The action or operation requested is invalid.")
    return aws_error("UnknownOperationException", "The requested operation is not recognized by the service.", 404)
