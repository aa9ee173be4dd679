"""Reserved concurrency, and what an account's functions share."""

from django.db import transaction
from django.db.models import Sum

from invocations import catalogue
from invocations.errors import InvalidParameterValueException
from invocations.models import Account, Function, ProvisionedConcurrencyConfig
from invocations.resources import functions, quotas


def unreserved(account_id: str, but: Function | None = None) -> int:
    """Concurrent executions that no function has for itself, leaving out what *but* has."""
    account, _ = Account.objects.get_or_create(account_id=account_id)
    others = Function.objects.of(account_id)
    configs = ProvisionedConcurrencyConfig.objects.filter(
        function__account_id=account_id, function__reserved_concurrent_executions__isnull=True
    )
    if but is not None:
        others, configs = others.exclude(pk=but.pk), configs.exclude(function=but)
    reserved = others.aggregate(total=Sum("reserved_concurrent_executions"))["total"] or 0
    provisioned = configs.aggregate(total=Sum("requested"))["total"] or 0
    return account.concurrent_executions - reserved - provisioned


def unreserved_minimum(account_id: str) -> int:
    """What must stay unreserved: 100 unless changed, or everything in an account whose own limit is not above that."""
    account, _ = Account.objects.get_or_create(account_id=account_id)
    return min(account.unreserved_minimum, account.concurrent_executions)


def put(account_id: str, name: str, reserved: int) -> int:
    """PutFunctionConcurrency."""
    with transaction.atomic():
        quotas.hold(account_id)
        function = functions.function_of(account_id, name)
        _check(function, reserved)
        _set(function, reserved)
    return reserved


def _check(function: Function, reserved: int) -> None:
    account_id = function.account_id
    provisioned = function.provisioned_concurrency_configs.aggregate(total=Sum("requested"))["total"] or 0
    if reserved < provisioned:
        raise InvalidParameterValueException(
            f" ReservedConcurrentExecutions  {reserved} should not be lower than function's total provisioned concurrency [{provisioned}]."
        )
    minimum = unreserved_minimum(account_id)
    if reserved and unreserved(account_id, but=function) - reserved < minimum:
        raise InvalidParameterValueException(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum "
            f"value of [{minimum}]."
        )


def get(account_id: str, name: str) -> int | None:
    """GetFunctionConcurrency: None where nothing is reserved."""
    return functions.function_of(account_id, name).reserved_concurrent_executions


def delete(account_id: str, name: str) -> None:
    """DeleteFunctionConcurrency."""
    with transaction.atomic():
        quotas.hold(account_id)
        _set(functions.function_of(account_id, name), None)


def only_unqualified() -> InvalidParameterValueException:
    """What AWS says to a qualified name."""
    return InvalidParameterValueException(
        "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. "
        "Please specify either a function name or an unqualified function ARN."
    )


def _set(function: Function, reserved: int | None) -> None:
    Function.objects.filter(pk=function.pk).update(reserved_concurrent_executions=reserved)
    transaction.on_commit(lambda: catalogue.changed(function.account_id, function.name))
