"""What pages show of a topic's messages: who got what, and why somebody did not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.urls import reverse

from invocations.arn import parse_function_name
from invocations.services import sqs
from invocations.services.sns import Fate, Message, Outcome, PastMessage, SubscriptionConfig
from playground.dashboard import pattern_sentences
from playground.dashboard.payload import Payload
from playground.dashboard.permissions.asked import Asked

EXCERPT_CHARACTERS = 160
ORDER = [Fate.DELIVERED, Fate.QUEUED, Fate.WAITING_TO_RETRY, Fate.FILTERED_OUT, Fate.PENDING_CONFIRMATION, Fate.DEAD_LETTERED, Fate.DROPPED]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a subscription leads."""

    protocol: str
    address: str
    """An ARN, an address, an e-mail address."""
    name: str
    """The same as people say it."""
    url: str
    """Its page; empty without one."""


def endpoint_of(account_id: str, protocol: str, address: str) -> Endpoint:
    """How pages show where a subscription leads; *account_id* is whose pages these are."""
    queue = sqs.parse_queue_arn(address) if protocol == "sqs" else None
    if queue is not None:
        url = reverse("resource", args=[account_id, "queues", queue[1]]) if queue[0] == account_id else ""
        return Endpoint(protocol, address, queue[1], url)
    function = parse_function_name(address) if protocol == "lambda" else None
    if function is not None:
        name = f"{function.name}:{function.qualifier}" if function.qualifier else function.name
        return Endpoint(protocol, address, name, reverse("function", args=[account_id, function.name]))
    return Endpoint(protocol, address, address, "")


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """What one subscriber got, or would get."""

    endpoint: Endpoint
    subscription_id: str
    fate: str
    why: str = ""
    explainer: str = ""
    """The page that explains a missing permission."""


@dataclass(frozen=True)
class MessageView:
    """One message of the past."""

    message: PastMessage
    account_id: str
    policies: Mapping[str, SubscriptionConfig]
    """The subscriptions of now, by their ids."""
    topic_arn: str = ""

    @property
    def id(self) -> str:
        """Its MessageId."""
        return self.message.message_id

    @property
    def published_at(self) -> datetime:
        """On the account's clock."""
        return datetime.fromisoformat(self.message.at)

    @property
    def excerpt(self) -> str:
        """The beginning of the body, on one line."""
        return " ".join(self.message.body[: 2 * EXCERPT_CHARACTERS].split())[:EXCERPT_CHARACTERS]

    @property
    def counts(self) -> list[tuple[str, int]]:
        """(fate, how many subscribers)."""
        fates = [each.fate for each in self.message.outcomes]
        return [(str(fate), fates.count(str(fate))) for fate in ORDER if str(fate) in fates]

    @cached_property
    def body(self) -> Payload:
        """To be shown as sent or indented."""
        return Payload(self.message.body.encode())

    @property
    def attributes(self) -> list[tuple[str, str, str]]:
        """(name, type, value)."""
        return [(name, kind, value) for name, (kind, value) in sorted(self.message.attributes.items())]

    @cached_property
    def outcomes(self) -> list[OutcomeView]:
        """Who got what."""
        return [
            OutcomeView(
                endpoint_of(self.account_id, each.protocol, each.endpoint),
                each.subscription_id,
                each.fate,
                self._why(each),
                self._explainer(each),
            )
            for each in self.message.outcomes
        ]

    def _explainer(self, outcome: Outcome) -> str:
        action = {"sqs": "sqs:SendMessage", "lambda": "lambda:InvokeFunction"}.get(outcome.protocol)
        if action is None or "is not authorized to perform" not in outcome.reason:
            return ""
        return Asked(self.account_id, "sns.amazonaws.com", action, outcome.endpoint, self.topic_arn).url

    def _why(self, outcome: Outcome) -> str:
        if outcome.fate != Fate.FILTERED_OUT or outcome.reason:
            return outcome.reason
        subscription = self.policies.get(outcome.subscription_id)
        if subscription is None or self.message.is_cut:
            return ""
        attributes = {name: {"DataType": kind, "StringValue": value} for name, (kind, value) in self.message.attributes.items()}
        return why_filtered_out(subscription, self.message.body, attributes)


def verdicts(account_id: str, subscriptions: Sequence[SubscriptionConfig], message: Message) -> list[OutcomeView]:
    """Who would get a message, if it were published now."""
    texts = message.texts()
    found = []
    for each in subscriptions:
        body = texts.get(each.protocol, texts["default"])
        passes = each.filter_policy is None or each.filter_policy.accepts(body, message.attributes)
        why = "" if passes else why_filtered_out(each, body, message.attributes)
        fate = Fate.FILTERED_OUT if not passes else Fate.PENDING_CONFIRMATION if each.pending_confirmation else Fate.DELIVERED
        found.append(OutcomeView(endpoint_of(account_id, each.protocol, each.endpoint), each.subscription_id, str(fate), why))
    return found


def why_filtered_out(subscription: SubscriptionConfig, body: str, attributes: Mapping[str, Mapping[str, Any]]) -> str:
    """One sentence: the first field of the filter policy that does not match; empty where all do by now."""
    policy = subscription.filter_policy
    if policy is None:
        return ""
    explanation = policy.explain(body, attributes)
    if explanation is None:
        return "The body is no JSON object, and the filter policy looks at the body."
    if explanation.matched:
        return ""
    wrong = next((each for each in explanation.fields() if not each.matched), None)
    return pattern_sentences.OTHER_ELEMENT if wrong is None else pattern_sentences.leaf(wrong).sentence
