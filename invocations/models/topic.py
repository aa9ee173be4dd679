from django.db import models

from invocations.models.owned import OwnedModel


class Topic(OwnedModel):
    """An SNS topic's configuration. Its messages go through Redis."""

    name = models.CharField(max_length=256)
    attributes = models.JSONField(default=dict)
    """What was set, by AWS's attribute names, as text: DisplayName, Policy, DeliveryPolicy, ContentBasedDeduplication …"""
    tags = models.JSONField(default=dict, blank=True)
    data_protection_policy = models.TextField(blank=True)
    subscriptions_deleted = models.PositiveIntegerField(default=0)
    version = models.PositiveBigIntegerField(default=1)
    """Rises with each change of the topic or its subscriptions, so that what messages meet never goes back to older rows."""
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="one_topic_of_a_name")]

    def __str__(self) -> str:
        return f"{self.account_id}:{self.name}"


class Subscription(OwnedModel):
    """Who wants a topic's messages. It belongs to the account that subscribed, which need not be the topic's."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="subscriptions")
    subscription_id = models.CharField(max_length=36, unique=True)
    """The UUID at the end of its ARN."""
    protocol = models.CharField(max_length=16)
    endpoint = models.CharField(max_length=2048)
    attributes = models.JSONField(default=dict)
    """What was set, by AWS's attribute names, as text: FilterPolicy, RawMessageDelivery, RedrivePolicy …"""
    subscription_principal = models.CharField(max_length=2048)
    """ARN of whoever subscribed."""
    token = models.CharField(max_length=288, unique=True)
    """Confirms the subscription; hexadecimal."""
    pending_confirmation = models.BooleanField()
    confirmation_was_authenticated = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "protocol", "endpoint"], name="one_subscription_of_an_endpoint")]

    def __str__(self) -> str:
        return f"{self.topic}:{self.subscription_id}"
