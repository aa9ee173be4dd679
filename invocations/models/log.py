from django.db import models

from invocations.models.owned import OwnedModel


class LogGroup(OwnedModel):
    """A CloudWatch log group."""

    name = models.CharField(max_length=512)
    retention_in_days = models.PositiveIntegerField(null=True, blank=True)
    """None: kept for ever."""
    tags = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="one_log_group_of_a_name")]

    def __str__(self) -> str:
        return self.name


class LogBatch(OwnedModel):
    """Log events that arrived together in one log stream: all of one invocation's, or one PutLogEvents.

    One row per invocation instead of one per line, since the journal writes thousands of invocations a second.
    """

    log_group_name = models.CharField(max_length=512)
    log_stream_name = models.CharField(max_length=512)
    request_id = models.CharField(max_length=36, blank=True)
    """The invocation they belong to, if any."""
    first_at = models.BigIntegerField()
    """Epoch milliseconds of the first event."""
    last_at = models.BigIntegerField()
    events = models.JSONField()
    """[[epoch milliseconds, text], …] in order."""

    class Meta:
        indexes = [
            # GetLogEvents and DescribeLogStreams: one group, one stream, in time.
            models.Index(fields=["account", "log_group_name", "log_stream_name", "first_at"], name="log_of_stream"),
            # FilterLogEvents: one group, in time.
            models.Index(fields=["account", "log_group_name", "first_at"], name="log_of_group"),
            # The invocation page: the log of one request.
            models.Index(fields=["account", "request_id"], name="log_of_request", condition=~models.Q(request_id="")),
        ]

    def __str__(self) -> str:
        return f"{self.log_group_name}/{self.log_stream_name} {self.first_at}"


class LogStream(models.Model):
    """A log stream that somebody made by hand. Those of functions need no row: they are where their events are."""

    group = models.ForeignKey(LogGroup, on_delete=models.CASCADE, related_name="streams")
    name = models.CharField(max_length=512)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = models.Manager["LogStream"]()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "name"], name="one_log_stream_of_a_name")]

    def __str__(self) -> str:
        return f"{self.group}:{self.name}"
