from django.core.validators import RegexValidator
from django.db import models

from invocations import limits
from invocations.models.owned import OwnedModel

DEFAULT_ACCOUNT_ID = "000000000000"


class Account(models.Model):
    """An AWS account: the wall between people who share a server."""

    account_id = models.CharField(max_length=12, primary_key=True, validators=[RegexValidator(r"^\d{12}$")])
    name = models.CharField(max_length=128, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    concurrent_executions = models.PositiveIntegerField(default=limits.ACCOUNT_CONCURRENCY)
    """The quota "Concurrent executions"."""
    unreserved_minimum = models.PositiveIntegerField(default=limits.UNRESERVED_MINIMUM)
    """What reservations must leave to functions without one."""
    scaling_rate = models.PositiveIntegerField(default=limits.SCALING_RATE)
    """Environments that a function may add within ten seconds."""
    requests_per_concurrent_execution = models.PositiveIntegerField(default=limits.REQUESTS_PER_CONCURRENT_EXECUTION)
    """Synchronous requests a second for each unit of concurrency."""
    control_plane_requests_per_second = models.PositiveIntegerField(default=0)
    """Calls of Lambda's API but Invoke; 0: as many as come."""
    retained_invocations = models.PositiveIntegerField(default=250_000)
    """How many finished invocations are kept; the oldest go first."""
    records_messages = models.BooleanField(default=False)
    """Whether what is published, put and sent is in the trail as data events."""
    seeded = models.BooleanField(default=False)
    """Whether the ready-made functions were put in once."""

    def __str__(self) -> str:
        return self.account_id


class AccessKey(OwnedModel):
    """A long-lived key pair. Temporary credentials carry their own proof and need no row."""

    access_key_id = models.CharField(max_length=128, unique=True)
    secret_access_key = models.CharField(max_length=128)
    user_name = models.CharField(max_length=64, blank=True)
    """The IAM user; empty for the account's root."""
    status = models.CharField(max_length=8, default="Active")
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    """To the minute or so."""
    last_used_service = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return self.access_key_id
