"""ARNs of buses, rules, archives and replays."""

from typing import Final

from invocations.region import REGION

DEFAULT_BUS: Final = "default"


def bus_arn(account_id: str, name: str) -> str:
    """arn:aws:events:REGION:ACCOUNT:event-bus/NAME"""
    return f"{_start(account_id)}event-bus/{name}"


def rule_arn(account_id: str, bus_name: str, name: str) -> str:
    """arn:aws:events:REGION:ACCOUNT:rule/[BUS/]NAME: rules of the default bus go without it."""
    return f"{_start(account_id)}rule/{name}" if bus_name == DEFAULT_BUS else f"{_start(account_id)}rule/{bus_name}/{name}"


def archive_arn(account_id: str, name: str) -> str:
    """arn:aws:events:REGION:ACCOUNT:archive/NAME"""
    return f"{_start(account_id)}archive/{name}"


def replay_arn(account_id: str, name: str) -> str:
    """arn:aws:events:REGION:ACCOUNT:replay/NAME"""
    return f"{_start(account_id)}replay/{name}"


def parse(arn: str, kind: str) -> tuple[str, str] | None:
    """(account id, what stands behind the first slash) of an ARN of *kind* ("event-bus", "rule") in this Region, or None."""
    match arn.split(":", 5):
        case ["arn", _, "events", region, account_id, resource] if region == REGION and resource.startswith(f"{kind}/"):
            return account_id, resource.removeprefix(f"{kind}/")
    return None


def split_rule(resource: str) -> tuple[str, str]:
    """(bus, rule) of what stands behind the first slash of a rule's ARN."""
    bus_name, _, name = resource.rpartition("/")
    return bus_name or DEFAULT_BUS, name


def _start(account_id: str) -> str:
    return f"arn:aws:events:{REGION}:{account_id}:"
