"""SQS, SNS, EventBridge and its scheduler: what their operations ask permission for.

Source: Service Authorization Reference, "Actions, resources, and condition keys for" each of them.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from invocations.errors import AwsError
from invocations.region import REGION
from invocations.services.sqs import move_tasks
from playground.endpoint.permissions.asked import NOTHING, Asked, account_of, arn, pass_role
from playground.endpoint.registry import Call

SQS_OWNERS_ONLY: Final = frozenset(
    {"AddPermission", "CancelMessageMoveTask", "CreateQueue", "DeleteQueue", "ListMessageMoveTasks", "ListQueues", "ListQueueTags"}
    | {"RemovePermission", "SetQueueAttributes", "StartMessageMoveTask", "TagQueue", "UntagQueue"}
)
"""Operations that work within an account alone, whatever a policy says."""
SNS_OWNERS_ONLY: Final = frozenset(
    {"ListTagsForResource", "TagResource", "UntagResource", "PutDataProtectionPolicy", "GetDataProtectionPolicy"}
)
EVENTS_SHARED: Final = frozenset({"PutEvents"})
"""Operations that work across accounts here."""


def of_sqs(call: Call) -> Iterable[Asked]:
    """The queue that a call names by URL, name or ARN."""
    action, given = f"sqs:{call.operation.removesuffix('Batch')}", call.input
    if call.operation == "ListQueues":
        return [Asked(action, arn(call, "sqs", "*"))]
    queue = _queue(call)
    if queue is None:
        return NOTHING
    asked = _on_queue(action, queue, is_shared=call.operation not in SQS_OWNERS_ONLY, is_new=call.operation == "CreateQueue")
    destination = given.get("DestinationArn") if call.operation == "StartMessageMoveTask" else None
    return [asked, _on_queue("sqs:SendMessage", destination)] if destination and account_of(destination) else [asked]


def _on_queue(action: str, queue: str, *, is_shared: bool = True, is_new: bool = False) -> Asked:
    policy_arn = "" if is_new else queue
    owner = account_of(queue)
    return Asked(action, queue, owner, policy_arn, is_missing_told=True, is_policy_shared=is_shared)


def _queue(call: Call) -> str | None:
    """None where the call names none: the operation refuses it."""
    given, own = call.input, call.principal.account_id
    url = given.get("QueueUrl")
    if url:
        parts = [part for part in str(url).partition("://")[2].split("/") if part] if "://" in url else [own, url]
        account_id, name = (parts[-2], parts[-1]) if len(parts) >= 2 else ("", "")
        return f"arn:aws:sqs:{REGION}:{account_id}:{name}" if account_id.isdigit() and len(account_id) == 12 else None
    if given.get("QueueName"):
        return f"arn:aws:sqs:{REGION}:{given.get('QueueOwnerAWSAccountId') or own}:{given['QueueName']}"
    if given.get("TaskHandle"):
        try:
            return move_tasks.read_handle(given["TaskHandle"])[1]
        except AwsError:
            return None
    source = given.get("SourceArn")
    return source if isinstance(source, str) and account_of(source) else None


def of_sns(call: Call) -> Iterable[Asked]:
    """The topic that a call names, by itself or by a subscription of it."""
    action, given = f"sns:{call.operation.removesuffix('Batch')}", call.input
    if call.operation in ("ListTopics", "ListSubscriptions"):
        return [Asked(action, arn(call, "sns", "*"))]
    if call.operation == "CreateTopic":
        return [Asked(action, arn(call, "sns", str(given.get("Name", ""))))]
    named = given.get("TopicArn") or given.get("ResourceArn") or given.get("TargetArn") or given.get("SubscriptionArn") or ""
    topic = ":".join(str(named).split(":")[:6])
    if not account_of(topic):
        return NOTHING
    # A subscription is its owner's, whoever owns the topic.
    owner = call.principal.account_id if "SubscriptionArn" in given else account_of(topic)
    keys = {key: given[member] for member, key in (("Protocol", "sns:protocol"), ("Endpoint", "sns:endpoint")) if given.get(member)}
    is_shared = call.operation not in SNS_OWNERS_ONLY
    return [Asked(action, topic, owner, topic, is_missing_told=True, is_policy_shared=is_shared, keys=keys)]


def of_events(call: Call) -> Iterable[Asked]:
    """Each bus that events are put on; else the bus, rule, archive or replay that a call names."""
    name, given = call.operation, call.input
    action = f"events:{name}"
    if name == "PutEvents":
        return _put(call)
    if name in ("TestEventPattern", "ListEventBuses", "ListArchives", "ListReplays", "ListRuleNamesByTarget"):
        return [Asked(action)]
    if "ResourceARN" in given:
        return [Asked(action, given["ResourceARN"])]
    passed = [role for target in given.get("Targets") or () for role in pass_role(_role_of(target), "events.amazonaws.com")]
    return [Asked(action, _event_resource(call)), *pass_role(given.get("RoleArn"), "events.amazonaws.com"), *passed]


def _role_of(target: Any) -> Any:
    return target.get("RoleArn") if isinstance(target, Mapping) else None


def _put(call: Call) -> list[Asked]:
    asked = {}
    for entry in call.input.get("Entries") or ():
        bus = entry.get("EventBusName") or "default"
        whole = bus if bus.startswith("arn:") else arn(call, "events", f"event-bus/{bus}")
        keys = {"events:source": entry.get("Source", ""), "events:detail-type": entry.get("DetailType", "")}
        asked[whole, *keys.values()] = Asked("events:PutEvents", whole, account_of(whole), whole, keys=keys)
    return list(asked.values())


def _event_resource(call: Call) -> str:
    name, given = call.operation, call.input
    bus = str(given.get("EventBusName") or "default").rpartition("event-bus/")[2]
    rule = given.get("Rule") or (given.get("Name") if name.endswith("Rule") else None)
    if rule:
        return arn(call, "events", f"rule/{rule}" if bus == "default" else f"rule/{bus}/{rule}")
    if "ArchiveName" in given:
        return arn(call, "events", f"archive/{given['ArchiveName']}")
    if "ReplayName" in given:
        return arn(call, "events", f"replay/{given['ReplayName']}")
    if name == "ListRules":
        return arn(call, "events", "rule/*")
    own = str(given.get("Name") or bus).rpartition("event-bus/")[2]
    return arn(call, "events", f"event-bus/{own}")


def of_scheduler(call: Call) -> Iterable[Asked]:
    """A schedule in its group, or the group; the role of a schedule's target is passed."""
    name, given = call.operation, call.input
    if "ResourceArn" in given:
        return [Asked(f"scheduler:{name}", given["ResourceArn"])]
    if name.startswith("List"):
        return [Asked(f"scheduler:{name}")]
    own = given.get("Name", "")
    rest = f"schedule-group/{own}" if name.endswith("Group") else f"schedule/{given.get('GroupName') or 'default'}/{own}"
    passed = pass_role(_role_of(given.get("Target")), "scheduler.amazonaws.com")
    return [Asked(f"scheduler:{name}", arn(call, "scheduler", rest)), *passed]
