"""Pages of other sites, and of functions, reach neither the dashboard's sockets nor its forms."""

import pytest
from django.test import Client

from playground.live.origins import is_own

ACCOUNT = "000000000000"
TOKEN = "f" * 32


@pytest.mark.parametrize(
    ("host", "origin", "own"),
    [
        ("localhost:8000", "http://localhost:8000", True),
        ("127.0.0.1:8000", "http://127.0.0.1:8000", True),
        ("[::1]:8000", "http://[::1]:8000", True),
        ("localhost", "https://localhost", True),
        ("localhost:8000", "http://localhost:4566", False),
        ("localhost:8000", "http://abc.lambda-url.us-east-1.localhost:4566", False),
        ("localhost:8000", "http://127.0.0.1:8000", False),
        ("localhost:8000", "https://evil.example", False),
        ("evil.example:8000", "http://evil.example:8000", False),
        ("localhost:8000", "null", False),
        ("localhost:8000", "", False),
        ("localhost:8000", "http://[", False),
        ("", "http://", False),
    ],
)
def test_a_socket_opens_for_the_page_of_its_own_server(host: str, origin: str, own: bool) -> None:
    assert is_own({b"host": host.encode(), b"origin": origin.encode()}) is own


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_server")
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 302),
        ({"HTTP_ORIGIN": "http://testserver"}, 302),
        ({"HTTP_ORIGIN": "https://evil.example"}, 403),
        ({"HTTP_ORIGIN": "null"}, 403),
        ({"HTTP_ORIGIN": "http://abc.lambda-url.us-east-1.localhost:4566"}, 403),
        ({"HTTP_HOST": "evil.example"}, 400),
        ({"HTTP_HOST": "[::1"}, 400),
        ({"HTTP_X_CSRFTOKEN": "0" * 32}, 403),
    ],
)
def test_a_form_is_taken_from_its_own_page_alone(headers: dict[str, str], status: int) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies["csrftoken"] = TOKEN
    client.get(f"/w/{ACCOUNT}/")
    client.cookies["csrftoken"] = TOKEN
    sent = {"HTTP_X_CSRFTOKEN": TOKEN} | headers
    answer = client.post(f"/w/{ACCOUNT}/settings/appearance/", {"theme": "dark", "next": "/"}, **sent)  # type: ignore[arg-type]
    assert answer.status_code == status
