"""Wires laid out for reading: from whatever nothing leads to, layer by layer to where everything ends. The same wires, the same drawing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from playground.dashboard.topology.wires import Wire

DEEPEST: Final = 8
"""Layers beside each other; what goes on behind them begins anew."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One place, and what it leads to."""

    key: str
    labels: tuple[str, ...] = ()
    """Of the arrow that leads here; empty at the beginning."""
    branches: tuple["Branch", ...] = ()
    goes_on_elsewhere: bool = False
    """Whether what it leads to is drawn at another of its places: each is drawn once, so that circles end."""


def branches(wires: Iterable[Wire], order: Callable[[str], Any] = str) -> list[Branch]:
    """The beginnings, sorted as everything is by *order* of the keys. Of several wires between the same two one arrow is made."""
    leads: dict[str, dict[str, list[str]]] = {}
    for wire in wires:
        labels = leads.setdefault(wire.source, {}).setdefault(wire.target, [])
        if wire.label not in labels:
            labels.append(wire.label)
    reached = {target for source, targets in leads.items() for target in targets if target != source}
    drawn: set[str] = set()

    def draw(key: str, labels: Iterable[str] = (), depth: int = 1) -> Branch:
        if key in leads and (key in drawn or depth == DEEPEST):
            return Branch(key, tuple(labels), goes_on_elsewhere=True)
        drawn.add(key)
        targets = leads.get(key, {})
        return Branch(key, tuple(labels), tuple(draw(target, targets[target], depth + 1) for target in sorted(targets, key=order)))

    sources = sorted(leads, key=order)
    beginnings = [draw(key) for key in sources if key not in reached]
    # What is left stands in a circle, or too deep. Each beginning draws more of it, so the list is asked as it goes.
    for key in sources:
        if key not in drawn:
            beginnings.append(draw(key))
    return beginnings
