"""The HTTP status of a function URL's answer, as soon as the invocation is over: its record keeps it."""

from collections.abc import Collection

from invocations.errors import (
    AccessDeniedException,
    AwsError,
    RequestEntityTooLargeException,
    RequestTooLargeException,
    ResourceNotFoundException,
)
from invocations.values import RunOutcome
from playground.front_doors.http_response import BadResponse, HttpAnswer, answer_of, head_of
from playground.front_doors.prelude import CONTENT_TYPE, Prelude

FORBIDDEN = (AccessDeniedException, ResourceNotFoundException)
"""What a caller of a URL is told as a 403."""
TOO_LARGE = (RequestEntityTooLargeException, RequestTooLargeException)
"""And as a 413."""


class Answered:
    """One answer. A stream's status is that of its head, which its beginning tells, whatever becomes of the rest."""

    def __init__(self, *, is_streamed: bool, hidden: Collection[str] = ()) -> None:
        """*hidden*: names of cookies that do not pass."""
        self._is_streamed = is_streamed
        self._hidden = hidden
        self.buffered: HttpAnswer | BadResponse | None = None
        """What a response that is no stream means, once the invocation is over and has not failed: it is read once."""
        self._prelude: Prelude | None = None
        self._head: int | None = None

    def begins(self, content_type: str) -> None:
        """The stream's content type is known."""
        if content_type.partition(";")[0].strip().lower() == CONTENT_TYPE:
            self._prelude = Prelude()

    def passes(self, piece: bytes) -> None:
        """A piece of the stream."""
        if self._head is not None:
            return
        if self._prelude is None:
            self._head = 200
            return
        try:
            found = self._prelude.feed(piece)
            if found is not None:
                self._head, _ = head_of(found[0], "")
        except BadResponse:
            self._head = 502

    def status(self, ended: RunOutcome | AwsError) -> int:
        """What the client gets."""
        if self._head is not None:
            return self._head
        if isinstance(ended, AwsError):
            return 403 if isinstance(ended, FORBIDDEN) else 413 if isinstance(ended, TOO_LARGE) else ended.http_status
        if ended.function_error or self._prelude is not None:
            return 502
        if self._is_streamed:
            return 200
        try:
            self.buffered = answer_of(ended.payload, self._hidden)
        except BadResponse as bad:
            self.buffered = bad
            return 502
        return self.buffered.status
