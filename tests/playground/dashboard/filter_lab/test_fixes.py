"""Fixes: what they write, that the rest stays as typed, and that what they give is a pattern that matches."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.dashboard.filter_lab.fixes import Fix
from playground.dashboard.filter_lab.json_places import Place, places
from playground.dashboard.filter_lab.judge import Judge
from playground.dashboard.filter_lab.modes import MODES


def of_text(text: str, mode: str = "events") -> dict[str, str]:
    refusal = Judge(MODES[mode], text).refusal
    assert refusal is not None
    return by_label(refusal.fixes)


def of_miss(text: str, event: Any, mode: str = "events") -> dict[str, str]:
    return by_label(Judge(MODES[mode], text).verdict(json.dumps(event)).fixes)


def by_label(fixes: list[Fix]) -> dict[str, str]:
    return {fix.label: fix.pattern for fix in fixes}


@pytest.mark.parametrize(
    ("text", "fixes"),
    [
        ('{ "a" : "x" }', {'Brackets around "x"': '{ "a" : ["x"] }'}),
        (
            '{"a": "x", "b": {"c": 1}}',
            {
                "Brackets around each value": '{"a": ["x"], "b": {"c": [1]}}',
            },
        ),
        ('{"a": {"prefix": "x"}}', {'Brackets around {"prefix": "x"}': '{"a": [{"prefix": "x"}]}'}),
        ('{"a": [{"Prefix": "x"}]}', {"prefix instead of Prefix": '{"a": [{"prefix": "x"}]}'}),
        ('{"a": [{"anything_but": "x"}]}', {"anything-but instead of anything_but": '{"a": [{"anything-but": "x"}]}'}),
        ('{"a": [{"exists": "true"}]}', {"true without quotes": '{"a": [{"exists": true}]}'}),
        ('{"a": [{"numeric": [">", "5"]}]}', {"5 without quotes": '{"a": [{"numeric": [">", 5]}]}'}),
        ('{"a": [{"numeric": 5}]}', {'"=" before 5': '{"a": [{"numeric": ["=", 5]}]}'}),
        ('{"a": [{"prefix": 5}]}', {"5 in quotes": '{"a": [{"prefix": "5"}]}'}),
        ("{'a': ['x']}", {"Double quotes instead of single ones": '{"a": ["x"]}'}),
        ('{"a": ["x",]}', {"Without the comma before a closing bracket": '{"a": ["x"]}'}),
        ('{a: ["x"]}', {"Keys in double quotes": '{"a": ["x"]}'}),
        ('{"a": ["x"', {"Close the open brackets": '{"a": ["x"]}'}),
        ("{a: ['x',],}", {"Quotes and commas as JSON has them": '{"a": ["x"]}'}),
        ('[{"a": ["x"]}]', {"Without the brackets around it all": '{"a": ["x"]}'}),
        ('{"$or": [{"a": "x"}, {"b": ["y"]}]}', {'Brackets around "x"': '{"$or": [{"a": ["x"]}, {"b": ["y"]}]}'}),
        ('{"a": []}', {}),
        ("nonsense", {}),
    ],
)
def test_a_pattern_that_is_none_becomes_one(text: str, fixes: dict[str, str]) -> None:
    assert of_text(text) == fixes


@pytest.mark.parametrize(
    ("text", "event", "mode", "fixes"),
    [
        ('{ "a": ["300"] }', {"a": 300}, "events", {"300 without quotes": '{ "a": [300] }'}),
        ('{"a": [300]}', {"a": "300"}, "events", {"300 in quotes": '{"a": ["300"]}'}),
        ('{"a": ["true"]}', {"a": True}, "events", {"true without quotes": '{"a": [true]}'}),
        ('{"a": [{"numeric": ["=", 5]}]}', {"a": "5"}, "events", {'compare with the text "5"': '{"a": ["5"]}'}),
        (
            '{"a": ["Paid"]}',
            {"a": "paid"},
            "events",
            {'"Paid" in any case': '{"a": [{"equals-ignore-case": "Paid"}]}', '"paid" instead of "Paid"': '{"a": ["paid"]}'},
        ),
        (
            '{"a": [{"suffix": ".png"}]}',
            {"a": "cat.PNG"},
            "events",
            {'suffix ".png" in any case': '{"a": [{"suffix": {"equals-ignore-case": ".png"}}]}'},
        ),
        ('{"a": [{"suffix": ".png"}]}', {"a": "cat.PNG"}, "sns-body", {}),
        ('{"Source": ["x"]}', {"source": "x"}, "events", {"source instead of Source": '{"source": ["x"]}'}),
        (
            '{"detail": {"Total": [1]}}',
            {"detail": {"total": 1}},
            "events",
            {"total instead of Total": '{"detail": {"total": [1]}}'},
        ),
        (
            '{"total": [1], "kind": ["a"]}',
            {"source": "s", "detail": {"total": 1, "kind": "a"}},
            "events",
            {"total, kind inside detail": '{\n  "detail": {\n    "total": [\n      1\n    ],\n    "kind": [\n      "a"\n    ]\n  }\n}'},
        ),
        ('{"k": ["x"]}', {"body": '{"k": "x"}'}, "sqs", {"k inside body": '{\n  "body": {\n    "k": [\n      "x"\n    ]\n  }\n}'}),
        (
            '{"a": {"numeric": [">", 5]}}',
            {"a": 6},
            "events",
            {"numeric as an operator": '{"a": [{"numeric": [">", 5]}]}'},
        ),
        ('{"a": ["x"]}', {"a": "y"}, "events", {}),
        ('{"a": ["x"]}', {}, "events", {}),
    ],
)
def test_a_miss_becomes_a_match(text: str, event: Any, mode: str, fixes: dict[str, str]) -> None:
    assert of_miss(text, event, mode) == fixes
    for pattern in fixes.values():
        assert Judge(MODES[mode], pattern).verdict(json.dumps(event)).matched


def test_a_fix_leaves_everything_else_as_it_was_typed() -> None:
    text = '{\n\t"a" : [ 1.0 , "300" ] ,  "b":["y"]}'
    assert of_miss(text, {"a": 300, "b": "y"}) == {"300 without quotes": '{\n\t"a" : [ 1.0 , 300 ] ,  "b":["y"]}'}


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_values, st.sampled_from([None, 2]), st.booleans())
def test_every_value_is_found_where_it_stands(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    found = places(f" {text}\n")
    assert found is not None
    assert found.written == text
    assert read(found) == value


def read(place: Place) -> Any:
    if place.members is not None:
        return {member.key: read(member.value) for member in place.members}
    return [read(item) for item in place.items] if place.items is not None else json.loads(place.written)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet='{}[]",:1a \\', max_size=12))
def test_what_is_no_json_has_no_places(text: str) -> None:
    try:
        json.loads(text)
    except ValueError:
        assert places(text) is None
    else:
        assert places(text) is not None
