"""EventBridge Scheduler: when schedules are due, and what they send. Their configuration: resources/schedules.py."""

from invocations.services.scheduler.firing import handle, restore_due, schedule
from invocations.services.scheduler.payload import of_attempt

__all__ = ["handle", "of_attempt", "restore_due", "schedule"]
