"""EventBridge Scheduler: schedules and their groups."""

from typing import Any

from invocations.models import Schedule, ScheduleGroup
from invocations.resources import schedule_groups, schedules
from invocations.services.scheduler.names import group_arn, schedule_arn
from playground.endpoint.registry import Call, operation

Answer = dict[str, Any]


@operation("scheduler", "CreateSchedule")
def create_schedule(call: Call) -> Answer:
    """A schedule."""
    return {"ScheduleArn": _arn(schedules.create(call.principal.account_id, call.input))}


@operation("scheduler", "UpdateSchedule")
def update_schedule(call: Call) -> Answer:
    """All of it is set anew."""
    return {"ScheduleArn": _arn(schedules.update(call.principal.account_id, call.input))}


@operation("scheduler", "GetSchedule")
def get_schedule(call: Call) -> Answer:
    """All of a schedule."""
    row = schedules.find(call.principal.account_id, call.input["Name"], call.input.get("GroupName"))
    return {
        **_summary(row),
        "ScheduleExpression": row.schedule_expression,
        "ScheduleExpressionTimezone": row.schedule_expression_timezone,
        "StartDate": row.start_date,
        "EndDate": row.end_date,
        "Description": row.description or None,
        "KmsKeyArn": row.kms_key_arn or None,
        "Target": row.target,
        "FlexibleTimeWindow": row.flexible_time_window,
        "ActionAfterCompletion": row.action_after_completion,
    }


@operation("scheduler", "DeleteSchedule")
def delete_schedule(call: Call) -> Answer:
    """It fires no more."""
    schedules.delete(call.principal.account_id, call.input["Name"], call.input.get("GroupName"))
    return {}


@operation("scheduler", "ListSchedules")
def list_schedules(call: Call) -> Answer:
    """The account's schedules, by pages."""
    found, token = schedules.list_all(call.principal.account_id, call.input)
    return {"Schedules": [_summary(row) | {"Target": {"Arn": row.target["Arn"]}} for row in found], "NextToken": token}


@operation("scheduler", "CreateScheduleGroup")
def create_schedule_group(call: Call) -> Answer:
    """A group."""
    group = schedule_groups.create(call.principal.account_id, call.input["Name"], call.input)
    return {"ScheduleGroupArn": group_arn(group.account_id, group.name)}


@operation("scheduler", "GetScheduleGroup")
def get_schedule_group(call: Call) -> Answer:
    """All of a group."""
    return _group(schedule_groups.get(call.principal.account_id, call.input["Name"]))


@operation("scheduler", "DeleteScheduleGroup")
def delete_schedule_group(call: Call) -> Answer:
    """Gone with its schedules."""
    schedule_groups.delete(call.principal.account_id, call.input["Name"])
    return {}


@operation("scheduler", "ListScheduleGroups")
def list_schedule_groups(call: Call) -> Answer:
    """The account's groups, by pages."""
    found, token = schedule_groups.list_all(call.principal.account_id, call.input)
    return {"ScheduleGroups": [_group(group) for group in found], "NextToken": token}


@operation("scheduler", "TagResource")
def tag_resource(call: Call) -> Answer:
    """Adds tags to a group, or changes their values."""
    tags = {tag["Key"]: tag["Value"] for tag in call.input["Tags"]}
    schedule_groups.change_tags(call.principal.account_id, call.input["ResourceArn"], tags)
    return {}


@operation("scheduler", "UntagResource")
def untag_resource(call: Call) -> Answer:
    """Takes tags away."""
    schedule_groups.change_tags(call.principal.account_id, call.input["ResourceArn"], {}, call.input["TagKeys"])
    return {}


@operation("scheduler", "ListTagsForResource")
def list_tags_for_resource(call: Call) -> Answer:
    """A group's tags."""
    group = schedule_groups.tagged(call.principal.account_id, call.input["ResourceArn"])
    return {"Tags": [{"Key": key, "Value": value} for key, value in group.tags.items()]}


def _arn(row: Schedule) -> str:
    return schedule_arn(row.account_id, row.group_name, row.name)


def _summary(row: Schedule) -> Answer:
    return {
        "Arn": _arn(row),
        "Name": row.name,
        "GroupName": row.group_name,
        "State": row.state,
        "CreationDate": row.created_at,
        "LastModificationDate": row.last_modified,
    }


def _group(group: ScheduleGroup) -> Answer:
    return {
        "Arn": group_arn(group.account_id, group.name),
        "Name": group.name,
        "State": "ACTIVE",
        "CreationDate": group.created_at,
        "LastModificationDate": group.last_modified,
    }
