"""What asynchronous invocations can lead to, by service: a service that is added here becomes a target everywhere at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from invocations.arn import LATEST, function_arn, parse_function_name
from invocations.models import Alias, Bucket, EventBus, FunctionVersion, Queue, Topic
from invocations.region import REGION
from invocations.services.eventbridge import names as bus_names
from invocations.services.s3.access import bucket_arn
from invocations.services.sns.arns import topic_arn
from invocations.services.sqs.queue_config import parse_queue_arn, queue_arn


@dataclass(frozen=True, slots=True)
class TargetService:
    """One service whose resources may be targets."""

    heading: str
    """What the pages call such resources: Queues."""
    exists: Callable[[str, str], bool]
    """Whether the account (id) has the resource of that ARN, and it is of a kind that takes messages of Lambda: no FIFO queue or topic."""
    arns: Callable[[str], list[str]]
    """ARNs that the account can choose from, in their order."""


def _queue_exists(account_id: str, arn: str) -> bool:
    found = parse_queue_arn(arn)
    if found is None or found[0] != account_id or found[1].endswith(".fifo"):
        return False
    return Queue.objects.of(account_id).filter(name=found[1]).exists()


def _queues(account_id: str) -> list[str]:
    names = Queue.objects.of(account_id).exclude(name__endswith=".fifo").order_by("name").values_list("name", flat=True)
    return [queue_arn(account_id, name) for name in names]


def _topic_exists(account_id: str, arn: str) -> bool:
    match arn.split(":"):
        case ["arn", _, "sns", region, owner, name] if (region, owner) == (REGION, account_id) and not name.endswith(".fifo"):
            return Topic.objects.of(account_id).filter(name=name).exists()
    return False


def _topics(account_id: str) -> list[str]:
    names = Topic.objects.of(account_id).exclude(name__endswith=".fifo").order_by("name").values_list("name", flat=True)
    return [topic_arn(account_id, name) for name in names]


def _bucket_exists(account_id: str, arn: str) -> bool:
    begin, _, name = arn.rpartition(":")
    return begin == bucket_arn("").removesuffix(":") and Bucket.objects.of(account_id).filter(name=name).exists()


def _buckets(account_id: str) -> list[str]:
    return [bucket_arn(name) for name in Bucket.objects.of(account_id).order_by("name").values_list("name", flat=True)]


def _function_exists(account_id: str, arn: str) -> bool:
    reference = parse_function_name(arn)
    if reference is None or (reference.account_id, reference.region) != (account_id, REGION):
        return False
    asked = reference.qualifier or LATEST
    versions = FunctionVersion.objects.filter(function__account_id=account_id, function__name=reference.name, version=asked)
    aliases = Alias.objects.filter(function__account_id=account_id, function__name=reference.name, name=asked)
    return versions.exists() or aliases.exists()


def _functions(account_id: str) -> list[str]:
    versions = FunctionVersion.objects.filter(function__account_id=account_id).values_list("function__name", "version")
    aliases = Alias.objects.filter(function__account_id=account_id).values_list("function__name", "name")
    qualified = {(name, "" if qualifier == LATEST else qualifier) for name, qualifier in [*versions, *aliases]}
    return [function_arn(account_id, REGION, name, qualifier) for name, qualifier in sorted(qualified)]


def _bus_exists(account_id: str, arn: str) -> bool:
    found = bus_names.parse(arn, "event-bus")
    if found is None or found[0] != account_id:
        return False
    return found[1] == bus_names.DEFAULT_BUS or EventBus.objects.of(account_id).filter(name=found[1]).exists()


def _buses(account_id: str) -> list[str]:
    names = EventBus.objects.of(account_id).order_by("name").values_list("name", flat=True)
    return [bus_names.bus_arn(account_id, name) for name in sorted({*names, bus_names.DEFAULT_BUS})]


SERVICES: Final[Mapping[str, TargetService]] = {
    "sqs": TargetService("Queues", _queue_exists, _queues),
    "sns": TargetService("Topics", _topic_exists, _topics),
    "s3": TargetService("Buckets", _bucket_exists, _buckets),
    "lambda": TargetService("Functions", _function_exists, _functions),
    "events": TargetService("Event buses", _bus_exists, _buses),
}
"""By the third part of an ARN. The targets of a service that is not here do not exist."""

DESTINATION_SERVICES: Final = frozenset({"sqs", "sns", "lambda", "events"})
"""Where both kinds of destination may lead; OnFailure also to a bucket ("s3")."""
DEAD_LETTER_SERVICES: Final = frozenset({"sqs", "sns"})


def service_of(arn: str) -> str:
    """The third part of an ARN; empty where there is none."""
    parts = arn.split(":", 5)
    return parts[2] if len(parts) == 6 and parts[0] == "arn" else ""


def exists(account_id: str, arn: str) -> bool:
    """Whether the account has such a target."""
    service = SERVICES.get(service_of(arn))
    return service is not None and service.exists(account_id, arn)


def choices(account_id: str, services: frozenset[str]) -> dict[str, list[str]]:
    """ARNs of what exists in the account, by the heading of its kind; kinds that have nothing are left out."""
    found = {service.heading: service.arns(account_id) for name, service in SERVICES.items() if name in services}
    return {heading: arns for heading, arns in found.items() if arns}
