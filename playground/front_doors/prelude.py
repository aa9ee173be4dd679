"""The head of a streamed HTTP response: JSON, eight NUL bytes, and then the body.

Source: Developer Guide, "Response streaming for Lambda functions"; the runtimes' http-integration-response.
"""

import json
from typing import Any

from playground.front_doors.http_response import BadResponse

CONTENT_TYPE = "application/vnd.awslambda.http-integration-response"
_END = b"\0" * 8
LONGEST = 128 * 1024
"""Bytes in which the prelude must have come to its end."""


class Prelude:
    """Collects chunks until the prelude is whole."""

    def __init__(self) -> None:
        self._received = bytearray()

    def feed(self, chunk: bytes) -> tuple[dict[str, Any], bytes] | None:
        """The prelude and what has come of the body behind it, or None while it is not whole. Raises BadResponse."""
        searched = max(len(self._received) - len(_END), 0)
        self._received += chunk
        end = self._received.find(_END, searched)
        if end < 0:
            if len(self._received) > LONGEST:
                raise BadResponse(f"the prelude does not end within {LONGEST} bytes")
            return None
        try:
            head = json.loads(self._received[:end])
        except (ValueError, RecursionError):
            raise BadResponse("the prelude is no JSON") from None
        if not isinstance(head, dict):
            raise BadResponse("the prelude is no object")
        return head, bytes(self._received[end + len(_END) :])
