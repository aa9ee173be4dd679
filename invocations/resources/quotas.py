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
    Quota(
        "control_plane_requests_per_second",
        "Control-plane requests a second",
        "Calls of Lambda’s API but Invoke, all together; GetPolicy as many for itself, GetFunction 100. On AWS 15. 0: not enforced, "
        "so that tools which ask quickly meet no 429.",
        0,
        10_000,
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
        before = hold(account_id)
        _keeps_what_is_promised(before, values)
        Account.objects.filter(pk=account_id).update(**values)
        found = describe(account_id)
        transaction.on_commit(lambda: _tell(account_id, found["concurrent_executions"]))
    return found


def hold(account_id: str) -> Account:
    """The account's row, which is locked until the transaction at work ends: whoever takes of its concurrency, or changes how
    much there is, looks and writes with nobody between."""
    Account.objects.get_or_create(account_id=account_id)
    return Account.objects.select_for_update().get(pk=account_id)


def _tell(account_id: str, limit: int) -> None:
    catalogue.changed(account_id)
    announce.publish(account_id, [{"kind": "limits", "limit": limit}])


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


def _keeps_what_is_promised(before: Account, values: Mapping[str, int]) -> None:
    """Raises ValidationException where *values* leave less than functions have for themselves, or newly less than must stay unreserved."""
    limit = values.get("concurrent_executions", before.concurrent_executions)
    taken = promised(before.account_id)
    if limit < taken:
        raise ValidationException(
            f'"concurrent_executions" cannot be {limit}: functions of this account have {taken} for themselves, '
            "reserved or provisioned. Lower those first."
        )
    minimum = min(values.get("unreserved_minimum", before.unreserved_minimum), limit)
    room = limit - minimum
    if taken > room and room < before.concurrent_executions - min(before.unreserved_minimum, before.concurrent_executions):
        name, wanted = ("concurrent_executions", limit) if limit < before.concurrent_executions else ("unreserved_minimum", minimum)
        raise ValidationException(
            f'"{name}" cannot be {wanted}: functions of this account have {taken} for themselves, and {minimum} of {limit} must stay '
            "unreserved. Lower those first."
        )
