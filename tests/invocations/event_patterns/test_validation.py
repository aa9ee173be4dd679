"""The reasons that AWS gives for refusing a pattern, most of them as recorded."""

import json
from typing import Any

import pytest

from invocations.event_patterns import InvalidPattern, compile_pattern


def reason(text: str) -> str:
    with pytest.raises(InvalidPattern) as raised:
        compile_pattern(text)
    return str(raised.value)


def leaf(matcher: Any) -> str:
    return json.dumps({"a": [matcher]})


RECORDED = [
    ('{"int": 42}', '"int" must be an object or an array', 11),
    ('{"string": "my-value"}', '"string" must be an object or an array', 13),
    ('{"resources": []}', "Empty arrays are not allowed", 17),
    ('{"my_key": [{"EXISTS": true}]}', "Unrecognized match type EXISTS", 28),
    ('{"detail": {"equal": [{"NUMERIC": ["=", 5]}]}}', "Unrecognized match type NUMERIC", 36),
    ('{"detail": {"c-count": [{"numeric": [">", 0, ">", 0]}]}}', "Bad numeric range operator: >", 49),
    ('{"detail": {"c-count": [{"numeric": [">", 0, "<"]}]}}', "Value of < must be numeric", 50),
    ('{"time": [{"prefix": 123}]}', "prefix match pattern must be a string", 25),
    ('{"time": [{"prefix": ["2022-07-13"]}]}', "prefix match pattern must be a string", 23),
    ('{"FileName": [{"suffix": [".png"]}]}', "suffix match pattern must be a string", 27),
    ('{"EventBusArn": [{"wildcard": 123}]}', "wildcard match pattern must be a string", 34),
    ('{"detail": {"sourceIPAddress": [{"cidr": ["bad-type"]}]}}', "prefix match pattern must be a string", 43),
    ('{"detail": {"state": [{"anything-but": {"prefix": 123}}]}}', "prefix/suffix match pattern must be a string", 54),
    (
        '{"detail": {"FileName": [{"anything-but": {"prefix": {"equals-ignore-case": "file"}}}]}}',
        "Value of anything-but must be an array or single string/number value.",
        55,
    ),
    (
        '{"detail": {"state": [{"anything-but": {"equals-ignore-case": 123}}]}}',
        "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
        66,
    ),
    ('["not", "a", "dict", "but valid json"]', "Filter is not an object", 2),
    ("{'bad': 'quotation'}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name", 2),
    (
        "this is valid json but not a dict",
        "Unrecognized token 'this': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
        5,
    ),
    (
        '{"not": closed mark"',
        "Unrecognized token 'closed': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
        15,
    ),
    ('{"key":[["value"]]}', "Match value must be String, number, true, false, or null", 10),
    ('{"key":[{"suffix":"value","prefix":"value2"}]}', "Only one key allowed in match expression", 37),
    ('{"key":[{"numeric":[]}]}', "Invalid member in numeric match: ]", 22),
    ('{"key":[{"numeric":["operator"]}]}', "Unrecognized numeric range operator: operator", 32),
    ('{"key":[{"numeric":[1,"<="]}]}', "Invalid member in numeric match: 1", 22),
    ('{"key":[{"numeric":["=","000"]}]}', "Value of equals must be numeric", 26),
    ('{"key":[{"numeric":["<",100,">",10]}]}', "Too many elements in numeric expression", 30),
    ('{"key":[{"numeric":[">",3,"<",1]}]}', "Bottom must be less than top", 33),
    ('{"key":[{"numeric":[">",20,30]}]}', "Bad value in numeric range: 30", 30),
    ('{"key":[{"numeric":[">",20,"<",30,"<",50]}]}', "Too many terms in numeric range expression", 36),
    ('{"key":[{"exists":null}]}', "exists match pattern must be either true or false.", 23),
    ('{"key":[{"exists":"no"}]}', "exists match pattern must be either true or false.", 20),
]


