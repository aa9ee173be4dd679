"""Function URLs: a request becomes an event, the function's response an answer. What is allowed is decided in `invocations`."""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection
from typing import Any, Final

from django.conf import settings

from invocations import catalogue, fast_json, limits
from invocations.authorize import INVOKE_FUNCTION
from invocations.catalogue import UrlSnapshot
from invocations.errors import AccessDeniedException, AwsError, RequestEntityTooLargeException
from invocations.invoke import invoke, reject
from invocations.resources import access_keys
from invocations.run import Streaming
from invocations.values import InvokeRequest, InvokeResult, Principal, new_request_id, new_trace_id
from playground.endpoint import edges, sigv4
from playground.endpoint.authentication import PrincipalOf, authenticate
from playground.endpoint.bodies import Disconnected, Receive, read_body
from playground.endpoint.refusals import Reason, Refused
from playground.endpoint.request_context import keys_of_http
from playground.endpoint.response_stream import ResponseStream
from playground.endpoint.services import BY_NAME
from playground.endpoint.wire import BrokenOff, HeaderPairs, HttpAnswer, HttpRequest, Malformed, header_value
from playground.front_doors import asked_id, cors, http_event, http_response
from playground.front_doors.addresses import Addressed
from playground.front_doors.answered import FORBIDDEN, TOO_LARGE, Answered
from playground.front_doors.http_response import BODILESS, BadResponse
from playground.front_doors.prelude import CONTENT_TYPE, Prelude

log = logging.getLogger(__name__)

INVOKE_FUNCTION_URL: Final = "lambda:InvokeFunctionUrl"
ACTIONS: Final = (INVOKE_FUNCTION_URL, INVOKE_FUNCTION)
"""What a caller of a URL must be allowed; both since October 2025."""
SOURCE: Final = "function-url"
_HELP: Final = "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
_FORBIDDEN: Final = f"Forbidden. For troubleshooting Function URL authorization issues, see: {_HELP}"
_STREAM_TYPE: Final = "application/octet-stream"
DASHBOARD_COOKIES: Final = frozenset({settings.CSRF_COOKIE_NAME, settings.SESSION_COOKIE_NAME, "theme", "contrast", "keys", "last-change"})
_running: set["asyncio.Task[InvokeResult]"] = set()
"""What goes on though its client may have left."""


async def answer(request: HttpRequest, addressed: Addressed, receive: Receive, principal_of: PrincipalOf | None) -> HttpAnswer:
    """Answers one request to a function URL. Raises Disconnected while the request is still on its way."""
    request_id = asked_id.take(request.headers) or new_request_id()
    trace_id = request.headers.get("x-amzn-trace-id") or new_trace_id()
    url = await catalogue.url(addressed.url_id)
    if url is None:
        found = _refusal("AccessDeniedException", None, 403)
    elif url.cors is not None and cors.is_preflight(request.method, request.headers):
        found = HttpAnswer(200, b"", cors.preflight_headers(url.cors, request.headers["origin"]))
    else:
        found = await _Exchange(request, addressed, url, request_id, trace_id).answer(receive, principal_of)
        if url.cors is not None and "origin" in request.headers:
            found.headers += cors.answer_headers(url.cors, request.headers["origin"])
    found.headers += [(b"x-amzn-requestid", request_id.encode()), (b"x-amzn-trace-id", header_value(trace_id))]
    if addressed.is_by_path:
        found.headers.append(edges.SANDBOX)
    return found


