"""The same event fired in several ways: one lane each, and a table of what differs."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from channels.db import database_sync_to_async

from invocations.arn import LATEST
from invocations.enums import InvocationState
from invocations.models import EventInvokeConfig, FunctionVersion
from playground.dashboard import invocation_models, invocation_view, url_lane
from playground.dashboard.arns import Place, place
from playground.dashboard.figures import milliseconds
from playground.dashboard.invocation_models import DIFFERENCES, Model
from playground.dashboard.invocation_view import InvocationView

MOST = 4


@dataclass(frozen=True)
class Stage:
    """One place of a lane's small diagram."""

    name: str
    phase: str
    """before, during, after or never."""


@dataclass(frozen=True)
class Lane:
    """One way, and the invocation that went it; None before anything was fired."""

    model: Model
    view: InvocationView | None = None
    failures: tuple[Place, ...] = ()
    """Where an event goes that was given up."""

    @property
    def answer(self) -> str:
        """What the caller got, and after how long."""
        if self.view is None:
            return ""
        if self.is_asynchronous and self.view.accepted_ms is not None:
            return f"202 after {milliseconds(self.view.accepted_ms)}"
        status = url_lane.status_of(self.view) if self.is_url and self.view.is_final else self.view.status_code
        return f"{'HTTP ' if self.is_url else ''}{status} after {milliseconds(self.view.total_ms)}" if self.view.is_final else ""

    @property
    def is_asynchronous(self) -> bool:
        """Whether nobody waits in it."""
        return self.model is invocation_models.ASYNC

    @property
    def is_url(self) -> bool:
        """Whether an HTTP client calls in it."""
        return self.model is invocation_models.URL

    @property
    def has_answered(self) -> bool:
        """Whether the caller has gone on."""
        return bool(self.answer)

    @property
    def tries(self) -> str:
        """How often the function was run, of how often it may be."""
        if self.view is None:
            return ""
        if not self.is_asynchronous:
            return "1 of 1" if self.view.has_run else "none" if self.view.is_final else "1 of 1"
        return (self.view.tries_told or f"try 1 of {self.view.story.most}").removeprefix("try ")

    @property
    def stages(self) -> list[Stage]:
        """Caller, queue where there is one, function, and who gets the response."""
        names = ["Caller", "Event queue", "Function", "Destination"] if self.is_asynchronous else ["Caller", "Function", "Caller"]
        if self.is_url:
            names = ["HTTP client", "Function", "HTTP client"]
        return [Stage(name, phase) for name, phase in zip(names, self._phases, strict=True)]

    @property
    def _phases(self) -> list[str]:
        view, queue = self.view, ["before"] if self.is_asynchronous else []
        if view is None:
            return ["before", *queue, "before", "before"]
        is_queued = view.state in {InvocationState.QUEUED, InvocationState.WAITING_TO_RETRY}
        if self.is_asynchronous:
            queue = ["during" if is_queued else "after"]
        if view.is_final:
            is_told = bool(view.sent) if self.is_asynchronous else True
            return ["after", *queue, "after" if view.has_run else "never", "after" if is_told else "never"]
        return ["after", *queue, "during" if view.has_run and not is_queued else "after" if view.attempts else "before", "before"]


@dataclass(frozen=True)
class Lanes:
    """Some of them, side by side."""

    lanes: Sequence[Lane]

    @classmethod
    def empty(cls, models: Sequence[Model]) -> "Lanes":
        """Before anything was fired."""
        return cls([Lane(model) for model in models])

    @property
    def runs(self) -> str:
        """Request ids with dots between them: in topics and addresses; a lane that could not be fired by its model's id. Empty before
        anything was fired."""
        return ".".join(lane.view.request_id if lane.view else lane.model.id for lane in self.lanes) if self.first else ""

    @property
    def topic(self) -> str:
        """What a page that shows them listens to."""
        return f"lanes:{self.runs}" if self.runs else ""

    @property
    def first(self) -> InvocationView | None:
        """Any of them: the event is the same, but for what a URL makes of it."""
        views = [lane.view for lane in self.lanes if lane.view]
        return next((view for view in views if not url_lane.is_of_url(view)), views[0] if views else None)

    @property
    def models(self) -> str:
        """The ids of their models, as the panel has them."""
        return ",".join(lane.model.id for lane in self.lanes)

    @cached_property
    def differences(self) -> list[tuple[str, list[str]]]:
        """Heading, and one cell a lane."""
        return [(heading, [lane.model.differences[index] for lane in self.lanes]) for index, heading in enumerate(DIFFERENCES)]


async def find(account_id: str, runs: str) -> Lanes | None:
    """The lanes of those invocations; None where none of them is known."""
    names = runs.split(".")[:MOST]
    views = await asyncio.gather(*(_find(account_id, name) for name in names))
    known: list[InvocationView | Model] = [each for each in views if each is not None]
    if not any(isinstance(each, InvocationView) for each in known):
        return None
    found: Lanes = await database_sync_to_async(of_views)(account_id, known)
    return found


async def _find(account_id: str, name: str) -> InvocationView | Model | None:
    return invocation_models.MODELS.get(name) or await invocation_view.find(account_id, name)


def of_views(account_id: str, views: Sequence[InvocationView | Model]) -> Lanes:
    """The lanes of invocations that are known already, and of models by which none could be made."""
    lanes = [Lane(each) if isinstance(each, Model) else Lane(_model_of(each), each) for each in views]
    return Lanes([_with_failures(account_id, lane) if lane.is_asynchronous and lane.view else lane for lane in lanes])


def _model_of(view: InvocationView) -> Model:
    return invocation_models.URL if url_lane.is_of_url(view) else invocation_models.of_type(view.invocation_type)


def _with_failures(account_id: str, lane: Lane) -> Lane:
    view = lane.view
    assert view is not None
    rows = EventInvokeConfig.objects.filter(function__account_id=account_id, function__name=view.function_name)
    found = rows.filter(qualifier=view.qualifier or LATEST).values_list("on_failure", flat=True)
    versions = FunctionVersion.objects.filter(function__account_id=account_id, function__name=view.function_name)
    queue = versions.filter(version=view.executed_version or view.qualifier or LATEST).values_list("dead_letter_target_arn", flat=True)
    return replace(lane, failures=tuple(place(account_id, arn) for arn in (*found, *queue) if arn))
