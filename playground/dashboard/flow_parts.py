"""What a diagram of an invocation is made of: boxes with stops in them, bars of the waterfall, moments the time cursor stops at.

All times are milliseconds since the request arrived. Nothing is guessed: a stop that has no step has not been reached.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from invocations.enums import InvocationState, Station
from invocations.values import Step
from playground.dashboard.figures import milliseconds, share, size
from playground.dashboard.invocation_view import InvocationView
from playground.dashboard.legend import look
from playground.dashboard.stations import StopText

BEFORE, DURING, AFTER, NEVER = "before", "during", "after", "never"
"""The phases of a stop: not reached yet, at it now, passed, and never to be reached."""

LAST_TICK = 94.0
"""Per cent of the whole: behind it a tick's label would have no room."""

Fact = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Stop:
    """One station of the path in the diagram."""

    id: str
    """The Station's value, or "request" and "answer" for the two ends, which are the caller's."""
    phase: str
    state: str
    """What it came to, or will: "done", or the InvocationState in which the invocation ended here."""
    word: str
    """What *state* is called once it is passed."""
    starts_ms: float | None
    ends_ms: float | None
    """None while it lasts, and where it is never reached."""
    facts: tuple[Fact, ...]
    text: StopText
    spans: tuple[tuple[float, float | None], ...] = ()
    """Where it was reached several times: each time, the last one open (None) while it lasts."""
    due: float | None = None
    """What is waited for here: epoch seconds on the account's clock."""
    before_due: str = ""
    """The words before that countdown, few enough for the diagram."""

    @property
    def duration_ms(self) -> float | None:
        """How long it took."""
        return None if self.starts_ms is None or self.ends_ms is None else self.ends_ms - self.starts_ms

    @property
    def spans_text(self) -> str:
        """The spans as the time cursor reads them: "12.5:30.1 90.0:"."""
        return " ".join(f"{starts:.3f}:" + ("" if ends is None else f"{ends:.3f}") for starts, ends in self.spans)

    @property
    def figure(self) -> str:
        """Its duration, where it has one worth showing."""
        return milliseconds(self.duration_ms) if self.duration_ms else ""

    @property
    def icon(self) -> str:
        """For what it came to."""
        return "check" if self.state == "done" else look(self.state).icon

    @property
    def slug(self) -> str:
        """The data-state of what it came to."""
        return _slug(self.state)

    @property
    def name(self) -> str:
        """What the diagram calls it."""
        return self.text.name

    @property
    def situation(self) -> str:
        """The word for its present phase."""
        return {BEFORE: "waiting", DURING: self.text.during, AFTER: self.word, NEVER: "not reached"}[self.phase]

    @property
    def happening(self) -> str:
        """The sentence for what is, or was, done here."""
        return self.text.refused if self.phase == AFTER and self.state != "done" and self.text.refused else self.text.happening


@dataclass(frozen=True, slots=True)
class Node:
    """A box of the diagram, with the stops in it."""

    id: str
    name: str
    place: str
    """Where it is, in a few words."""
    brings: str
    """What travels on the arrow that leads here; empty for the first."""
    stops: tuple[Stop, ...]

    @property
    def phase(self) -> str:
        """Of its stops together."""
        phases = {stop.phase for stop in self.stops}
        if DURING in phases:
            return DURING
        return next(iter(phases)) if len(phases) == 1 else AFTER if AFTER in phases else BEFORE

    @property
    def state(self) -> str:
        """ "done" unless one of its stops came to something else."""
        return next((stop.state for stop in self.stops if stop.phase == AFTER and stop.state != "done"), "done")

    @property
    def slug(self) -> str:
        """The data-state of what it came to."""
        return _slug(self.state)

    @property
    def starts_ms(self) -> float | None:
        """When its first stop was reached."""
        return next((stop.starts_ms for stop in self.stops if stop.starts_ms is not None), None)

    @property
    def ends_ms(self) -> float | None:
        """When its last reached stop was left; None while one lasts."""
        if any(stop.phase == DURING for stop in self.stops):
            return None
        return next((stop.ends_ms for stop in reversed(self.stops) if stop.ends_ms is not None), None)

    @property
    def situation(self) -> str:
        """The word of the stop that matters most now."""
        present = next((stop for stop in self.stops if stop.phase == DURING), None)
        failed = next((stop for stop in self.stops if stop.phase == AFTER and stop.state != "done"), None)
        if found := present or failed:
            return found.situation
        passed = [stop for stop in self.stops if stop.phase == AFTER]
        return (passed or self.stops)[-1].situation


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of the waterfall."""

    id: str
    label: str
    kind: str
    """Its colour and pattern: service, init, warm, invoke, answer."""
    starts_ms: float
    ends_ms: float
    is_running: bool
    note: str
    total_ms: float
    """Of the whole waterfall."""
    is_reached: bool = True
    """Each line has its place from the start; one that is not reached has no bar."""

    @property
    def duration_ms(self) -> float:
        """Its length in time."""
        return self.ends_ms - self.starts_ms

    @property
    def figure(self) -> str:
        """The same in words."""
        return milliseconds(self.duration_ms) if self.is_reached else "–"

    @property
    def left(self) -> float:
        """Its start, in per cent of the whole."""
        return round(100 * self.starts_ms / self.total_ms, 3) if self.total_ms else 0.0

    @property
    def width(self) -> float:
        """Its length, in per cent of the whole."""
        return round(100 * self.duration_ms / self.total_ms, 3) if self.total_ms else 0.0


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time at which something began or ended."""

    at_ms: float
    what: str
    detail: str = ""

    @property
    def time(self) -> str:
        """For the table."""
        return "+" + milliseconds(self.at_ms)


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of the waterfall's scale."""

    at_ms: float
    left: float
    """In per cent of the whole."""

    @property
    def label(self) -> str:
        """What stands beside it."""
        return milliseconds(self.at_ms) if self.at_ms else "0"


