"""Rules with a schedule: when they are due, and what they send."""

from django.db import connection

from invocations import account_clock, schedule_expressions
from invocations.models import Rule
from invocations.services import occurrences
from invocations.services.eventbridge import names
from invocations.services.eventbridge.batch import Batch, new_event
from invocations.services.occurrences import Occurrence

KIND = "rule"


def member_of(bus_name: str, name: str) -> str:
    """The rule's member of the due index."""
    return f"{KIND}:{bus_name}/{name}"


def schedule(rule: Rule, now: float) -> None:
    """Writes when a rule is due next, counted from *now* on the account's clock; to be called after each commit."""
    member = member_of(rule.bus_name, rule.name)
    due = None
    if rule.schedule_expression and rule.state != "DISABLED":
        expression = schedule_expressions.parse(rule.schedule_expression, of_rule=True)
        period = expression.seconds if isinstance(expression, schedule_expressions.Rate) else 0
        due = schedule_expressions.next_of_rule(expression, now, now + period)
    occurrences.set_next(rule.account_id, member, Occurrence(due, due) if due is not None else None)


def forget(account_id: str, bus_name: str, name: str) -> None:
    """With the rule."""
    occurrences.set_next(account_id, member_of(bus_name, name), None)


def handle(account_id: str, rest: str, now: float) -> None:
    """Fires the rule *rest*, "<bus>/<rule>", if it is due at *now*; a clock that was set forward fires it once."""
    bus_name, _, name = rest.rpartition("/")
    member = member_of(bus_name, name)
    occurrence = occurrences.next_of(account_id, member)
    rule = _rule(account_id, bus_name, name)
    if occurrence is None or rule is None:
        occurrences.set_next(account_id, member, None)
        return
    if occurrence.due > now:
        return
    expression = schedule_expressions.parse(rule.schedule_expression, of_rule=True)
    following = schedule_expressions.next_of_rule(expression, now, occurrence.scheduled)
    batch = Batch.of(account_id, now)
    bus = batch.buses.get(bus_name)
    if bus is not None and name in bus.rules:
        arn = names.rule_arn(account_id, bus_name, name)
        time, kind = occurrence.scheduled, "Scheduled Event"
        event = new_event(account_id, source="aws.events", detail_type=kind, detail={}, time=time, resources=[arn])
        batch.deliver(bus.rules[name], event)
    occurrences.fire(account_id, member, occurrence, Occurrence(following, following) if following is not None else None, batch.commit)


def restore() -> None:
    """Writes when rules are due next where nothing says so: for the start of a worker whose Redis may be new."""
    for rule in Rule.objects.exclude(schedule_expression="").exclude(state="DISABLED"):
        if occurrences.next_of(rule.account_id, member_of(rule.bus_name, rule.name)) is None:
            schedule(rule, account_clock.now(rule.account_id))


def _rule(account_id: str, bus_name: str, name: str) -> Rule | None:
    try:
        rules = Rule.objects.of(account_id).filter(bus_name=bus_name, name=name)
        return rules.exclude(state="DISABLED").exclude(schedule_expression="").first()
    finally:
        connection.close_if_unusable_or_obsolete()
