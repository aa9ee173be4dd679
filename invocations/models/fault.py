from typing import Any

from django.db import models

from invocations.models.function import Function


class Fault(models.Model):
    """A fault that is injected into invocations of a function, to see what callers make of it."""

    function = models.ForeignKey(Function, on_delete=models.CASCADE, related_name="faults")
    function_id: int
    kind = models.CharField(max_length=24)
    """A value of enums.FaultKind."""
    probability = models.FloatField(default=1.0)
    """Above 0.0, up to 1.0."""
    count = models.PositiveIntegerField(null=True, blank=True)
    """How often it acts at the most; None: as long as it is there. How often it has, is counted in Redis."""
    latency_ms = models.PositiveIntegerField(default=0)
    """Of added latency."""
    reason = models.CharField(max_length=64, blank=True)
    """Of a throttle: a value of enums.ThrottleReason."""
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    """In real time; None: never."""

    objects = models.Manager["Fault"]()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} of {self.function}"

    def as_json(self) -> dict[str, Any]:
        """As /_playground/faults has it."""
        return {
            "id": self.pk,
            "function": self.function.name,
            "kind": self.kind,
            "probability": self.probability,
            "count": self.count,
            "latency_ms": self.latency_ms or None,
            "reason": self.reason or None,
            "expires_at": self.expires_at.timestamp() if self.expires_at else None,
        }