@pytest.mark.parametrize(("text", "message", "column"), RECORDED)
def test_a_bad_pattern_is_refused_with_the_recorded_text_and_place(text: str, message: str, column: int) -> None:
    assert reason(text) == f'{message}\n at [Source: (String)"{text}"; line: 1, column: {column}]'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": [{"cidr": "bad-filter"}]}', "Malformed CIDR, one '/' required"),
        ('{"a": [{"cidr": "10.0.0.0/xx"}]}', "Malformed CIDR, mask bits must be an integer"),
        ('{"a": [{"cidr": "10.0.0.0/-1"}]}', "Malformed CIDR, mask bits must not be negative"),
        ('{"a": [{"cidr": "10.0.0.0/32"}]}', "IPv4 mask bits must be < 32"),
        ('{"a": [{"cidr": "::/128"}]}', "IPv6 mask bits must be < 128"),
        ('{"a": [{"cidr": "xx.11.xx/8"}]}', "Nonstandard IP address: xx.11.xx"),
        (
            '{"EventBusArn": [{"wildcard": "*:*:*:*:*:event-bus/*"}]}',
            ("Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character"),
        ),
    ],
)
def test_what_is_found_behind_the_parser_has_no_place(text: str, message: str) -> None:
    assert reason(text) == message


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("{}", "Empty objects are not allowed\n"),
        ('{"a": {}}', "Empty objects are not allowed\n"),
        ('{"a": [{}]}', "Match expression name not found\n"),
        (leaf({"anything-but": None}), "Value of anything-but must be an array or single string/number value.\n"),
        (leaf({"anything-but": {"prefix": ""}}), "Null prefix/suffix not allowed\n"),
        (leaf({"anything-but": {"numeric": ["=", 1]}}), "Unsupported anything-but pattern: numeric\n"),
        (leaf({"anything-but": ["x", 1]}), "Inside anything but list, either all values are number or string, "),
        (leaf({"prefix": {"wildcard": "x"}}), "Unsupported prefix pattern: wildcard\n"),
        (leaf({"suffix": {"x": "x"}}), "Unsupported suffix pattern: x\n"),
        (leaf({"numeric": 5}), "Value of numeric must be an array.\n"),
        (leaf({"wildcard": "arn:aws:events:us-east-1:**:x"}), "Consecutive wildcard characters at pos 26\n"),
        (leaf({"wildcard": "a\\b"}), "Invalid escape character at pos 2\n"),
        ('{"$or": "x"}', "It must be an Array followed with $or.\n"),
        ('{"$or": [{"a": ["x"]}]}', "There must have at least 2 Objects in $or relationship.\n"),
        ('{"a": ["x"', "Unexpected end-of-input: expected close marker for Array (start marker at "),
        ('{"a": ["x', "Unexpected end-of-input: was expecting closing quote for a string value\n"),
        ('{"a": [1}', "Unexpected close marker '}': expected ']' (for Array starting at "),
        ('{"a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value\n"),
        ('{"a": ["x" "y"]}', "Unexpected character ('\"' (code 34)): was expecting comma to separate Array entries\n"),
        ('{"a": [01]}', "Invalid numeric value: Leading zeroes not allowed\n"),
        ('{"a": ["\\x"]}', "Unrecognized character escape 'x' (code 120)\n"),
        ('{"a": ["\n"]}', "Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped"),
        ("", "Filter is not an object\n"),
        ('{"a":' * 300, "Document nesting depth (201) exceeds the maximum allowed (200)\n"),
        ('{"$or":' + "[" * 3000, "Document nesting depth (201) exceeds the maximum allowed (200)\n"),
    ],
)
def test_a_bad_pattern_is_refused_with_its_reason(text: str, start: str) -> None:
    assert reason(text).startswith(start)


def test_what_is_wrong_inside_an_anything_but_list_is_placed_twice() -> None:
    text = '{"detail": {"state": [{"anything-but": {"prefix": [123, "test"]}}]}}'
    place = f'\n at [Source: (String)"{text}"; line: 1, column: 55]'
    assert reason(text) == f"prefix/suffix match pattern must be a string{place}{place}"


def test_a_place_counts_lines_and_quotes_no_more_than_500_characters() -> None:
    text = '{\n "a": 1,' + " " * 600 + "}"
    assert reason(text) == (
        f'"a" must be an object or an array\n at [Source: (String)"{text[:500]}"[truncated {len(text) - 500} chars]; line: 2, column: 8]'
    )


def test_a_wildcard_that_aws_takes_is_taken() -> None:
    compile_pattern('{"EventBusArn": [{"wildcard": "arn:*:events:*:*:event-bus/*"}]}')


def test_or_makes_no_more_than_a_thousand_combinations() -> None:
    ten = [{f"k{number}": ["x"]} for number in range(10)]
    compile_pattern(json.dumps({"$or": ten, "a": {"$or": ten}, "b": {"$or": ten}}))
    with pytest.raises(InvalidPattern, match="more than 1000 combinations"):
        compile_pattern(json.dumps({"$or": ten, "a": {"$or": ten}, "b": {"$or": ten}, "c": {"$or": ten}}))


def test_a_number_of_absurd_length_is_refused() -> None:
    assert reason('{"a": [' + "9" * 5000 + "]}").startswith("Number value length (5000) exceeds the maximum allowed (1000)")
