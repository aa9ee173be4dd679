"""What made an invocation happen, in the words of the list: a topic, a rule, a page, or whoever called the API."""

from collections.abc import Mapping
from typing import Final

from invocations import load
from playground.front_doors.function_url import SOURCE as FUNCTION_URL

SERVICES: Final[Mapping[str, str]] = {"lambda": "destination", "sns": "topic", "events": "rule", "scheduler": "schedule"}
TRIGGERS: Final[Mapping[str, str]] = {"api": "API", "console": "page", FUNCTION_URL: "function URL", load.SOURCE: "load", **SERVICES}
"""An invocation's source -> its word."""
SOURCES: Final[Mapping[str, str]] = {word: source for source, word in TRIGGERS.items()}
