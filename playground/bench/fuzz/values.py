"""What stands in requests: text, JSON and members of operations, most of them nearly right."""

from functools import cache
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape
from hypothesis import strategies as st

ACCOUNT: Final = "444455556666"
"""Whose things the requests make and destroy."""
_DEEPEST: Final = 3
_PAYLOAD_DEPTH: Final = 2000
ODD: Final = (
    "",
    " ",
    "\x00",
    "a\r\nb: c",
    "%",
    "%00",
    "%zz",
    "../../../etc/passwd",
    "..%2f..%2f",
    "'; DROP TABLE x; --",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "\ud800",
    "ï¿½\u202e",
    "A" * 300,
    "-1",
    "0",
    "1e400",
    "NaN",
    "99999999999999999999",
    "null",
    "[]",
    "true",
    "2026-13-45T99:99:99Z",
)
_NAMES: Final = (
    "hello",
    "hello",
    "fuzz",
    "hello:live",
    "hello:$LATEST",
    "fuzz",
    "fuzz.fifo",
    "nobody",
    "default",
    f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:hello",
    f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:hello:1",
    f"arn:aws:sqs:us-east-1:{ACCOUNT}:fuzz",
    f"arn:aws:sns:us-east-1:{ACCOUNT}:fuzz",
    f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default",
    f"arn:aws:iam::{ACCOUNT}:role/fuzz",
    f"http://localhost:4566/{ACCOUNT}/fuzz",
    "arn:aws:x",
    "arn:aws:::::::",
    "rate(1 minute)",
    "cron(* * * * ? *)",
    "at(2099-01-01T00:00:00)",
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}]}',
    '{"source": ["x"]}',
    '{"Version": 1, "Statement": {"Effect": []}}',
    '{"a": [{"numeric": [">", 1]}]}',
    "1",
    "$LATEST",
)

text: Final = st.one_of(st.sampled_from(_NAMES), st.sampled_from(_NAMES), st.sampled_from(ODD), st.text(max_size=24))
"""Names that may exist, text that is known to hurt, and text that nobody thought of."""
json_value: Final = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), text),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(text, inner, max_size=3)),
    max_leaves=6,
)


def deep_json(depth: int = _PAYLOAD_DEPTH) -> str:
    """JSON that is nested deeper than parsers like."""
    return "[" * depth + "]" * depth


def members_of(shape: Shape | None) -> "st.SearchStrategy[dict[str, Any]]":
    """Members for an operation's input: required and optional ones, some of a wrong sort, some missing, some unknown."""
    if not isinstance(shape, StructureShape):
        return st.dictionaries(text, json_value, max_size=2)
    return _structure(shape, 0)


def _structure(shape: StructureShape, depth: int) -> "st.SearchStrategy[dict[str, Any]]":
    required = {name: _member(shape.members[name], depth) for name in shape.required_members}
    optional = {name: _member(inner, depth) for name, inner in shape.members.items() if name not in required}
    if "WaitTimeSeconds" in optional:
        optional["WaitTimeSeconds"] = st.sampled_from([-1, 0, 0, 0, 21, "x"])  # nobody waits for what a long poll does not find
    known = st.fixed_dictionaries(required, optional={name: optional[name] for name in list(optional)[:12]})
    lacking = st.fixed_dictionaries({}, optional=dict(list((required | optional).items())[:12]))
    return st.one_of(known, known, known, lacking)


def _member(shape: Shape, depth: int) -> "st.SearchStrategy[Any]":
    right = _right(shape, depth) if depth < _DEEPEST else st.none()
    return st.one_of(right, right, right, json_value)


@cache
def _scalar(kind: str) -> "st.SearchStrategy[Any]":
    match kind:
        case "integer" | "long":
            return st.one_of(st.integers(-2, 70), st.sampled_from([2**31, 2**63, -(2**63), 10**30]))
        case "boolean":
            return st.booleans()
        case "float" | "double":
            return st.floats()
        case "timestamp":
            return st.one_of(
                st.integers(-(10**12), 10**13), st.sampled_from(["2026-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT", "x"])
            )
        case "blob":
            return st.sampled_from(["e30=", "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==", "%%%", "aGVsbG8=", ""])
    return text


def _right(shape: Shape, depth: int) -> "st.SearchStrategy[Any]":
    if isinstance(shape, StructureShape):
        return _structure(shape, depth + 1)
    if isinstance(shape, ListShape):
        return st.lists(_member(shape.member, depth + 1), max_size=3)
    if isinstance(shape, MapShape):
        return st.dictionaries(text, _member(shape.value, depth + 1), max_size=3)
    if isinstance(shape, StringShape) and shape.enum:
        return st.sampled_from(shape.enum)
    return _scalar(shape.type_name)
