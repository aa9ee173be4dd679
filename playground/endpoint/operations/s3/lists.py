"""Lists of a bucket's objects."""

import base64
import binascii

from invocations.models import Bucket, StoredObject
from invocations.services.s3 import listing
from invocations.services.s3.errors import invalid_argument
from invocations.services.s3.listing import Page
from invocations.services.s3.objects import NULL_VERSION
from playground.endpoint.operations.s3.common import STANDARD, Answer, Encoder, bucket_of, encoder, limit_of, owner, quoted
from playground.endpoint.registry import Call, operation


@operation("s3", "ListObjectsV2")
def list_objects_v2(call: Call) -> Answer:
    """By pages with a token."""
    given, encode, bucket = call.input, encoder(call), bucket_of(call)
    token, limit = given.get("ContinuationToken"), limit_of(call, "MaxKeys", "maxKeys")
    after = given.get("StartAfter", "") if token is None else _from_token(token)
    page = _page(call, bucket, after, limit)
    return _listed(call, page) | {
        "KeyCount": len(page.rows) + len(page.prefixes),
        "Contents": [_item(row, encode, with_owner=bool(given.get("FetchOwner"))) for row in page.rows],
        "ContinuationToken": token,
        "NextContinuationToken": _to_token(page.next_key) if page.next_key is not None else None,
        "StartAfter": encode(given.get("StartAfter")),
    }


@operation("s3", "ListObjects")
def list_objects(call: Call) -> Answer:
    """By pages that begin after a key."""
    encode, marker = encoder(call), call.input.get("Marker", "")
    page = _page(call, bucket_of(call), marker, limit_of(call, "MaxKeys", "maxKeys"))
    return _listed(call, page) | {
        "Marker": encode(marker),
        "NextMarker": encode(page.next_key) if call.input.get("Delimiter") else None,
        "Contents": [_item(row, encode, with_owner=True) for row in page.rows],
    }


@operation("s3", "ListObjectVersions")
def list_object_versions(call: Call) -> Answer:
    """Each object has one version, "null"."""
    encode, marker = encoder(call), call.input.get("KeyMarker", "")
    page = _page(call, bucket_of(call), marker, limit_of(call, "MaxKeys", "maxKeys"))
    version = {"VersionId": NULL_VERSION, "IsLatest": True}
    return _listed(call, page) | {
        "KeyMarker": encode(marker),
        "VersionIdMarker": call.input.get("VersionIdMarker", ""),
        "NextKeyMarker": encode(page.next_key),
        "NextVersionIdMarker": NULL_VERSION if page.next_key is not None else None,
        "Versions": [_item(row, encode, with_owner=True) | version for row in page.rows],
    }


def _page(call: Call, bucket: Bucket, after: str, limit: int) -> Page:
    rows = StoredObject.objects.of(bucket.account_id).filter(bucket=bucket).defer("segments", "metadata", "tags")
    return listing.page(rows, call.input.get("Prefix", ""), call.input.get("Delimiter", ""), after, limit)


def _listed(call: Call, page: Page) -> Answer:
    """Members that all lists have."""
    given, encode = call.input, encoder(call)
    return {
        "IsTruncated": page.next_key is not None,
        "Name": given["Bucket"],
        "Prefix": encode(given.get("Prefix", "")),
        "Delimiter": encode(given.get("Delimiter")),
        "MaxKeys": limit_of(call, "MaxKeys", "maxKeys"),
        "CommonPrefixes": [{"Prefix": encode(prefix)} for prefix in page.prefixes],
        "EncodingType": given.get("EncodingType"),
    }


def _item(row: StoredObject, encode: Encoder, *, with_owner: bool) -> Answer:
    algorithms = [name.removeprefix("Checksum") for name in row.checksums if name != "ChecksumType"]
    return {
        "Key": encode(row.key),
        "LastModified": row.last_modified,
        "ETag": quoted(row.etag),
        "ChecksumAlgorithm": algorithms,
        "ChecksumType": row.checksums.get("ChecksumType"),
        "Size": row.size,
        "StorageClass": row.headers.get("StorageClass", STANDARD),
        "Owner": owner(row.account_id) if with_owner else None,
    }


def _to_token(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()


def _from_token(token: str) -> str:
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise invalid_argument("The continuation token provided is incorrect", "continuation-token", token) from None
