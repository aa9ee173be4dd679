"""SQS: queues and what is configured of them. (Messages: sqs_messages.)"""

from typing import Any

from invocations.errors import AwsError
from invocations.resources import message_move_tasks, queue_permissions, queues
from invocations.services import sqs
from invocations.services.sqs import move_tasks
from invocations.services.sqs.errors import invalid_value, missing_parameter, sqs_error
from playground.endpoint.registry import Call, operation


def url_of(call: Call, account_id: str, name: str) -> str:
    """The queue's address at this server, as the caller reaches it."""
    return f"{call.endpoint}/{account_id}/{name}"


def queue_of(call: Call) -> tuple[str, str]:
    """(account id, name) of the queue that the call's QueueUrl means. A bare name means a queue of the caller's.

    Raises InvalidAddress.
    """
    url = _required(call, "QueueUrl")
    match [part for part in url.partition("://")[2].split("/") if part] if "://" in url else ["", call.principal.account_id, url]:
        case [*_, account_id, name] if account_id.isdigit() and len(account_id) == 12:
            return account_id, name
    raise sqs_error("InvalidAddress", f"The address {url} is not valid for this endpoint.", 404)


def _required(call: Call, name: str) -> Any:
    value = call.input.get(name)
    if value is None or value == "":
        raise missing_parameter(name)
    return value


@operation("sqs", "CreateQueue")
def create_queue(call: Call) -> dict[str, Any]:
    """A queue, new or the same."""
    account_id = call.principal.account_id
    queue = queues.create(account_id, _required(call, "QueueName"), call.input.get("Attributes"), call.input.get("tags"))
    return {"QueueUrl": url_of(call, account_id, queue.name)}


@operation("sqs", "DeleteQueue")
def delete_queue(call: Call) -> dict[str, Any]:
    """Gone with its messages."""
    queues.delete(*queue_of(call))
    return {}


@operation("sqs", "GetQueueUrl")
def get_queue_url(call: Call) -> dict[str, Any]:
    """The address of a queue by its name; of another account's where its policy allows that."""
    account_id = call.input.get("QueueOwnerAWSAccountId") or call.principal.account_id
    name = _required(call, "QueueName")
    return {"QueueUrl": url_of(call, account_id, queues.get(account_id, name).name)}


@operation("sqs", "ListQueues")
def list_queues(call: Call) -> dict[str, Any]:
    """The account's queues, by pages where MaxResults says so."""
    account_id = call.principal.account_id
    prefix, limit, token = call.input.get("QueueNamePrefix", ""), call.input.get("MaxResults"), call.input.get("NextToken", "")
    names, next_token = queues.list_all(account_id, prefix, limit, token)
    return {"QueueUrls": [url_of(call, account_id, name) for name in names] or None, "NextToken": next_token}


@operation("sqs", "GetQueueAttributes")
def get_queue_attributes(call: Call) -> dict[str, Any]:
    """Those asked for."""
    return {"Attributes": queues.attributes_of(*queue_of(call), call.input.get("AttributeNames", [])) or None}


@operation("sqs", "SetQueueAttributes")
def set_queue_attributes(call: Call) -> dict[str, Any]:
    """In force at once."""
    queues.set_attributes(*queue_of(call), call.input.get("Attributes", {}))
    return {}


@operation("sqs", "TagQueue")
def tag_queue(call: Call) -> dict[str, Any]:
    """Adds tags, or changes their values."""
    queues.tag(*queue_of(call), call.input.get("Tags", {}))
    return {}


@operation("sqs", "UntagQueue")
def untag_queue(call: Call) -> dict[str, Any]:
    """Takes tags away."""
    queues.untag(*queue_of(call), call.input.get("TagKeys", []))
    return {}


@operation("sqs", "ListQueueTags")
def list_queue_tags(call: Call) -> dict[str, Any]:
    """All of them."""
    return {"Tags": queues.get(*queue_of(call)).tags or None}


@operation("sqs", "AddPermission")
def add_permission(call: Call) -> dict[str, Any]:
    """One more statement in the queue's policy."""
    members = call.input
    account_ids, actions = _required(call, "AWSAccountIds"), _required(call, "Actions")
    queue_permissions.add(*queue_of(call), members.get("Label", ""), account_ids, actions)
    return {}


@operation("sqs", "RemovePermission")
def remove_permission(call: Call) -> dict[str, Any]:
    """One statement less in the queue's policy."""
    queue_permissions.remove(*queue_of(call), call.input.get("Label", ""))
    return {}


@operation("sqs", "PurgeQueue")
def purge_queue(call: Call) -> dict[str, Any]:
    """Every message gone."""
    sqs.purge(*queue_of(call))
    return {}


@operation("sqs", "ListDeadLetterSourceQueues")
def list_dead_letter_source_queues(call: Call) -> dict[str, Any]:
    """The queues that send their failed messages here."""
    account_id, name = queue_of(call)
    names, next_token = queues.dead_letter_sources(account_id, name, call.input.get("MaxResults"), call.input.get("NextToken", ""))
    return {"queueUrls": [url_of(call, account_id, each) for each in names], "NextToken": next_token}


@operation("sqs", "StartMessageMoveTask")
def start_message_move_task(call: Call) -> dict[str, Any]:
    """Messages of a dead-letter queue go back, or elsewhere, in the background."""
    account_id, name = queues.queue_of_arn(_required(call, "SourceArn"), "SourceArn")
    destination = call.input.get("DestinationArn", "")
    if destination:
        queues.queue_of_arn(destination, "DestinationArn")
    task = message_move_tasks.start(account_id, name, destination, call.input.get("MaxNumberOfMessagesPerSecond"))
    return {"TaskHandle": task.handle}


@operation("sqs", "ListMessageMoveTasks")
def list_message_move_tasks(call: Call) -> dict[str, Any]:
    """A queue's newest tasks."""
    account_id, name = queues.queue_of_arn(_required(call, "SourceArn"), "SourceArn")
    limit = call.input.get("MaxResults", 1)
    if not 1 <= limit <= 10:
        raise invalid_value(limit, "MaxResults", "Must be between 1 and 10, if provided.")
    return {"Results": [_task(task) for task in move_tasks.list_of(account_id, name, limit)]}


@operation("sqs", "CancelMessageMoveTask")
def cancel_message_move_task(call: Call) -> dict[str, Any]:
    """Stops a task; what it has moved stays moved."""
    task_id, source_arn = move_tasks.read_handle(_required(call, "TaskHandle"))
    account_id, _ = queues.queue_of_arn(source_arn, "SourceArn")
    return {"ApproximateNumberOfMessagesMoved": move_tasks.cancel(account_id, task_id).moved}


def _task(task: move_tasks.MoveTask) -> dict[str, Any]:
    return {
        "TaskHandle": task.handle if task.status == move_tasks.RUNNING else None,
        "Status": task.status,
        "SourceArn": task.source_arn,
        "DestinationArn": task.destination_arn or None,
        "MaxNumberOfMessagesPerSecond": task.maximum_per_second or None,
        "ApproximateNumberOfMessagesMoved": task.moved,
        "ApproximateNumberOfMessagesToMove": task.to_move,
        "FailureReason": task.failure_reason or None,
        "StartedTimestamp": int(task.started_at * 1000),
    }


def failed_entry(entry_id: str, error: AwsError) -> dict[str, Any]:
    """BatchResultErrorEntry."""
    return {
        "Id": entry_id,
        "SenderFault": error.http_status < 500,
        "Code": error.query_code or error.code,
        "Message": error.message or "",
    }
