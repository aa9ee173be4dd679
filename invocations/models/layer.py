from django.db import models

from invocations.arn import layer_arn
from invocations.models.owned import OwnedModel
from invocations.region import REGION


class LayerVersion(OwnedModel):
    """One published version of a layer; the layer itself is just its name."""

    name = models.CharField(max_length=140)
    version = models.PositiveIntegerField()
    description = models.CharField(max_length=256, blank=True)
    license_info = models.CharField(max_length=512, blank=True)
    compatible_runtimes = models.JSONField(default=list, blank=True)
    compatible_architectures = models.JSONField(default=list, blank=True)
    code_sha256 = models.CharField(max_length=64)
    code_size = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    is_deleted = models.BooleanField(default=False)
    """A deleted layer version still serves the functions that use it, and its number is not used again."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name", "version"], name="one_layer_version")]

    def __str__(self) -> str:
        return self.arn

    @property
    def arn(self) -> str:
        """The ARN of this version."""
        return layer_arn(self.account_id, REGION, self.name, self.version)

    @property
    def layer_arn(self) -> str:
        """The ARN of the layer."""
        return layer_arn(self.account_id, REGION, self.name)
