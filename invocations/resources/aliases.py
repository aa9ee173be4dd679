"""Aliases: a name for a version, or for two with weights."""

import re

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from invocations import announce, catalogue
from invocations.arn import LATEST, function_arn
from invocations.errors import (
    InvalidParameterValueException,
    ResourceConflictException,
    ResourceNotFoundException,
    ValidationException,
)
from invocations.models import Alias, Function
from invocations.region import REGION
from invocations.resources import function_urls, functions
from invocations.values import Members

_NAME = re.compile(r"(?!^[0-9]+$)([a-zA-Z0-9-_]+)")


def create(account_id: str, name: str, parameters: Members) -> Alias:
    """CreateAlias."""
    function = functions.function_of(account_id, name)
    alias_name = parameters["Name"]
    if not _NAME.fullmatch(alias_name):
        raise ValidationException(
            f"1 validation error detected: Value '{alias_name}' at 'name' failed to satisfy constraint: Member must satisfy regular "
            r"expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)"
        )
    weights = _weights(function, parameters["FunctionVersion"], parameters.get("RoutingConfig"))
    try:
        with transaction.atomic():
            alias = Alias.objects.create(
                function=function,
                name=alias_name,
                function_version=parameters["FunctionVersion"],
                additional_version_weights=weights,
                description=parameters.get("Description", ""),
                revision_id=functions.new_revision(),
            )
    except IntegrityError:
        arn = function_arn(account_id, REGION, name, alias_name)
        raise ResourceConflictException(f"Alias already exists: {arn}") from None
    _changed(function)
    return alias


def update(account_id: str, name: str, alias_name: str, parameters: Members) -> Alias:
    """UpdateAlias: what is not given stays."""
    with transaction.atomic():
        functions.held(account_id, name)
        alias = _find(account_id, name, alias_name)
        if alias is None:
            raise ResourceNotFoundException(f"Alias not found: {function_arn(account_id, REGION, name, alias_name)}")
        functions.check_revision(alias.revision_id, parameters.get("RevisionId"))
        alias.function_version = parameters.get("FunctionVersion", alias.function_version)
        alias.description = parameters.get("Description", alias.description)
        routing = parameters.get("RoutingConfig", {"AdditionalVersionWeights": alias.additional_version_weights})
        alias.additional_version_weights = _weights(alias.function, alias.function_version, routing)
        alias.revision_id = functions.new_revision()
        alias.save()
    _changed(alias.function)
    return alias


def get(account_id: str, name: str, alias_name: str) -> Alias:
    """GetAlias."""
    alias = _find(account_id, name, alias_name)
    if alias is None:
        raise ResourceNotFoundException(f"Cannot find alias arn: {function_arn(account_id, REGION, name, alias_name)}")
    return alias


def delete(account_id: str, name: str, alias_name: str) -> None:
    """DeleteAlias; one that is not there is no error, as on AWS."""
    alias = _find(account_id, name, alias_name)
    if alias is None:
        functions.function_of(account_id, name)
        return
    with transaction.atomic():
        alias.function.provisioned_concurrency_configs.filter(qualifier=alias_name).delete()
        alias.function.event_invoke_configs.filter(qualifier=alias_name).delete()
        alias.function.policies.filter(qualifier=alias_name).delete()
        function_urls.forbid(alias.function, alias_name)
        alias.delete()
    _changed(alias.function)


def list_of(account_id: str, name: str, function_version: str | None = None) -> QuerySet[Alias]:
    """A function's aliases by name; only those that lead to *function_version* if one is given."""
    function = functions.function_of(account_id, name)
    rows = function.aliases.select_related("function").order_by("name")
    return rows.filter(function_version=function_version) if function_version else rows


def _find(account_id: str, name: str, alias_name: str) -> Alias | None:
    rows = Alias.objects.select_related("function").filter(function__account_id=account_id, function__name=name)
    return rows.filter(name=alias_name).first()


def _weights(function: Function, function_version: str, routing: Members | None) -> dict[str, float]:
    """AdditionalVersionWeights as stored. Raises what CreateAlias raises."""
    _version_exists(function, function_version)
    weights = dict((routing or {}).get("AdditionalVersionWeights") or {})
    if len(weights) > 1:
        raise InvalidParameterValueException("Number of items in AdditionalVersionWeights cannot be greater than 1")
    for version, weight in weights.items():
        if not 0.0 <= weight <= 1.0:
            bound = "less than or equal to 1.0" if weight > 1 else "greater than or equal to 0.0"
            raise ValidationException(
                f"1 validation error detected: Value '{{{version}={weight}}}' at 'routingConfig.additionalVersionWeights' failed to "
                f"satisfy constraint: Map value must satisfy constraint: [Member must have value {bound}, Member must have value "
                f"{'greater than or equal to 0.0' if weight > 1 else 'less than or equal to 1.0'}, Member must not be null]"
            )
        if version == function_version:
            raise InvalidParameterValueException(
                f"Invalid function version {version}. Function version {version} is already included in routing configuration."
            )
        if LATEST in {version, function_version}:
            raise InvalidParameterValueException("$LATEST is not supported for an alias pointing to more than 1 version")
        _version_exists(function, version)
    return weights


def _version_exists(function: Function, number: str) -> None:
    if not function.versions.filter(version=number).exists():
        raise ResourceNotFoundException(f"Function not found: {function.arn}:{number}")


def _changed(function: Function) -> None:
    catalogue.changed(function.account_id, function.name)
    announce.publish(function.account_id, [{"kind": "function", "function": function.name, "what": "updated"}])
