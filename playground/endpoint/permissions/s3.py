"""S3: what its operations ask permission for. Many actions have other names than the operations.

Source: Amazon S3 User Guide, "Required permissions for Amazon S3 API operations".
"""

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import unquote

from invocations.policies.context import Value
from playground.endpoint.permissions.asked import NOTHING, Asked
from playground.endpoint.registry import Call

_ACTIONS: Final = {
    "ListBuckets": "ListAllMyBuckets",
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListParts": "ListMultipartUploadParts",
    "HeadObject": "GetObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "PutObject",
    "DeleteObjects": "DeleteObject",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeleteBucketCors": "PutBucketCORS",
    "GetBucketCors": "GetBucketCORS",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "GetBucketReplication": "GetReplicationConfiguration",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "ListBucketAnalyticsConfigurations": "GetAnalyticsConfiguration",
    "ListBucketIntelligentTieringConfigurations": "GetIntelligentTieringConfiguration",
    "ListBucketInventoryConfigurations": "GetInventoryConfiguration",
    "ListBucketMetricsConfigurations": "GetMetricsConfiguration",
}
"""Operation -> action, where they differ."""
_VERSIONED: Final = frozenset({"GetObject", "DeleteObject", "GetObjectTagging", "PutObjectTagging", "DeleteObjectTagging", "GetObjectAcl"})
_LIST_KEYS: Final = {"Prefix": "s3:prefix", "Delimiter": "s3:delimiter", "MaxKeys": "s3:max-keys"}


def questions(call: Call) -> Iterable[Asked]:
    """The bucket, or the objects in it; a copy asks to read its source too."""
    name, given = call.operation, call.input
    action = _ACTIONS.get(name, name)
    if name == "ListBuckets":
        return [Asked(f"s3:{action}")]
    bucket = given.get("Bucket")
    if not bucket:
        return NOTHING
    if name == "CreateBucket":
        return [Asked("s3:CreateBucket", _bucket(bucket))]
    keys = _keys_in(call)
    if not keys:
        context: dict[str, Value] = {key: str(given[member]) for member, key in _LIST_KEYS.items() if given.get(member) is not None}
        return [_on(f"s3:{action}", bucket, context=context)]
    asked = [_on(f"s3:{_versioned(action, version)}", bucket, key) for key, version in keys]
    if name == "GetObjectAttributes":
        asked += [_on("s3:GetObject", bucket, key) for key, _ in keys]
    return [*asked, *_source(given.get("CopySource"))]


def _keys_in(call: Call) -> list[tuple[str, Any]]:
    """Keys, with their versions, that the call names."""
    given = call.input
    if call.operation == "DeleteObjects":
        return [(each["Key"], each.get("VersionId")) for each in given.get("Delete", {}).get("Objects", []) if "Key" in each]
    return [(given["Key"], given.get("VersionId"))] if given.get("Key") else []


def _source(copied: Any) -> list[Asked]:
    if not isinstance(copied, str):
        return []
    path, _, version = copied.partition("?versionId=")
    bucket, _, key = unquote(path).removeprefix("/").partition("/")
    return [_on(f"s3:{_versioned('GetObject', version)}", bucket, key)] if bucket and key else []


def _versioned(action: str, version: Any) -> str:
    if not version or action not in _VERSIONED:
        return action
    return action.replace("Object", "ObjectVersion")


def _on(action: str, bucket: str, key: str = "", context: dict[str, Value] | None = None) -> Asked:
    whole = _bucket(bucket)
    return Asked(action, f"{whole}/{key}" if key else whole, policy_arn=whole, is_missing_told=True, keys=context or {})


def _bucket(name: str) -> str:
    return f"arn:aws:s3:::{name}"