class _Exchange:
    """One request to a URL that exists, and its answer."""

    def __init__(self, request: HttpRequest, addressed: Addressed, url: UrlSnapshot, request_id: str, trace_id: str) -> None:
        self._request = request
        self._addressed = addressed
        self._url = url
        self._request_id = request_id
        self._trace_id = trace_id
        self._hidden: Collection[str] = DASHBOARD_COOKIES if addressed.is_by_path else ()

    async def answer(self, receive: Receive, principal_of: PrincipalOf | None) -> HttpAnswer:
        """Authenticates, invokes, and answers; every refusal is an answer too."""
        url = self._url
        try:
            self._request.body = await read_body(receive, self._request.headers, "lambda", "InvokeFunction")
            if len(self._request.body) > limits.SYNC_PAYLOAD:
                raise RequestEntityTooLargeException("")
            if url.alias_is_gone:
                raise AccessDeniedException("")
            principal = await self._known(principal_of)
            if url.invoke_mode == "RESPONSE_STREAM":
                return await self._streamed(principal)
            return await self._buffered(principal)
        except FORBIDDEN:
            return _refusal("AccessDeniedException", _FORBIDDEN, 403)
        except TOO_LARGE:
            message = f"Request must be smaller than {limits.SYNC_PAYLOAD} bytes for the InvokeFunction operation"
            return _refusal("RequestEntityTooLargeException", message, 413)
        except Refused as refused:
            error = refused.as_error("json")
            return _refusal(error.code, error.message, error.http_status)
        except Malformed as malformed:
            return _refusal("InvalidRequestException", str(malformed), 400)
        except BadResponse as bad:
            return _internal_server_error(str(bad))
        except AwsError as error:
            found = _refusal(error.code, error.message, error.http_status, **error.members)
            found.headers += [(name.encode(), header_value(value)) for name, value in error.headers.items()]
            return found
        except Disconnected:
            raise
        except Exception:  # outermost: whoever asks must get an answer
            log.exception("request %s to the function URL %s failed", self._request_id, url.url_id)
            return _refusal("ServiceException", "The AWS Lambda service encountered an internal error.", 500)

    async def _known(self, principal_of: PrincipalOf | None) -> Principal:
        """Who asks. A caller who is refused for the signature alone is in the journal too. Raises as `_principal` does."""
        try:
            return await self._principal(principal_of)
        except Refused as refused:
            reject(self._invoke_request(Principal.anonymous()), refused.as_error("json"))
            raise
        except AccessDeniedException:
            unsigned = AccessDeniedException("The request is not signed, and the AuthType of the function URL is AWS_IAM.")
            reject(self._invoke_request(Principal.anonymous()), unsigned)
            raise

    async def _principal(self, principal_of: PrincipalOf | None) -> Principal:
        """Who asks. Raises Refused for a signature that is wrong, AccessDeniedException where one is missing."""
        if self._url.auth_type == "NONE":
            return Principal.anonymous()
        claim = sigv4.read(self._request)
        if claim is None:
            raise AccessDeniedException("")
        if access_keys.is_well_known(claim.credential.access_key_id):
            # Any page of the web knows these keys and could sign with them in its reader's browser.
            reason = edges.refusal(self._request.headers, is_presigned=claim.expires_in is not None)
            if reason is not None:
                raise Refused(Reason.UNKNOWN_KEY, reason)
        return await authenticate(self._request, claim, BY_NAME["lambda"], principal_of)

    def _start(self, principal: Principal, answered: Answered, streaming: Streaming | None = None) -> "asyncio.Task[InvokeResult]":
        """The invocation, which goes on when the client leaves."""
        keys = keys_of_http(self._request.headers, self._request.source_ip, is_secure=self._request.scheme == "https")
        keys |= {"lambda:functionurlauthtype": self._url.auth_type, "lambda:invokedviafunctionurl": "true"}
        request = self._invoke_request(principal)
        running = asyncio.create_task(invoke(request, principal, streaming, keys, ACTIONS, answered.status))
        _running.add(running)
        running.add_done_callback(_running.discard)
        return running

    def _invoke_request(self, principal: Principal) -> InvokeRequest:
        event = http_event.event_of(self._request, self._addressed, principal, self._request_id, self._trace_id, hidden=self._hidden)
        return InvokeRequest(
            account_id=self._url.account_id,
            function_name=self._url.function_name,
            payload=fast_json.dumps(event),
            qualifier=self._url.qualifier,
            request_id=self._request_id,
            trace_id=self._trace_id,
            source=SOURCE,
            source_ip=self._request.source_ip,
            user_agent=self._request.headers.get("user-agent", ""),
        )

    async def _buffered(self, principal: Principal) -> HttpAnswer:
        answered = Answered(is_streamed=False, hidden=self._hidden)
        await asyncio.shield(self._start(principal, answered))
        if isinstance(answered.buffered, BadResponse):
            raise answered.buffered
        return answered.buffered or _internal_server_error()

    async def _streamed(self, principal: Principal) -> HttpAnswer:
        """The head as soon as it is known; the body goes on behind it."""
        stream, types, answered = ResponseStream(), [""], Answered(is_streamed=True)

        def begin(content_type: str) -> None:
            types[0] = content_type
            answered.begins(content_type)

        async def write(piece: bytes) -> None:
            answered.passes(piece)
            await stream.write(piece)

        running = self._start(principal, answered, Streaming(write, begin))
        running.add_done_callback(lambda _: stream.end())
        try:
            first = await stream.next_piece()
            content_type = types[0]
            if content_type.partition(";")[0].strip().lower() != CONTENT_TYPE:
                if first is None:
                    return await self._over_at_once(running, content_type)
                return HttpAnswer(200, _pieces(first, stream, running), [(b"content-type", header_value(content_type or _STREAM_TYPE))])
            head, begun = await _prelude(first, stream, running)
            status, headers = http_response.head_of(head, _STREAM_TYPE, self._hidden)
        except BaseException:
            stream.abandon()
            raise
        if status in BODILESS:
            stream.abandon()  # or the function would wait for a reader for ever
            return HttpAnswer(status, b"", headers)
        return HttpAnswer(status, _pieces(begun, stream, running), headers)

    async def _over_at_once(self, running: "asyncio.Task[InvokeResult]", content_type: str) -> HttpAnswer:
        """An invocation that wrote nothing: refused, failed, or with an empty response."""
        result = await running
        if result.function_error:
            return _internal_server_error()
        return HttpAnswer(200, result.payload, [(b"content-type", header_value(content_type or _STREAM_TYPE))])


