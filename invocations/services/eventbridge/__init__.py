"""EventBridge: events on buses, what their rules owe to targets, archives, replays and scheduled rules.

Buses, rules and archives are configured in the database (resources/event_buses.py, rules.py, archives.py, replays.py); what
moves is in Redis. Destinations and targets use these functions; the operations behind AWS's protocol use the same.
"""

from invocations.services.eventbridge import replays, scheduled_rules
from invocations.services.eventbridge.dead_letters import error_code
from invocations.services.eventbridge.patterns import test_event_pattern
from invocations.services.eventbridge.put_events import EntryResult, put_events, receive
from invocations.services.eventbridge.recent import RecentEvent
from invocations.services.eventbridge.replays import handle as handle_replay
from invocations.services.eventbridge.scheduled_rules import handle as handle_rule

__all__ = [
    "EntryResult",
    "RecentEvent",
    "error_code",
    "handle_replay",
    "handle_rule",
    "put_events",
    "receive",
    "restore_due",
    "test_event_pattern",
]


def restore_due() -> None:
    """Enters into the due indexes what the database has and Redis does not."""
    scheduled_rules.restore()
    replays.restore()
