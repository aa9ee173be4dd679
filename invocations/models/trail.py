from typing import Self

from django.db import models

from invocations.models.owned import OwnedModel, OwnedQuerySet


class TrailEventQuerySet(OwnedQuerySet["TrailEvent"]):
    """Questions about calls."""

    def newest_first(self) -> Self:
        """In the order in which CloudTrail tells them."""
        return self.order_by("-event_time", "-id")

    def of_resource(self, *, name: str = "", type: str = "") -> Self:
        """Those that name a resource exactly so, or one of that type."""
        return self.filter(resource_lines__contains=f" {name}\n" if name else f"\n{type} ")


class TrailEvent(OwnedModel):
    """One call as CloudTrail records it. Written by the journal's writer alone, in groups; never changed afterwards.

    Of data events only those that carry messages have rows: each invocation is one by itself (trail.data_events).
    """

    event_id = models.CharField(max_length=36)
    event_time = models.DateTimeField()
    event_source = models.CharField(max_length=64)
    """lambda.amazonaws.com"""
    event_name = models.CharField(max_length=128)
    category = models.CharField(max_length=16, default="management")
    """A value of enums.TrailCategory."""
    read_only = models.BooleanField()
    username = models.CharField(max_length=128, blank=True)
    """As LookupEvents tells it: root, a user's name, a role session's name; empty for services."""
    access_key_id = models.CharField(max_length=128, blank=True)
    request_id = models.CharField(max_length=36)
    error_code = models.CharField(max_length=128, blank=True)
    resource_lines = models.TextField(blank=True)
    """What the call names: "\\n<type> <name>\\n…", so that type and name are each found whole."""
    record = models.JSONField()
    """All of it, as CloudTrail writes it."""
    decision = models.JSONField(default=dict, blank=True)
    """Of a denied call: what the evaluator looked at, and what decided."""

    objects = TrailEventQuerySet.as_manager()  # type: ignore[misc]  # a narrower manager than the base's

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "event_id"], name="one_trail_event_of_an_id")]
        indexes = [
            # LookupEvents and the page, newest first.
            models.Index(fields=["account", "-event_time"], name="trail_newest"),
            # The call that a request id belongs to.
            models.Index(fields=["account", "request_id"], name="trail_of_request"),
        ]

    def __str__(self) -> str:
        return f"{self.event_name} {self.event_id}"

    @property
    def resources(self) -> list[tuple[str, str]]:
        """(type, name) of what the call names."""
        return [(kind, name) for kind, _, name in (line.partition(" ") for line in self.resource_lines.split("\n")) if kind]
