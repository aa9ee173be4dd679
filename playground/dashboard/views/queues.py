"""One queue: its messages, what a sender and a consumer do with them, moving them out of a dead-letter queue, and its attributes."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.utils.http import urlencode

from invocations.errors import AwsError
from invocations.models import Function, Queue
from invocations.resources import message_move_tasks, queues
from invocations.services import sqs
from invocations.services.sqs import move_one, move_tasks
from playground.dashboard import received
from playground.dashboard.api_call import ApiCall
from playground.dashboard.changes import is_confirmed, saved, sentence
from playground.dashboard.last_change import done
from playground.dashboard.queue_forms import AttributesForm, MoveForm, ReceiveForm, SendForm, dead_letter_queue_of, same_type
from playground.dashboard.queue_messages import MessageView
from playground.dashboard.resources.kind import Kind, View
from playground.dashboard.resources.page import refused, show
from playground.dashboard.web import DashboardRequest, endpoint_url, wants_fragment

SHOWN = 50
SHOWN_BYTES = 1_000_000
"""Of large messages a page shows fewer."""
SHOWN_TASKS = 3
SHOWN_SOURCES = 4
TABS = {"messages": "Messages", "attributes": "Attributes"}
PAGE = "dashboard/resource/queue.html"


def queue(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """Its messages (from ?from=, with ?message= in full) or, with ?tab=attributes, its attributes."""
    return _show(request, kind, _find(request, name))


def send(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """SendMessage."""
    row, results = _find(request, name), []
    form = SendForm(request.POST, is_fifo=_is_fifo(name))

    def call() -> None:
        results.extend(sqs.send_many(sqs.find(row.account_id, name), form.messages()))
        for result in results:
            if isinstance(result, AwsError):
                raise result

    if not saved(form, call, {"MessageBody": "body", "DelaySeconds": "delay_seconds", "MessageGroupId": "message_group_id"}):
        return _show(request, kind, row, 422, send_form=form)
    said = f"Sent {results[0].message_id}." if len(results) == 1 else f"Sent {len(results)} messages."
    return _done(request, kind, name, said, "SendMessage", form.members())


def receive(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """ReceiveMessage, as any consumer: what comes is in flight until it is deleted or its time is up."""
    row, found = _find(request, name), []
    form = ReceiveForm(request.POST)

    def call() -> None:
        timeout = form.cleaned_data["visibility_timeout"]
        found.extend(sqs.receive(row.account_id, name, maximum=form.cleaned_data["maximum"], visibility_timeout=timeout, wait_seconds=0))
        received.keep(row.account_id, name, found)

    if not saved(form, call):
        return _show(request, kind, row, 422, receive_form=form)
    data = form.cleaned_data
    members = {"MaxNumberOfMessages": data["maximum"], "VisibilityTimeout": data["visibility_timeout"], "MessageAttributeNames": ["All"]}
    count = len(found)
    said = f"Received {count} message{'s' if count > 1 else ''}." if count else "No message was visible, so none was received."
    return _done(request, kind, name, said, "ReceiveMessage", {key: value for key, value in members.items() if value is not None})


def delete_message(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """DeleteMessage, of one that was received here."""
    return _with_handle(request, kind, name, "DeleteMessage", {}, lambda account_id, handle: sqs.delete(account_id, name, [handle]))


def give_back(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """ChangeMessageVisibility to 0, of one that was received here."""
    members = {"VisibilityTimeout": 0}

    def call(account_id: str, handle: str) -> list[AwsError | None]:
        return sqs.change_visibility(account_id, name, [(handle, 0)])

    return _with_handle(request, kind, name, "ChangeMessageVisibility", members, call)


def move(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """StartMessageMoveTask, out of this dead-letter queue."""
    row = _find(request, name)
    form = MoveForm(request.POST, account_id=row.account_id, queues=_others(row))

    def call() -> None:
        message_move_tasks.start(row.account_id, name, form.cleaned_data["destination"], form.cleaned_data["maximum_per_second"])

    if not saved(form, call, {"MaxNumberOfMessagesPerSecond": "maximum_per_second"}):
        return _show(request, kind, row, 422, move_form=form)
    data = form.cleaned_data
    members = {
        "SourceArn": sqs.queue_arn(row.account_id, name),
        "DestinationArn": data["destination"],
        "MaxNumberOfMessagesPerSecond": data["maximum_per_second"],
    }
    call_made = ApiCall("sqs", "StartMessageMoveTask", {key: value for key, value in members.items() if value})
    return done(request, kind.url(row.account_id, name), "The messages are being moved.", call_made)


def dead_letter(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """One message to the dead-letter queue, without waiting for its last receive."""
    row, message_id = _find(request, name), request.POST.get("message", "")
    target, _ = dead_letter_queue_of(row.attributes)
    try:
        move_one.to_dead_letter_queue(row.account_id, name, message_id)
    except AwsError as error:
        return refused(request, kind, name, sentence(error))
    return done(request, f"{kind.url(row.account_id, target)}?message={message_id}", f"Moved {message_id} from {name} to here.")


def move_back(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """One message out of this dead-letter queue."""
    row, message_id = _find(request, name), request.POST.get("message", "")
    form = MoveForm({"destination": request.POST.get("destination", "")}, account_id=row.account_id, queues=_others(row))
    if not form.is_valid():
        return refused(request, kind, name, "Choose one of the queues of its type.")
    try:
        new_id = move_one.back(row.account_id, name, message_id, form.cleaned_data["destination"])
    except AwsError as error:
        return refused(request, kind, name, sentence(error))
    return done(request, kind.url(row.account_id, name), f"Moved {message_id} out of here. It is {new_id} now.")


def cancel_move(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """CancelMessageMoveTask."""
    row = _find(request, name)
    try:
        task = move_tasks.cancel(row.account_id, request.POST.get("task", ""))
    except AwsError as error:
        return refused(request, kind, name, sentence(error))
    call_made = ApiCall("sqs", "CancelMessageMoveTask", {"TaskHandle": task.handle})
    return done(request, kind.url(row.account_id, name), "The task stops. What it has moved stays moved.", call_made)


def purge(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """PurgeQueue, once the name has been typed."""
    row = _find(request, name)
    if not is_confirmed(request, name):
        return refused(request, kind, name, f"Nothing was purged: type {name} to confirm.")
    try:
        sqs.purge(row.account_id, name)
    except AwsError as error:
        return refused(request, kind, name, sentence(error))
    return _done(request, kind, name, "Every message was deleted.", "PurgeQueue", {})


def set_attributes(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """SetQueueAttributes, of those that were changed."""
    row = _find(request, name)
    before = queues.attributes_of(row.account_id, name, ["All"])
    form = AttributesForm(request.POST, account_id=row.account_id, queues=_others(row), is_fifo=_is_fifo(name))
    changed: dict[str, str] = {}

    def call() -> None:
        changed.update(form.changed(before))
        if changed:
            queues.set_attributes(row.account_id, name, changed)

    if not saved(form, call, form.FIELDS):
        return _show(request, kind, row, 422, tab="attributes", attributes_form=form)
    said = f"Changed {', '.join(sorted(changed))}." if changed else "Nothing differs from what it was."
    return _done(request, kind, name, said, "SetQueueAttributes", {"Attributes": changed}, "tab=attributes")


CHANGES: dict[str, View] = {
    "send": send,
    "receive": receive,
    "delete-message": delete_message,
    "give-back": give_back,
    "move": move,
    "dead-letter": dead_letter,
    "move-back": move_back,
    "cancel-move": cancel_move,
    "purge": purge,
    "attributes": set_attributes,
}


def _find(request: DashboardRequest, name: str) -> Queue:
    try:
        return queues.get(request.account.account_id, name)
    except AwsError as error:
        raise Http404(error.message) from None


def _show(request: DashboardRequest, kind: Kind, row: Queue, status: int = 200, tab: str = "", **forms_shown: forms.Form) -> HttpResponse:
    account_id, name = row.account_id, row.name
    tab = tab or request.GET.get("tab", "messages")
    if tab not in TABS:
        raise Http404(f"A queue has no page {tab!r}.")
    attributes = queues.attributes_of(account_id, name, ["All"])
    sources, _ = queues.dead_letter_sources(account_id, name)
    context = {
        "tab": tab,
        "tabs": TABS,
        "is_fifo": _is_fifo(name),
        "attributes": attributes,
        "queue_url": _queue_url(request, name),
        "dead_letter_queue": dead_letter_queue_of(row.attributes)[0],
        "neighbours": (neighbours := _neighbours(kind, row, sources)),
        "neighbour_topics": " ".join(kind.topic(each["name"]) for each in neighbours),
    }
    context |= _messages(request, row, attributes, bool(sources)) if tab == "messages" else _attributes(row, attributes)
    template = f"{PAGE}#chosen" if wants_fragment(request) else PAGE
    return show(request, kind, name, template, status, **(context | forms_shown))


def _neighbours(kind: Kind, row: Queue, sources: list[str]) -> list[dict[str, Any]]:
    """The queues that send their failed messages here, the queue itself, and its dead-letter queue, each with its counts."""
    dead, receives = dead_letter_queue_of(row.attributes)
    names = [*sources[:SHOWN_SOURCES], row.name, *([dead] if dead else [])]
    return [
        {
            "name": name,
            "counts": counts,
            "url": kind.url(row.account_id, name),
            "is_this": name == row.name,
            "receives": receives if name == dead else 0,
        }
        for name, counts in zip(names, sqs.counts_of(row.account_id, names), strict=True)
    ]


def _messages(request: DashboardRequest, row: Queue, attributes: dict[str, str], is_dead_letter_queue: bool) -> dict[str, Any]:
    account_id, name = row.account_id, row.name
    handles = received.handles(account_id, name)

    def views(found: list[sqs.Message]) -> list[MessageView]:
        return [MessageView(message, message.message_id in handles) for message in found]

    start = int(text) if (text := request.GET.get("from", "")).isdecimal() and len(text) < 10 else 0
    chosen_id = request.GET.get("message", "")
    chosen = views(sqs.look_at(account_id, name, [chosen_id])) if chosen_id else []
    held = views(sqs.look_at(account_id, name, list(handles)))
    received.forget(account_id, name, list(handles.keys() - {view.id for view in held}))
    shown = views(sqs.peek(account_id, name, SHOWN, start, SHOWN_BYTES))
    total = sum(int(attributes[each]) for each in attributes if each.startswith("ApproximateNumberOfMessages"))
    return {
        "messages": shown,
        "start": start,
        "last": start + len(shown),
        "total": total,
        "earlier": urlencode({"from": max(0, start - SHOWN)}) if start else "",
        "later": urlencode({"from": start + len(shown)}) if start + len(shown) < total else "",
        "chosen_id": chosen_id,
        "chosen": chosen[0] if chosen else None,
        "held": held,
        "functions": Function.objects.of(account_id).order_by("name").values_list("name", flat=True) if chosen else [],
        "tasks": move_tasks.list_of(account_id, name, SHOWN_TASKS) if is_dead_letter_queue else [],
        "send_form": SendForm(is_fifo=_is_fifo(name)),
        "receive_form": ReceiveForm(),
        "move_form": MoveForm(account_id=account_id, queues=_others(row)) if is_dead_letter_queue else None,
    }


def _attributes(row: Queue, attributes: dict[str, str]) -> dict[str, Any]:
    initial = AttributesForm.initial_of(attributes)
    return {
        "attributes_form": AttributesForm(initial=initial, account_id=row.account_id, queues=_others(row), is_fifo=_is_fifo(row.name)),
        "tags": row.tags,
    }


def _others(row: Queue) -> list[str]:
    return same_type(list(Queue.objects.of(row.account_id).order_by("name").values_list("name", flat=True)), row.name)


def _with_handle(
    request: DashboardRequest,
    kind: Kind,
    name: str,
    operation: str,
    members: dict[str, Any],
    call: Callable[[str, str], list[AwsError | None]],
) -> HttpResponse:
    """Does something with a message that was received here, after which it is not held any more."""
    row, message_id = _find(request, name), request.POST.get("message", "")
    handle = received.handles(row.account_id, name).get(message_id)
    if handle is None:
        return refused(request, kind, name, "This message was not received here, or somebody has dealt with it already.")
    (error,) = call(row.account_id, handle)
    received.forget(row.account_id, name, [message_id])
    if error is not None:
        return refused(request, kind, name, sentence(error))
    said = f"Deleted {message_id}." if operation == "DeleteMessage" else f"{message_id} is visible again."
    return _done(request, kind, name, said, operation, {"ReceiptHandle": handle, **members})


def _done(
    request: DashboardRequest, kind: Kind, name: str, said: str, operation: str, members: dict[str, Any], query: str = ""
) -> HttpResponse:
    url = kind.url(request.account.account_id, name) + (f"?{query}" if query else "")
    return done(request, url, said, ApiCall("sqs", operation, {"QueueUrl": _queue_url(request, name), **members}))


def _queue_url(request: DashboardRequest, name: str) -> str:
    return f"{endpoint_url(request)}/{request.account.account_id}/{name}"


def _is_fifo(name: str) -> bool:
    return name.endswith(".fifo")
