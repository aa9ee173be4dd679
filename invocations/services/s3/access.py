"""Which bucket is meant, and whether it is the caller's: nobody else's is reached, for bucket policies do not decide here."""

from invocations.models.bucket import Bucket
from invocations.services.s3.errors import access_denied, no_such_bucket


def bucket_of(account_id: str, name: str, expected_owner: str | None = None) -> Bucket:
    """The account's bucket. Raises NoSuchBucket, AccessDenied for another account's and for another owner than the one expected."""
    row = Bucket.objects.of(account_id).filter(name=name).first()
    if row is None:
        raise access_denied() if is_taken(name) else no_such_bucket(name)
    if expected_owner is not None and expected_owner != account_id:
        raise access_denied()
    return row


def is_taken(name: str) -> bool:
    """Whether any account has a bucket of that name: names are everybody's."""
    return Bucket.objects.filter(name=name).exists()


def bucket_arn(name: str) -> str:
    """arn:aws:s3:::NAME"""
    return f"arn:aws:s3:::{name}"
