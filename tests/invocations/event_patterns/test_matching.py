"""What matches what: the tables of the rule language (EventBridge guide, event-ruler, recordings)."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invocations.event_patterns import PatternIndex, compile_pattern, explain
from invocations.event_patterns.grammar import Combination

Case = tuple[Any, Any, bool]

LITERALS: list[Case] = [
    ({"a": ["x"]}, {"a": "x"}, True),
    ({"a": ["x"]}, {"a": "X"}, False),
    ({"a": ["x", "y"]}, {"a": "y"}, True),
    ({"a": ["x"]}, {"A": "x"}, False),
    ({"a": ["x"]}, {}, False),
    ({"a": ["x"], "b": ["y"]}, {"a": "x", "b": "y", "c": "z"}, True),
    ({"a": ["x"], "b": ["y"]}, {"a": "x"}, False),
    ({"a": [None]}, {"a": None}, True),
    ({"a": [None]}, {"a": "null"}, False),
    ({"a": [None]}, {"a": ""}, False),
    ({"a": [None]}, {}, False),
    ({"a": [None]}, {"a": []}, False),
    ({"a": [""]}, {"a": ""}, True),
    ({"a": [""]}, {"a": None}, False),
    ({"a": ["1"]}, {"a": 1}, False),
    ({"a": [1]}, {"a": "1"}, False),
    ({"a": [300]}, {"a": 300}, True),
    ({"a": [300]}, {"a": 300.0}, True),
    ({"a": [3.018e2]}, {"a": 301.8}, True),
    ({"a": [123456789012345678]}, {"a": 123456789012345679}, False),
    ({"a": [True]}, {"a": True}, True),
    ({"a": [True]}, {"a": "true"}, False),
    ({"a": [True]}, {"a": 1}, False),
    ({"a": [1]}, {"a": True}, False),
    ({"a": [0, False]}, {"a": False}, True),
    ({"a": [0]}, {"a": False}, False),
    ({"a": [{"exactly": "x"}]}, {"a": "x"}, True),
]

STRUCTURE: list[Case] = [
    ({"a": {"b": ["x"]}}, {"a": {"b": "x"}}, True),
    ({"a": {"b": ["x"]}}, {"a": "x"}, False),
    ({"a": {"b": ["x"]}}, {"a": '{"b": "x"}'}, False),
    ({"a": ["x"]}, {"a": {"x": "x"}}, False),
    ({"a.b": ["x"]}, {"a": {"b": "x"}}, True),
    ({"a": {"b": ["x"]}}, {"a.b": "x"}, True),
    ({"a.b": ["x"]}, {"a.b": "x"}, True),
    ({"a": {"b": ["x"], "c": ["y"]}}, {"a.b": "x", "a": {"c": "y"}}, True),
    ({"a": {"b.c": ["x"]}}, {"a.b": {"c": "y"}}, False),
    ({"a": {"b": [{"exists": False}]}}, {"a.b": "x"}, False),
    ({"a": ["x", "z"]}, {"a": ["y", "z"]}, True),
    ({"a": ["x"]}, {"a": ["y"]}, False),
    ({"a": ["x"]}, {"a": []}, False),
    ({"a": ["x"]}, {"a": [["y"], [["x"]]]}, True),
    ({"a": {"b": ["x"]}}, {"a": [{"b": "y"}, {"b": "x"}]}, True),
    ({"a": {"b": ["x"], "c": ["y"]}}, {"a": [{"b": "x", "c": "y"}]}, True),
    ({"a": {"b": ["x"], "c": ["y"]}}, {"a": [{"b": "x"}, {"c": "y"}]}, False),
    ({"a": {"b": {"c": ["x"]}, "d": ["y"]}}, {"a": [{"b": [{"c": "x"}], "d": "y"}, "z"]}, True),
    ({"a": {"b": ["x"]}}, {"a": ["x"]}, False),
]

OPERATORS: list[Case] = [
    ({"a": [{"prefix": "ab"}]}, {"a": "abc"}, True),
    ({"a": [{"prefix": "ab"}]}, {"a": "Abc"}, False),
    ({"a": [{"prefix": ""}]}, {"a": "anything"}, True),
    ({"a": [{"prefix": "1"}]}, {"a": 12}, False),
    ({"a": [{"suffix": ".png"}]}, {"a": "x.png"}, True),
    ({"a": [{"suffix": ".png"}]}, {"a": "x.jpg"}, False),
    ({"a": [{"suffix": ""}]}, {"a": ""}, True),
    ({"a": [{"prefix": {"equals-ignore-case": "AB"}}]}, {"a": "abC"}, True),
    ({"a": [{"suffix": {"equals-ignore-case": ".PNG"}}]}, {"a": "x.pnG"}, True),
    ({"a": [{"suffix": {"equals-ignore-case": ".PNG"}}]}, {"a": "x.jpg"}, False),
    ({"a": [{"equals-ignore-case": "aLICE"}]}, {"a": "Alice"}, True),
    ({"a": [{"equals-ignore-case": ""}]}, {"a": ""}, True),
    ({"a": [{"equals-ignore-case": ""}]}, {"a": "x"}, False),
    ({"a": [{"equals-ignore-case": "a"}]}, {"a": None}, False),
    ({"a": [{"wildcard": "a*c"}]}, {"a": "abbbc"}, True),
    ({"a": [{"wildcard": "a*c"}]}, {"a": "ac"}, True),
    ({"a": [{"wildcard": "a*c"}]}, {"a": "acd"}, False),
    ({"a": [{"wildcard": "ab*ba"}]}, {"a": "aba"}, False),
    ({"a": [{"wildcard": "*x*"}]}, {"a": "axb"}, True),
    ({"a": [{"wildcard": "dir/*/f*.png"}]}, {"a": "dir/x/y/file.png"}, True),
    ({"a": [{"wildcard": "a\\*b"}]}, {"a": "a*b"}, True),
    ({"a": [{"wildcard": "a\\*b"}]}, {"a": "axb"}, False),
    ({"a": [{"wildcard": "a\\\\b"}]}, {"a": "a\\b"}, True),
    ({"a": [{"wildcard": ""}]}, {"a": ""}, False),
    ({"a": [{"wildcard": "*"}]}, {"a": ""}, True),
    ({"a": [{"wildcard": "*"}]}, {"a": 1}, False),
    ({"a": [{"numeric": ["=", 5]}]}, {"a": 5.0}, True),
    ({"a": [{"numeric": [">", 0, "<=", 5]}]}, {"a": 5}, True),
    ({"a": [{"numeric": [">", 0, "<=", 5]}]}, {"a": 0}, False),
    ({"a": [{"numeric": ["<", 10]}]}, {"a": -3e10}, True),
    ({"a": [{"numeric": [">=", 10]}]}, {"a": "11"}, False),
    ({"a": [{"numeric": [">=", 0]}]}, {"a": None}, False),
    ({"a": [{"numeric": [">=", 0]}]}, {"a": True}, False),
    ({"a": [{"cidr": "10.0.0.0/24"}]}, {"a": "10.0.0.255"}, True),
    ({"a": [{"cidr": "10.0.0.0/24"}]}, {"a": "10.0.1.0"}, False),
    ({"a": [{"cidr": "10.0.0.0/24"}]}, {"a": "not an address"}, False),
    ({"a": [{"cidr": "10.0.0.0/24"}]}, {"a": 167772161}, False),
    ({"a": [{"cidr": "2001:db8::/32"}]}, {"a": "2001:0db8:0123::1"}, True),
    ({"a": [{"cidr": "2001:db8::/32"}]}, {"a": "10.0.0.1"}, False),
    ({"a": ["x", {"prefix": "y"}, {"numeric": [">", 1]}]}, {"a": 2}, True),
    ({"a": ["x", {"prefix": "y"}]}, {"a": "yes"}, True),
    ({"a": ["x", {"prefix": "y"}]}, {"a": "no"}, False),
]

ANYTHING_BUT: list[Case] = [
    ({"a": [{"anything-but": "x"}]}, {"a": "y"}, True),
    ({"a": [{"anything-but": "x"}]}, {"a": "x"}, False),
    ({"a": [{"anything-but": "x"}]}, {"a": None}, True),
    ({"a": [{"anything-but": "x"}]}, {}, False),
    ({"a": [{"anything-but": "x"}]}, {"a": []}, False),
    ({"a": [{"anything-but": "x"}]}, {"a": {"b": 1}}, False),
    ({"a": [{"anything-but": ["x", "y"]}]}, {"a": "y"}, False),
    ({"a": [{"anything-but": ["x", "y"]}]}, {"a": ["y", "z"]}, True),
    ({"a": [{"anything-but": 5}]}, {"a": 5.0}, False),
    ({"a": [{"anything-but": [1, 2]}]}, {"a": 3}, True),
    ({"a": [{"anything-but": [1, 2]}]}, {"a": "1"}, True),
    ({"a": [{"anything-but": 0}]}, {"a": False}, True),
    ({"a": [{"anything-but": {"prefix": "x"}}]}, {"a": "xy"}, False),
    ({"a": [{"anything-but": {"prefix": "x"}}]}, {"a": "yx"}, True),
    ({"a": [{"anything-but": {"prefix": "x"}}]}, {"a": 3}, True),
    ({"a": [{"anything-but": {"prefix": "x"}}]}, {"a": None}, True),
    ({"a": [{"anything-but": {"prefix": "x"}}]}, {}, False),
    ({"a": [{"anything-but": {"prefix": ["x", "y"]}}]}, {"a": "yx"}, False),
    ({"a": [{"anything-but": {"suffix": "x"}}]}, {"a": "xy"}, True),
    ({"a": [{"anything-but": {"suffix": ["x", "y"]}}]}, {"a": "xy"}, False),
    ({"a": [{"anything-but": {"equals-ignore-case": "x"}}]}, {"a": "X"}, False),
    ({"a": [{"anything-but": {"equals-ignore-case": ["x", "y"]}}]}, {"a": "z"}, True),
    ({"a": [{"anything-but": {"wildcard": "*/lib/*"}}]}, {"a": "/x/lib/y"}, False),
    ({"a": [{"anything-but": {"wildcard": ["*a", "*b"]}}]}, {"a": "c"}, True),
    ({"a": [{"anything-but": {"wildcard": ""}}]}, {"a": ""}, True),
]

EXISTS: list[Case] = [
    ({"a": [{"exists": True}]}, {"a": "x"}, True),
    ({"a": [{"exists": True}]}, {"a": None}, True),
    ({"a": [{"exists": True}]}, {"a": False}, True),
    ({"a": [{"exists": True}]}, {}, False),
    ({"a": [{"exists": True}]}, {"a": {"b": 1}}, False),
    ({"a": [{"exists": True}]}, {"a": []}, False),
    ({"a": [{"exists": True}]}, {"a": {}}, False),
    ({"a": [{"exists": True}]}, {"a": [{"b": 1}, 2]}, True),
    ({"a": [{"exists": False}]}, {}, True),
    ({"a": [{"exists": False}]}, {"a": None}, False),
    ({"a": [{"exists": False}]}, {"a": {"b": 1}}, True),
    ({"a": [{"exists": False}]}, {"a": []}, True),
    ({"a": [{"exists": False}]}, {"a": {}}, True),
    ({"a": {"b": [{"exists": False}]}}, {}, True),
    ({"a": {"b": [{"exists": False}]}}, {"a": "x"}, True),
    ({"a": {"b": [{"exists": False}]}}, {"a": {"b": 0}}, False),
    ({"a": {"b": [{"exists": False}]}}, {"a": [{"c": 1}, {"b": 1}]}, False),
    ({"a": {"b": [{"exists": False}]}}, {"a": [{"c": 1}, {"d": 1}]}, True),
    ({"a": {"b": ["x"], "c": [{"exists": False}]}}, {"a": [{"b": "x"}, {"b": "y", "c": 1}]}, True),
    ({"a": {"b": ["x"], "c": [{"exists": False}]}}, {"a": [{"b": "x", "c": 1}, {"b": "y"}]}, False),
    ({"a": [{"anything-but": ["x"]}, {"exists": False}]}, {}, True),
    ({"a": [{"anything-but": ["x"]}, {"exists": False}]}, {"a": "y"}, True),
    ({"a": [{"anything-but": ["x"]}, {"exists": False}]}, {"a": "x"}, False),
    ({"a": ["x"], "b": [{"exists": False}]}, {"a": "x"}, True),
]

ALTERNATIVES: list[Case] = [
    ({"$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"b": "y"}, True),
    ({"$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"a": "y"}, False),
    ({"s": ["1"], "$or": [{"a": ["x"]}, {"b": ["y"], "c": ["z"]}]}, {"s": "1", "b": "y"}, False),
    ({"s": ["1"], "$or": [{"a": ["x"]}, {"b": ["y"], "c": ["z"]}]}, {"s": "1", "b": "y", "c": "z"}, True),
    ({"d": {"$or": [{"a": ["x"]}, {"$or": [{"b": ["y"]}, {"c": ["z"]}]}]}}, {"d": {"c": "z"}}, True),
    ({"d": {"$or": [{"a": ["x"]}, {"b": ["y"]}], "e": ["1"]}}, {"d": [{"a": "x"}, {"e": "1"}]}, False),
    ({"$or": [{"a": [{"exists": False}]}, {"a": ["x"]}]}, {"a": "x"}, True),
    ({"$or": ["x"]}, {"$or": "x"}, True),
    ({"$or": [{"prefix": "x"}, {"suffix": "y"}]}, {"$or": "xa"}, True),
    ({"$or": {"a": ["x"]}}, {"$or": {"a": "x"}}, True),
]

WORKED: list[Case] = [
    ({"body": {"kind": ["a"], "n": [{"numeric": [">", 10]}]}}, {"body": {"kind": "a", "n": 11}}, True),
    ({"body": {"kind": ["a"], "n": [{"numeric": [">", 10]}]}}, {"body": {"kind": "a", "n": "11"}}, False),
    ({"dynamodb": {"NewImage": {"s": {"S": [{"prefix": "x"}]}}}}, {"dynamodb": {"NewImage": {"s": {"S": "xyz"}}}}, True),
    ({"dynamodb": {"NewImage": {"s": {"S": [{"prefix": "x"}]}}}}, {"dynamodb": {"Keys": {}}, "eventName": "REMOVE"}, False),
    ({"data": {"tags": ["red"]}}, {"data": {"tags": ["blue", "red"]}}, True),
    ({"data": {"tags": ["red"]}}, {"data": {"tags": "blue"}}, False),
]


@pytest.mark.parametrize(
    ("pattern", "event", "expected"), [*LITERALS, *STRUCTURE, *OPERATORS, *ANYTHING_BUT, *EXISTS, *ALTERNATIVES, *WORKED]
)
def test_a_pattern_decides_as_the_language_says(pattern: Any, event: Any, expected: bool) -> None:
    compiled = compile_pattern(json.dumps(pattern))
    assert compiled.matches(event) is expected
    assert explain(compiled, event).matched is expected
    assert PatternIndex([("only", compiled)]).matching(event) == (["only"] if expected else [])


def test_a_key_given_twice_keeps_its_last_values() -> None:
    pattern = compile_pattern('{"a": ["x"], "a": ["y"]}')
    assert [pattern.matches({"a": "x"}), pattern.matches({"a": "y"})] == [False, True]
    nested = compile_pattern('{"a": {"b": ["x"]}, "a": {"c": ["y"]}}')
    assert [nested.matches({"a": {"b": "x"}}), nested.matches({"a": {"c": "y"}})] == [False, True]


def test_an_event_of_any_depth_is_looked_at_without_harm() -> None:
    pattern = compile_pattern('{"a": {"b": ["x"]}}')
    deep: Any = {"b": "x"}
    for _ in range(900):
        deep = [deep]
    assert pattern.matches({"a": deep, "c.d": deep})


def test_a_wildcard_is_quick_on_text_made_to_slow_it_down() -> None:
    pattern = compile_pattern('{"a": [{"wildcard": "*aaa*aab"}]}')
    assert not pattern.matches({"a": "a" * 1_000_000})


KEYS = st.sampled_from(["a", "b", "c", "a.b"])
VALUES = st.one_of(st.sampled_from(["x", "y", "xy", ""]), st.integers(0, 3), st.booleans(), st.none(), st.just(1.0))
EVENTS = st.dictionaries(
    KEYS,
    st.recursive(VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8),
    max_size=3,
)
POSITIVE = st.one_of(
    VALUES,
    st.sampled_from(
        [
            {"prefix": "x"},
            {"suffix": "y"},
            {"anything-but": ["x", ""]},
            {"anything-but": 1},
            {"numeric": [">", 0, "<=", 2]},
            {"exists": True},
            {"wildcard": "*y"},
            {"equals-ignore-case": "XY"},
        ]
    ),
)


def patterns(entries: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    leaves = st.dictionaries(KEYS, st.lists(entries, min_size=1, max_size=2), min_size=1, max_size=2)
    nested = st.recursive(leaves, lambda inner: st.dictionaries(KEYS, inner, min_size=1, max_size=2), max_leaves=4)
    either = st.builds(lambda one, other, more: {**more, "$or": [one, other]}, leaves, leaves, nested)
    return nested | either


def fields_of(value: Any, path: tuple[str, ...] = (), places: tuple[tuple[int, int], ...] = ()) -> list[Any]:
    """Every scalar of an event with its path and its places in the arrays around it: (array, position in it)."""
    if isinstance(value, dict):
        return [field for key, inner in value.items() for field in fields_of(inner, (*path, *key.split(".")), places)]
    if isinstance(value, list):
        found = []
        for position, inner in enumerate(value):
            # a value in an array stands at its own place; an array in an array adds places of its own
            found += fields_of(inner, path, (*places, (id(value), position)))
        return found
    return [(path, value, dict(places))]


def holds(combination: Combination, event: Any) -> bool:
    """The plain definition: one value for each path, so that no two of them are at different places of one array."""
    fields = fields_of(event)

    def choose(paths: list[tuple[str, ...]], places: dict[int, int]) -> bool:
        if not paths:
            return True
        for path, value, at in fields:
            agrees = all(places.get(array, position) == position for array, position in at.items())
            fits = path == paths[0] and agrees and any(matcher.test(value) for matcher in combination[path])
            if fits and choose(paths[1:], places | at):
                return True
        return False

    return choose(list(combination), {})


@settings(max_examples=300, deadline=None)
@given(patterns(POSITIVE), EVENTS)
def test_a_compiled_pattern_agrees_with_the_plain_definition(pattern: Any, event: Any) -> None:
    compiled = compile_pattern(json.dumps(pattern))
    expected = any(holds(combination, event) for combination in compiled.combinations)
    leaf_and_object_at_one_path = any(
        path != other and path == other[: len(path)] for each in compiled.combinations for path in each for other in each
    )
    two_spellings = "a.b" in json.dumps(event)
    if not (leaf_and_object_at_one_path or two_spellings):
        assert compiled.matches(event) is expected
    elif expected:
        assert compiled.matches(event)


@settings(max_examples=200, deadline=None)
@given(st.lists(patterns(POSITIVE | st.just({"exists": False})), max_size=5), EVENTS)
def test_an_index_and_an_explanation_say_what_each_pattern_says(given_patterns: list[Any], event: Any) -> None:
    compiled = [compile_pattern(json.dumps(pattern)) for pattern in given_patterns]
    index = PatternIndex(enumerate(compiled))
    expected = [number for number, pattern in enumerate(compiled) if pattern.matches(event)]
    assert index.matching(event) == expected
    assert [number for number, pattern in enumerate(compiled) if explain(pattern, event).matched] == expected
