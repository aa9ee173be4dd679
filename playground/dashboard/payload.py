"""A request, a response or a message as the pages show it."""

import base64
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.safestring import SafeString

from playground.dashboard import figures, json_text

SHOWN_CHARACTERS = 200_000
"""Longer payloads are cut on the page; the download has all of it."""


@dataclass(frozen=True)
class Payload:
    """A request or a response as text, whatever its bytes are."""

    data: bytes

    @cached_property
    def text(self) -> str:
        """As it was sent; bytes that are no UTF-8 become U+FFFD."""
        return self.data.decode("utf-8", "replace")

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.data)

    @property
    def human_size(self) -> str:
        """The same for people."""
        return figures.size(self.size)

    @property
    def is_cut(self) -> bool:
        """Whether the page shows less than all."""
        return len(self.text) > SHOWN_CHARACTERS

    @property
    def raw(self) -> str:
        """What the page shows as sent."""
        return self.text[:SHOWN_CHARACTERS]

    @cached_property
    def coloured(self) -> SafeString:
        """What the page shows indented."""
        return json_text.coloured(self.raw)

    @property
    def pretty(self) -> str:
        """The same without colours."""
        return json_text.pretty(self.raw)

    def as_json(self) -> Any:
        """The value, or where it is no JSON its text, or where it is no text its base64."""
        try:
            return json.loads(self.data)
        except (ValueError, RecursionError):
            pass
        try:
            return self.data.decode()
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(self.data).decode()}
