"""EventBridge Scheduler: when schedules are due, and what they send. Their configuration: resources/schedules.py."""

from invocations.services.scheduler.firing import handle, restore_due, schedule

__all__ = ["handle", "restore_due", "schedule"]