@dataclass(frozen=True, slots=True)
class Flow:
    """All of it, from one look at the record."""

    nodes: tuple[Node, ...]
    bars: tuple[Bar, ...]
    moments: tuple[Moment, ...]
    ticks: tuple[Tick, ...]
    total_ms: float

    @property
    def stops(self) -> list[Stop]:
        """Every stop, in order."""
        return [stop for node in self.nodes for stop in node.stops]

    @property
    def now(self) -> str:
        """One sentence for where the invocation is: "Lambda service: authorize, authorizing"."""
        for node in self.nodes:
            for stop in node.stops:
                if stop.phase == DURING:
                    return f"{node.name}: {stop.situation}"
        reached = [(node, stop) for node in self.nodes for stop in node.stops if stop.phase == AFTER]
        node, stop = reached[-1]
        return f"{node.name}: {stop.situation}"


def facts(view: InvocationView, station: Station, step: Step) -> tuple[Fact, ...]:
    """What a step recorded, in words."""
    detail = step.detail
    facts: list[Fact] = []
    match station:
        case Station.ACCEPT:
            facts = [("Event", size(detail.get("bytes", 0))), ("Request id", view.request_id)]
        case Station.AUTHORIZE:
            facts = [("Caller", str(detail.get("principal", ""))), ("Allowed because", str(detail.get("reason", "")))]
        case Station.ROUTE:
            facts = [("Version", str(detail.get("version", "")))]
            if detail.get("alias"):
                facts += [("Alias", str(detail["alias"])), ("Its share of invocations", share(detail.get("weight", 1.0)))]
        case Station.ADMIT:
            facts = admit_facts(detail)
        case Station.INIT:
            facts = [("Environment", str(detail.get("environment", ""))), ("Ready after", milliseconds(step.duration_ms or 0.0))]
            if detail.get("init_duration_ms") is not None:
                facts.append(("Init Duration", f"{detail['init_duration_ms']:.2f} ms"))
        case Station.RUN:
            facts = [("Duration", f"{step.duration_ms or 0.0:.2f} ms")]
            if view.billed_duration_ms is not None:
                facts.append(("Billed Duration", f"{view.billed_duration_ms} ms"))
            if detail.get("max_memory_used_mb") and view.memory_size_mb:
                facts.append(("Max Memory Used", f"{detail['max_memory_used_mb']} of {view.memory_size_mb} MB"))
            if detail.get("error_type"):
                facts.append(("Error type", str(detail["error_type"])))
        case _:
            pass
    return tuple((name, value) for name, value in facts if value) + injected_facts(detail)


def admit_facts(detail: dict[str, Any]) -> list[Fact]:
    facts: list[Fact] = []
    if "used" in detail and "limit" in detail:
        facts.append((f"Concurrency in use ({detail.get('pool', 'account')})", f"{detail['used']} of {detail['limit']}"))
    if "initialization_type" in detail:
        facts.append(("Initialization type", str(detail["initialization_type"])))
    return facts


def refusal_facts(detail: dict[str, Any]) -> tuple[Fact, ...]:
    names = {
        "error_code": "Error",
        "error_message": "Message",
        "Reason": "Reason",
        "limit": "Limit",
        "concurrent_executions": "Concurrent executions",
        "requests_per_second": "Requests per second",
        "scaling_rate": "Scaling rate, per 10 s",
    }
    return tuple((name, str(detail[key])) for key, name in names.items() if detail.get(key) is not None) + injected_facts(detail)


def injected_facts(detail: dict[str, Any]) -> tuple[Fact, ...]:
    """What a fault of the account did here."""
    if not detail.get("injected"):
        return ()
    latency = f" of {detail['added_latency_ms']:.0f} ms" if "added_latency_ms" in detail else ""
    return (("Injected", f"{detail.get('fault', 'fault')}{latency}, on purpose: by a fault of this account, not by Lambda"),)


def moments(nodes: Sequence[Node]) -> tuple[Moment, ...]:
    """Where the cursor stops: one for each stop reached and one for each left, those at the same time as one."""
    found: list[Moment] = []
    for node in nodes:
        for stop in node.stops:
            if stop.starts_ms is not None and (stop.duration_ms is None or stop.duration_ms >= 0.01):
                found.append(Moment(stop.starts_ms, f"{node.name}: {stop.text.during}"))
            if stop.ends_ms is not None:
                detail = "; ".join(f"{name} {value}" for name, value in stop.facts)
                found.append(Moment(stop.ends_ms, f"{node.name}: {stop.name}, {stop.word}", detail))
    return tuple(sorted(found, key=lambda moment: moment.at_ms))


def ticks(total_ms: float) -> tuple[Tick, ...]:
    """Four to ten marks at round numbers."""
    if total_ms <= 0:
        return (Tick(0.0, 0.0),)
    step = 10.0**-3
    while total_ms / step > 5:
        step *= 2 if f"{step:e}"[0] in "15" else 2.5
    places = [(step * n, round(100 * step * n / total_ms, 3)) for n in range(int(total_ms / step) + 1)]
    return tuple(Tick(at_ms, left) for at_ms, left in places if left <= LAST_TICK)


def _slug(state: str) -> str:
    return look(InvocationState.SUCCEEDED if state == "done" else state).slug
