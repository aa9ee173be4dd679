from typing import Any

import pytest

from invocations.policies import Context, MalformedPolicy, Policies, evaluate, parse
from tests.invocations.policies.callers import FUNCTION, a_policy, a_question


def holds(condition: dict[str, Any], **keys: Any) -> bool:
    policy = a_policy({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition})
    return evaluate(a_question(**keys), Policies(identity=(policy,))).allowed


@pytest.mark.parametrize(
    ("operator", "expected", "yes", "no"),
    [
        ("StringEquals", "Ada", ["Ada"], ["ada", "Adam", "*"]),
        ("StringEquals", ["Ada", "Bob"], ["Ada", "Bob"], ["Eve"]),
        ("StringEquals", "A*", ["A*"], ["Ada"]),
        ("StringNotEquals", ["Ada", "Bob"], ["Eve", "ada", None], ["Ada", "Bob"]),
        ("StringEqualsIgnoreCase", "Ada", ["ADA", "ada"], ["Adam"]),
        ("StringNotEqualsIgnoreCase", "Ada", ["Adam", None], ["ADA"]),
        ("StringLike", "A?a*", ["Ada", "Anaconda"], ["Aa", "ada"]),
        ("StringNotLike", "A?a*", ["Aa", None], ["Ada"]),
        ("StringLike", "100%.[a]", ["100%.[a]"], ["100%x[a]", "100%.a"]),
        ("NumericEquals", 10, ["10", "10.0"], ["11", "ten"]),
        ("NumericNotEquals", "10", ["11", None], ["10"]),
        ("NumericLessThan", "10", ["9.5", "-1"], ["10", "11"]),
        ("NumericLessThanEquals", "10", ["10"], ["10.01"]),
        ("NumericGreaterThan", "10", ["10.5"], ["10"]),
        ("NumericGreaterThanEquals", "10", ["10"], ["9"]),
        ("DateEquals", "2026-01-01T00:00:00Z", ["1767225600", "2026-01-01T01:00:00+01:00"], ["2026-01-02"]),
        ("DateNotEquals", "2026-01-01", ["2026-01-02", None], ["2026-01-01T00:00:00Z"]),
        ("DateLessThan", "2026-06", ["2026-05-31T23:59:59Z"], ["2026-06-01T00:00:00Z"]),
        ("DateLessThanEquals", "2026", ["2026-01-01T00:00:00Z"], ["2026-01-01T00:00:01Z"]),
        ("DateGreaterThan", "1767225600", ["2026-01-01T00:00:01Z"], ["2026-01-01", "not a date"]),
        ("DateGreaterThanEquals", "2026-01-01T00:00:00.5Z", ["2026-01-01T00:00:00.5Z"], ["2026-01-01T00:00:00.4Z"]),
        ("Bool", "true", ["true", "TRUE"], ["false"]),
        ("Bool", True, ["true"], ["false"]),
        ("BinaryEquals", "QUJD", ["QUJD"], ["QUJE"]),
        ("IpAddress", "203.0.113.0/24", ["203.0.113.9"], ["203.0.114.9", "2001:db8::1", "elsewhere"]),
        ("IpAddress", ["203.0.113.7", "2001:db8::/32"], ["203.0.113.7", "2001:db8:1::1"], ["203.0.113.8", "2001:db9::1"]),
        ("NotIpAddress", "203.0.113.0/24", ["203.0.114.9", None], ["203.0.113.9"]),
        (
            "ArnEquals",
            "arn:aws:sns:*:1234:t*",
            ["arn:aws:sns:us-east-1:1234:topic", "arn:aws:sns::1234:t:u"],
            ["arn:aws:sns:a:b:1234:topic"],
        ),
        ("ArnLike", "arn:aws:s3:::b/*", ["arn:aws:s3:::b/k:1/x"], ["arn:aws:s3:::b"]),
        ("ArnLike", ["arn:aws:s3*", "arn:*", "arn:aws:s3:::b"], ["arn:aws:s3:::b"], ["arn:aws:s3:::c", "arn:aws:s3"]),
        ("ArnEquals", "arn:aws:s3", [], ["arn:aws:s3", "arn:aws:s3:::b"]),
        ("ArnLike", "*", ["arn:aws:s3:::b"], []),
        ("ArnNotLike", "arn:aws:s3*", ["arn:aws:s3:::b", "arn:aws:sns:::b"], []),
        ("ArnNotEquals", "arn:aws:s3:::b", ["arn:aws:s3:::c", None], ["arn:aws:s3:::b"]),
        ("ArnNotLike", "arn:aws:s3:::b*", ["arn:aws:s3:::c", None], ["arn:aws:s3:::bc"]),
        ("Null", "true", [None], ["", "x"]),
        ("Null", "false", ["", "x"], [None]),
        ("StringEqualsIfExists", "Ada", ["Ada", None], ["Bob"]),
        ("NumericLessThanIfExists", "10", ["9", None], ["11"]),
        ("stringequals", "Ada", ["Ada"], ["Bob"]),
    ],
)
def test_operator(operator: str, expected: Any, yes: list[str | None], no: list[str | None]) -> None:
    outcomes = [
        (value, holds({operator: {"aws:Key": expected}}, **({} if value is None else {"aws__Key": value}))) for value in [*yes, *no]
    ]
    assert outcomes == [(value, True) for value in yes] + [(value, False) for value in no]


