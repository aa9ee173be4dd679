"""What the explanation says of each field."""

import json
from typing import Any

import pytest

from invocations.event_patterns import compile_pattern, explain


def the_field(pattern: Any, event: Any) -> dict[str, Any]:
    result: dict[str, Any] = explain(compile_pattern(json.dumps(pattern)), event).as_json()["parts"][0]
    return result


@pytest.mark.parametrize(
    ("matcher", "event", "reason", "actual"),
    [
        ("x", {"a": {"b": "x"}}, "matched", ["x"]),
        ("x", {"a": {"b": "y"}}, "different value", ["y"]),
        ("x", {"a": {"b": 1}}, "wrong type", [1]),
        (1, {"a": {"b": "1"}}, "wrong type", ["1"]),
        ("x", {"a": {"c": "x"}}, "key missing", []),
        ("x", {"a": "x"}, "parent is no object", []),
        ("x", {"a": {"b": {"c": 1}}}, "object, not a value", []),
        ("x", {"a": {"b": []}}, "empty array", []),
        ({"numeric": [">", 5]}, {"a": {"b": 5}}, "out of range", [5]),
        ({"numeric": [">", 5]}, {"a": {"b": "6"}}, "wrong type", ["6"]),
        ({"anything-but": "x"}, {"a": {"b": "x"}}, "excluded value", ["x"]),
        ({"exists": False}, {"a": {"b": None}}, "key present", [None]),
        ({"exists": False}, {"a": {}}, "matched", []),
        ({"cidr": "10.0.0.0/8"}, {"a": {"b": "11.0.0.1"}}, "out of range", ["11.0.0.1"]),
    ],
)
def test_a_field_says_what_decided(matcher: Any, event: Any, reason: str, actual: list[Any]) -> None:
    field = the_field({"a": {"b": [matcher]}}, event)
    assert (field["path"], field["reason"], field["actual"]) == ("a.b", reason, actual)
    assert field["matched"] is (reason == "matched")


def test_a_missing_parent_is_named() -> None:
    assert the_field({"a": {"b": {"c": ["x"]}}}, {"a": {}})["missing_at"] == "a.b"


def test_each_operator_of_a_list_has_its_own_result() -> None:
    field = the_field({"a": ["x", {"prefix": "y"}, {"numeric": [">", 1]}]}, {"a": ["yes", 0]})
    assert [(test["operator"], test["expected"], test["matched"], test["reason"]) for test in field["tests"]] == [
        ("equals", "x", False, "different value"),
        ("prefix", "y", True, "matched"),
        ("numeric", [">", 1], False, "out of range"),
    ]


def test_fields_that_match_in_different_array_elements_are_told_apart() -> None:
    pattern = compile_pattern('{"a": {"b": ["x"], "c": ["y"]}}')
    result = explain(pattern, {"a": [{"b": "x"}, {"c": "y"}]})
    assert [field.matched for field in result.fields()] == [True, True]
    assert (result.matched, result.reason) == (False, "no one array element has it all")


def test_or_shows_its_branches() -> None:
    pattern = compile_pattern('{"s": ["1"], "$or": [{"a": ["x"]}, {"b": ["y"]}]}')
    result = explain(pattern, {"s": "1", "b": "y"}).as_json()
    assert [part["kind"] for part in result["parts"]] == ["field", "any"]
    assert [branch["matched"] for branch in result["parts"][1]["parts"]] == [False, True]
    assert explain(pattern, {"s": "1"}).as_json()["parts"][1]["reason"] == "no branch matches"
