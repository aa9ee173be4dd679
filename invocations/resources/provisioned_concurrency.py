"""Provisioned concurrency: what is asked for here, and how far the host has come with it."""

from django.db import transaction
from django.db.models import QuerySet, Sum

from invocations import catalogue, clock
from invocations.arn import LATEST
from invocations.errors import (
    InvalidParameterValueException,
    ProvisionedConcurrencyConfigNotFoundException,
    ResourceConflictException,
)
from invocations.models import Function, ProvisionedConcurrencyConfig
from invocations.resources import concurrency, functions, quotas


def put(account_id: str, name: str, qualifier: str | None, requested: int) -> ProvisionedConcurrencyConfig:
    """PutProvisionedConcurrencyConfig: IN_PROGRESS until the environments are ready."""
    with transaction.atomic():
        quotas.hold(account_id)
        function = _checked(account_id, name, qualifier)
        assert qualifier is not None
        _not_provisioned_twice(function, qualifier)
        _within_limits(function, qualifier, requested)
        config, _ = ProvisionedConcurrencyConfig.objects.update_or_create(
            function=function,
            qualifier=qualifier,
            defaults={"requested": requested, "status": "IN_PROGRESS", "status_reason": "", "last_modified": clock.now()},
        )
    catalogue.changed(account_id, name)
    return config


def get(account_id: str, name: str, qualifier: str | None) -> ProvisionedConcurrencyConfig:
    """GetProvisionedConcurrencyConfig."""
    function = _checked(account_id, name, qualifier)
    config = function.provisioned_concurrency_configs.select_related("function").filter(qualifier=qualifier).first()
    if config is None:
        raise ProvisionedConcurrencyConfigNotFoundException("No Provisioned Concurrency Config found for this function")
    return config


def delete(account_id: str, name: str, qualifier: str | None) -> None:
    """DeleteProvisionedConcurrencyConfig."""
    _checked(account_id, name, qualifier).provisioned_concurrency_configs.filter(qualifier=qualifier).delete()
    catalogue.changed(account_id, name)


def list_of(account_id: str, name: str) -> QuerySet[ProvisionedConcurrencyConfig]:
    """A function's configurations by qualifier."""
    function = functions.function_of(account_id, name)
    return function.provisioned_concurrency_configs.select_related("function").order_by("qualifier")


def report(config_id: int, available: int, allocated: int, status: str, reason: str) -> None:
    """What the host that prepares the environments has to say; a configuration that is gone is no error."""
    ProvisionedConcurrencyConfig.objects.filter(pk=config_id).update(
        available=available, allocated=allocated, status=status, status_reason=reason
    )


def _checked(account_id: str, name: str, qualifier: str | None) -> Function:
    if qualifier == LATEST:
        raise InvalidParameterValueException("Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
    if not qualifier:
        raise InvalidParameterValueException("The function resource provided must be an alias or a published version.")
    function = functions.function_of(account_id, name)
    is_known = function.versions.filter(version=qualifier).exists() or function.aliases.filter(name=qualifier).exists()
    if not is_known:
        functions.get(account_id, name, qualifier)
    return function


def _not_provisioned_twice(function: Function, qualifier: str) -> None:
    configured = set(function.provisioned_concurrency_configs.values_list("qualifier", flat=True)) - {qualifier}
    alias = function.aliases.filter(name=qualifier).first()
    if alias is not None:
        if {alias.function_version, *alias.additional_version_weights} & configured:
            raise ResourceConflictException(
                "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"
            )
    elif function.aliases.filter(name__in=configured, function_version=qualifier).exists():
        raise ResourceConflictException("Version is pointed by a Provisioned Concurrency alias")


def _within_limits(function: Function, qualifier: str, requested: int) -> None:
    others = function.provisioned_concurrency_configs.exclude(qualifier=qualifier).aggregate(total=Sum("requested"))["total"] or 0
    total = others + requested
    reserved = function.reserved_concurrent_executions
    if reserved is not None:
        if total > reserved:
            raise InvalidParameterValueException(
                "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function"
            )
        return
    room = concurrency.unreserved(function.account_id, but=function)
    if total > room:
        raise InvalidParameterValueException(
            f"Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [{room}]."
        )
    minimum = concurrency.unreserved_minimum(function.account_id)
    if room - total < minimum:
        raise InvalidParameterValueException(
            "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum "
            f"value of [{minimum}]."
        )
