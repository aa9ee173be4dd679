"""The three ways in which AWS writes a moment."""

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from playground.endpoint.wire import Malformed

EPOCH = "unixtimestamp"
ISO = "iso8601"
RFC = "rfc822"


def parse(value: Any, style: str) -> datetime:
    """An aware datetime from *value* in *style*. Raises Malformed."""
    try:
        if style.lower() == EPOCH:
            return datetime.fromtimestamp(float(value), UTC)
        moment = datetime.fromisoformat(value) if style.lower() == ISO else parsedate_to_datetime(value)
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise Malformed(f"Unparseable timestamp: {str(value)[:64]}") from None


def to_epoch(moment: datetime) -> int | float:
    """Seconds since 1970, to the millisecond; a whole number where there is no fraction."""
    seconds = round(moment.timestamp(), 3)
    return int(seconds) if seconds.is_integer() else seconds


def to_text(moment: datetime, style: str) -> str:
    """*moment* in *style*."""
    style = style.lower()
    if style == EPOCH:
        return str(to_epoch(moment))
    moment = moment.astimezone(UTC)
    if style == RFC:
        return format_datetime(moment, usegmt=True)
    fraction = f".{moment.microsecond // 1000:03d}" if moment.microsecond >= 1000 else ""
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + fraction + "Z"
