"""ARNs of schedules and their groups."""

from typing import Final

from invocations.region import REGION

DEFAULT_GROUP: Final = "default"


def schedule_arn(account_id: str, group_name: str, name: str) -> str:
    """arn:aws:scheduler:REGION:ACCOUNT:schedule/GROUP/NAME"""
    return f"arn:aws:scheduler:{REGION}:{account_id}:schedule/{group_name}/{name}"


def group_arn(account_id: str, name: str) -> str:
    """arn:aws:scheduler:REGION:ACCOUNT:schedule-group/NAME"""
    return f"arn:aws:scheduler:{REGION}:{account_id}:schedule-group/{name}"
