"""What happens to every request of the dashboard: its account, its headers, and AWS's errors as pages."""

import secrets
import uuid
from collections.abc import Callable
from typing import Any

import redis
from django.http import Http404, HttpRequest, HttpResponse

from invocations import store
from invocations.errors import AwsError
from invocations.models import Account
from invocations.models.account import DEFAULT_ACCOUNT_ID
from invocations.resources import accounts
from playground.dashboard.views import errors

Next = Callable[[HttpRequest], HttpResponse]


class SecurityHeadersMiddleware:
    """A page may load and talk to its own origin only, and nobody may frame it. One nonce per answer is for styles."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        nonce = secrets.token_urlsafe(16)
        request.csp_nonce = nonce  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy(nonce))
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        return response


def policy(nonce: str) -> str:
    """The Content-Security-Policy. The one data: allowed is for images: the editor underlines mistakes with one."""
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ]
    )


class NulMiddleware:
    """Nothing has a NUL in its name, and PostgreSQL does not take one in a question: queries lose theirs, paths lead nowhere."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path:
            raise Http404("No address has a NUL in it.")
        query = request.META.get("QUERY_STRING", "")
        if "%00" in query:
            request.META["QUERY_STRING"] = query.replace("%00", "")
        return self.get_response(request)


class AccountMiddleware:
    """`request.account` from the address, `/w/<account_id>/…`; views get no such argument. An account nobody made is a 404."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]) -> None:
        """Takes the account's id out of the view's arguments."""
        account_id = kwargs.pop("account_id", None)
        if account_id is None:
            return
        account = Account.objects.filter(pk=account_id).first()
        if account is None or not account.seeded:
            if account is None and account_id != DEFAULT_ACCOUNT_ID:
                raise Http404(f"There is no account {account_id} here. Its first signed request makes it.")
            account = accounts.ensure(account_id)
        request.account = account  # type: ignore[attr-defined]
        request.live_after = last_announcement(account_id)  # type: ignore[attr-defined]


class AwsErrorMiddleware:
    """An AwsError that a view lets through becomes the page, or the fragment, that says so."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = str(uuid.uuid4())  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answers AwsError alone; all else is Django's."""
        return errors.aws_error(request, exception) if isinstance(exception, AwsError) else None


def last_announcement(account_id: str) -> str:
    """The id of the newest announcement, "0-0" before the first, and empty where Redis does not answer."""
    try:
        newest = store.connection().xrevrange(store.announcements_key(account_id), count=1)
    except redis.RedisError:
        return ""
    return newest[0][0].decode() if newest else "0-0"
