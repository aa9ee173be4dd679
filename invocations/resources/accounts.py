"""Accounts: made when first needed, and reset on request."""

from django.apps import apps
from django.db import transaction

from invocations import account_clock, announce, catalogue, store
from invocations.models import Account, Function
from invocations.models.owned import OwnedModel
from invocations.resources import buckets, samples, topics

_KEPT_KEYS = (b"leases:", b"announce:", b"holder:")
"""Redis keys that a reset leaves: what runs now still holds its lease, and open pages still listen."""


def ensure(account_id: str) -> Account:
    """The account, made with its ready-made functions if it is new."""
    samples.plant(account_id)
    return Account.objects.get(pk=account_id)


def reset(account_id: str) -> None:
    """Deletes everything of the account, and gives it its ready-made functions again. Limits and access keys' owner stay."""
    names = list(Function.objects.of(account_id).values_list("name", flat=True))
    foreign_topics = topics.with_foreign_subscriptions(account_id)
    with transaction.atomic():
        for model in apps.get_app_config("invocations").get_models():
            if issubclass(model, OwnedModel):
                model.objects.of(account_id).delete()
        Account.objects.filter(pk=account_id).update(seeded=False)
    buckets.forget(account_id)
    _forget_in_redis(account_id)
    topics.rewrite(foreign_topics)
    for name in names:
        catalogue.changed(account_id, name)
        announce.publish(account_id, [{"kind": "function", "function": name, "what": "deleted"}])
    ensure(account_id)


def _forget_in_redis(account_id: str) -> None:
    client = store.connection()
    for key in client.scan_iter(match=f"*:{account_id}*", count=1000):
        if not key.startswith(_KEPT_KEYS):
            client.unlink(key)
    account_clock.tell(account_id)
