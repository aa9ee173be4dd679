"""Method and path -> operation, for the protocols that put the operation's name into neither header nor body."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from botocore.model import OperationModel, ServiceModel

from playground.endpoint.wire import HttpRequest

_MOST_KEPT = 4096
_LABEL = re.compile(r"\{([\w-]+)(\+?)\}")
_START = re.compile(r"/((?:[\w.]|\\.)+)(?=/|$)")
"""The first segment of an expression, where it is literal."""


@dataclass(frozen=True, slots=True)
class Route:
    """One operation's method, path, and what must stand in the query string."""

    method: str
    expression: str
    pattern: re.Pattern[str]
    labels: tuple[str, ...]
    """The names of the pattern's groups."""
    constants: tuple[tuple[str, str], ...]
    """Parts of the query string that belong to the route: `?list-type=2`, `?acl`."""
    wanted_query: tuple[str, ...]
    wanted_headers: tuple[str, ...]
    """Required parameters: of several operations with one path, the one whose parameters are there is meant."""
    name: str

    def generality(self) -> tuple[int, int]:
        """How many paths the route takes in: greedy labels, then labels."""
        return self.expression.count(".+"), self.expression.count("[^/]+")

    def fits(self, request: HttpRequest) -> bool:
        """Whether the query string holds the route's constant parts."""
        return all(name in request.query and (not value or value in request.query[name]) for name, value in self.constants)

    def weight(self, request: HttpRequest) -> tuple[int, int, int]:
        """Among routes of one path, how well this one fits: what of the query string is its own says most, a missing required
        parameter counts against it."""
        missing = sum(name not in request.query for name in self.wanted_query)
        missing += sum(name not in request.headers for name in self.wanted_headers)
        return len(self.constants), -missing, len(self.wanted_query) + len(self.wanted_headers)


class RouteTable:
    """The routes of one service, found by method and first segment of the path."""

    def __init__(self, model: ServiceModel) -> None:
        operations = [model.operation_model(name) for name in model.operation_names]
        operations.sort(key=lambda operation: operation.deprecated)
        # Literal paths come before those with labels, and greedy labels last.
        routes = sorted(map(_route, operations), key=Route.generality)
        self._by_start: dict[tuple[str, str], list[Route]] = {}
        self._others: dict[str, list[Route]] = {}
        self._plain: dict[tuple[str, str], tuple[str, Mapping[str, str]]] = {}
        """What was found before for a path without a query string; headers decide nothing where paths begin literally."""
        for route in routes:
            start = _START.match(route.expression)
            if start is not None:
                self._by_start.setdefault((route.method, start[1].replace("\\", "")), []).append(route)
            else:
                self._others.setdefault(route.method, []).append(route)

    def find(self, request: HttpRequest) -> tuple[str, Mapping[str, str]] | None:
        """The operation that a request means, and the labels of its path, still encoded."""
        path = request.path
        if not request.query_string:
            found = self._plain.get((request.method, path))
            if found is not None:
                return found
        start = path.split("/", 2)[1] if path.startswith("/") else ""
        candidates = self._by_start.get((request.method, start), ())
        found = _best(candidates, path, request)
        if found is not None and not request.query_string:
            if len(self._plain) >= _MOST_KEPT:
                self._plain.clear()
            self._plain[request.method, path] = found
        return found or _best(self._others.get(request.method, ()), path, request)


def _best(routes: Iterable[Route], path: str, request: HttpRequest) -> tuple[str, Mapping[str, str]] | None:
    best: tuple[Route, re.Match[str]] | None = None
    for route in routes:
        if best is not None and route.expression != best[0].expression:
            continue
        match = route.pattern.fullmatch(path)
        if match is None or (route.constants and not route.fits(request)):
            continue
        if best is None or route.weight(request) > best[0].weight(request):
            best = route, match
    return None if best is None else (best[0].name, dict(zip(best[0].labels, best[1].groups(), strict=True)))


def _route(operation: OperationModel) -> Route:
    http = operation.http
    path = http["requestUri"].partition("?")[0]
    shape = operation.input_shape
    required = [(name, shape.members[name].serialization) for name in shape.required_members] if shape is not None else []
    locations = [(traits.get("location"), traits.get("name", name)) for name, traits in required]
    expression = _expression(path)
    return Route(
        method=http["method"],
        expression=expression,
        pattern=re.compile(expression),
        labels=tuple(match[1] for match in _LABEL.finditer(path)),
        constants=constants_of(operation),
        wanted_query=tuple(name for location, name in locations if location == "querystring"),
        wanted_headers=tuple(name.lower() for location, name in locations if location == "header"),
        name=operation.name,
    )


def constants_of(operation: OperationModel) -> tuple[tuple[str, str], ...]:
    """The parts of the query string that belong to an operation's address."""
    return tuple(parse_qsl(operation.http["requestUri"].partition("?")[2], keep_blank_values=True))


def _expression(path: str) -> str:
    """A path with labels as an expression; a trailing slash makes no difference."""
    parts, position = [], 0
    for match in _LABEL.finditer(path):
        parts += [re.escape(path[position : match.start()]), "(.+)" if match[2] else "([^/]+)"]
        position = match.end()
    parts.append(re.escape(path[position:].rstrip("/")))
    return "".join(parts) + "/?"
