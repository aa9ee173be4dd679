"""Event patterns: what EventBridge rules, filters of event source mappings and SNS filter policies have in common.

Compiled once, asked often, and able to say why an event does or does not match. Numbers are compared by value, as recorded
on AWS.
"""

from invocations.event_patterns.explain import explain
from invocations.event_patterns.index import PatternIndex
from invocations.event_patterns.pattern import Pattern, cached, compile_pattern
from invocations.event_patterns.tokens import InvalidPattern

__all__ = ["InvalidPattern", "Pattern", "PatternIndex", "cached", "compile_pattern", "explain"]
