"""Lists of EventBridge and of Scheduler in pages: a token names what the last page ended with."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from invocations.services.eventbridge.errors import invalid_parameter

MOST_LISTED: Final = 100
_Row = TypeVar("_Row")


def page(rows: Sequence[_Row], key_of: Callable[[_Row], str], limit: int | None, token: str) -> tuple[list[_Row], str | None]:
    """Some of *rows*, which are in the order of their keys, and the token of the next page. Raises ValidationException."""
    try:
        after = base64.b64decode(token.encode(), b"-_", validate=True).decode() if token else ""
    except (binascii.Error, UnicodeError):
        raise invalid_parameter("NextToken") from None
    left = [row for row in rows if key_of(row) > after]
    found = left[: limit or MOST_LISTED]
    more = len(left) > len(found)
    return found, base64.urlsafe_b64encode(key_of(found[-1]).encode()).decode() if more else None
