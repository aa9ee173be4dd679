"""Qualifier -> version, alias weights included."""

from dataclasses import dataclass

from invocations.arn import LATEST
from invocations.catalogue import FunctionSnapshot, VersionSnapshot
from invocations.errors import ResourceNotFoundException


@dataclass(frozen=True, slots=True)
class Routed:
    """Where an invocation goes."""

    version: VersionSnapshot
    alias: str | None
    weight: float
    """The share of invocations that this version gets, 1.0 without an alias."""
    invoked_function_arn: str
    """As the function's context shows it: with the qualifier asked for, without one if none was."""
    provisioned_qualifier: str | None
    """The qualifier whose provisioned concurrency may serve it."""


def route(function: FunctionSnapshot, qualifier: str | None, *, draw: float) -> Routed:
    """The version that answers for *qualifier*; *draw*, from 0.0 up to 1.0, decides between an alias's two.

    Raises ResourceNotFoundException for a version or alias that does not exist.
    """
    invoked = f"{function.arn}:{qualifier}" if qualifier else function.arn
    asked = qualifier or LATEST
    alias = function.aliases.get(asked)
    number, weight = asked, 1.0
    if alias is not None:
        number, weight = alias.function_version, 1.0 - sum(alias.additional_version_weights.values())
        passed = 0.0
        for other, share in alias.additional_version_weights.items():
            passed += share
            if draw < passed:
                number, weight = other, share
                break
    version = function.versions.get(number)
    if version is None:
        raise ResourceNotFoundException(f"Function not found: {function.arn}:{asked}")
    provisioned = asked if asked in function.provisioned else number if number in function.provisioned else None
    return Routed(version, alias.name if alias else None, weight, invoked, provisioned)
