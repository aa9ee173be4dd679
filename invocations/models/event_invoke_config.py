from django.db import models

from invocations.arn import function_arn
from invocations.models.function import Function
from invocations.region import REGION


class EventInvokeConfig(models.Model):
    """What becomes of asynchronous invocations of $LATEST, a version or an alias. What was never set is None or empty."""

    function = models.ForeignKey(Function, on_delete=models.CASCADE, related_name="event_invoke_configs")
    function_id: int
    qualifier = models.CharField(max_length=128)
    """$LATEST, a version's number, or an alias."""
    maximum_retry_attempts = models.PositiveSmallIntegerField(null=True, blank=True)
    maximum_event_age_in_seconds = models.PositiveIntegerField(null=True, blank=True)
    on_success = models.CharField(max_length=350, blank=True)
    """The destination's ARN."""
    on_failure = models.CharField(max_length=350, blank=True)
    last_modified = models.DateTimeField()

    objects = models.Manager["EventInvokeConfig"]()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["function", "qualifier"], name="one_event_invoke_config")]

    def __str__(self) -> str:
        return self.arn

    @property
    def arn(self) -> str:
        """The function's ARN with the qualifier, $LATEST too."""
        return function_arn(self.function.account_id, REGION, self.function.name, self.qualifier)
