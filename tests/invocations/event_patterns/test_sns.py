"""Filter policies of SNS subscriptions."""

from typing import Any

import pytest

from invocations.errors import AwsError
from invocations.event_patterns.sns import FilterPolicyScope, compile_policy

ATTRIBUTES, BODY = FilterPolicyScope.MESSAGE_ATTRIBUTES, FilterPolicyScope.MESSAGE_BODY


def text(value: str) -> dict[str, Any]:
    return {"DataType": "String", "StringValue": value}


def number(value: str) -> dict[str, Any]:
    return {"DataType": "Number", "StringValue": value}


@pytest.mark.parametrize(
    ("policy", "attributes", "expected"),
    [
        ('{"a": ["x"]}', {"a": text("x")}, True),
        ('{"a": ["x"]}', {"a": text("y")}, False),
        ('{"a": ["x"]}', {}, False),
        ('{"a.b": ["x"]}', {"a.b": text("x")}, True),
        ('{"a": [100]}', {"a": number("100.0")}, True),
        ('{"a": [100]}', {"a": text("100")}, False),
        ('{"a": ["100"]}', {"a": number("100")}, False),
        ('{"a": [{"numeric": [">", 0, "<=", 100]}]}', {"a": number("99")}, True),
        ('{"a": [{"numeric": [">", 0, "<=", 100]}]}', {"a": number("111")}, False),
        ('{"a": [{"exists": true}]}', {"a": number("1")}, True),
        ('{"a": [{"exists": false}]}', {"b": number("1")}, True),
        ('{"a": [{"exists": false}]}', {"a": number("1")}, False),
        ('{"a": [{"exists": true}]}', {"a": {"DataType": "Binary", "BinaryValue": b"x"}}, False),
        ('{"a": ["x"]}', {"a": {"DataType": "String.Array", "StringValue": '["y", "x"]'}}, True),
        ('{"a": ["x"]}', {"a": {"DataType": "String.Array", "StringValue": "no array"}}, False),
        ('{"a": [{"anything-but": {"prefix": "x"}}]}', {"a": text("yx")}, True),
        ('{"a": [null, {"anything-but": "whatever"}]}', {}, True),
        ('{"a": [null]}', {"a": text("x")}, False),
        ('{"$or": [{"a": ["x"]}, {"b": ["y"]}]}', {"b": text("y")}, True),
        ("{}", {}, True),
    ],
)
def test_a_policy_over_attributes(policy: str, attributes: dict[str, Any], expected: bool) -> None:
    assert compile_policy(policy, ATTRIBUTES).accepts("body", attributes) is expected


@pytest.mark.parametrize(
    ("policy", "body", "expected"),
    [
        ('{"a": {"b": ["x"]}}', '{"a": {"b": "x"}}', True),
        ('{"a.b": ["x"]}', '{"a": {"b": "x"}}', True),
        ('{"a": ["x"]}', '"x"', False),
        ('{"a": ["x"]}', "no json", False),
        ('{"a": [{"exists": false}]}', "[]", False),
    ],
)
def test_a_policy_over_the_body(policy: str, body: str, expected: bool) -> None:
    assert compile_policy(policy, BODY).accepts(body, {}) is expected


@pytest.mark.parametrize(
    ("policy", "scope", "message"),
    [
        (
            '{"key_a":"value_one"}',
            BODY,
            'FilterPolicy: "key_a" must be an object or an array\n at [Source: (String)"{"key_a":"value_one"}"; line: 1, column: 11]',
        ),
        (
            '{"a":["1"],"b":["1"],"c":["1"],"d":["1"],"e":["1"],"f":["1"]}',
            BODY,
            "FilterPolicy: Filter policy can not have more than 5 keys",
        ),
        (
            '{"a":{"b":{"c":["1","2","3","4"]}},"d":{"e":["1","2","3"],"f":["1","2","3"]}}',
            BODY,
            "FilterPolicy: Filter policy is too complex",
        ),
        ('{"a": {"b": ["x"]}}', ATTRIBUTES, "Filter policy scope MessageAttributes does not support nested filter policy"),
        (
            '{"a": [}',
            ATTRIBUTES,
            (
                "FilterPolicy: Unexpected close marker '}': expected ']' (for Array starting at "
                '[Source: (String)"{"a": [}"; line: 1, column: 7])\n at [Source: (String)"{"a": [}"; line: 1, column: 9]'
            ),
        ),
    ],
)
def test_a_bad_policy_is_refused_in_the_words_of_sns(policy: str, scope: FilterPolicyScope, message: str) -> None:
    message = message.replace("FilterPolicy: Unexpected", "FilterPolicy: failed to parse JSON. Unexpected")
    with pytest.raises(AwsError) as raised:
        compile_policy(policy, scope)
    assert (raised.value.code, raised.value.message) == ("InvalidParameter", f"Invalid parameter: {message}")
    with pytest.raises(AwsError) as raised:
        compile_policy(policy, scope, subscribing=True)
    assert raised.value.message == f"Invalid parameter: Attributes Reason: {message}"
