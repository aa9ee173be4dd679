"""S3, small: buckets and objects. Rows in the database, bytes in the data folder.

Destinations, function code and pages use these functions; the operations behind AWS's protocol use the modules beside.
"""

from collections.abc import Mapping

from invocations.models.bucket import StoredObject
from invocations.services.s3 import blobs, objects
from invocations.services.s3.access import bucket_of
from invocations.services.s3.blobs import Reader, Upload
from invocations.services.s3.objects import Attributes

__all__ = ["Attributes", "Reader", "Upload", "blobs", "bucket_of", "delete_object", "get_object", "put_object"]


def put_object(
    account_id: str,
    bucket: str,
    key: str,
    body: bytes,
    *,
    content_type: str = objects.DEFAULT_CONTENT_TYPE,
    metadata: Mapping[str, str] | None = None,
) -> StoredObject:
    """Stores an object, durable when it returns. Raises NoSuchBucket, AccessDenied for another account's bucket."""
    found = bucket_of(account_id, bucket)
    upload = blobs.receive([body])
    try:
        return objects.put(found, key, upload, Attributes(content_type, metadata=dict(metadata or {})))
    finally:
        upload.discard()


def get_object(account_id: str, bucket: str, key: str, version_id: str | None = None) -> tuple[StoredObject, Reader]:
    """An object and its bytes, to be read or closed. Raises NoSuchBucket, AccessDenied, NoSuchKey, NoSuchVersion."""
    found = bucket_of(account_id, bucket)
    objects.find(found, key, version_id)
    return objects.open_range(found, key, lambda row: (0, row.size))


def delete_object(account_id: str, bucket: str, key: str) -> None:
    """Removes an object; one that is not there does no harm. Raises NoSuchBucket, AccessDenied."""
    objects.delete(bucket_of(account_id, bucket), [key])
