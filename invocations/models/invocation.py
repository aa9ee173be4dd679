from typing import Self

from django.db import models

from invocations.enums import InvocationState
from invocations.models.owned import OwnedModel, OwnedQuerySet


class InvocationQuerySet(OwnedQuerySet["Invocation"]):
    """Questions about finished invocations."""

    def newest(self, limit: int) -> Self:
        """The newest *limit*, newest first."""
        return self.order_by("-received_at", "-id")[:limit]

    def of_function(self, name: str) -> Self:
        """Those of one function, all its versions."""
        return self.filter(function_name=name)

    def in_state(self, state: InvocationState) -> Self:
        """Those that ended in *state*."""
        return self.filter(state=state)


class Invocation(OwnedModel):
    """One finished invocation with its steps. Written by the journal alone, in groups; never changed afterwards."""

    request_id = models.CharField(max_length=36)
    function_name = models.CharField(max_length=64)
    qualifier = models.CharField(max_length=128, blank=True)
    """As asked; empty if none was."""
    executed_version = models.CharField(max_length=20, blank=True)
    invocation_type = models.CharField(max_length=16)
    source = models.CharField(max_length=32)
    """The entrance: api, console, …"""
    state = models.CharField(max_length=32)
    """An InvocationState."""
    status_code = models.PositiveIntegerField()
    """What the caller got: 200, or the error's HTTP status."""
    http_status = models.PositiveSmallIntegerField(null=True)
    """What the client of a function URL got; None of other entrances."""
    error_code = models.CharField(max_length=128, blank=True)
    """The invocation error's code, or the function error's errorType."""
    error_message = models.TextField(blank=True)
    function_error = models.CharField(max_length=16, blank=True)
    principal_arn = models.CharField(max_length=512, blank=True)
    caller = models.JSONField(default=dict, blank=True)
    """Who called, from where: what is known of Principal's fields, and "source_ip" and "user_agent"."""
    trace_id = models.CharField(max_length=256, blank=True)
    replay_of = models.CharField(max_length=36, blank=True)
    """The request id of the invocation that this one repeats."""
    parent_request_id = models.CharField(max_length=36, blank=True)
    """The request id of the invocation that made this one, by a destination or a call."""
    attempts = models.PositiveSmallIntegerField(default=0)
    """How often the function was run for an asynchronous event; 0 for a synchronous invocation."""
    condition = models.CharField(max_length=64, blank=True)
    """Why an asynchronous event's story ended: Success, RetriesExhausted, EventAgeExceeded …"""

    received_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    duration_ms = models.FloatField(null=True)
    """The REPORT line's; None if it never ran."""
    billed_duration_ms = models.PositiveIntegerField(null=True)
    init_duration_ms = models.FloatField(null=True)
    """Only where it was a cold start."""
    memory_size_mb = models.PositiveIntegerField(null=True)
    max_memory_used_mb = models.PositiveIntegerField(null=True)
    log_group_name = models.CharField(max_length=512, blank=True)
    log_stream_name = models.CharField(max_length=512, blank=True)

    request_payload = models.BinaryField()
    response_payload = models.BinaryField()
    response_content_type = models.CharField(max_length=128, default="application/json")
    steps = models.JSONField()
    """values.Step.as_json() each, in order."""

    objects = InvocationQuerySet.as_manager()  # type: ignore[misc]  # a narrower manager than the base's

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "request_id"], name="one_invocation_of_an_id")]
        indexes = [
            # The list of invocations, newest first.
            models.Index(fields=["account", "-received_at"], name="invocations_newest"),
            # A function's recent invocations.
            models.Index(fields=["account", "function_name", "-received_at"], name="invocations_of_function"),
            # The list filtered by state, and errors per minute.
            models.Index(fields=["account", "state", "-received_at"], name="invocations_in_state"),
            # The children of an invocation, on its page.
            models.Index(fields=["account", "parent_request_id"], name="invocations_of_parent", condition=~models.Q(parent_request_id="")),
        ]

    def __str__(self) -> str:
        return self.request_id
