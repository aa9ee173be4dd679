"""Tags of functions."""

from collections.abc import Collection

from django.db import transaction

from invocations import catalogue
from invocations.errors import InvalidParameterValueException
from invocations.models import Function
from invocations.resources import function_checks, functions
from invocations.resources.naming import resolve
from invocations.values import Members


def of(account_id: str, arn: str) -> dict[str, str]:
    """ListTags."""
    return dict(_function(account_id, arn).tags)


def put(account_id: str, arn: str, tags: Members) -> None:
    """TagResource."""
    _change(account_id, arn, add=tags)


def remove(account_id: str, arn: str, names: Collection[str]) -> None:
    """UntagResource."""
    _change(account_id, arn, drop=names)


def _change(account_id: str, arn: str, add: Members | None = None, drop: Collection[str] = ()) -> None:
    found = _function(account_id, arn)
    with transaction.atomic():
        function = functions.held(found.account_id, found.name)
        kept = {name: value for name, value in function.tags.items() if name not in drop}
        function.tags = function_checks.tags({**kept, **(add or {})})
        function.save(update_fields=["tags"])
    catalogue.changed(function.account_id, function.name)


def _function(account_id: str, arn: str) -> Function:
    name, qualifier = resolve(arn, None, account_id)
    if qualifier:
        raise InvalidParameterValueException("Tags on function aliases and versions are not supported. Please specify a function ARN.")
    return functions.function_of(account_id, name)
