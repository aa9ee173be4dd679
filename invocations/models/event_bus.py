from django.db import models

from invocations.models.owned import OwnedModel


class EventBus(OwnedModel):
    """An event bus. The one named default is there without a row until something of it is set."""

    name = models.CharField(max_length=256)
    description = models.CharField(max_length=512, blank=True)
    dead_letter_arn = models.CharField(max_length=1600, blank=True)
    stored_options = models.JSONField(default=dict, blank=True)
    """KmsKeyIdentifier and LogConfig: given back, without effect."""
    policy = models.JSONField(default=dict, blank=True)
    """Empty without permissions."""
    tags = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    last_modified = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="one_event_bus_of_a_name")]

    def __str__(self) -> str:
        return f"{self.account_id}:{self.name}"


class Rule(OwnedModel):
    """A rule of an event bus, with its targets."""

    bus_name = models.CharField(max_length=256)
    name = models.CharField(max_length=64)
    event_pattern = models.TextField(blank=True)
    schedule_expression = models.CharField(max_length=256, blank=True)
    state = models.CharField(max_length=64, default="ENABLED")
    description = models.CharField(max_length=512, blank=True)
    role_arn = models.CharField(max_length=1600, blank=True)
    targets = models.JSONField(default=list, blank=True)
    """Target structures of PutTargets, in their order."""
    tags = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "bus_name", "name"], name="one_rule_of_a_name_on_a_bus")]

    def __str__(self) -> str:
        return f"{self.account_id}:{self.bus_name}/{self.name}"


class Archive(OwnedModel):
    """An archive of a bus's events. The events are in Redis."""

    name = models.CharField(max_length=48)
    bus_name = models.CharField(max_length=256)
    description = models.CharField(max_length=512, blank=True)
    event_pattern = models.TextField(blank=True)
    retention_days = models.PositiveIntegerField(default=0)
    """0: kept for ever."""
    kms_key_identifier = models.CharField(max_length=2048, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="one_archive_of_a_name")]

    def __str__(self) -> str:
        return f"{self.account_id}:{self.name}"


class Replay(OwnedModel):
    """A replay of an archive's events. How far it is stands in Redis."""

    name = models.CharField(max_length=64)
    description = models.CharField(max_length=512, blank=True)
    archive_name = models.CharField(max_length=48)
    bus_name = models.CharField(max_length=256)
    filter_arns = models.JSONField(default=list, blank=True)
    """Rules that are given the events; empty: all of the bus."""
    event_start_time = models.DateTimeField()
    event_end_time = models.DateTimeField()
    state = models.CharField(max_length=16, default="STARTING")
    replay_start_time = models.DateTimeField()
    replay_end_time = models.DateTimeField(null=True, blank=True)
    event_last_replayed_time = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="one_replay_of_a_name")]

    def __str__(self) -> str:
        return f"{self.account_id}:{self.name}"
