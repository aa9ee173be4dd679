from django.db import models

from invocations.models.owned import OwnedModel


class ScheduleGroup(OwnedModel):
    """A group of schedules. The one named default is there without a row."""

    name = models.CharField(max_length=64)
    tags = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    last_modified = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="one_schedule_group_of_a_name")]

    def __str__(self) -> str:
        return f"{self.account_id}:{self.name}"


class Schedule(OwnedModel):
    """A schedule of EventBridge Scheduler. When it is due next stands in Redis."""

    group_name = models.CharField(max_length=64, default="default")
    name = models.CharField(max_length=64)
    schedule_expression = models.CharField(max_length=256)
    schedule_expression_timezone = models.CharField(max_length=50, default="UTC")
    start_date = models.DateTimeField(null=True, blank=True)
    end_date = models.DateTimeField(null=True, blank=True)
    flexible_time_window = models.JSONField(default=dict)
    state = models.CharField(max_length=16, default="ENABLED")
    action_after_completion = models.CharField(max_length=16, default="NONE")
    description = models.CharField(max_length=512, blank=True)
    kms_key_arn = models.CharField(max_length=2048, blank=True)
    target = models.JSONField(default=dict)
    """The Target structure, its RetryPolicy filled up."""
    client_token = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    last_modified = models.DateTimeField()
    counts_from = models.DateTimeField()
    """When it was last set, on the account's clock: a rate without a StartDate begins there."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "group_name", "name"], name="one_schedule_of_a_name_in_a_group")]

    def __str__(self) -> str:
        return f"{self.account_id}:{self.group_name}/{self.name}"
