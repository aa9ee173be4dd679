"""Calls of the service as a caller makes them, and what the caller gets, when."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from asgiref.sync import async_to_sync

from invocations import clock
from invocations.errors import AwsError, ServiceException
from invocations.execution import dispatch
from invocations.policies.context import Value
from invocations.values import InvokeRequest, Principal
from playground.dashboard import invocation_view


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a call."""

    principal: Principal
    keys: Mapping[str, Value] = field(default_factory=dict)
    """What conditions of policies may ask for: on behalf of what a service calls."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller got who does not wait for the function."""

    status_code: int
    after_ms: float
    error_code: str = ""
    error_message: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """What the callers of a burst got."""

    answers: Sequence[Answer]

    @property
    def accepted(self) -> int:
        """How many got 202."""
        return sum(answer.status_code == HTTPStatus.ACCEPTED for answer in self.answers)

    @property
    def slowest_ms(self) -> float:
        """Of those: how long the last of them waited."""
        return max((answer.after_ms for answer in self.answers if answer.status_code == HTTPStatus.ACCEPTED), default=0.0)

    @property
    def refusals(self) -> list[tuple[int, Answer]]:
        """How many got which of the API's errors; one answer stands for its like."""
        like = {answer.error_code: answer for answer in self.answers if answer.error_code}
        counts = Counter(answer.error_code for answer in self.answers if answer.error_code)
        return [(count, like[code]) for code, count in counts.items()]


def send(request: InvokeRequest, *, wait: bool, caller: Caller | None = None) -> None:
    """Has the service run it for *caller*, by default the account's root, and waits for its end where asked to. A refusal by Lambda
    is in the journal and raises nothing.

    Raises ServiceException where the service could not take it at all.
    """
    caller = caller or Caller(Principal.root(request.account_id))
    try:
        async_to_sync(dispatch.invoke if wait else dispatch.start)(request, caller.principal, caller.keys)
    except AwsError as error:
        if async_to_sync(invocation_view.find)(request.account_id, request.request_id) is None:
            raise error if isinstance(error, ServiceException) else ServiceException(str(error.message)) from error


def ask(request: InvokeRequest, caller: Caller) -> Answer:
    """Sends an event, and waits for what the caller gets: 202, or the API's error. Raises ServiceAway."""
    return async_to_sync(_ask)(request, caller)


def ask_all(requests: Sequence[InvokeRequest], caller: Caller) -> list[Answer]:
    """Sends all of them at once, as that many callers would. Raises ServiceAway."""
    return async_to_sync(_ask_all)(requests, caller)


async def _ask_all(requests: Sequence[InvokeRequest], caller: Caller) -> list[Answer]:
    return await asyncio.gather(*(_ask(request, caller) for request in requests))


async def _ask(request: InvokeRequest, caller: Caller) -> Answer:
    began = clock.monotonic()
    try:
        status_code, code, message = (await dispatch.invoke(request, caller.principal, caller.keys)).status_code, "", ""
    except dispatch.ServiceAway:
        raise
    except AwsError as error:
        status_code, code, message = error.http_status, error.code, error.message or ""
    return Answer(status_code, (clock.monotonic() - began) * 1000, code, message)
