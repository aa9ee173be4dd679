"""Which function URL a request means."""

from typing import Any

import pytest

from playground.front_doors import addresses

ID = "a1" * 16
HOST = f"{ID}.lambda-url.us-east-1.localhost"


@pytest.mark.parametrize(
    ("host", "path", "raw_path", "is_by_path"),
    [
        (HOST, "/", "/", False),
        (f"{HOST}:4566", "/a%2Fb/", "/a%2Fb/", False),
        (f"{HOST.upper()}:4566", "/x", "/x", False),
        (f"{ID}.lambda-url.us-east-1.play.example", "/x", "/x", False),
        ("localhost:4566", f"/_playground/lambda-url/{ID}", "/", True),
        ("localhost:4566", f"/_playground/lambda-url/{ID}/", "/", True),
        ("[::1]:4566", f"/_playground/lambda-url/{ID}//a/", "//a/", True),
        ("play.example", f"/_playground/lambda-url/{ID}/a", "/a", True),
    ],
)
def test_it_is_found_by_host_and_by_path(settings: Any, host: str, path: str, raw_path: str, is_by_path: bool) -> None:
    settings.DOMAIN = "play.example"

    found = addresses.read(host, path)

    assert found is not None
    assert (found.url_id, found.raw_path, found.is_by_path) == (ID, raw_path, is_by_path)


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("localhost:4566", "/"),
        ("localhost:4566", f"/lambda-url/{ID}/"),
        ("localhost:4566", "/_playground/lambda-url/%00/"),
        ("localhost:4566", "/_playground/lambda-url/"),
        ("evil.example", f"/_playground/lambda-url/{ID}/"),
        (f"{ID}.lambda-url.us-east-1.evil.example", "/"),
        (f"{ID}.lambda-url.eu-west-1.localhost", "/"),
        (f"a.{HOST}", "/"),
        (".lambda-url.", "/"),
        ("", "/"),
    ],
)
def test_what_is_none(host: str, path: str) -> None:
    assert addresses.read(host, path) is None


@pytest.mark.parametrize(
    ("endpoint", "address"),
    [
        ("http://localhost:4566", f"http://{HOST}:4566/"),
        ("https://127.0.0.1:4443", f"https://{HOST}:4443/"),
        ("http://sub.play.example:4566", f"http://{ID}.lambda-url.us-east-1.play.example:4566/"),
        ("https://play.example", f"https://{ID}.lambda-url.us-east-1.play.example/"),
    ],
)
def test_the_address_is_one_that_its_reader_can_reach(settings: Any, endpoint: str, address: str) -> None:
    settings.DOMAIN = "play.example"

    assert addresses.address_of(ID, endpoint) == address
