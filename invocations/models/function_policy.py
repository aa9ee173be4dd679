from typing import Any

from django.db import models

from invocations.arn import function_arn
from invocations.models.function import Function
from invocations.region import REGION


class FunctionPolicy(models.Model):
    """The resource policy of a function, of one of its versions, or of an alias. Each has its own."""

    function = models.ForeignKey(Function, on_delete=models.CASCADE, related_name="policies")
    function_id: int
    qualifier = models.CharField(max_length=128, blank=True)
    """A version's number or an alias; empty for the function without qualifier."""
    statements = models.JSONField(default=list)
    """In the order in which they were added; never empty."""

    objects = models.Manager["FunctionPolicy"]()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["function", "qualifier"], name="one_function_policy")]

    def __str__(self) -> str:
        return self.arn

    @property
    def arn(self) -> str:
        """Of what it is the policy."""
        return function_arn(self.function.account_id, REGION, self.function.name, self.qualifier or None)

    @property
    def document(self) -> dict[str, Any]:
        """As GetPolicy answers it."""
        return {"Version": "2012-10-17", "Id": "default", "Statement": self.statements}
