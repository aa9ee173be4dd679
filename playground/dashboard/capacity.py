"""An account's concurrency as a page shows it: pools as a bar, environments as cells, the load and what comes of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Sum

from invocations import event_queue
from invocations.enums import EnvironmentPhase, InitializationType, InvocationType
from invocations.load import INJECTED
from invocations.models import Function, ProvisionedConcurrencyConfig

WIDTH: Final = 1000
"""Of the bar, in its own units."""
SMALLEST: Final = 3.0
"""Of a part of the bar that is not nothing."""
SHOWN_CELLS: Final = 200
"""Of one function."""
TABLE_SECONDS: Final = 60
STATES: Final = {
    EnvironmentPhase.STARTING: "starting",
    EnvironmentPhase.INIT: "starting",
    EnvironmentPhase.READY: "idle",
    EnvironmentPhase.INVOKE: "busy",
    EnvironmentPhase.SHUTDOWN: "gone",
}
CELL_WORDS: Final = ("starting", "busy", "idle", "gone")


@dataclass(frozen=True, slots=True)
class Promises:
    """What functions have for themselves, from the database."""

    reserved: Mapping[str, int]
    provisioned: Mapping[str, int]
    """Over all qualifiers of a function."""

    @classmethod
    def of(cls, account_id: str) -> "Promises":
        """Two queries."""
        functions = Function.objects.of(account_id).filter(reserved_concurrent_executions__isnull=False).order_by("name")
        configs = ProvisionedConcurrencyConfig.objects.filter(function__account_id=account_id).values_list("function__name")
        return cls(
            dict(functions.values_list("name", "reserved_concurrent_executions")),
            dict(configs.annotate(total=Sum("requested")).order_by("function__name")),
        )


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of the account's concurrency."""

    name: str
    kind: str
    """reserved, provisioned or unreserved."""
    size: int
    used: int
    x: float
    width: float
    """Of the bar, from x on."""
    warm: int | None = None
    """Provisioned environments that are ready; None where none are provisioned."""
    provisioned: int = 0

    @property
    def used_width(self) -> float:
        """Of what is in use."""
        return min(self.width, max(SMALLEST, self.width * self.used / self.size)) if self.used and self.size else 0.0

    @property
    def free(self) -> int:
        """What the next callers can have."""
        return max(self.size - self.used, 0)


@dataclass(frozen=True, slots=True)
class Cell:
    """One execution environment."""

    id: str
    state: str
    is_provisioned: bool


@dataclass(slots=True)
class Cells:
    """Those of one function."""

    function: str
    cells: list[Cell] = field(default_factory=list)

    @property
    def shown(self) -> list[Cell]:
        """As many as a page takes."""
        return self.cells[:SHOWN_CELLS]

    @property
    def counts(self) -> list[tuple[str, int]]:
        """State -> how many, all states."""
        counter = Counter(cell.state for cell in self.cells)
        return [(state, counter[state]) for state in CELL_WORDS]

    @property
    def sentence(self) -> str:
        """The picture in words."""
        told = ", ".join(f"{count} {state}" for state, count in self.counts if count)
        return f"Environments of {self.function}: {told}"


@dataclass(frozen=True, slots=True)
class Way:
    """The load's requests of one invocation type."""

    type: str
    tally: Mapping[str, Any]
    """As load.Load.status has it."""

    @property
    def is_asynchronous(self) -> bool:
        """Answered with 202, and queued."""
        return self.type == InvocationType.EVENT

    @property
    def throttles(self) -> int:
        """Answers with 429."""
        return sum(count for reason, count in self.tally["refused"].items() if reason.removesuffix(INJECTED).endswith("Exceeded"))

    @property
    def answered(self) -> str:
        """How many were taken, by the status of that."""
        return (
            f"{self.tally['accepted']} × 202"
            if self.is_asynchronous
            else f"{self.tally['succeeded'] + self.tally['function_errors']} × 200"
        )


