"""An account's quotas: AWS's at first, and changeable here, where nobody has to ask a support centre."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.db.models import Sum

from invocations import announce, catalogue
from invocations.errors import ValidationException
from invocations.models import Account, Function, ProvisionedConcurrencyConfig


@dataclass(frozen=True, slots=True)
class Quota:
    """One number that can be changed; *name* is the column of models.Account and the key of /_playground/limits."""

    name: str
    label: str
    about: str
    smallest: int
    largest: int

    @property
    def default(self) -> int:
        """AWS's, or this product's for what AWS has none."""
        return int(getattr(Account(), self.name))


QUOTAS: Final = [
    Quota(
        "concurrent_executions",
        "Concurrent executions",
        "Invocations that may run at once in the whole account. On AWS 1,000, in new accounts less.",
        1,
        100_000,
    ),
    Quota(
        "unreserved_minimum",
        "Unreserved minimum",
        "What reservations must leave to the functions without one. On AWS 100, or all of a smaller account.",
        0,
        100_000,
    ),
    Quota(
        "scaling_rate",
        "Scaling rate",
        "Environments that each function may add within 10 seconds. Its rate of requests may rise by ten times as many.",
        1,
        100_000,
    ),
    Quota(
        "requests_per_concurrent_execution",
        "Requests per concurrent execution",
        "Synchronous requests a second for each unit of concurrency: of the account, of a reservation, of provisioned concurrency.",
        1,
        1_000,
    ),
    Quota("retained_invocations", "Retained invocations", "How many finished invocations are kept; the oldest go first.", 100, 10_000_000),
]


def describe(account_id: str) -> dict[str, int]:
    """Name -> present value."""
    account, _ = Account.objects.get_or_create(account_id=account_id)
    return {quota.name: getattr(account, quota.name) for quota in QUOTAS}


def defaults() -> dict[str, int]:
    """Name -> AWS's value."""
    return {quota.name: quota.default for quota in QUOTAS}


def change(account_id: str, wanted: Mapping[str, Any]) -> dict[str, int]:
    """Sets what is given; None brings the default back. All of it or nothing. Raises ValidationException with a sentence."""
    values = {name: _checked(name, value) for name, value in wanted.items()}
    with transaction.atomic():
        Account.objects.get_or_create(account_id=account_id)
        _holds_what_is_promised(account_id, values.get("concurrent_executions"))
        Account.objects.filter(pk=account_id).update(**values)
    catalogue.changed(account_id)
    found = describe(account_id)
    announce.publish(account_id, [{"kind": "limits", "limit": found["concurrent_executions"]}])
    return found


def promised(account_id: str) -> int:
    """Concurrency that functions have for themselves: reserved, and provisioned where nothing is reserved."""
    reserved = Function.objects.of(account_id).aggregate(total=Sum("reserved_concurrent_executions"))["total"] or 0
    configs = ProvisionedConcurrencyConfig.objects.filter(
        function__account_id=account_id, function__reserved_concurrent_executions__isnull=True
    )
    return int(reserved + (configs.aggregate(total=Sum("requested"))["total"] or 0))


def _checked(name: str, value: Any) -> int:
    quota = next((each for each in QUOTAS if each.name == name), None)
    if quota is None:
        raise ValidationException(f'There is no limit "{name}"; there are {", ".join(each.name for each in QUOTAS)}.')
    if value is None:
        return quota.default
    if type(value) is not int or not quota.smallest <= value <= quota.largest:
        raise ValidationException(f'"{name}" must be a whole number from {quota.smallest} to {quota.largest}, or null for the default.')
    return value


def _holds_what_is_promised(account_id: str, concurrent_executions: int | None) -> None:
    if concurrent_executions is None:
        return
    taken = promised(account_id)
    if concurrent_executions < taken:
        raise ValidationException(
            f'"concurrent_executions" cannot be {concurrent_executions}: functions of this account have {taken} for themselves, '
            "reserved or provisioned. Lower those first."
        )
