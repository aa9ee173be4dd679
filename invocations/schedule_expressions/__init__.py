"""Schedule expressions of EventBridge rules and of EventBridge Scheduler: rate(…), cron(…) and at(…), as pure functions of time."""

from invocations.schedule_expressions.cron import Cron
from invocations.schedule_expressions.expressions import At, Expression, InvalidExpression, Rate, next_of_rule, next_of_schedule, parse

__all__ = ["At", "Cron", "Expression", "InvalidExpression", "Rate", "next_of_rule", "next_of_schedule", "parse"]
