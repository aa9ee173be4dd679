"""Faults of an account's functions: set, listed with how often they have acted, taken away."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from invocations import announce, catalogue, clock, faults
from invocations.enums import FaultKind, ThrottleReason
from invocations.errors import ResourceNotFoundException, ValidationException
from invocations.models import Fault
from invocations.resources import functions

LONGEST_LATENCY_MS: Final = 900_000
MOST: Final = 50
"""Faults of an account at once."""
_FIELDS: Final = ("function", "kind", "probability", "count", "latency_ms", "reason", "expires_in_seconds")


@dataclass(frozen=True, slots=True)
class FaultView:
    """A fault and what has become of it."""

    fault: Fault
    acted: int
    """How often, where it has a count; else 0."""

    @property
    def is_used_up(self) -> bool:
        """It has acted as often as it may."""
        return self.fault.count is not None and self.acted >= self.fault.count

    @property
    def is_over(self) -> bool:
        """Used up, or its time has come."""
        return self.is_used_up or (self.fault.expires_at is not None and self.fault.expires_at <= clock.now())

    def as_json(self) -> dict[str, Any]:
        """As /_playground/faults has it."""
        acted = None if self.fault.count is None else min(self.acted, self.fault.count)
        return {**self.fault.as_json(), "acted": acted, "is_over": self.is_over}


def list_of(account_id: str, function_name: str = "") -> list[FaultView]:
    """The account's faults, or one function's, in the order in which they were set."""
    rows = Fault.objects.filter(function__account_id=account_id).select_related("function")
    found = list(rows.filter(function__name=function_name) if function_name else rows)
    acted = faults.times_struck(account_id, [fault.pk for fault in found if fault.count is not None])
    return [FaultView(fault, min(acted.get(fault.pk, 0), fault.count or 0)) for fault in found]


def active(account_id: str) -> list[FaultView]:
    """Those that may still act."""
    return [view for view in list_of(account_id) if not view.is_over]


def create(account_id: str, wanted: Mapping[str, Any]) -> FaultView:
    """Sets one; it acts at once. *wanted*: function and kind, and what else /_playground/faults takes. Raises ValidationException."""
    if unknown := wanted.keys() - set(_FIELDS):
        raise ValidationException(f'A fault has no "{min(unknown)}"; it has {", ".join(_FIELDS)}.')
    name, kind = wanted.get("function"), _one_of("kind", wanted.get("kind"), FaultKind)
    if not isinstance(name, str) or not name:
        raise ValidationException('"function" must be the name of a function.')
    function = functions.function_of(account_id, name)
    fault = Fault(
        function=function,
        kind=kind,
        probability=_probability(wanted.get("probability")),
        count=_whole("count", wanted.get("count"), 1, 1_000_000),
        latency_ms=_latency(kind, wanted.get("latency_ms")),
        reason=_reason(kind, wanted.get("reason")),
        created_at=clock.now(),
        expires_at=_expiry(wanted.get("expires_in_seconds")),
    )
    with transaction.atomic():
        if Fault.objects.filter(function__account_id=account_id).count() >= MOST:
            raise ValidationException(f"An account has {MOST} faults at the most. Take some away first.")
        fault.save()
    _tell(account_id, name)
    return FaultView(fault, 0)


def delete(account_id: str, fault_id: int) -> None:
    """Takes one away. Raises ResourceNotFoundException."""
    fault = Fault.objects.filter(function__account_id=account_id, pk=fault_id).select_related("function").first()
    if fault is None:
        raise ResourceNotFoundException(f"There is no fault {fault_id} in this account.")
    _remove(account_id, fault)


def delete_all(account_id: str) -> None:
    """Takes all of them away."""
    for fault in Fault.objects.filter(function__account_id=account_id).select_related("function"):
        _remove(account_id, fault)


def _remove(account_id: str, fault: Fault) -> None:
    fault_id = fault.pk
    fault.delete()
    _tell(account_id, fault.function.name)
    faults.forget(account_id, fault_id)


def _tell(account_id: str, function_name: str) -> None:
    catalogue.changed(account_id, function_name)
    announce.publish(account_id, [{"kind": "faults", "function": function_name}])


def _one_of(name: str, value: Any, values: type[FaultKind]) -> FaultKind:
    try:
        return values(value)
    except ValueError:
        raise ValidationException(f'"{name}" must be one of {", ".join(values)}.') from None


def _probability(value: Any) -> float:
    if value is None:
        return 1.0
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        raise ValidationException('"probability" must be a number above 0, up to 1.')
    return float(value)


def _whole(name: str, value: Any, smallest: int, largest: int) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not smallest <= value <= largest:
        raise ValidationException(f'"{name}" must be a whole number from {smallest} to {largest}, or null.')
    return value


def _latency(kind: FaultKind, value: Any) -> int:
    latency = _whole("latency_ms", value, 1, LONGEST_LATENCY_MS)
    if (kind is FaultKind.LATENCY) != (latency is not None):
        raise ValidationException(f'"latency_ms" belongs to the kind "{FaultKind.LATENCY}", and it needs one.')
    return latency or 0


def _reason(kind: FaultKind, value: Any) -> str:
    if value is None:
        return str(ThrottleReason.CONCURRENT_INVOCATION_LIMIT_EXCEEDED) if kind is FaultKind.THROTTLE else ""
    if kind is not FaultKind.THROTTLE or value not in set(ThrottleReason):
        raise ValidationException(f'"reason" belongs to the kind "{FaultKind.THROTTLE}": {", ".join(ThrottleReason)}.')
    return str(value)


def _expiry(value: Any) -> datetime | None:
    seconds = _whole("expires_in_seconds", value, 1, 31_536_000)
    return None if seconds is None else clock.now() + timedelta(seconds=seconds)
