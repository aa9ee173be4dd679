"""Amazon Resource Names and the many forms in which AWS takes a function's name."""

import re
from dataclasses import dataclass
from typing import Final

LATEST: Final = "$LATEST"

FUNCTION_NAME_PATTERN: Final = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?"
    r"(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)
"""As Lambda's validation messages print it (API reference, FunctionName)."""

_FUNCTION_NAME = re.compile(
    r"(?:arn:(?P<partition>aws[a-zA-Z-]*):lambda:)?"
    r"(?:(?P<region>(?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d):)?"
    r"(?:(?P<account>\d{12}):)?(?:function:)?"
    r"(?P<name>[a-zA-Z0-9-_.]+)(?::(?P<qualifier>\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)


@dataclass(frozen=True, slots=True)
class FunctionReference:
    """What a FunctionName parameter said. Parts it left out are None."""

    name: str
    qualifier: str | None = None
    account_id: str | None = None
    region: str | None = None


def parse_function_name(value: str) -> FunctionReference | None:
    """Reads a name, `name:qualifier`, partial ARN (`account:function:name[:qualifier]`) or full ARN; None if it is none."""
    match = _FUNCTION_NAME.fullmatch(value)
    if match is None:
        return None
    return FunctionReference(match["name"], match["qualifier"], match["account"], match["region"])


def function_arn(account_id: str, region: str, name: str, qualifier: str | None = None) -> str:
    """arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]"""
    arn = f"arn:aws:lambda:{region}:{account_id}:function:{name}"
    return f"{arn}:{qualifier}" if qualifier else arn


def layer_arn(account_id: str, region: str, name: str, version: int | None = None) -> str:
    """arn:aws:lambda:REGION:ACCOUNT:layer:NAME[:VERSION]"""
    arn = f"arn:aws:lambda:{region}:{account_id}:layer:{name}"
    return arn if version is None else f"{arn}:{version}"


def account_in(arn: str) -> str:
    """The account that an ARN names; empty where it names none, as a bucket's."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 else ""


def root_arn(account_id: str) -> str:
    """The ARN of an account's root."""
    return f"arn:aws:iam::{account_id}:root"


def role_name(role_arn: str) -> str:
    """The name behind the last slash of a role's ARN (a path may stand before it)."""
    return role_arn.rpartition("/")[2]
