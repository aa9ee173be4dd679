from django.db import models

from invocations.models.owned import OwnedModel


class Queue(OwnedModel):
    """An SQS queue's configuration. Its messages are in Redis."""

    name = models.CharField(max_length=80)
    attributes = models.JSONField(default=dict)
    """What was set, by AWS's attribute names, as text: VisibilityTimeout, RedrivePolicy, Policy, FifoQueue …"""
    tags = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    last_modified = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="one_queue_of_a_name")]

    def __str__(self) -> str:
        return f"{self.account_id}:{self.name}"
