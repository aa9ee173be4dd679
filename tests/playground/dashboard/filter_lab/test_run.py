"""A pattern on many records: the count, and the misses by what kept them from matching."""

from typing import Any

import pytest

from playground.dashboard.filter_lab.judge import Judge
from playground.dashboard.filter_lab.modes import MODES
from playground.dashboard.filter_lab.run import Run, run


def run_events(pattern: str, *details: Any, mode: str = "events") -> Run:
    return run(Judge(MODES[mode], pattern, offers_fixes=False), [{"detail": detail} if mode == "events" else detail for detail in details])


TOTAL = '{"detail": {"total": [{"numeric": [">", 10]}], "kind": ["order"]}}'


@pytest.mark.parametrize(
    ("pattern", "details", "matched", "misses"),
    [
        (TOTAL, [], 0, []),
        (TOTAL, [{"total": 11, "kind": "order"}] * 3, 3, []),
        (
            TOTAL,
            [{"total": 5, "kind": "order"}, {"total": 5, "kind": "x"}, {"kind": "order"}, {"total": 99, "kind": "order"}],
            1,
            [
                ("detail.total", "numeric > 10", 3, [("got 5", 2), ("key missing", 1)], 0),
                ("detail.kind", '"order"', 1, [('got "x"', 1)], 0),
            ],
        ),
        (
            '{"detail": {"n": [0]}}',
            [{"n": number} for number in range(1, 8)],
            0,
            [("detail.n", "0", 7, [("got 1", 1), ("got 2", 1), ("got 3", 1), ("got 4", 1)], 3)],
        ),
        (
            '{"detail": {"$or": [{"a": [1]}, {"b": [1]}]}}',
            [{"a": 2, "b": 1}, {"a": 2, "b": 3}],
            1,
            [("detail.a", "1", 1, [("got 2", 1)], 0), ("detail.b", "1", 1, [("got 3", 1)], 0)],
        ),
    ],
)
def test_misses_are_grouped_by_path_and_what_was_expected(
    pattern: str, details: list[Any], matched: int, misses: list[tuple[str, str, int, list[tuple[str, int]], int]]
) -> None:
    found = run_events(pattern, *details)
    assert (found.matched, len(found.records)) == (matched, len(details))
    assert [(why.path, why.expected, why.count, list(why.found), why.others) for why in found.misses] == misses


def test_what_keeps_the_whole_record_away_has_no_path() -> None:
    (plain, whole) = (found := run_events('{"body": {"a": [1]}}', {"body": "plain"}, {"body": '{"a": 1}'}, mode="sqs")).records
    assert (plain.word, plain.excerpt, whole.word, whole.why) == ("dropped", "plain", "match", "")
    (why,) = found.misses
    assert (why.path, why.count) == ("", 1)
    assert plain.why == why.found[0][0]
    assert plain.why.startswith("body is not JSON")


def test_a_message_that_is_no_object_is_counted_too() -> None:
    found = run_events('{"a": [1]}', "text", {"a": 1}, mode="sns-body")
    assert (found.matched, len(found.records), [why.count for why in found.misses]) == (1, 2, [1])
