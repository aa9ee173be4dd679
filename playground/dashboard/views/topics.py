"""One topic: who gets its messages, what became of the last ones, its e-mails, and its attributes."""

import json
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.http import urlencode

from invocations.errors import AwsError
from invocations.models import Function, Queue, Subscription, Topic
from invocations.region import REGION
from invocations.resources import subscriptions, topics
from invocations.services import sns, sqs
from invocations.services.sns import messages
from invocations.values import Principal
from playground.dashboard import connecting, console_trail
from playground.dashboard.api_call import ApiCall
from playground.dashboard.chain import caused_by
from playground.dashboard.changes import saved
from playground.dashboard.last_change import done
from playground.dashboard.resources.kind import Kind, View
from playground.dashboard.resources.page import show
from playground.dashboard.topic_forms import AttributesForm, PublishForm, SubscribeForm, SubscriptionForm
from playground.dashboard.topic_messages import MessageView, endpoint_of, verdicts
from playground.dashboard.web import DashboardRequest

TABS = {"messages": "Messages", "inbox": "E-mail", "attributes": "Attributes"}
PAGE = "dashboard/resource/topic.html"
SHOWN_SUBSCRIPTIONS = 200
SHOWN_MAILS = 50


def topic(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """Subscribers and messages (with ?message= or ?subscription= one of them in full), ?tab=inbox, ?tab=attributes."""
    return _show(request, kind, _find(request, name))


def publish(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """Publish."""
    row, made = _find(request, name), []
    form = PublishForm(request.POST, is_fifo=_is_fifo(name))

    def call() -> None:
        made.append(sns.publish_one(sns.find(row.account_id, name), form.message_to_publish(), parent_request_id=console_trail.call_id()))

    if not saved(form, call, {"Subject": "subject", "Message Structure": "message", "message attribute": "attributes"}):
        return _show(request, kind, row, 422, publish_form=form)
    said = f"Published {made[0].message_id}."
    return _done(request, kind, name, said, "Publish", form.members(), {"message": made[0].message_id})


def try_out(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """Who would get the message; nothing is published."""
    row, found = _find(request, name), []
    form = PublishForm(request.POST, is_fifo=_is_fifo(name))

    def call() -> None:
        config, message = sns.find(row.account_id, name), form.message_to_publish()
        messages.check(message, config)
        found.extend(verdicts(row.account_id, config.subscriptions, message))

    is_valid = saved(form, call, {"Subject": "subject", "Message Structure": "message", "message attribute": "attributes"})
    return _show(request, kind, row, 200 if is_valid else 422, publish_form=form, verdicts=found if is_valid else None)


def subscribe(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """Subscribe."""
    row = _find(request, name)
    form, made = SubscribeForm(request.POST, account_id=row.account_id, is_fifo=_is_fifo(name)), list[Subscription]()

    def call() -> None:
        principal, protocol = Principal.root(row.account_id), form.cleaned_data["protocol"]
        made.append(subscriptions.subscribe(row, principal, protocol, form.arn(), form.attributes()))

    if not saved(form, call, form.FIELDS):
        return _show(request, kind, row, 422, subscribe_form=form)
    members = {"Protocol": made[0].protocol, "Endpoint": made[0].endpoint}
    attributes = form.attributes()
    said = "Subscribed; it is asked to confirm." if made[0].pending_confirmation else "Subscribed."
    said = f"{said} {connecting.subscriber(row.account_id, name, made[0].endpoint)}".strip()
    return _done(request, kind, name, said, "Subscribe", members | ({"Attributes": attributes} if attributes else {}))


def set_subscription(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """SetSubscriptionAttributes, of those that were changed."""
    row = _find(request, name)
    found = _subscription(row, request.POST.get("subscription", ""))
    form = SubscriptionForm(request.POST, row=found, queues=_queues(row, found))
    changed: dict[str, str] = {}

    def call() -> None:
        changed.update(form.changed())
        if changed:
            subscriptions.set_attributes(row.account_id, subscriptions.arn_of(found), changed)

    if not saved(form, call, form.FIELDS):
        return _show(request, kind, row, 422, subscription_form=form, chosen_subscription=found)
    said = f"Changed {', '.join(sorted(changed))}." if changed else "Nothing differs from what it was."
    if changed.get("RedrivePolicy"):
        said = f"{said} {connecting.subscriber(row.account_id, name, json.loads(changed['RedrivePolicy'])['deadLetterTargetArn'])}".strip()
    first = next(iter(changed.items()), None)
    members = {"SubscriptionArn": subscriptions.arn_of(found), "AttributeName": first[0], "AttributeValue": first[1]} if first else None
    return _done(request, kind, name, said, "SetSubscriptionAttributes", members, {"subscription": found.subscription_id})


def confirm(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """ConfirmSubscription, as a click on the link in the e-mail."""
    row = _find(request, name)
    found = _subscription(row, request.POST.get("subscription", ""))
    arn = sns.topic_arn(row.account_id, name)
    subscriptions.confirm(arn, found.token, is_authenticated=False)
    back = {"tab": "inbox"} if request.POST.get("from") == "inbox" else {"subscription": found.subscription_id}
    return _done(request, kind, name, f"{found.endpoint} is confirmed.", "ConfirmSubscription", {"Token": found.token}, back)


def unsubscribe(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """Unsubscribe."""
    row = _find(request, name)
    found = _subscription(row, request.POST.get("subscription", ""))
    arn = subscriptions.arn_of(found)
    subscriptions.remove(found)
    call = ApiCall("sns", "Unsubscribe", {"SubscriptionArn": arn})
    return done(request, kind.url(row.account_id, name), f"{found.endpoint} gets nothing more.", call)


def set_attributes(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """SetTopicAttributes, of those that were changed."""
    row = _find(request, name)
    form = AttributesForm(request.POST, is_fifo=_is_fifo(name), attributes=topics.attributes_of(row.account_id, name))
    changed: dict[str, str] = {}

    def call() -> None:
        changed.update(form.changed())
        for attribute, value in changed.items():
            topics.set_attribute(row.account_id, name, attribute, value)

    if not saved(form, call, form.PLAIN):
        return _show(request, kind, row, 422, tab="attributes", attributes_form=form)
    said = f"Changed {', '.join(sorted(changed))}." if changed else "Nothing differs from what it was."
    first = next(iter(changed.items()), None)
    members = {"AttributeName": first[0], "AttributeValue": first[1]} if first else None
    return _done(request, kind, name, said, "SetTopicAttributes", members, {"tab": "attributes"})


CHANGES: dict[str, View] = {
    "publish": publish,
    "try": try_out,
    "subscribe": subscribe,
    "subscription": set_subscription,
    "confirm": confirm,
    "unsubscribe": unsubscribe,
    "attributes": set_attributes,
}


def _find(request: DashboardRequest, name: str) -> Topic:
    try:
        return topics.get(request.account.account_id, name)
    except AwsError as error:
        raise Http404(error.message) from None


def _subscription(row: Topic, subscription_id: str) -> Subscription:
    found = row.subscriptions.select_related("topic").filter(subscription_id=subscription_id).first()
    if found is None:
        raise Http404("There is no such subscription.")
    return found


def _show(request: DashboardRequest, kind: Kind, row: Topic, status: int = 200, tab: str = "", **given: Any) -> HttpResponse:
    tab = tab or request.GET.get("tab", "messages")
    if tab not in TABS:
        raise Http404(f"A topic has no page {tab!r}.")
    context = {"tab": tab, "tabs": TABS, "is_fifo": _is_fifo(row.name), "mail_count": len(sns.inbox(row.account_id, row.name))}
    match tab:
        case "messages":
            context |= _messages(request, row, given.get("chosen_subscription"))
        case "inbox":
            pending = dict(row.subscriptions.values_list("subscription_id", "pending_confirmation"))
            mails = sns.inbox(row.account_id, row.name, SHOWN_MAILS)
            context["mails"] = [
                (mail, datetime.fromisoformat(mail.at), bool(mail.token) and pending.get(mail.subscription_id, False)) for mail in mails
            ]
        case "attributes":
            attributes = topics.attributes_of(row.account_id, row.name)
            form = AttributesForm(is_fifo=_is_fifo(row.name), attributes=attributes)
            context |= {"attributes": attributes, "tags": row.tags, "attributes_form": form}
    return show(request, kind, row.name, PAGE, status, **(context | given))


def _messages(request: DashboardRequest, row: Topic, chosen: Subscription | None) -> dict[str, Any]:
    account_id, name = row.account_id, row.name
    config = sns.find(account_id, name)
    by_id = {each.subscription_id: each for each in config.subscriptions}
    views = [MessageView(message, account_id, by_id, sns.topic_arn(account_id, name)) for message in sns.recent(account_id, name)]
    last = {each.subscription_id: each.fate for view in reversed(views) for each in view.message.outcomes}
    wanted = request.GET.get("subscription", "")
    if chosen is None and wanted in by_id:
        chosen = _subscription(row, wanted)
    message_id = request.GET.get("message", "")
    return {
        "subscribers": [
            (each, endpoint_of(account_id, each.protocol, each.endpoint), last.get(each.subscription_id, ""))
            for each in config.subscriptions[:SHOWN_SUBSCRIPTIONS]
        ],
        "subscriber_count": len(config.subscriptions),
        "messages": views,
        "chosen_id": message_id,
        "chosen": (chosen_message := next((view for view in views if view.id == message_id), None)),
        "caused": caused_by(account_id, chosen_message.message.parent_request_id if chosen_message else ""),
        "chosen_subscription": chosen,
        "subscription_form": SubscriptionForm(row=chosen, queues=_queues(row, chosen)) if chosen else None,
        "publish_form": PublishForm(is_fifo=_is_fifo(name)),
        "subscribe_form": SubscribeForm(initial=_wanted_filter(request), account_id=account_id, is_fifo=_is_fifo(name)),
        "endpoints": _endpoints(account_id, is_fifo=_is_fifo(name)),
    }


def _wanted_filter(request: DashboardRequest) -> dict[str, str]:
    """The filter policy that the address brings along (?pattern=&scope=)."""
    wanted = {"filter_policy": request.GET.get("pattern", ""), "filter_policy_scope": request.GET.get("scope", "")}
    return {name: value for name, value in wanted.items() if value}


def _endpoints(account_id: str, *, is_fifo: bool) -> list[str]:
    """What the field for an endpoint offers."""
    queues = list(Queue.objects.of(account_id).order_by("name").values_list("name", flat=True)[:100])
    if is_fifo:
        return [sqs.queue_arn(account_id, name) for name in queues]
    functions = Function.objects.of(account_id).order_by("name").values_list("name", flat=True)[:100]
    standard = [sqs.queue_arn(account_id, name) for name in queues if not name.endswith(".fifo")]
    return [*standard, *(f"arn:aws:lambda:{REGION}:{account_id}:function:{name}" for name in functions)]


def _queues(row: Topic, subscription: Subscription) -> list[str]:
    """Queues that can be the dead-letter queue of a subscription; those of another account are nobody's business here."""
    if subscription.account_id != row.account_id:
        return []
    names = Queue.objects.of(row.account_id).order_by("name").values_list("name", flat=True)
    return [name for name in names if _is_fifo(row.name) or not _is_fifo(name)]


def _done(
    request: DashboardRequest,
    kind: Kind,
    name: str,
    said: str,
    operation: str,
    members: dict[str, Any] | None,
    query: dict[str, str] | None = None,
) -> HttpResponse:
    account_id = request.account.account_id
    url = kind.url(account_id, name) + (f"?{urlencode(query)}" if query else "")
    arn = {} if "SubscriptionArn" in (members or {}) else {"TopicArn": sns.topic_arn(account_id, name)}
    return done(request, url, said, ApiCall("sns", operation, arn | members) if members is not None else None)


def _is_fifo(name: str) -> bool:
    return name.endswith(".fifo")
