from django.db import models

from invocations.arn import LATEST, function_arn
from invocations.models.function import Function
from invocations.region import REGION


class FunctionUrl(models.Model):
    """The address of a function's $LATEST, or of an alias."""

    function = models.ForeignKey(Function, on_delete=models.CASCADE, related_name="urls")
    function_id: int
    qualifier = models.CharField(max_length=128)
    """$LATEST or an alias."""
    url_id = models.CharField(max_length=32, unique=True)
    """32 lower-case letters and digits; never changes."""
    auth_type = models.CharField(max_length=7)
    """"NONE" or "AWS_IAM"."""
    cors = models.JSONField(null=True, blank=True)
    """Cors as it was given; None without."""
    invoke_mode = models.CharField(max_length=15, default="BUFFERED")
    """"BUFFERED" or "RESPONSE_STREAM"."""
    alias_is_gone = models.BooleanField(default=False)
    """The alias was deleted: the address stays known and is forbidden, the configuration is no more."""
    creation_time = models.DateTimeField()
    last_modified_time = models.DateTimeField()

    objects = models.Manager["FunctionUrl"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["function", "qualifier"], condition=models.Q(alias_is_gone=False), name="one_function_url")
        ]

    def __str__(self) -> str:
        return f"{self.arn} {self.url_id}"

    @property
    def arn(self) -> str:
        """The function's ARN, with the alias if it is one's."""
        qualifier = None if self.qualifier == LATEST else self.qualifier
        return function_arn(self.function.account_id, REGION, self.function.name, qualifier)
