from typing import Any

from django.db import models

from invocations import limits
from invocations.arn import LATEST, function_arn
from invocations.enums import LastUpdateStatus, PackageType, State
from invocations.models.owned import OwnedModel
from invocations.region import REGION


class Function(OwnedModel):
    """A function: what holds for all its versions."""

    name = models.CharField(max_length=limits.FUNCTION_NAME_LENGTH)
    created_at = models.DateTimeField(auto_now_add=True)
    last_version = models.PositiveIntegerField(default=0)
    """The number PublishVersion gave last; numbers are never used again."""
    reserved_concurrent_executions = models.PositiveIntegerField(null=True, blank=True)
    """None: unreserved. 0: every invocation is throttled."""
    recursive_loop = models.CharField(max_length=16, default="Terminate")
    """"Allow" or "Terminate" (PutFunctionRecursionConfig)."""
    tags = models.JSONField(default=dict, blank=True)
    code_signing_config_arn = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="one_function_of_a_name")]

    def __str__(self) -> str:
        return f"{self.account_id}:{self.name}"

    @property
    def arn(self) -> str:
        """The unqualified ARN."""
        return function_arn(self.account_id, REGION, self.name)


class FunctionVersion(models.Model):
    """$LATEST, or a published version, which never changes: code and configuration as FunctionConfiguration has them."""

    function = models.ForeignKey(Function, on_delete=models.CASCADE, related_name="versions")
    function_id: int
    version = models.CharField(max_length=20, default=LATEST)
    description = models.CharField(max_length=256, blank=True)

    package_type = models.CharField(max_length=8, default=PackageType.ZIP)
    runtime = models.CharField(max_length=64, blank=True)
    handler = models.CharField(max_length=128, blank=True)
    role = models.CharField(max_length=2048)
    timeout = models.PositiveIntegerField(default=limits.DEFAULT_TIMEOUT_SECONDS)
    """Seconds."""
    memory_size = models.PositiveIntegerField(default=limits.DEFAULT_MEMORY_SIZE_MB)
    """MB."""
    ephemeral_storage_size = models.PositiveIntegerField(default=limits.DEFAULT_EPHEMERAL_STORAGE_MB)
    """MB of /tmp."""
    environment = models.JSONField(default=dict, blank=True)
    """Variables: name -> value."""
    layers = models.JSONField(default=list, blank=True)
    """Layer version ARNs, in the order in which they are laid over /opt."""
    architectures = models.JSONField(default=list, blank=True)
    logging_config = models.JSONField(default=dict, blank=True)
    """LoggingConfig as AWS answers it."""
    dead_letter_target_arn = models.CharField(max_length=2048, blank=True)
    stored_options = models.JSONField(default=dict, blank=True)
    """What is kept and given back but acts on nothing here, by its AWS name: VpcConfig, TracingConfig, SnapStart,
    FileSystemConfigs, KMSKeyArn, ImageConfig, RuntimeManagement …"""

    code_sha256 = models.CharField(max_length=64, blank=True)
    """Base64 of the archive's SHA-256, as CodeSha256."""
    code_size = models.PositiveBigIntegerField(default=0)
    """Bytes of the archive."""

    state = models.CharField(max_length=16, default=State.PENDING)
    state_reason = models.CharField(max_length=512, blank=True)
    state_reason_code = models.CharField(max_length=64, blank=True)
    last_update_status = models.CharField(max_length=16, default=LastUpdateStatus.IN_PROGRESS)
    last_update_status_reason = models.CharField(max_length=512, blank=True)
    last_update_status_reason_code = models.CharField(max_length=64, blank=True)
    last_modified = models.DateTimeField()
    revision_id = models.CharField(max_length=36)
    """Of code and configuration."""
    policy_revision_id = models.CharField(max_length=36, blank=True)
    """Of the last change of the resource policy, where that is newer."""

    objects = models.Manager["FunctionVersion"]()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["function", "version"], name="one_version_of_a_number")]

    def __str__(self) -> str:
        return f"{self.function}:{self.version}"

    @property
    def current_revision_id(self) -> str:
        """RevisionId as AWS answers it: a change of the resource policy is one too."""
        return self.policy_revision_id or self.revision_id

    @property
    def configuration(self) -> dict[str, Any]:
        """The fields that PublishVersion freezes, by column name."""
        frozen = (
            "package_type runtime handler role timeout memory_size ephemeral_storage_size environment layers architectures "
            "logging_config dead_letter_target_arn stored_options code_sha256 code_size"
        )
        return {name: getattr(self, name) for name in frozen.split()}
