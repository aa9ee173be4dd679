"""/_playground/clock: an account's clock for scripts."""

import json
from typing import Any

import pytest
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from invocations import clock, store
from tests.playground.endpoint.conftest import Server

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]

Answer = tuple[int, Any]


def ask(server: Server, method: str, body: Any = None, key: str | None = None) -> Answer:
    """Unsigned, or signed as the root of account *key*."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
    request = AWSRequest(method, f"{server.url}/_playground/clock", data=data)
    if key is not None:
        SigV4Auth(Credentials(key, "test"), "lambda", "us-east-1").add_auth(request)
    reply = urllib3.request(method, request.url, headers=dict(request.headers), body=data, retries=False)
    return reply.status, reply.json()


def test_at_first_it_is_real_time_and_nothing_waits(server: Server) -> None:
    status, shown = ask(server, "GET")
    assert (status, {**shown, "now": 0}) == (200, {"rate": 1, "paused": False, "now": 0, "next": None})
    assert shown["now"] == pytest.approx(clock.epoch(), abs=2)


def test_it_is_set_and_answers_with_what_it_shows_then(server: Server) -> None:
    at = clock.epoch() + 3600
    store.connection().zadd(store.due_key("000000000000"), {"events:hello": at})
    assert ask(server, "PUT", {"rate": 60})[1]["rate"] == 60
    assert ask(server, "PUT", {"paused": True})[1]["paused"] is True
    status, skipped = ask(server, "PUT", {"skip": "next"})
    assert (status, skipped["rate"], skipped["paused"], skipped["next"]) == (200, 60, True, at)
    assert skipped["now"] == pytest.approx(at, abs=0.001)
    assert ask(server, "GET") == (status, skipped)


def test_several_things_are_set_at_once(server: Server) -> None:
    store.connection().zadd(store.due_key("000000000000"), {"sqs:orders": clock.epoch() + 100})
    _, shown = ask(server, "PUT", {"rate": 10, "paused": True, "skip": "next"})
    assert (shown["rate"], shown["paused"]) == (10, True)
    assert shown["now"] == pytest.approx(shown["next"], abs=0.001)


def test_who_signs_sets_the_own_clock(server: Server) -> None:
    assert ask(server, "PUT", {"rate": 600}, key="333333333333")[1]["rate"] == 600
    assert ask(server, "GET", key="333333333333")[1]["rate"] == 600
    assert ask(server, "GET")[1]["rate"] == 1


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"{", 'The body must be JSON, such as {"rate": 60}.'),
        (b"", 'The body must be JSON, such as {"rate": 60}.'),
        (b"[" * 100_000, 'The body must be JSON, such as {"rate": 60}.'),
        ([60], 'The body must be an object with "rate", "paused" or "skip", or several of them.'),
        ({}, 'The body must be an object with "rate", "paused" or "skip", or several of them.'),
        ({"rate": 60, "speed": 1}, 'The body must be an object with "rate", "paused" or "skip", or several of them.'),
        ({"rate": 7}, "The clock runs at one of the rates 1, 10, 60, 600, not 7."),
        ({"rate": "60"}, '"rate" must be one of the numbers 1, 10, 60, 600.'),
        ({"rate": True}, '"rate" must be one of the numbers 1, 10, 60, 600.'),
        ({"paused": "yes"}, '"paused" must be true or false.'),
        ({"skip": "all"}, '"skip" can only be "next": to the next thing that is due.'),
    ],
)
def test_what_cannot_be_set_is_refused_in_a_sentence_and_changes_nothing(server: Server, body: Any, sentence: str) -> None:
    assert ask(server, "PUT", body) == (400, {"code": "ValidationException", "message": sentence})
    assert store.connection().exists(store.clock_key("000000000000")) == 0