@pytest.mark.parametrize("operator", ["StringEquals", "StringLike", "NumericEquals", "DateLessThan", "Bool", "IpAddress", "ArnLike"])
def test_a_key_that_the_call_does_not_have_matches_nothing(operator: str) -> None:
    assert not holds({operator: {"aws:Key": {"NumericEquals": "1", "DateLessThan": "2030", "IpAddress": "0.0.0.0/0"}.get(operator, "*")}})


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a", "x"], False),
        ("ForAllValues:StringEquals", [], True),
        ("ForAllValues:StringEquals", None, True),
        ("ForAnyValue:StringEquals", ["x", "a"], True),
        ("ForAnyValue:StringEquals", ["x"], False),
        ("ForAnyValue:StringEquals", [], False),
        ("ForAnyValue:StringEquals", None, False),
        ("ForAnyValue:StringEqualsIfExists", None, True),
        ("ForAllValues:StringNotEquals", ["x", "y"], True),
        ("ForAllValues:StringNotEquals", ["x", "a"], False),
        ("ForAnyValue:StringNotEquals", ["x", "a"], True),
        ("ForAnyValue:StringNotEquals", ["a", "b"], False),
        ("ForAnyValue:StringNotEquals", None, False),
    ],
)
def test_keys_with_many_values(operator: str, values: list[str] | None, expected: bool) -> None:
    assert holds({operator: {"aws:TagKeys": ["a", "b"]}}, **({} if values is None else {"aws__TagKeys": values})) == expected


def test_all_lines_must_hold_and_one_value_of_each() -> None:
    condition = {"StringEquals": {"aws:A": ["1", "2"], "aws:B": "1"}, "Bool": {"aws:C": "true"}}
    assert holds(condition, aws__A="2", aws__B="1", aws__C="true")
    assert not holds(condition, aws__A="2", aws__B="2", aws__C="true")
    assert not holds(condition, aws__A="2", aws__B="1", aws__C="false")


def test_the_case_of_a_key_does_not_matter() -> None:
    assert holds({"StringEquals": {"AWS:sourceaccount": "1"}}, aws__SourceAccount="1")


