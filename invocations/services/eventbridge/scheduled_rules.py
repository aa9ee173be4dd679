"""Rules with a schedule: when they are due, and what they send."""

from functools import partial

from django.db import connection

from invocations import account_clock, schedule_expressions
from invocations.models import Rule
from invocations.services import occurrences
from invocations.services.eventbridge import names
from invocations.services.eventbridge.batch import Batch, new_event
from invocations.services.occurrences import Look, Occurrence

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
    occurrences.set_next(rule.account_id, member, _at(due))


def forget(account_id: str, bus_name: str, name: str) -> None:
    """With the rule."""
    occurrences.set_next(account_id, member_of(bus_name, name), None)


def handle(account_id: str, rest: str, now: float) -> None:
    """Fires the rule *rest*, "<bus>/<rule>", for each of its times that is due at *now* (occurrences.py)."""
    bus_name, _, name = rest.rpartition("/")
    for look in occurrences.looks(account_id, now):
        if not _fire(account_id, bus_name, name, look):
            return


def _fire(account_id: str, bus_name: str, name: str, look: Look) -> bool:
    """Whether more may be due."""
    member = member_of(bus_name, name)
    occurrence = occurrences.next_of(account_id, member)
    if occurrence is not None and occurrence.due > look.now:
        return False
    rule = _rule(account_id, bus_name, name)
    if occurrence is None or rule is None:
        occurrences.set_next(account_id, member, None)
        return False
    expression = schedule_expressions.parse(rule.schedule_expression, of_rule=True)
    next_after = partial(schedule_expressions.next_of_rule, expression, start=occurrence.scheduled)
    scheduled = look.time_to_fire(occurrence.scheduled, next_after)
    following = _at(look.following(scheduled, next_after))
    batch = Batch.of(account_id, look.now)
    bus = batch.buses.get(bus_name)
    if bus is not None and name in bus.rules:
        arn = names.rule_arn(account_id, bus_name, name)
        kind = "Scheduled Event"
        event = new_event(account_id, source="aws.events", detail_type=kind, detail={}, time=scheduled, resources=[arn])
        batch.deliver(bus.rules[name], event)
    return occurrences.fire(account_id, member, occurrence, following, batch.commit)


def _at(moment: float | None) -> Occurrence | None:
    return None if moment is None else Occurrence(moment, moment)


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
