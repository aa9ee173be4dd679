"""Short words for what the tests of buckets do again and again."""

from pathlib import Path

from django.conf import settings

from invocations.models import Bucket
from invocations.resources import buckets
from invocations.services import s3

ACCOUNT = "111111111111"
OTHER = "222222222222"


def a_bucket(name: str = "things", account_id: str = ACCOUNT) -> Bucket:
    return buckets.create(account_id, name)


def put(key: str, body: bytes = b"", bucket: str = "things") -> None:
    s3.put_object(ACCOUNT, bucket, key, body)


def get(key: str, bucket: str = "things", account_id: str = ACCOUNT) -> bytes:
    return s3.get_object(account_id, bucket, key)[1].read()


def files(account_id: str = ACCOUNT) -> set[Path]:
    """The files in which objects of an account are."""
    return set(Path(settings.DATA_DIR, "s3", "blobs", account_id).glob("*/*"))


def incoming() -> set[Path]:
    """The files of what is coming in, or was left behind."""
    return set(Path(settings.DATA_DIR, "s3", "incoming").glob("*"))
