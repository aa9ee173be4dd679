"""What a URL's client gets, told by what passes and by what came of it."""

import pytest

from invocations.errors import (
    AccessDeniedException,
    AwsError,
    RequestTooLargeException,
    ResourceNotFoundException,
    TooManyRequestsException,
)
from invocations.values import RunOutcome
from playground.front_doors.answered import Answered
from playground.front_doors.prelude import CONTENT_TYPE

FAILED = RunOutcome(b"{}", function_error="Unhandled")
FINE = RunOutcome(b"")


@pytest.mark.parametrize(
    ("ended", "status"),
    [
        (RunOutcome(b'{"statusCode": 404}'), 404),
        (RunOutcome(b'{"order": 1}'), 200),
        (RunOutcome(b'{"statusCode": "no"}'), 502),
        (FAILED, 502),
        (AccessDeniedException(""), 403),
        (ResourceNotFoundException(""), 403),
        (RequestTooLargeException(""), 413),
        (TooManyRequestsException("", "ConcurrentInvocationLimitExceeded"), 429),
    ],
)
def test_a_buffered_answer(ended: RunOutcome | AwsError, status: int) -> None:
    assert Answered(is_streamed=False).status(ended) == status


@pytest.mark.parametrize(
    ("content_type", "pieces", "ended", "status"),
    [
        (CONTENT_TYPE, [b'{"statusCode"', b": 201}" + b"\0" * 8 + b"body"], FINE, 201),
        (CONTENT_TYPE, [b'{"statusCode": 201}' + b"\0" * 8, b"more"], FAILED, 201),
        (CONTENT_TYPE, [b'{"statusCode": 900}' + b"\0" * 8], FINE, 502),
        (CONTENT_TYPE, [b"{"], FINE, 502),
        ("text/plain", [b"x"], FAILED, 200),
        ("text/plain", [], FINE, 200),
        ("text/plain", [], FAILED, 502),
        ("", [], TooManyRequestsException("", "ConcurrentInvocationLimitExceeded"), 429),
    ],
)
def test_a_stream(content_type: str, pieces: list[bytes], ended: RunOutcome | AwsError, status: int) -> None:
    answered = Answered(is_streamed=True)
    if content_type:
        answered.begins(content_type)
    for piece in pieces:
        answered.passes(piece)
    assert answered.status(ended) == status
