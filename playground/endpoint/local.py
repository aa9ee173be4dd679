"""What this server offers beside AWS's APIs, under `/_playground/`: a table of routes that other modules add to."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

PREFIX = "/_playground/"

health_of_service: Callable[[], Mapping[str, Any]] | None = None
"""Set by the process that runs invocations: what works in it."""


@dataclass(slots=True)
class LocalRequest:
    """One request to a local route."""

    method: str
    path: str
    parts: Mapping[str, str]
    """What stood in the path for the route's {names}."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes = b""


@dataclass(slots=True)
class LocalAnswer:
    """The answer of a local route."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_json(cls, value: Any, status: int = 200) -> "LocalAnswer":
        """*value* as JSON."""
        return cls(status, json.dumps(value).encode(), {"content-type": "application/json"})


LocalHandler = Callable[[LocalRequest], LocalAnswer | Awaitable[LocalAnswer]]
"""A plain function runs in a thread, where the ORM is allowed; a coroutine function on the loop."""
_H = TypeVar("_H", bound=LocalHandler)


@dataclass(frozen=True, slots=True)
class LocalRoute:
    """One method and path, e.g. GET /_playground/code/{token}."""

    method: str
    pattern: re.Pattern[str]
    handler: LocalHandler


_routes: list[LocalRoute] = []


def local_route(method: str, path: str) -> Callable[[_H], _H]:
    """Registers a function for *method* and *path*; `{name}` stands for one segment and is found in `request.parts`."""

    def register(handler: _H) -> _H:
        literal = re.split(r"\{(\w+)\}", path)
        expression = "".join(f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(literal))
        _routes.append(LocalRoute(method, re.compile(expression), handler))
        return handler

    return register


def find(method: str, path: str) -> tuple[LocalHandler, dict[str, str]] | None:
    """The handler for a request and its path's parts, or None."""
    for route in _routes:
        match = route.pattern.fullmatch(path)
        if match is not None and route.method == method:
            return route.handler, match.groupdict()
    return None