@dataclass(slots=True)
class Capacity:
    """A snapshot of playground/service/capacity.py, made ready to be drawn."""

    limit: int
    used: int
    segments: list[Segment]
    functions: list[Cells]
    environment_count: int
    series: list[list[int]]
    load: dict[str, Any] | None
    backlog: int = 0
    """Events of the load's function that are not over."""
    oldest: float | None = None
    """When the oldest of them was accepted, on the account's clock."""

    @property
    def sentence(self) -> str:
        """The bar in words."""
        return f"{self.used} of {self.limit} concurrent executions in use; {self.environment_count} execution environments"

    @property
    def table(self) -> list[list[int]]:
        """The last seconds in which something happened, newest first."""
        return [row for row in reversed(self.series[-TABLE_SECONDS:]) if any(row[1:])]

    @property
    def ways(self) -> list[Way]:
        """What came of the load: synchronous and asynchronous requests."""
        return [Way(type_, tally) for type_, tally in self.load["ways"].items()] if self.load else []

    @property
    def way_names(self) -> str:
        """The invocation types of the load."""
        return " and ".join(way.type for way in self.ways)

    @property
    def reasons(self) -> list[tuple[str, list[int]]]:
        """Why requests were refused, with how many of each way."""
        names = sorted({reason for way in self.ways for reason in way.tally["refused"]})
        return [(name, [way.tally["refused"].get(name, 0) for way in self.ways]) for name in names]

    @property
    def injected(self) -> int:
        """Of the throttles that the plot shows, those that a fault made."""
        return sum(row[-1] for row in self.series)

    @property
    def percent(self) -> int:
        """How much of the load's time is over."""
        return round(100 * self.load["passed"] / self.load["spec"]["seconds"]) if self.load else 0


def of(account_id: str, snapshot: Mapping[str, Any], promises: Promises, gone: Sequence[Mapping[str, Any]] = ()) -> Capacity:
    """*gone*: environments of an earlier snapshot that have ended since."""
    load = snapshot["load"]
    function = load["spec"]["function"] if load else ""
    return Capacity(
        limit=snapshot["limit"],
        used=snapshot["used"],
        segments=segments(snapshot, promises),
        functions=cells([*snapshot["environments"], *({**each, "phase": EnvironmentPhase.SHUTDOWN} for each in gone)]),
        environment_count=snapshot["environment_count"],
        series=snapshot["series"],
        load=load,
        backlog=event_queue.count(account_id, function) if function else 0,
        oldest=event_queue.oldest(account_id, function) if function else None,
    )


def segments(snapshot: Mapping[str, Any], promises: Promises) -> list[Segment]:
    """The account's concurrency from left to right: reserved by function, provisioned, and what all others share."""
    warm = Counter(
        each["function"]
        for each in snapshot["environments"]
        if each["initialization_type"] == InitializationType.PROVISIONED_CONCURRENCY and each["phase"] in {"ready", "invoke"}
    )
    parts: list[tuple[str, str, int]] = [(name, "reserved", size) for name, size in promises.reserved.items() if size]
    parts += [(name, "provisioned", size) for name, size in promises.provisioned.items() if name not in promises.reserved]
    parts.append(("all other functions", "unreserved", snapshot["unreserved"]))
    total, at, found = max(snapshot["limit"], sum(size for *_, size in parts), 1), 0.0, []
    for name, kind, size in parts:
        width = WIDTH * size / total
        provisioned = promises.provisioned.get(name, 0)
        ready = warm[name] if provisioned else None
        found.append(Segment(name, kind, size, _used(snapshot["pools"], name, kind), round(at, 2), round(width, 2), ready, provisioned))
        at += width
    return found


def cells(environments: Iterable[Mapping[str, Any]]) -> list[Cells]:
    """By function, in the order of their names."""
    found: dict[str, Cells] = {}
    for each in environments:
        state = STATES[EnvironmentPhase(each["phase"])]
        is_provisioned = each["initialization_type"] == InitializationType.PROVISIONED_CONCURRENCY
        found.setdefault(each["function"], Cells(each["function"])).cells.append(Cell(each["id"], state, is_provisioned))
    return [found[name] for name in sorted(found)]


def _used(pools: Mapping[str, int], name: str, kind: str) -> int:
    if kind == "unreserved":
        return pools.get("unreserved", 0)
    provisioned = sum(used for pool, used in pools.items() if pool.startswith(f"provisioned:{name}:"))
    return provisioned + (pools.get(f"reserved:{name}", 0) if kind == "reserved" else 0)
