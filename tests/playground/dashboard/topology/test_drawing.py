"""Wires laid out: each place's arrows once, circles and depth ended, always the same."""

from itertools import pairwise, permutations

import pytest

from playground.dashboard.topology.drawing import DEEPEST, Branch, branches
from playground.dashboard.topology.wires import Wire


def drawn(branch: Branch) -> str:
    """A branch as text: a(b c~), where ~ marks what goes on elsewhere."""
    inner = f"({' '.join(map(drawn, branch.branches))})" if branch.branches else ""
    return f"{branch.key}{'~' if branch.goes_on_elsewhere else ''}{inner}"


def wired(text: str) -> list[Wire]:
    """ "ab bc": a leads to b, b to c."""
    return [Wire(pair[0], pair[1], pair) for pair in text.split()]


@pytest.mark.parametrize(
    ("wires", "shown"),
    [
        ("", []),
        ("ab", ["a(b)"]),
        ("ab bc cd", ["a(b(c(d)))"]),
        ("ac ab", ["a(b c)"]),
        ("ac bc", ["a(c)", "b(c)"]),
        ("ac bc cd", ["a(c(d))", "b(c~)"]),
        ("aa", ["a(a~)"]),
        ("ab ba", ["a(b(a~))"]),
        ("ab bc ca xb", ["x(b(c(a(b~))))"]),
        ("ab ba cd dc", ["a(b(a~))", "c(d(c~))"]),
    ],
)
def test_what_leads_to_what(wires: str, shown: list[str]) -> None:
    for order in permutations(wired(wires)):
        assert [drawn(branch) for branch in branches(order)] == shown


def test_what_is_deeper_than_a_page_is_wide_begins_anew() -> None:
    keys = "abcdefghijklmno"
    found = [drawn(branch) for branch in branches([Wire(a, b, "") for a, b in pairwise(keys)])]
    assert [shown.replace(")", "") for shown in found] == ["a(b(c(d(e(f(g(h~", "h(i(j(k(l(m(n(o"]
    assert found[0].count("(") == DEEPEST - 1


def test_several_wires_between_two_are_one_arrow() -> None:
    (found,) = branches([Wire("f", "q", "OnSuccess"), Wire("f", "q", "OnFailure"), Wire("f", "q", "OnSuccess")])
    assert [(branch.key, branch.labels) for branch in found.branches] == [("q", ("OnSuccess", "OnFailure"))]


def test_the_order_is_the_callers() -> None:
    assert [branch.key for branch in branches(wired("ax bx"), lambda key: -ord(key))] == ["b", "a"]
