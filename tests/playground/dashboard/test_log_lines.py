import pytest

from playground.dashboard.log_lines import entries, entry
from tests.playground.dashboard.records import END, REPORT, START


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("INIT_START Runtime Version: python:3.12.v90", "init"),
        (START, "start"),
        (END, "end"),
        (REPORT, "report"),
        ("[ERROR] ValueError: boom", "error"),
        ("2026-11-23T08:00:00.000Z\t6a19\tERROR\tboom", "error"),
        ("[WARNING]\t2026-11-23T08:00:00.000Z\t6a19\tcareful", "warning"),
        ('{"time":"x","type":"platform.report","record":{}}', "report"),
        ('{"level":"ERROR","message":"boom"}', "error"),
        ('{"level":"INFO","message":"hi"}', ""),
        ("order 42: START RequestId: no", ""),
        ("{not json", ""),
    ],
)
def test_a_line_is_known_by_its_beginning(text: str, kind: str) -> None:
    assert entry(0, 1.0, text).kind == kind


def test_lines_count_from_the_first_and_from_the_request() -> None:
    first, second = entries([(10_005, "a"), (10_250, "b")], 10.0, first=7)

    assert [(line.index, line.time) for line in (first, second)] == [(7, "+5.0 ms"), (8, "+250 ms")]


def test_only_objects_fold() -> None:
    assert [entry(0, 0, text).is_json for text in ('{"a": 1}', "[1]", "42", "{")] == [True, False, False, False]


def test_a_joined_traceback_is_apart_again() -> None:
    assert entry(0, 0, "[ERROR] E\rTraceback\r  File").text == "[ERROR] E\nTraceback\n  File"
