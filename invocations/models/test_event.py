from django.db import models

from invocations.models.function import Function


class TestEvent(models.Model):
    """A saved payload to fire at a function."""

    __test__ = False  # pytest would collect it by its name

    function = models.ForeignKey(Function, on_delete=models.CASCADE, related_name="test_events")
    function_id: int
    name = models.CharField(max_length=64)
    payload = models.TextField()
    """JSON text, kept as it was typed."""
    updated_at = models.DateTimeField(auto_now=True)

    objects = models.Manager["TestEvent"]()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["function", "name"], name="one_test_event_of_a_name")]
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.function}/{self.name}"