@pytest.mark.parametrize(
    ("pattern", "keys", "value", "expected"),
    [
        ("home/${aws:username}/*", {"aws__username": "ada"}, "home/ada/x", True),
        ("home/${aws:username}/*", {"aws__username": "ada"}, "home/bob/x", False),
        ("home/${aws:username}/*", {}, "home/${aws:username}/x", False),
        ("home/${AWS:UserName}", {"aws__username": "a*"}, "home/abc", False),
        ("home/${AWS:UserName}", {"aws__username": "a*"}, "home/a*", True),
        ("${aws:PrincipalTag/team, 'none'}", {}, "none", True),
        ("${aws:PrincipalTag/team, 'none'}", {"aws__PrincipalTag/team": "red"}, "red", True),
        ("a${*}b", {}, "a*b", True),
        ("a${*}b", {}, "axb", False),
        ("a${?}${$}", {}, "a?$", True),
        ("${aws:TagKeys}", {"aws__TagKeys": ["a", "b"]}, "a", False),
    ],
)
def test_policy_variables(pattern: str, keys: dict[str, Any], value: str, expected: bool) -> None:
    assert holds({"StringLike": {"aws:Value": pattern}}, aws__Value=value, **keys) == expected
    by_resource = a_policy({"Effect": "Allow", "Action": "*", "Resource": f"arn:aws:s3:::{pattern}"})
    question = a_question(resource=f"arn:aws:s3:::{value}", **keys)
    assert evaluate(question, Policies(identity=(by_resource,))).allowed == expected


def test_the_older_version_knows_no_variables() -> None:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::${aws:username}"}
    policy = parse({"Version": "2008-10-17", "Statement": statement})
    asked = [a_question(resource=f"arn:aws:s3:::{name}", aws__username="ada") for name in ("ada", "${aws:username}")]
    assert [evaluate(question, Policies(identity=(policy,))).allowed for question in asked] == [False, True]


def test_the_context_tells_the_time_it_was_given() -> None:
    context = Context({}, now=1767225600.9)
    assert (context.get("aws:currenttime"), context.get("aws:epochtime")) == (("2026-01-01T00:00:00Z",), ("1767225600",))
    over = Context.of({"aws:SourceIp": "10.0.0.1"}, Context.of({"aws:SourceIp": "10.0.0.2", "aws:UserId": "u"}))
    assert over.as_json() == {"aws:sourceip": "10.0.0.1", "aws:userid": "u"}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "This policy contains invalid Json"),
        ("[" * 100_000, "This policy contains invalid Json"),
        ("[]", "Syntax errors in policy."),
        ('{"Version": "2020-01-01"}', "Syntax errors in policy."),
        ({"Statement": []}, "Syntax errors in policy."),
        ({"Statement": [{"Effect": "Maybe", "Action": "*"}]}, "Syntax errors in policy."),
        ({"Statement": [{"Effect": "Allow", "Action": "*", "Actions": "*"}]}, "Syntax errors in policy."),
        ({"Statement": [{"Effect": "Allow", "Action": 7}]}, "Syntax errors in policy."),
        ({"Statement": [{"Effect": "Allow", "Action": "*", "NotAction": "*"}]}, "Syntax errors in policy."),
        ({"Statement": [{"Effect": "Allow"}]}, "Policy statement must contain actions."),
        ({"Statement": [{"Effect": "Allow", "Action": "*", "Condition": {"StringIs": {"a": "b"}}}]}, "Invalid Condition type : StringIs."),
        ({"Statement": [{"Effect": "Allow", "Action": "*", "Condition": {"Bool": "x"}}]}, "Syntax errors in policy."),
        ({"Statement": [{"Effect": "Allow", "Action": "*", "Condition": {"Bool": {"a": [{}]}}}]}, "Syntax errors in policy."),
        ({"Statement": [{"Effect": "Allow", "Action": "*", "Principal": "someone"}]}, "Invalid principal in policy."),
        ({"Statement": [{"Effect": "Allow", "Action": "*", "Principal": {"AWS": [1]}}]}, "Invalid principal in policy."),
        (
            {"Statement": [{"Sid": "a", "Effect": "Allow", "Action": "*"}, {"Sid": "a", "Effect": "Deny", "Action": "*"}]},
            "Statement IDs (SID) in a single policy must be unique.",
        ),
    ],
)
def test_what_is_no_policy_is_refused(document: Any, message: str) -> None:
    with pytest.raises(MalformedPolicy) as caught:
        parse(document)
    assert str(caught.value) == message


def test_an_ip_address_that_is_none_is_refused() -> None:
    with pytest.raises(MalformedPolicy, match="Invalid IP address"):
        a_policy({"Effect": "Allow", "Action": "*", "Resource": FUNCTION, "Condition": {"IpAddress": {"aws:SourceIp": "300.1.1.1"}}})
