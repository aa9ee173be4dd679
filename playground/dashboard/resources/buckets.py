"""Buckets."""

from django.db.models import Count, Sum

from invocations.models import Bucket, StoredObject
from invocations.resources import buckets
from invocations.services.s3.access import bucket_arn
from playground.dashboard import figures
from playground.dashboard.bucket_forms import NewBucket
from playground.dashboard.forms import StyledForm
from playground.dashboard.resources.kind import Column, Kind, Row
from playground.dashboard.views import buckets as views


def create(account_id: str, form: StyledForm) -> str:
    """The bucket."""
    assert isinstance(form, NewBucket)
    return buckets.create(account_id, form.bucket_name(account_id)).name


def rows(account_id: str) -> list[Row]:
    """All buckets with what they hold; two queries."""
    counted = StoredObject.objects.of(account_id).values_list("bucket_id").annotate(Count("pk"), Sum("size"))
    held = {bucket_id: (count, size) for bucket_id, count, size in counted}
    found = Bucket.objects.of(account_id).order_by("name")
    return [Row(row.name, KIND.url(account_id, row.name), _values(*held.get(row.pk, (0, 0)))) for row in found]


def _values(count: int, size: int) -> tuple[int | str, ...]:
    return count, figures.size(size) if count else ""


def search(account_id: str, part: str) -> list[str]:
    """Names with *part* in them."""
    return list(Bucket.objects.of(account_id).filter(name__icontains=part).order_by("name").values_list("name", flat=True)[:20])


def pulse(account_id: str, name: str) -> str:
    """How often something was put into or taken out of this bucket, or each of the account."""
    found = Bucket.objects.of(account_id).order_by("pk").values_list("pk", "changes")
    return str(list(found.filter(name=name) if name else found))


KIND = Kind(
    slug="buckets",
    heading="Buckets",
    singular="bucket",
    service="s3",
    icon="buckets",
    about="S3: records of failed events, code of functions, and whatever files they work on.",
    columns=(Column("Objects", True), Column("Size")),
    rows=rows,
    search=search,
    form=NewBucket,
    create=create,
    delete=buckets.delete,
    example={"name": "records", "has_account": "on"},
    empty="This account has no bucket. A bucket takes the records of failed events, and functions can get their code from one.",
    arn=lambda account_id, name: bucket_arn(name),
    page=views.bucket,
    changes=views.CHANGES,
    delete_warning="Only an empty bucket can be deleted.",
    pulse=pulse,
)
