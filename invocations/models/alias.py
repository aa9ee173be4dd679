from django.db import models

from invocations.arn import function_arn
from invocations.models.function import Function
from invocations.region import REGION


class Alias(models.Model):
    """A name for one version, or for two with weights."""

    function = models.ForeignKey(Function, on_delete=models.CASCADE, related_name="aliases")
    function_id: int
    name = models.CharField(max_length=128)
    function_version = models.CharField(max_length=20)
    additional_version_weights = models.JSONField(default=dict, blank=True)
    """At most one item: version -> share of invocations, 0.0 to 1.0."""
    description = models.CharField(max_length=256, blank=True)
    revision_id = models.CharField(max_length=36)

    objects = models.Manager["Alias"]()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["function", "name"], name="one_alias_of_a_name")]

    def __str__(self) -> str:
        return f"{self.function}:{self.name}"

    @property
    def current_revision_id(self) -> str:
        """RevisionId as AWS answers it."""
        return self.revision_id

    @property
    def arn(self) -> str:
        """The function's ARN with the alias as qualifier."""
        return function_arn(self.function.account_id, REGION, self.function.name, self.name)
