from typing import Self, TypeVar

from django.db import models

_Row = TypeVar("_Row", bound=models.Model, covariant=True)


class OwnedQuerySet(models.QuerySet[_Row]):
    """Rows that belong to an account."""

    def of(self, account_id: str) -> Self:
        """The account's own rows. Every query starts here: there is no unscoped list."""
        return self.filter(account_id=account_id)


class OwnedModel(models.Model):
    """A row of one account."""

    account = models.ForeignKey("invocations.Account", on_delete=models.CASCADE, related_name="+")
    account_id: str

    objects = OwnedQuerySet.as_manager()

    class Meta:
        abstract = True