async def _prelude(piece: bytes | None, stream: ResponseStream, running: "asyncio.Task[InvokeResult]") -> tuple[dict[str, Any], bytes]:
    """The prelude and the beginning of the body. Raises BadResponse, and what the invocation raises."""
    prelude = Prelude()
    while piece is not None:
        found = prelude.feed(piece)
        if found is not None:
            return found
        piece = await stream.next_piece()
    await running
    raise BadResponse("the stream ended within its prelude")


async def _pieces(piece: bytes | None, stream: ResponseStream, running: "asyncio.Task[InvokeResult]") -> AsyncIterator[bytes]:
    """The body. Raises BrokenOff where the function failed behind the head of its answer."""
    try:
        while piece is not None:
            if piece:
                yield piece
            piece = await stream.next_piece()
    finally:
        stream.abandon()
    try:
        result = await running
    except AwsError as error:
        raise BrokenOff(error.message or error.code) from None
    if result.function_error:
        raise BrokenOff("the function failed")


def _refusal(code: str, message: str | None, status: int, **members: Any) -> HttpAnswer:
    """An answer of Lambda's own. Capital "Message" in what is forbidden, small in all else, as AWS has it."""
    name = "Message" if status == 403 else "message"
    told = {**members, **({"Type": "User"} if status == 429 else {}), name: message}
    headers: HeaderPairs = [(b"content-type", b"application/json"), (b"x-amzn-errortype", code.encode())]
    return HttpAnswer(status, http_response.as_text(told).encode(), headers)


def _internal_server_error(reason: str = "") -> HttpAnswer:
    """What a caller sees of a function that failed. *reason* is told in a header of this playground's own."""
    headers: HeaderPairs = [(b"content-type", b"application/json")]
    if reason:
        headers.append((b"x-playground-reason", header_value(reason[:300])))
    return HttpAnswer(502, b"Internal Server Error", headers)
