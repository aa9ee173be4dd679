"""Groups of schedules. The one named default is there in every account."""

from collections.abc import Collection

from django.db import IntegrityError, transaction

from invocations import clock
from invocations.errors import AwsError, aws_error
from invocations.models import Account, Schedule, ScheduleGroup
from invocations.resources import event_pages
from invocations.services.scheduler.firing import forget
from invocations.services.scheduler.names import DEFAULT_GROUP, group_arn
from invocations.values import Members


def create(account_id: str, name: str, members: Members) -> ScheduleGroup:
    """CreateScheduleGroup."""
    group = _new(account_id, name)
    group.tags = {tag["Key"]: tag["Value"] for tag in members.get("Tags", [])}
    try:
        with transaction.atomic():
            if name == DEFAULT_GROUP:
                raise IntegrityError
            group.save()
    except IntegrityError:
        raise conflict(f"Schedule group {name} already exists.") from None
    return group


def get(account_id: str, name: str) -> ScheduleGroup:
    """The group; the default one may have no row. Raises ResourceNotFoundException."""
    group = ScheduleGroup.objects.of(account_id).filter(name=name).first()
    if group is None and name == DEFAULT_GROUP:
        return _new(account_id, name)
    if group is None:
        raise not_found(f"Schedule group {name} does not exist.")
    return group


def hold(account_id: str, name: str) -> None:
    """Has the group stay until the transaction ends. Raises ResourceNotFoundException."""
    rows = ScheduleGroup.objects.of(account_id).select_for_update().filter(name=name)
    if name != DEFAULT_GROUP and rows.first() is None:
        raise not_found(f"Schedule group {name} does not exist.")


def delete(account_id: str, name: str) -> None:
    """DeleteScheduleGroup, with its schedules."""
    if name == DEFAULT_GROUP:
        raise aws_error("ValidationException", "The default schedule group can't be deleted.")
    with transaction.atomic():
        hold(account_id, name)
        names = list(Schedule.objects.of(account_id).filter(group_name=name).values_list("name", flat=True))
        Schedule.objects.of(account_id).filter(group_name=name).delete()
        ScheduleGroup.objects.of(account_id).filter(name=name).delete()
    for each in names:
        forget(account_id, name, each)


def list_all(account_id: str, members: Members) -> tuple[list[ScheduleGroup], str | None]:
    """ListScheduleGroups: by name, and the token of the next page."""
    found = list(ScheduleGroup.objects.of(account_id))
    if all(group.name != DEFAULT_GROUP for group in found):
        found.append(_new(account_id, DEFAULT_GROUP))
    wanted = [group for group in found if group.name.startswith(members.get("NamePrefix", ""))]
    rows = sorted(wanted, key=lambda group: group.name)
    return event_pages.page(rows, lambda group: group.name, members.get("MaxResults"), members.get("NextToken", ""))


def tagged(account_id: str, arn: str) -> ScheduleGroup:
    """The group of an ARN. Raises ResourceNotFoundException."""
    name = arn.rpartition("/")[2]
    if arn != group_arn(account_id, name):
        raise not_found(f"Schedule group {name} does not exist.")
    return get(account_id, name)


def change_tags(account_id: str, arn: str, add: Members, drop: Collection[str] = ()) -> None:
    """TagResource, UntagResource."""
    new = tagged(account_id, arn)
    with transaction.atomic():
        if new.name == DEFAULT_GROUP:
            values = {"created_at": new.created_at, "last_modified": new.last_modified}
            ScheduleGroup.objects.get_or_create(account_id=account_id, name=new.name, defaults=values)
        group = ScheduleGroup.objects.of(account_id).select_for_update().filter(name=new.name).first()
        if group is None:
            raise not_found(f"Schedule group {new.name} does not exist.")
        group.tags = {key: value for key, value in {**group.tags, **add}.items() if key not in drop}
        group.last_modified = clock.now()
        group.save()


def not_found(message: str) -> AwsError:
    """ResourceNotFoundException as Scheduler answers it."""
    return aws_error("ResourceNotFoundException", message, 404)


def conflict(message: str) -> AwsError:
    """ConflictException."""
    return aws_error("ConflictException", message, 409)


def _new(account_id: str, name: str) -> ScheduleGroup:
    account, _ = Account.objects.get_or_create(account_id=account_id)
    created = account.created_at if name == DEFAULT_GROUP else clock.now()
    return ScheduleGroup(account=account, name=name, created_at=created, last_modified=created)
