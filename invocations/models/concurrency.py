from django.db import models

from invocations.models.function import Function


class ProvisionedConcurrencyConfig(models.Model):
    """Environments kept ready for a version or an alias."""

    function = models.ForeignKey(Function, on_delete=models.CASCADE, related_name="provisioned_concurrency_configs")
    function_id: int
    qualifier = models.CharField(max_length=128)
    """A version's number, or an alias."""
    requested = models.PositiveIntegerField()
    available = models.PositiveIntegerField(default=0)
    allocated = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=16, default="IN_PROGRESS")
    """IN_PROGRESS, READY or FAILED."""
    status_reason = models.CharField(max_length=128, blank=True)
    last_modified = models.DateTimeField()

    objects = models.Manager["ProvisionedConcurrencyConfig"]()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["function", "qualifier"], name="one_provisioned_config")]

    def __str__(self) -> str:
        return f"{self.function}:{self.qualifier} x {self.requested}"
