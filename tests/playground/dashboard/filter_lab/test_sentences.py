"""A corpus of patterns and events that do not match: each miss names path, what is expected and what is there, in these words."""

import json
from typing import Any

import pytest

from playground.dashboard.filter_lab.judge import Judge
from playground.dashboard.filter_lab.modes import MODES
from playground.dashboard.pattern_sentences import Branch, Leaf

RULE = [
    # pattern, event, the sentences of the fields that miss
    ({"a": ["x"]}, {"a": "y"}, ['a: "x", got "y"']),
    ({"a": ["x"]}, {"a": "X"}, ['a: "x", got "X", which differs in case']),
    ({"a": ["x", "y"]}, {"a": "z"}, ['a: "x" or "y", got "z"']),
    ({"a": ["x"]}, {}, ['a: "x", key missing']),
    ({"a": ["x"]}, {"A": "x"}, ['a: "x", key missing']),
    ({"a": {"b": ["x"]}}, {}, ['a.b: "x", key missing: there is no a']),
    ({"a": {"b": ["x"]}}, {"a": {}}, ['a.b: "x", key missing']),
    ({"a": {"b": {"c": ["x"]}}}, {"a": {"c": 1}}, ['a.b.c: "x", key missing: there is no a.b']),
    ({"a": {"b": ["x"]}}, {"a": "x"}, ['a.b: "x", but a is no object']),
    ({"a": {"b": {"c": ["x"]}}}, {"a": {"b": 5}}, ['a.b.c: "x", but a.b is no object']),
    ({"a": {"b": ["x"]}}, {"a": '{"b": "x"}'}, ['a.b: "x", but a is no object']),
    ({"a": ["x"]}, {"a": {"b": "x"}}, ['a: "x", got an object, and only values are compared']),
    ({"a": ["x"]}, {"a": []}, ['a: "x", got an empty array']),
    ({"a": ["x"]}, {"a": ["y", "z"]}, ['a: "x", got "y"; "z"']),
    ({"a": ["x"]}, {"a": ["b", "c", "d", "e", "f", "g", "h"]}, ['a: "x", got "b"; "c"; "d"; "e"; "f" and 2 more']),
    ({"a": ["1"]}, {"a": 1}, ['a: "1", got 1, a number']),
    ({"a": [1]}, {"a": "1"}, ['a: 1, got "1", a string']),
    ({"a": [300]}, {"a": 300.5}, ["a: 300, got 300.5"]),
    ({"a": [True]}, {"a": "true"}, ['a: true, got "true", a string']),
    ({"a": [True]}, {"a": False}, ["a: true, got false"]),
    ({"a": [True]}, {"a": 1}, ["a: true, got 1, a number"]),
    ({"a": [1]}, {"a": True}, ["a: 1, got true, a boolean"]),
    ({"a": [None]}, {"a": "null"}, ['a: null, got "null", a string']),
    ({"a": [None]}, {"a": ""}, ['a: null, got "", a string']),
    ({"a": ["x"]}, {"a": None}, ['a: "x", got null']),
    ({"a": [""]}, {"a": " "}, ['a: "", got " "']),
    ({"detail": {"total": [{"numeric": [">", 1000]}]}}, {"detail": {"total": 742}}, ["detail.total: numeric > 1000, got 742"]),
    ({"a": [{"numeric": [">", 0, "<=", 5]}]}, {"a": 5.5}, ["a: numeric > 0 and <= 5, got 5.5"]),
    ({"a": [{"numeric": ["=", 5]}]}, {"a": "5"}, ['a: numeric = 5, got "5", a string']),
    ({"a": [{"numeric": ["<", 0]}]}, {"a": None}, ["a: numeric < 0, got null"]),
    ({"a": [{"prefix": "ab"}]}, {"a": "ba"}, ['a: prefix "ab", got "ba"']),
    ({"a": [{"prefix": "ab"}]}, {"a": "ABC"}, ['a: prefix "ab", got "ABC", which differs in case']),
    ({"a": [{"prefix": "ab"}]}, {"a": 12}, ['a: prefix "ab", got 12, a number']),
    ({"a": [{"suffix": ".png"}]}, {"a": "cat.jpg"}, ['a: suffix ".png", got "cat.jpg"']),
    ({"a": [{"suffix": ".png"}]}, {"a": "cat.PNG"}, ['a: suffix ".png", got "cat.PNG", which differs in case']),
    ({"a": [{"prefix": {"equals-ignore-case": "ab"}}]}, {"a": "BA"}, ['a: prefix "ab" in any case, got "BA"']),
    ({"a": [{"equals-ignore-case": "ab"}]}, {"a": "ac"}, ['a: equals-ignore-case "ab", got "ac"']),
    ({"a": [{"wildcard": "a*z"}]}, {"a": "abc"}, ['a: wildcard "a*z", got "abc"']),
    ({"a": [{"cidr": "10.0.0.0/24"}]}, {"a": "10.0.1.7"}, ['a: cidr "10.0.0.0/24", got "10.0.1.7"']),
    ({"a": [{"cidr": "10.0.0.0/24"}]}, {"a": "localhost"}, ['a: cidr "10.0.0.0/24", got "localhost"']),
    ({"a": [{"anything-but": "x"}]}, {"a": "x"}, ['a: anything-but "x", got "x"']),
    ({"a": [{"anything-but": ["x", "y"]}]}, {"a": "y"}, ['a: anything-but "x", "y", got "y"']),
    ({"a": [{"anything-but": [1, 2]}]}, {"a": 2}, ["a: anything-but 1, 2, got 2"]),
    ({"a": [{"anything-but": "x"}]}, {}, ['a: anything-but "x", key missing']),
    ({"a": [{"anything-but": {"prefix": "x"}}]}, {"a": "xy"}, ['a: anything-but prefix "x", got "xy"']),
    ({"a": [{"anything-but": {"suffix": ["x", "y"]}}]}, {"a": "ay"}, ['a: anything-but suffix "x", "y", got "ay"']),
    ({"a": [{"anything-but": {"wildcard": "*/tmp/*"}}]}, {"a": "a/tmp/b"}, ['a: anything-but wildcard "*/tmp/*", got "a/tmp/b"']),
    ({"a": [{"exists": True}]}, {"b": 1}, ["a: exists, key missing"]),
    ({"a": [{"exists": True}]}, {"a": {"b": 1}}, ["a: exists, got an object, and only values are compared"]),
    ({"a": [{"exists": False}]}, {"a": None}, ["a: does not exist, got null"]),
    ({"a": ["x", {"exists": False}]}, {"a": "y"}, ['a: "x" or does not exist, got "y"']),
    ({"a": ["x", {"numeric": [">", 5]}]}, {"a": 4}, ['a: "x" or numeric > 5, got 4']),
    ({"a.b": ["x"]}, {"a": {"b": "y"}}, ['a.b: "x", got "y"']),
    ({"a": ["x"], "b": ["y"]}, {"a": "1", "b": "2"}, ['a: "x", got "1"', 'b: "y", got "2"']),
    ({"a": ["x"], "b": ["y"]}, {"a": "x", "b": "2"}, ['b: "y", got "2"']),
    ({"a": [{"prefix": "y" * 80}]}, {"a": "z" * 80}, [f'a: prefix "{"y" * 58}…, got "{"z" * 58}…']),
    ({"$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"a": "1"}, ['a: "x", got "1"', 'b: "y", key missing']),
]
OTHERS = [
    # mode, pattern, event, all that is said of the miss
    ("sqs", {"body": {"k": ["x"]}}, {"body": '{"k": "y"}'}, ['body.k: "x", got "y"']),
    ("sqs", {"body": {"k": ["x"]}}, {"body": "k=x"}, ["body is not JSON, but the pattern looks into it → record dropped"]),
    ("sqs", {"body": ["hello"]}, {"body": '{"k": 1}'}, ["body is JSON, but the pattern takes it for plain text → record dropped"]),
    ("sqs", {"body": ["hello"]}, {"body": "hallo"}, ['body: "hello", got "hallo"']),
    ("sqs", {"k": ["x"]}, {"body": '{"k": "x"}'}, ['k: "x", key missing']),
    ("kinesis", {"data": {"k": ["x"]}}, {"data": "no JSON"}, ["data is not JSON, but the pattern looks into it → record dropped"]),
    ("kinesis", {"data": {"k": [1]}}, {"kinesis": {"data": "eyJrIjogMn0=", "partitionKey": "p"}}, ["data.k: 1, got 2"]),
    (
        "dynamodb",
        {"dynamodb": {"NewImage": {"n": {"N": [{"numeric": [">", 5]}]}}}},
        {"dynamodb": {"NewImage": {"n": {"N": "7"}}}},
        ['dynamodb.NewImage.n.N: numeric > 5, got "7", a string'],
    ),
    (
        "kafka",
        {"value": {"k": ["x"]}, "topic": ["t"]},
        {"value": "text", "topic": "other"},
        ['topic: "t", got "other"', "value is not JSON, but the pattern looks into it → only the metadata are compared"],
    ),
    ("sns-attributes", {"k": ["x"]}, {"k": {"DataType": "String", "StringValue": "y"}}, ['k: "x", got "y"']),
    ("sns-attributes", {"k": [5]}, {"k": {"DataType": "String", "StringValue": "5"}}, ['k: 5, got "5", a string']),
    ("sns-attributes", {"k": ["x"]}, {"k": {"Type": "String.Array", "Value": '["y", "z"]'}}, ['k: "x", got "y"; "z"']),
    ("sns-body", {"a": {"k": ["x"]}}, {"a": {"k": ["y"]}}, ['a.k: "x", got "y"']),
]


def misses(parts: list[Leaf | Branch]) -> list[str]:
    """The sentences of the fields that do not match."""
    found = []
    for part in parts:
        if isinstance(part, Branch):
            found += misses(part.parts)
        elif not part.matched:
            found.append(part.sentence)
    return found


@pytest.mark.parametrize(("pattern", "event", "sentences"), RULE)
def test_every_field_of_a_rule_that_misses_says_so(pattern: Any, event: Any, sentences: list[str]) -> None:
    verdict = Judge(MODES["events"], json.dumps(pattern)).verdict(json.dumps(event))
    assert (verdict.word, misses(verdict.parts)) == ("no match", sentences)


@pytest.mark.parametrize(("mode", "pattern", "event", "sentences"), OTHERS)
def test_every_miss_of_a_filter_or_a_policy_says_so(mode: str, pattern: Any, event: Any, sentences: list[str]) -> None:
    verdict = Judge(MODES[mode], json.dumps(pattern)).verdict(json.dumps(event))
    assert not verdict.matched
    assert misses(verdict.parts) + verdict.notes == sentences


def test_the_corpus_is_large_enough() -> None:
    assert len(RULE) + len(OTHERS) >= 50


@pytest.mark.parametrize(
    ("pattern", "event", "sentences"),
    [
        ({"a": ["x"]}, {"a": "x"}, ['a: "x", got "x"']),
        ({"a": [{"exists": False}]}, {}, ["a: does not exist, key missing"]),
        ({"a": [300]}, {"a": 3.0e2}, ["a: 300, got 300.0"]),
    ],
)
def test_a_match_is_told_as_well(pattern: Any, event: Any, sentences: list[str]) -> None:
    verdict = Judge(MODES["events"], json.dumps(pattern)).verdict(json.dumps(event))
    assert (verdict.word, [part.sentence for part in verdict.parts if isinstance(part, Leaf)]) == ("match", sentences)


def test_branches_are_told_apart() -> None:
    verdict = Judge(MODES["events"], '{"$or": [{"a": ["x"], "c": [1]}, {"b": ["y"]}]}').verdict('{"b": "y"}')
    (either,) = verdict.parts
    assert isinstance(either, Branch)
    assert (either.matched, either.told) == (True, "one of these branches")
    both, single = either.parts
    assert isinstance(both, Branch)
    assert isinstance(single, Leaf)
    assert (both.matched, both.told) == (False, "all of these")
    assert single.sentence == 'b: "y", got "y"'


def test_fields_that_match_in_different_elements_are_told_as_such() -> None:
    verdict = Judge(MODES["events"], '{"a": {"b": ["x"], "c": ["y"]}}').verdict('{"a": [{"b": "x"}, {"c": "y"}]}')
    assert verdict.notes == ["Each field matches, but in different elements of an array; one element must have them all."]


@pytest.mark.parametrize(
    ("mode", "text", "word", "told"),
    [
        ("events", "{", "no JSON", "The event is not JSON: expecting property name enclosed in double quotes at line 1, column 2."),
        ("events", "", "no JSON", "The event is empty."),
        ("events", "[1]", "no event", "ValidationException: Parameter Event is not valid. An event is a JSON object."),
        ("sqs", '"text"', "no event", "The event must be a JSON object."),
    ],
)
def test_what_is_no_event_is_told(mode: str, text: str, word: str, told: str) -> None:
    verdict = Judge(MODES[mode], MODES[mode].pattern).verdict(text)
    assert (verdict.word, verdict.told, verdict.kind) == (word, told, "none")


def test_a_kafka_record_of_another_kind_goes_by_its_metadata() -> None:
    verdict = Judge(MODES["kafka"], '{"value": {"k": ["x"]}}').verdict('{"value": "text"}')
    assert verdict.matched
    assert verdict.notes[-1] == "The pattern asks for no metadata, so the record passes."


def test_a_batch_can_be_taken_apart() -> None:
    verdict = Judge(MODES["sqs"], MODES["sqs"].pattern).verdict('{"Records": [{"body": "{}"}, {"body": "{}"}]}')
    assert (verdict.records, verdict.matched) == (2, False)
