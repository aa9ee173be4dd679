"""Which function answers which operation of which service."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from invocations.values import Principal


@dataclass(slots=True)
class Call:
    """One authenticated API call."""

    principal: Principal
    service: str
    """botocore's name of the service: "lambda", "iam", "sts", "logs"."""
    operation: str
    """As the service's model has it: "CreateFunction"."""
    input: dict[str, Any]
    """Members by AWS name as boto3 takes them: blobs are bytes, timestamps aware datetimes; what was not sent is not there."""
    request_id: str
    headers: Mapping[str, str]
    """By lower-case name; values of a repeated header are joined with commas."""
    source_ip: str
    endpoint: str
    """scheme://host:port, as the caller addressed this server."""
    owners: dict[str, str] = field(default_factory=dict)
    """ARN -> account, of resources whose policies let the caller in or might have."""
    concerned: set[str] = field(default_factory=set)
    """Other accounts whose resources the call is about: it is in their trails too."""
    status: int | None = None
    """Set by an operation that answers with another status than the model has for it: 206."""


Implementation = Callable[[Call], Any]
"""Members of the output by AWS name, or an awaitable of them.

None is left out. A payload blob may be an async iterator of bytes; an event stream is an async iterator of
`{"PayloadChunk": {"Payload": b"…"}}`-like members.
"""
_F = TypeVar("_F", bound=Implementation)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation that is here."""

    service: str
    name: str
    function: Implementation
    is_async: bool
    """It runs on the loop and must not block; a plain function runs in a thread, where the ORM is allowed."""
    upload: str = ""
    """The member that is the body, where that is of any size: it comes as an Upload, whose bytes are on the disk."""


_operations: dict[tuple[str, str], Operation] = {}


def operation(service: str, name: str, upload: str = "") -> Callable[[_F], _F]:
    """Registers a function as the answer to *service*'s operation *name*: `@operation("lambda", "CreateFunction")`."""

    def register(function: _F) -> _F:
        known = _operations.get((service, name))
        if known is not None and known.function.__module__ != function.__module__:
            raise ValueError(f"{service} {name} is answered by {known.function.__module__} and by {function.__module__}")
        _operations[service, name] = Operation(service, name, function, inspect.iscoroutinefunction(function), upload)
        return function

    return register


def find(service: str, name: str) -> Operation | None:
    """The operation, or None where it is not part of this server."""
    return _operations.get((service, name))


def names_of(service: str) -> list[str]:
    """The operations of *service* that are here, sorted."""
    return sorted(name for owner, name in _operations if owner == service)
