"""A small HTTP client for function URLs: what was sent and what came back, to the letter, and the same as curl."""

import http.client
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from django.conf import settings

from invocations.credentials import issue_session
from invocations.models import AccessKey, FunctionUrl, Role
from invocations.region import REGION
from playground.dashboard.call_as import key_of
from playground.dashboard.permissions.principals import SESSION_NAME
from playground.front_doors import asked_id
from playground.front_doors import cors as cors_rules

NOBODY, ROOT = "", "root"
SESSION_LIFETIME = timedelta(minutes=15)
_MOST_SHOWN = 100_000
"""Bytes of a body."""
_NOT_JOURNALLED = frozenset({"RequestEntityTooLargeException", "InvalidRequestException"})
_IN_A_PATH = "%/?:@!$&'()*+,;=-._~[]"


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One request to one URL."""

    address: str
    """scheme://host:port/"""
    method: str = "GET"
    path: str = "/"
    headers: Sequence[tuple[str, str]] = ()
    body: str = ""
    origin: str = ""
    credentials: Credentials | None = None
    signer: str = NOBODY
    """NOBODY, ROOT, the id of a user's key, or the ARN of a role."""

    @property
    def url(self) -> str:
        """Address and path."""
        return self.address.rstrip("/") + quote(self.path, safe=_IN_A_PATH)

    def sent_headers(self) -> list[tuple[str, str]]:
        """What is sent, with the signature."""
        parts = urlsplit(self.url)
        found = [("Host", parts.netloc), ("User-Agent", "playground"), ("Accept", "*/*"), *self.headers]
        if self.origin:
            found.append(("Origin", self.origin))
        if self.body and not any(name.lower() == "content-type" for name, _ in self.headers):
            found.append(("Content-Type", "application/json"))
        if self.body:
            found.append(("Content-Length", str(len(self.body.encode()))))
        if self.credentials is None:
            return found
        request = AWSRequest(self.method, self.url, data=self.body.encode() or None)
        SigV4Auth(self.credentials, "lambda", REGION).add_auth(request)
        return [*found, *((name, value) for name, value in request.headers.items() if name.lower() not in ("host", "content-length"))]

    def curl(self) -> str:
        """For a shell. Keys of users are not written down: they come from the environment."""
        method = {"GET": [], "HEAD": ["--head"]}.get(self.method, [f"-X {self.method}"])
        lines = [" ".join(["curl -i", *method, shlex.quote(self.url)])]
        headers = [*self.headers, *([("Origin", self.origin)] if self.origin else [])]
        if self.body and not any(name.lower() == "content-type" for name, _ in self.headers):
            headers.append(("Content-Type", "application/json"))
        lines += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in headers]
        if self.credentials is not None:
            user = '"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"'
            if self.signer == ROOT:
                user = f"{self.credentials.access_key}:{self.credentials.secret_key}"
            if self.credentials.token:
                lines.append('-H "X-Amz-Security-Token: $AWS_SESSION_TOKEN"')
            lines.append(f"--aws-sigv4 aws:amz:{REGION}:lambda --user {user}")
        if self.body:
            lines.append(f"--data-raw {shlex.quote(self.body)}")
        return " \\\n  ".join(lines)


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A request and its answer."""

    call: HttpCall
    request_text: str
    response_text: str
    status: int
    reason: str
    request_id: str
    """Of the invocation; empty where there was none."""
    is_page: bool
    """HTML that a browser can be shown by asking once more."""
    readable: str
    """Whether a browser lets a page of the origin read it, in a sentence; empty without an origin."""


def signers(account_id: str) -> list[tuple[str, str]]:
    """(value, label): as whom one can sign."""
    keys = AccessKey.objects.of(account_id).filter(status="Active").exclude(user_name="").order_by("user_name", "pk")
    users = [(key.access_key_id, f"user {key.user_name} ({key.access_key_id})") for key in keys]
    roles = [(role.arn, f"role {role.name}") for role in Role.objects.of(account_id).order_by("name")]
    return [(NOBODY, "nobody"), (ROOT, "the account's root"), *users, *roles]


def credentials_of(account_id: str, signer: str) -> Credentials | None:
    """The keys to sign with."""
    if signer == NOBODY:
        return None
    if signer == ROOT:
        return Credentials(key_of(account_id), "test")
    if signer.startswith("arn:"):
        session = issue_session(account_id, signer, SESSION_NAME, SESSION_LIFETIME)
        return Credentials(session.access_key_id, session.secret_access_key, session.session_token)
    key = AccessKey.objects.of(account_id).get(access_key_id=signer)
    return Credentials(key.access_key_id, key.secret_access_key)


def exchange(call: HttpCall, url: FunctionUrl, timeout: float, request_id: str = "") -> Exchanged:
    """Sends it to this machine's endpoint; the invocation is to have *request_id*, if one is given.

    Raises OSError and HTTPException where no answer comes.
    """
    sent = call.sent_headers()
    parts = urlsplit(call.url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection("127.0.0.1", settings.ENDPOINT_PORT, timeout=timeout)
    try:
        connection.putrequest(call.method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in sent:
            connection.putheader(name, value.encode())
        if request_id:
            connection.putheader(asked_id.HEADER, asked_id.sealed(request_id))
        connection.endheaders(call.body.encode() or None)
        answer = connection.getresponse()
        try:
            body, is_cut = answer.read(), False
        except http.client.IncompleteRead as incomplete:
            body, is_cut = incomplete.partial, True
    finally:
        connection.close()
    received = answer.getheaders()
    content_type = answer.getheader("content-type") or ""
    return Exchanged(
        call=call,
        request_text=_message(f"{call.method} {target} HTTP/1.1", sent, call.body),
        response_text=_message(f"HTTP/1.1 {answer.status} {answer.reason}", received, _shown(body, is_cut)),
        status=answer.status,
        reason=answer.reason,
        request_id=_request_id(call, url, answer),
        is_page=call.method == "GET" and call.credentials is None and content_type.startswith("text/html"),
        readable=_readable(call.origin, received),
    )


def _message(first: str, headers: Sequence[tuple[str, str]], body: str) -> str:
    return "\n".join([first, *(f"{name}: {value}" for name, value in headers), "", body]).rstrip("\n")


def _shown(body: bytes, is_cut: bool) -> str:
    try:
        text = body[:_MOST_SHOWN].decode()
    except UnicodeDecodeError:
        text = f"({len(body)} bytes that are no text)"
    if len(body) > _MOST_SHOWN:
        text += f"\n(and {len(body) - _MOST_SHOWN} bytes more)"
    return text + ("\n(broken off here: the function failed while it was streaming)" if is_cut else "")


def _request_id(call: HttpCall, url: FunctionUrl, answer: http.client.HTTPResponse) -> str:
    """Of what is in the journal: preflights are not, and what was too large or no request."""
    lower = {name.lower(): value for name, value in call.sent_headers()}
    if url.cors is not None and cors_rules.is_preflight(call.method, lower):
        return ""
    is_journalled = answer.getheader("x-amzn-errortype") not in _NOT_JOURNALLED
    return (answer.getheader("x-amzn-requestid") or "") if is_journalled else ""


def _readable(origin: str, headers: Sequence[tuple[str, str]]) -> str:
    if not origin:
        return ""
    allowed = [value for name, value in headers if name.lower() == "access-control-allow-origin"]
    if not allowed:
        return f"A page of {origin} may not read this: there is no Access-Control-Allow-Origin."
    if len(allowed) > 1:
        return f"A page of {origin} may not read this: Access-Control-Allow-Origin is there {len(allowed)} times, by function and URL."
    if allowed[0] not in (origin, "*"):
        return f"A page of {origin} may not read this: Access-Control-Allow-Origin is {allowed[0]}."
    credentials = any(name.lower() == "access-control-allow-credentials" for name, _ in headers)
    if allowed[0] == "*":
        beside = "; not with cookies, whatever Access-Control-Allow-Credentials says" if credentials else ", without cookies"
        return f"A page of {origin} may read this{beside}."
    return f"A page of {origin} may read this{', with cookies too' if credentials else ', without cookies'}."
