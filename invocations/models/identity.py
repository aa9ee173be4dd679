"""Who may do what: IAM's roles, users, groups and policies."""

from django.db import models

from invocations.models.owned import OwnedModel


class PolicyHolder(OwnedModel):
    """What policies are put into and attached to."""

    name = models.CharField(max_length=128)
    path = models.CharField(max_length=512, default="/")
    unique_id = models.CharField(max_length=32)
    """AROA… of a role, AIDA… of a user, AGPA… of a group."""
    created_at = models.DateTimeField(auto_now_add=True)
    tags = models.JSONField(default=dict)
    inline_policies = models.JSONField(default=dict)
    """Name -> document as it was sent."""
    attached_policy_arns = models.JSONField(default=list)

    class Meta:
        abstract = True


class Caller(PolicyHolder):
    """What can make calls, and can be bounded."""

    permissions_boundary_arn = models.CharField(max_length=2048, blank=True)

    class Meta:
        abstract = True


class Role(Caller):
    """What a service, or somebody else, may act as."""

    assume_role_policy_document = models.TextField()
    description = models.TextField(blank=True)
    max_session_duration_seconds = models.PositiveIntegerField(default=3600)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="one_role_of_a_name")]

    def __str__(self) -> str:
        return self.arn

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{self.account_id}:role{self.path}{self.name}"


class User(Caller):
    """Somebody with access keys of their own."""

    groups: models.QuerySet["Group"]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="one_user_of_a_name")]

    def __str__(self) -> str:
        return self.arn

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{self.account_id}:user{self.path}{self.name}"


class Group(PolicyHolder):
    """Users who share policies."""

    users = models.ManyToManyField(User, related_name="groups")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="one_group_of_a_name")]

    def __str__(self) -> str:
        return self.arn

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{self.account_id}:group{self.path}{self.name}"


class ManagedPolicy(OwnedModel):
    """A customer managed policy."""

    name = models.CharField(max_length=128)
    path = models.CharField(max_length=512, default="/")
    unique_id = models.CharField(max_length=32)
    description = models.TextField(blank=True)
    tags = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    default_version = models.PositiveIntegerField(default=1)
    latest_version = models.PositiveIntegerField(default=1)
    """Numbers are never given twice."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="one_managed_policy_of_a_name")]

    def __str__(self) -> str:
        return self.arn

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{self.account_id}:policy{self.path}{self.name}"


class ManagedPolicyVersion(models.Model):
    """What a policy says, or said. Versions never change."""

    policy = models.ForeignKey(ManagedPolicy, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["policy", "number"], name="one_policy_version_of_a_number")]

    def __str__(self) -> str:
        return f"{self.policy.arn} v{self.number}"
