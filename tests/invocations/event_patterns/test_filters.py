"""Filter criteria of event source mappings: kinds of data against kinds of pattern."""

from typing import Any

import pytest

from invocations.errors import InvalidParameterValueException
from invocations.event_patterns import filters
from invocations.event_patterns.filters import FilteredSource, compile_criteria


def accepts(source: FilteredSource, pattern: str, record: dict[str, Any]) -> bool:
    criteria = compile_criteria({"Filters": [{"Pattern": pattern}]}, source)
    assert criteria is not None
    return criteria.accepts(record)


JSON_PATTERN, TEXT_PATTERN, METADATA_PATTERN = '{"body": {"kind": ["a"]}}', '{"body": ["text"]}', '{"messageId": ["1"]}'


@pytest.mark.parametrize(
    ("pattern", "body", "expected"),
    [
        (JSON_PATTERN, '{"kind": "a"}', True),
        (JSON_PATTERN, '{"kind": "b"}', False),
        (JSON_PATTERN, "text", False),
        (METADATA_PATTERN, '{"kind": "b"}', True),
        (METADATA_PATTERN, "text", True),
        (TEXT_PATTERN, "text", True),
        (TEXT_PATTERN, "other", False),
        (TEXT_PATTERN, '{"kind": "a"}', False),
        ('{"body": [{"prefix": "te"}]}', "text", True),
        ('{"body": [{"anything-but": "x"}]}', '{"kind": "a"}', False),
    ],
)
def test_sqs_drops_what_is_of_another_kind_than_the_pattern(pattern: str, body: str, expected: bool) -> None:
    assert accepts(filters.SQS, pattern, {"messageId": "1", "body": body}) is expected


@pytest.mark.parametrize(
    ("pattern", "data", "expected"),
    [
        ('{"data": {"kind": ["a"]}}', '{"kind": "a"}', True),
        ('{"data": {"kind": ["a"]}}', "text", False),
        ('{"partitionKey": ["1"]}', "text", True),
    ],
)
def test_a_stream_drops_what_is_no_json(pattern: str, data: str, expected: bool) -> None:
    assert accepts(filters.KINESIS, pattern, {"partitionKey": "1", "data": data}) is expected


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ('{"value": {"kind": ["a"]}}', '{"kind": "a"}', True),
        ('{"value": {"kind": ["a"]}}', '{"kind": "b"}', False),
        ('{"value": {"kind": ["a"]}}', "text", True),
        ('{"value": {"kind": ["a"]}, "topic": ["other"]}', "text", False),
        ('{"value": {"kind": ["a"]}, "topic": ["t"]}', "text", True),
        ('{"value": ["text"]}', "text", True),
        ('{"value": ["text"]}', "other", False),
        ('{"value": ["text"]}', '{"kind": "a"}', True),
    ],
)
def test_kafka_falls_back_to_the_metadata(pattern: str, value: str, expected: bool) -> None:
    assert accepts(filters.KAFKA, pattern, {"topic": "t", "key": "k", "value": value}) is expected


def test_dynamodb_data_is_an_object_already() -> None:
    record = {"eventName": "INSERT", "dynamodb": {"NewImage": {"s": {"S": "xyz"}}}}
    assert accepts(filters.DYNAMODB, '{"eventName": ["INSERT"], "dynamodb": {"NewImage": {"s": {"S": [{"prefix": "x"}]}}}}', record)


def test_filters_are_alternatives() -> None:
    criteria = compile_criteria({"Filters": [{"Pattern": '{"body": ["a"]}'}, {"Pattern": '{"body": ["b"]}'}]}, filters.SQS)
    assert criteria is not None
    assert [criteria.accepts({"body": body}) for body in ("a", "b", "c")] == [True, True, False]


@pytest.mark.parametrize("criteria", [None, {}, {"Filters": []}])
def test_no_filter_is_no_criteria(criteria: Any) -> None:
    assert compile_criteria(criteria, filters.SQS) is None


@pytest.mark.parametrize("pattern", ["null", "text", '{"body": "x"}', '{"body": []}', '{"a": ["' + "x" * 4096 + '"]}'])
def test_every_bad_pattern_has_one_message(pattern: str) -> None:
    with pytest.raises(InvalidParameterValueException, match=r"^Invalid filter pattern definition\.$"):
        compile_criteria({"Filters": [{"Pattern": pattern}]}, filters.SQS)


def test_a_stream_takes_no_plain_text_pattern_for_its_data() -> None:
    with pytest.raises(InvalidParameterValueException):
        compile_criteria({"Filters": [{"Pattern": '{"data": ["x"]}'}]}, filters.KINESIS)
